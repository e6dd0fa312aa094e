import { filterStream } from '../changes/stream.ts';
import { requirePeriod } from '../domain/boards/series.ts';
import { figureChangesMatching } from '../domain/claims/figure-filter.ts';
import type { FigureInput as NewFigure } from '../domain/claims/figure-input.ts';
import { rankFigure, withdrawFigure } from '../domain/editing/amend-figures.ts';
import { type RecordedFigures, recordFigure, recordFigures } from '../domain/editing/record-figures.ts';
import { unitOf } from '../domain/values/metric.ts';
import { RESUME_AFTER } from './arguments.ts';
import { builder } from './builder.ts';
import { FigureChange, readEntry } from './change.ts';
import { FigurePages } from './connection.ts';
import { eventsOf } from './context.ts';
import { ClaimRank, FigureAction, Metric, Qualifier, Unit } from './enums.ts';
import { FigureFilter, figureFilterOf } from './figure-filter.ts';
import { FIGURE_LIST, FIGURE_LIST_ARGS } from './figure-list.ts';
import { loadObservation } from './histories.ts';
import { Figure, Market, Milestone, Subject } from './node.ts';
import { rowIdOf } from './node-id.ts';
import { Observation } from './observation.ts';
import { listBelow, listOf } from './paging.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Figure, (t) => ({
  subject: t.relation('subject', { type: Subject, description: 'The subject of the figure.' }),
  metric: t.expose('metric', { type: Metric }),
  unit: t.field({
    type: Unit,
    description: 'The unit of value, lower and upper.',
    select: { metric: true },
    resolve: ({ metric }) => unitOf(metric),
  }),
  period: t.expose('period', { type: 'Period' }),
  within: t.relation('within', {
    type: Market,
    nullable: true,
    description: 'The market that a market share refers to. Null for a figure without a market.',
  }),
  value: t.exposeFloat('value', { nullable: true }),
  lower: t.exposeFloat('lower', { nullable: true }),
  upper: t.exposeFloat('upper', { nullable: true }),
  qualifier: t.expose('qualifier', { type: Qualifier }),
  statedChangePercent: t.exposeFloat('statedChangePercent', { nullable: true }),
  source: t.relation('source', { description: 'The document that makes the claim.' }),
  attributedTo: t.exposeString('attributedTo', { nullable: true }),
  note: t.exposeString('note', { nullable: true }),
  breaks: t.exposeBoolean('breaks'),
  rank: t.expose('rank', {
    type: ClaimRank,
    description:
      'The rank that the editors give the claim. Of a figure in an observation that was read with `asOf`, the rank that it had at that instant.',
  }),
  rankReason: t.exposeString('rankReason', {
    nullable: true,
    description: 'Why the claim has this rank. Null if it was never ranked.',
  }),
  action: t.expose('action', { type: FigureAction }),
  reason: t.exposeString('reason', { nullable: true }),
  revises: t.relation('revises', {
    nullable: true,
    description: 'The earlier figure that this figure revises. Null if it revises none.',
  }),
  revisedBy: t.relation('revisedBy', {
    nullable: true,
    description: 'The later figure that revises this figure. Null if none does.',
  }),
  recordedAt: t.expose('recordedAt', { type: 'DateTime' }),
  knownFrom: t.expose('knownFrom', { type: 'DateTime' }),
  knownUntil: t.expose('knownUntil', { type: 'DateTime', nullable: true }),
}));

builder.prismaInterfaceFields(Subject, (t) => ({
  figures: t.connection(
    {
      type: Figure,
      description:
        'The figures about this subject, the newest period first if no other order is given. Figures about subjects below it are not included.',
      args: {
        filter: t.arg(FIGURE_LIST_ARGS.filter),
        orderBy: t.arg(FIGURE_LIST_ARGS.orderBy),
        asOf: t.arg(FIGURE_LIST_ARGS.asOf),
      },
      ...listBelow('Subject', 'figures', FIGURE_LIST),
    },
    ...FigurePages,
  ),
}));

export const ACKNOWLEDGE_OUTLIER =
  'Confirms a value that is refused with SUSPECT_MAGNITUDE otherwise: 20 times over or under the pace of the neighbouring year, before the first delivery, or a part above its whole. Also confirms a period that ended after the source was published, which is refused with INVALID_PERIOD otherwise.';

const FigureInput = builder.inputType('FigureInput', {
  description: 'A claim: what a source says about a subject, a metric and a period.',
  fields: (t) => ({
    subject: t.string({ required: true, description: 'The slug of the subject.' }),
    metric: t.field({ type: Metric, required: true, description: 'What is counted.' }),
    period: t.field({
      type: 'Period',
      required: true,
      description:
        'The span of days. User error FUTURE_PERIOD if it has not ended yet, INVALID_PERIOD if it ended after the source was published, unless that is acknowledged. A total to date may be to the day after the publication.',
    }),
    within: t.string({
      description: 'The slug of the market that a market share refers to. Required for MARKET_SHARE.',
    }),
    value: t.float({
      description: 'The value, in the unit of the metric. Null for a claim that states only bounds or a change.',
    }),
    lower: t.float({
      description: 'The lower bound, in the unit of the metric. Required with BETWEEN, not allowed otherwise.',
    }),
    upper: t.float({
      description: 'The upper bound, in the unit of the metric. Required with BETWEEN, not allowed otherwise.',
    }),
    qualifier: t.field({
      type: Qualifier,
      required: true,
      defaultValue: 'EXACT',
      description: 'How exactly the source states the value.',
    }),
    unit: t.field({
      type: Unit,
      description: 'The unit of the values, as a check. User error INVALID_UNIT if it is not the unit of the metric.',
    }),
    statedChangePercent: t.float({
      description: 'The change against the same period a year earlier as the source states it, in percent.',
    }),
    sourceId: t.id({
      required: true,
      description: 'The id of the source. User error UNKNOWN_SOURCE if there is none.',
    }),
    attributedTo: t.string({ description: 'The origin of the number, if the source names one.' }),
    note: t.string({ description: 'A note for readers.' }),
    breaks: t.boolean({
      defaultValue: false,
      description:
        'Whether a redefined series begins with this claim: what is counted, or how, differs from earlier periods. Revisions keep it. False says nothing about it; true for a claim that is recorded without is the user error ALREADY_RECORDED.',
    }),
    acknowledgeOutlier: t.boolean({
      defaultValue: false,
      description: ACKNOWLEDGE_OUTLIER,
    }),
  }),
});

/** The field is the same in the payloads for one figure and for many. */
const MILESTONES_FIELD = {
  type: [Milestone] as [typeof Milestone],
  description: 'The milestones whose status changed through this write.',
  resolve: ({ written }: Outcome<RecordedFigures>) => [...(written?.milestones ?? [])],
};

export const RecordFigurePayload = builder.objectRef<Outcome<RecordedFigures>>('RecordFigurePayload').implement({
  description: 'The outcome of recording, revising, withdrawing or ranking a figure.',
  fields: (t) => ({
    figure: t.field({
      type: Figure,
      nullable: true,
      description: 'The figure. Null if the input was refused.',
      resolve: ({ written }) => written?.figures[0],
    }),
    observation: t.field({
      type: Observation,
      nullable: true,
      description:
        "The observation of the figure's subject, metric and period after this write. Null if the input was refused or nothing is known of it.",
      resolve: async ({ written }, _args, context) => {
        const figure = written?.figures[0];
        if (figure === undefined) return null;
        return loadObservation(
          context,
          { subjectId: figure.subjectId, metric: figure.metric, withinId: figure.withinId, asOf: null },
          requirePeriod(figure.period),
        );
      },
    }),
    deduplicated: t.boolean({
      description: 'Whether the same was already recorded, so that nothing was written.',
      resolve: ({ written }) => (written?.deduplicated ?? 0) > 0,
    }),
    milestones: t.field(MILESTONES_FIELD),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

export const RecordFiguresPayload = builder.objectRef<Outcome<RecordedFigures>>('RecordFiguresPayload').implement({
  description: 'The outcome of recording or revising many figures: all or none.',
  fields: (t) => ({
    figures: t.field({
      type: [Figure],
      description: 'The figures, in the order of the inputs. Empty if an input was refused.',
      resolve: ({ written }) => [...(written?.figures ?? [])],
    }),
    milestones: t.field(MILESTONES_FIELD),
    deduplicated: t.int({
      description: 'The number of inputs that were already recorded, for which nothing was written.',
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
      description: 'Figures, the newest period first if no other order is given.',
      args: {
        filter: t.arg(FIGURE_LIST_ARGS.filter),
        orderBy: t.arg(FIGURE_LIST_ARGS.orderBy),
        asOf: t.arg(FIGURE_LIST_ARGS.asOf),
      },
      ...listOf('Figure', FIGURE_LIST),
    },
    ...FigurePages,
  ),
}));

builder.mutationFields((t) => ({
  recordFigure: t.field({
    type: RecordFigurePayload,
    description:
      "Records a source's claim. If the source made the same claim before, nothing is written. If it stated another value, the user error is ALREADY_RECORDED: revise that figure. A claim of another source is added.",
    authScopes: { write: true },
    args: { input: t.arg({ type: FigureInput, required: true, description: 'The claim.' }) },
    resolve: (_root, { input }, { db }) => outcomeOf(recordFigure(db, figureOf(input))),
  }),
  recordFigures: t.field({
    type: RecordFiguresPayload,
    description: 'Records 1 to 1,000 claims, all or none. User error TOO_MANY for more.',
    authScopes: { write: true },
    args: { inputs: t.arg({ type: [FigureInput], required: true, description: 'The claims.' }) },
    resolve: (_root, { inputs }, { db }) => outcomeOf(recordFigures(db, inputs.map(figureOf))),
  }),
}));

builder.mutationFields((t) => ({
  withdrawFigure: t.field({
    type: RecordFigurePayload,
    description:
      'Withdraws a figure. It stays in the history. A second time writes nothing. User error UNKNOWN_FIGURE, or STALE_REVISION if it was revised.',
    authScopes: { write: true },
    args: {
      id: t.arg.id({ required: true, description: 'The id of the figure.' }),
      reason: t.arg.string({ required: true, description: 'Why the figure is withdrawn.' }),
    },
    resolve: (_root, { id, reason }, { db }) => outcomeOf(withdrawFigure(db, rowIdOf('Figure', id), reason)),
  }),
  rankFigure: t.field({
    type: RecordFigurePayload,
    description:
      'Changes the rank of a figure among the claims about the same subject, metric and period, from now on: an answer with an earlier `asOf` keeps the rank of that time. User error UNKNOWN_FIGURE, or STALE_REVISION if it was revised or withdrawn.',
    authScopes: { write: true },
    args: {
      id: t.arg.id({ required: true, description: 'The id of the figure.' }),
      rank: t.arg({ type: ClaimRank, required: true, description: 'The new rank.' }),
      reason: t.arg.string({ required: true, description: 'Why the rank is changed.' }),
    },
    resolve: (_root, { id, rank, reason }, { db }) => outcomeOf(rankFigure(db, rowIdOf('Figure', id), rank, reason)),
  }),
}));

builder.subscriptionFields((t) => ({
  figureRecorded: t.prismaField({
    type: FigureChange,
    description:
      'Sends a change for every figure that is recorded, revised, withdrawn or ranked, in the order of the change log.',
    args: {
      filter: t.arg({ type: FigureFilter, description: 'Selects figures.' }),
      after: t.arg(RESUME_AFTER),
    },
    subscribe: async (_root, { filter }, context) =>
      filterStream(eventsOf(context), await figureChangesMatching(context.db, figureFilterOf(filter))),
    resolve: readEntry,
  }),
}));

function figureOf(input: (typeof FigureInput)['$inferInput']): NewFigure {
  return { ...input, sourceId: rowIdOf('Source', input.sourceId) };
}
