import { filterStream } from '../changes/stream.ts';
import { rowIdOf } from '../domain/api-id.ts';
import { deriveObservation } from '../domain/derivation.ts';
import { type RecordedFigures, recordFigure, recordFigures } from '../domain/figure.ts';
import { figureChangesMatching, figuresMatching } from '../domain/figure-filter.ts';
import type { FigureInput as NewFigure } from '../domain/figure-input.ts';
import { rankFigure, reviseFigure, withdrawFigure } from '../domain/figure-revision.ts';
import { unitOf } from '../domain/metric.ts';
import { requirePeriod } from '../domain/observation-query.ts';
import { builder } from './builder.ts';
import { FigureChange, readEntry } from './change.ts';
import { FigurePages } from './connection.ts';
import { type Context, eventsOf } from './context.ts';
import { ClaimRank, FigureAction, Metric, Qualifier, Unit } from './enums.ts';
import { FigureFilter, figureFilterOf, type SentFilter } from './figure-filter.ts';
import { loadLedger } from './ledgers.ts';
import { Figure, Market, Milestone, Subject } from './node.ts';
import { Observation } from './observation.ts';
import { ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

const LIST = {
  order: ORDERS.figures,
  where: ({ filter }: { filter?: SentFilter }, { db }: Context) => figuresMatching(db, figureFilterOf(filter)),
};

builder.prismaObjectFields(Figure, (t) => ({
  subject: t.relation('subject', { type: Subject, description: 'What it is about.' }),
  metric: t.expose('metric', { type: Metric }),
  unit: t.field({
    type: Unit,
    description: 'The unit of its values.',
    select: { metric: true },
    resolve: ({ metric }) => unitOf(metric),
  }),
  period: t.expose('period', { type: 'Period' }),
  within: t.relation('within', { type: Market, nullable: true, description: 'The market that a share is of.' }),
  value: t.exposeFloat('value', { nullable: true }),
  lower: t.exposeFloat('lower', { nullable: true }),
  upper: t.exposeFloat('upper', { nullable: true }),
  qualifier: t.expose('qualifier', { type: Qualifier }),
  statedChangePercent: t.exposeFloat('statedChangePercent', { nullable: true }),
  source: t.relation('source', { description: 'Who says so.' }),
  attributedTo: t.exposeString('attributedTo', { nullable: true }),
  note: t.exposeString('note', { nullable: true }),
  rank: t.expose('rank', { type: ClaimRank }),
  rankReason: t.exposeString('rankReason', { nullable: true }),
  action: t.expose('action', { type: FigureAction }),
  reason: t.exposeString('reason', { nullable: true }),
  revises: t.relation('revises', {
    nullable: true,
    description: 'The earlier figure of the same source that this one restates.',
  }),
  revisedBy: t.relation('revisedBy', {
    nullable: true,
    description: 'The later figure of the same source that restates this one.',
  }),
  recordedAt: t.expose('recordedAt', { type: 'DateTime' }),
  knownFrom: t.expose('knownFrom', { type: 'DateTime' }),
  knownUntil: t.expose('knownUntil', { type: 'DateTime', nullable: true }),
}));

builder.prismaInterfaceFields(Subject, (t) => ({
  figures: t.connection(
    {
      type: Figure,
      description: 'The figures about it, not those about what is below it, the newest period first.',
      args: { filter: t.arg({ type: FigureFilter, description: 'Which figures.' }) },
      ...listBelow('Subject', 'figures', LIST),
    },
    ...FigurePages,
  ),
}));

const FigureInput = builder.inputType('FigureInput', {
  description: 'What a source says about a subject, a metric and a period.',
  fields: (t) => ({
    subject: t.string({ required: true, description: 'The slug of what it is about.' }),
    metric: t.field({ type: Metric, required: true, description: 'What is counted.' }),
    period: t.field({ type: 'Period', required: true, description: 'The span of days; it has ended.' }),
    within: t.string({ description: 'The slug of the market that a share is of.' }),
    value: t.float({
      description: 'The value in the base unit of the metric; not given for a claim that states only a change.',
    }),
    lower: t.float({ description: 'The lower bound, with BETWEEN only.' }),
    upper: t.float({ description: 'The upper bound, with BETWEEN only.' }),
    qualifier: t.field({
      type: Qualifier,
      required: true,
      defaultValue: 'EXACT',
      description: 'How exactly it was said.',
    }),
    unit: t.field({ type: Unit, description: "A check: if given, it must be the metric's unit." }),
    statedChangePercent: t.float({ description: "The source's own change against the year before, in percent." }),
    sourceId: t.id({ required: true, description: 'The id of the source.' }),
    attributedTo: t.string({ description: 'Whom the source names as the origin.' }),
    note: t.string({ description: 'What a reader should know about it.' }),
    acknowledgeOutlier: t.boolean({
      defaultValue: false,
      description: 'Confirms a value 20 times over or under the neighbouring periods.',
    }),
  }),
});

const RevisionInput = builder.inputType('RevisionInput', {
  description: 'What a restatement says instead.',
  fields: (t) => ({
    value: t.float({ description: 'The value in the base unit of the metric.' }),
    lower: t.float({ description: 'The lower bound, with BETWEEN only.' }),
    upper: t.float({ description: 'The upper bound, with BETWEEN only.' }),
    qualifier: t.field({
      type: Qualifier,
      required: true,
      defaultValue: 'EXACT',
      description: 'How exactly it was said.',
    }),
    sourceId: t.id({ description: 'The id of the document that restates it; the same as before if not given.' }),
    reason: t.string({ required: true, description: 'Why it is restated.' }),
  }),
});

/** The same in the payloads of one figure and of many. */
const MILESTONES_FIELD = {
  type: [Milestone] as [typeof Milestone],
  description: 'The milestones that got another status by it.',
  resolve: ({ written }: Outcome<RecordedFigures>) => [...(written?.milestones ?? [])],
};

const RecordFigurePayload = builder.objectRef<Outcome<RecordedFigures>>('RecordFigurePayload').implement({
  description: 'The outcome of recording a figure.',
  fields: (t) => ({
    figure: t.field({
      type: Figure,
      nullable: true,
      description: 'The figure; null when the input was refused.',
      resolve: ({ written }) => written?.figures[0],
    }),
    observation: t.field({
      type: Observation,
      nullable: true,
      description: "What is known now of the figure's subject, metric and period.",
      resolve: async ({ written }, _args, context) => {
        const figure = written?.figures[0];
        if (figure === undefined) return null;
        const ledger = await loadLedger(context, figure.subjectId, {
          metric: figure.metric,
          withinId: figure.withinId,
          asOf: null,
        });
        return ledger === null ? null : deriveObservation(ledger, requirePeriod(figure.period));
      },
    }),
    deduplicated: t.boolean({
      description: 'Whether the same had been said before, so that nothing was written.',
      resolve: ({ written }) => (written?.deduplicated ?? 0) > 0,
    }),
    milestones: t.field(MILESTONES_FIELD),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const RecordFiguresPayload = builder.objectRef<Outcome<RecordedFigures>>('RecordFiguresPayload').implement({
  description: 'The outcome of recording many figures: all or none.',
  fields: (t) => ({
    figures: t.field({
      type: [Figure],
      description: 'The figures in the order of the inputs; empty when any input was refused.',
      resolve: ({ written }) => [...(written?.figures ?? [])],
    }),
    milestones: t.field(MILESTONES_FIELD),
    deduplicated: t.int({
      description: 'How many were there already.',
      resolve: ({ written }) => written?.deduplicated ?? 0,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

builder.queryFields((t) => ({
  figures: t.connection(
    {
      type: Figure,
      description: 'Figures, the newest period first.',
      args: { filter: t.arg({ type: FigureFilter, description: 'Which figures.' }) },
      ...listOf('Figure', LIST),
    },
    ...FigurePages,
  ),
}));

builder.mutationFields((t) => ({
  recordFigure: t.field({
    type: RecordFigurePayload,
    description:
      "Records what a source says. The same again writes nothing; another value of the same source is ALREADY_RECORDED, another source's is one more claim.",
    authScopes: { write: true },
    args: { input: t.arg({ type: FigureInput, required: true, description: 'The claim.' }) },
    resolve: (_root, { input }, { db }) => outcomeOf(recordFigure(db, figureOf(input))),
  }),
  recordFigures: t.field({
    type: RecordFiguresPayload,
    description: 'Records 1 to 1,000 claims, all or none.',
    authScopes: { write: true },
    args: { inputs: t.arg({ type: [FigureInput], required: true, description: 'The claims.' }) },
    resolve: (_root, { inputs }, { db }) => outcomeOf(recordFigures(db, inputs.map(figureOf))),
  }),
}));

builder.mutationFields((t) => ({
  reviseFigure: t.field({
    type: RecordFigurePayload,
    description:
      'Restates a figure: the old one is closed and kept, a new one takes its place. STALE_REVISION names the current one when it was restated already.',
    authScopes: { write: true },
    args: {
      id: t.arg.id({ required: true, description: 'The id of the figure that is restated.' }),
      input: t.arg({ type: RevisionInput, required: true, description: 'What is said instead.' }),
    },
    resolve: (_root, { id, input: { sourceId, ...input } }, { db }) =>
      outcomeOf(
        reviseFigure(db, rowIdOf('Figure', id), {
          ...input,
          sourceId: sourceId == null ? undefined : rowIdOf('Source', sourceId),
        }),
      ),
  }),
  withdrawFigure: t.field({
    type: RecordFigurePayload,
    description: 'Takes a figure back; it stays in the history.',
    authScopes: { write: true },
    args: {
      id: t.arg.id({ required: true, description: 'The id of the figure.' }),
      reason: t.arg.string({ required: true, description: 'Why it is taken back.' }),
    },
    resolve: (_root, { id, reason }, { db }) => outcomeOf(withdrawFigure(db, rowIdOf('Figure', id), reason)),
  }),
  rankFigure: t.field({
    type: RecordFigurePayload,
    description: 'Gives a figure another weight among the claims about the same.',
    authScopes: { write: true },
    args: {
      id: t.arg.id({ required: true, description: 'The id of the figure.' }),
      rank: t.arg({ type: ClaimRank, required: true, description: 'The weight.' }),
      reason: t.arg.string({ required: true, description: 'Why.' }),
    },
    resolve: (_root, { id, rank, reason }, { db }) => outcomeOf(rankFigure(db, rowIdOf('Figure', id), rank, reason)),
  }),
}));

builder.subscriptionFields((t) => ({
  figureRecorded: t.prismaField({
    type: FigureChange,
    description: 'Tells of every figure that is recorded, restated, withdrawn or ranked, in the order of the log.',
    args: {
      filter: t.arg({ type: FigureFilter, description: 'Which figures.' }),
      after: t.arg({ type: 'Cursor', description: 'First what came after this place; live from now if not given.' }),
    },
    subscribe: async (_root, { filter }, context) =>
      filterStream(eventsOf(context), await figureChangesMatching(context.db, figureFilterOf(filter))),
    resolve: readEntry,
  }),
}));

function figureOf(input: (typeof FigureInput)['$inferInput']): NewFigure {
  return { ...input, sourceId: rowIdOf('Source', input.sourceId) };
}
