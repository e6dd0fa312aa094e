import { filterStream } from '../changes/stream.ts';
import { rowIdOf } from '../domain/api-id.ts';
import { type AnnouncedMilestone, announceMilestone } from '../domain/milestone.ts';
import { elapsedOf, type MilestoneElapsed } from '../domain/milestone-elapsed.ts';
import { milestoneChangesMatching, milestonesMatching } from '../domain/milestone-filter.ts';
import { rankedClaims, summarise } from '../domain/milestone-summary.ts';
import { builder } from './builder.ts';
import { MilestoneChange, readEntry } from './change.ts';
import { MilestonePages } from './connection.ts';
import { type Context, eventsOf } from './context.ts';
import { Agreement, ClaimRank, Metric, MilestoneKind, MilestoneStatus, Qualifier } from './enums.ts';
import { Milestone, Model, Plant, Subject } from './node.ts';
import { MILESTONE_ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

/** What of the claims is needed to weigh them. */
const WEIGHED = { include: { source: { include: { publisher: true } } } } as const;

const Elapsed = builder.objectRef<MilestoneElapsed>('Elapsed').implement({
  description: 'How long a milestone took. A part that the known dates leave open is null, never a false exact.',
  fields: (t) => ({
    months: t.exposeInt('months', { nullable: true, description: 'Complete calendar months.' }),
    days: t.exposeInt('days', { nullable: true, description: 'Days after the last complete month.' }),
    totalDays: t.exposeInt('totalDays', { nullable: true, description: 'All days together.' }),
    totalDaysMin: t.exposeInt('totalDaysMin', {
      nullable: true,
      description: 'The fewest days that the known dates allow, where they are known to the month or year only.',
    }),
    totalDaysMax: t.exposeInt('totalDaysMax', {
      nullable: true,
      description: 'The most days that the known dates allow, where they are known to the month or year only.',
    }),
    since: t.expose('since', { type: 'PartialDate', nullable: true, description: 'The day it is counted from.' }),
    sinceWhat: t.exposeString('sinceWhat', {
      nullable: true,
      description: 'What happened then, such as FIRST_DELIVERY.',
    }),
    stated: t.exposeBoolean('stated', {
      description: 'Whether a source states it; otherwise it is worked out from the dates.',
    }),
  }),
});

interface StatedElapsedShape {
  readonly value: number;
  readonly unit: string;
  readonly from: string;
  readonly qualifier: 'EXACT' | 'ABOUT' | 'OVER' | 'UNDER' | 'BETWEEN';
}

const StatedElapsed = builder.objectRef<StatedElapsedShape>('StatedElapsed').implement({
  description: 'How long a source says it took.',
  fields: (t) => ({
    value: t.exposeFloat('value', { description: 'The number.' }),
    unit: t.exposeString('unit', { description: 'days, months or years.' }),
    from: t.exposeString('from', {
      description: 'What it is counted from, such as FIRST_DELIVERY; NOT_STATED where the source leaves it open.',
    }),
    qualifier: t.expose('qualifier', { type: Qualifier, description: 'How exactly it was said.' }),
  }),
});

builder.prismaObject('MilestoneClaim', {
  fields: (t) => ({
    source: t.relation('source', { description: 'Who says so.' }),
    on: t.expose('on', { type: 'PartialDate', nullable: true }),
    statedElapsed: t.field({
      type: StatedElapsed,
      nullable: true,
      description: 'How long the source says it took.',
      resolve: ({ statedElapsedValue, statedElapsedUnit, statedElapsedFrom, statedElapsedQualifier }) =>
        statedElapsedValue === null
          ? null
          : {
              value: statedElapsedValue,
              unit: statedElapsedUnit ?? 'days',
              from: statedElapsedFrom ?? 'NOT_STATED',
              qualifier: statedElapsedQualifier ?? 'EXACT',
            },
    }),
    note: t.exposeString('note', { nullable: true }),
    rank: t.expose('rank', { type: ClaimRank }),
    rankReason: t.exposeString('rankReason', { nullable: true }),
    expected: t.exposeBoolean('expected'),
  }),
});

builder.prismaObjectFields(Milestone, (t) => ({
  subject: t.relation('subject', { type: Subject, description: 'Whose milestone it is.' }),
  kind: t.expose('kind', { type: MilestoneKind }),
  metric: t.expose('metric', { type: Metric, nullable: true }),
  threshold: t.exposeFloat('threshold', { nullable: true }),
  title: t.exposeString('title'),
  reachedOn: t.expose('reachedOn', { type: 'PartialDate', nullable: true }),
  window: t.field({
    type: ['Date'],
    nullable: true,
    description: 'For a detected milestone the first and the last day on which it can have been reached.',
    select: { windowFrom: true, windowUntil: true },
    resolve: ({ windowFrom, windowUntil }) =>
      windowFrom === null || windowUntil === null ? null : [windowFrom, windowUntil],
  }),
  status: t.expose('status', { type: MilestoneStatus }),
  plant: t.relation('plant', { type: Plant, nullable: true, description: 'The plant it happened at.' }),
  model: t.relation('model', { type: Model, nullable: true, description: 'The model it happened with.' }),
  elapsed: t.field({
    type: Elapsed,
    nullable: true,
    description:
      "How long it took: from the subject's first delivery where both days are known, else as the best claim states it.",
    select: { reachedOn: true, subject: true, claims: WEIGHED },
    resolve: ({ subject, reachedOn, claims }) => elapsedOf(subject, reachedOn, rankedClaims(claims)),
  }),
  claims: t.relation('claims', {
    description: 'What each source says, in the order of recording.',
    query: { orderBy: { id: 'asc' } },
  }),
  agreement: t.field({
    type: Agreement,
    description: 'Whether the days that the sources give agree.',
    select: { claims: WEIGHED },
    resolve: ({ claims }) => summarise(rankedClaims(claims)).agreement,
  }),
}));

const MilestoneOrder = builder.enumType('MilestoneOrder', {
  description: 'How milestones are ordered. Those without a day or a length come last when ascending.',
  values: {
    REACHED_ON_ASC: { description: 'The earliest first.' },
    REACHED_ON_DESC: { description: 'The latest first.' },
    ELAPSED_ASC: { description: 'The quickest first.' },
  },
});

const MilestoneFilter = builder.inputType('MilestoneFilter', {
  description: 'Which milestones; what is not given does not restrict.',
  fields: (t) => ({
    subjects: t.stringList({ description: 'Of exactly these subjects, by slug.' }),
    kinds: t.field({ type: [MilestoneKind], description: 'Of these kinds.' }),
    metrics: t.field({ type: [Metric], description: 'Of these metrics.' }),
    threshold: t.float({ description: 'Of exactly this number.' }),
    statuses: t.field({ type: [MilestoneStatus], description: 'With these statuses.' }),
  }),
});

interface ListArgs {
  readonly filter?: (typeof MilestoneFilter)['$inferInput'] | null | undefined;
  readonly orderBy?: keyof typeof MILESTONE_ORDERS | null | undefined;
}

const LIST = {
  order: ({ orderBy: order }: ListArgs) => MILESTONE_ORDERS[order ?? 'REACHED_ON_ASC'],
  where: ({ filter }: ListArgs, { db }: Context) => milestonesMatching(db, filter ?? {}),
};

const orderBy = { type: MilestoneOrder, defaultValue: 'REACHED_ON_ASC', description: 'In which order.' } as const;

builder.prismaInterfaceFields(Subject, (t) => ({
  milestones: t.connection(
    {
      type: Milestone,
      description: 'What it has reached, launched and first done.',
      args: { filter: t.arg({ type: MilestoneFilter, description: 'Which milestones.' }), orderBy: t.arg(orderBy) },
      ...listBelow('Subject', 'milestones', LIST),
    },
    ...MilestonePages,
  ),
}));

const MilestonePayload = builder.objectRef<Outcome<AnnouncedMilestone>>('MilestonePayload').implement({
  description: 'The outcome of announcing a milestone.',
  fields: (t) => ({
    milestone: t.field({
      type: Milestone,
      nullable: true,
      description: 'The milestone with the new claim; null when the input was refused.',
      resolve: ({ written }) => written?.milestone,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const StatedElapsedInput = builder.inputType('StatedElapsedInput', {
  description: 'How long a source says it took.',
  fields: (t) => ({
    value: t.float({ required: true, description: 'The number.' }),
    unit: t.string({ required: true, description: 'days, months or years.' }),
    from: t.string({
      required: true,
      description: 'What it is counted from, such as FIRST_DELIVERY; NOT_STATED where the source leaves it open.',
    }),
    qualifier: t.field({
      type: Qualifier,
      required: true,
      defaultValue: 'EXACT',
      description: 'How exactly it was said.',
    }),
  }),
});

const MilestoneInput = builder.inputType('MilestoneInput', {
  description: 'What a source says about a milestone.',
  fields: (t) => ({
    subject: t.string({ required: true, description: 'The slug of whose milestone it is.' }),
    kind: t.field({
      type: MilestoneKind,
      required: true,
      description: 'What kind it is; UNITS needs metric and threshold.',
    }),
    metric: t.field({ type: Metric, description: 'What was counted.' }),
    threshold: t.float({ description: "The number reached, in the metric's unit." }),
    title: t.string({ required: true, description: 'What was reached, in a few words.' }),
    reachedOn: t.field({ type: 'PartialDate', description: 'When, as precisely as the source says.' }),
    plant: t.string({ description: 'The slug of the plant it happened at.' }),
    model: t.string({ description: 'The slug of the model it happened with.' }),
    statedElapsed: t.field({ type: StatedElapsedInput, description: 'How long the source says it took.' }),
    expected: t.boolean({ defaultValue: false, description: 'Whether the source only expects it.' }),
    sourceId: t.id({ required: true, description: 'The id of the source.' }),
    note: t.string({ description: 'What a reader should know about it.' }),
  }),
});

builder.queryFields((t) => ({
  milestones: t.connection(
    {
      type: Milestone,
      description: 'Milestones: who crossed a million, and when.',
      args: { filter: t.arg({ type: MilestoneFilter, description: 'Which milestones.' }), orderBy: t.arg(orderBy) },
      ...listOf('Milestone', LIST),
    },
    ...MilestonePages,
  ),
}));

builder.mutationFields((t) => ({
  announceMilestone: t.field({
    type: MilestonePayload,
    description: 'Adds what a source says to the milestone it is about. Several claims on one milestone stay several.',
    authScopes: { write: true },
    args: { input: t.arg({ type: MilestoneInput, required: true, description: 'The claim.' }) },
    resolve: (_root, { input }, { db }) =>
      outcomeOf(announceMilestone(db, { ...input, sourceId: rowIdOf('Source', input.sourceId) })),
  }),
}));

builder.subscriptionFields((t) => ({
  milestoneReached: t.prismaField({
    type: MilestoneChange,
    description: 'Tells of every new milestone and every change of status, in the order of the log.',
    args: {
      filter: t.arg({ type: MilestoneFilter, description: 'Which milestones.' }),
      after: t.arg({ type: 'Cursor', description: 'First what came after this place; live from now if not given.' }),
    },
    subscribe: async (_root, { filter }, context) =>
      filterStream(eventsOf(context), await milestoneChangesMatching(context.db, filter ?? {})),
    resolve: readEntry,
  }),
}));
