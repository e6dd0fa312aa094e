import { filterStream } from '../changes/stream.ts';
import type { Milestone as Row } from '../database/generated/client.ts';
import { rankedClaims, summarise } from '../domain/claims/milestone-claims.ts';
import { type AnnouncedMilestone, announceMilestone } from '../domain/editing/milestones.ts';
import { elapsedOf, type MilestoneElapsed } from '../domain/milestones/elapsed.ts';
import { milestoneChangesMatching } from '../domain/milestones/filter.ts';
import type { MilestoneThen } from '../domain/milestones/known-then.ts';
import { RESUME_AFTER } from './arguments.ts';
import { builder } from './builder.ts';
import { MilestoneChange, readEntry } from './change.ts';
import { type Context, eventsOf } from './context.ts';
import { Agreement, ClaimRank, Metric, MilestoneKind, MilestoneStatus, Qualifier } from './enums.ts';
import { MilestoneFilter } from './milestone-list.ts';
import { Milestone, Model, Plant, Subject } from './node.ts';
import { rowIdOf } from './node-id.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

/** What has to be read to rank claims. In the order in which they are shown, so that they are read once for both. */
const WEIGHED = { include: { source: { include: { publisher: true } } }, orderBy: { id: 'asc' } } as const;

const Elapsed = builder.objectRef<MilestoneElapsed>('Elapsed').implement({
  description: 'How long a milestone took. A part that is not known exactly is null.',
  fields: (t) => ({
    months: t.exposeInt('months', {
      nullable: true,
      description: 'Complete calendar months. Null if not known exactly.',
    }),
    days: t.exposeInt('days', {
      nullable: true,
      description: 'Days after the last complete month. Null if not known exactly.',
    }),
    totalDays: t.exposeInt('totalDays', {
      nullable: true,
      description: 'The whole time in days. Null if not known exactly.',
    }),
    totalDaysMin: t.exposeInt('totalDaysMin', {
      nullable: true,
      description: 'The fewest days that the known dates allow. Null if the dates give no bound.',
    }),
    totalDaysMax: t.exposeInt('totalDaysMax', {
      nullable: true,
      description: 'The most days that the known dates allow. Null if the dates give no bound.',
    }),
    since: t.expose('since', {
      type: 'PartialDate',
      nullable: true,
      description: 'The date from which the time is counted, as precisely as known. Null if no date is known.',
    }),
    sinceWhat: t.exposeString('sinceWhat', {
      nullable: true,
      description:
        'The event from which the time is counted, such as FIRST_DELIVERY. NOT_STATED if the source does not name one.',
    }),
    stated: t.exposeBoolean('stated', {
      description: 'True if a source states the time, false if it is computed from the dates.',
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
  description: 'How long the milestone took, as the source states it.',
  fields: (t) => ({
    value: t.exposeFloat('value', { description: 'The number, in `unit`.' }),
    unit: t.exposeString('unit', { description: 'The unit of the number: days, months or years.' }),
    from: t.exposeString('from', {
      description:
        'The event from which the time is counted, such as FIRST_DELIVERY. NOT_STATED if the source does not name one.',
    }),
    qualifier: t.expose('qualifier', { type: Qualifier, description: 'How exactly the source states the number.' }),
  }),
});

builder.prismaObject('MilestoneClaim', {
  fields: (t) => ({
    source: t.relation('source', { description: 'The document that makes the claim.' }),
    on: t.expose('on', { type: 'PartialDate', nullable: true }),
    statedElapsed: t.field({
      type: StatedElapsed,
      nullable: true,
      description: 'How long the milestone took, as the source states it. Null if it states no time.',
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
  subject: t.relation('subject', {
    type: Subject,
    description: 'The subject that reached the milestone.',
    extensions: {
      knownThen: ({ subjectId }: Row, _args: unknown, context: Context) => findSubject(context, subjectId),
    },
  }),
  kind: t.expose('kind', { type: MilestoneKind }),
  metric: t.expose('metric', { type: Metric, nullable: true }),
  threshold: t.exposeFloat('threshold', { nullable: true }),
  title: t.exposeString('title'),
  reachedOn: t.expose('reachedOn', { type: 'PartialDate', nullable: true }),
  window: t.field({
    type: ['Date'],
    nullable: true,
    description:
      'The first and the last day on which the milestone can have been reached according to the figures. Null if the figures do not bound it on both sides.',
    select: { windowFrom: true, windowUntil: true },
    resolve: ({ windowFrom, windowUntil }) =>
      windowFrom === null || windowUntil === null ? null : [windowFrom, windowUntil],
  }),
  status: t.expose('status', { type: MilestoneStatus }),
  plant: t.relation('plant', {
    type: Plant,
    nullable: true,
    description: 'The plant at which the milestone was reached. Null if none is named.',
    extensions: { knownThen: ({ plantId }: Row, _args: unknown, context: Context) => findSubject(context, plantId) },
  }),
  model: t.relation('model', {
    type: Model,
    nullable: true,
    description: 'The model with which the milestone was reached. Null if none is named.',
    extensions: { knownThen: ({ modelId }: Row, _args: unknown, context: Context) => findSubject(context, modelId) },
  }),
  elapsed: t.field({
    type: Elapsed,
    nullable: true,
    description:
      "How long the milestone took. Computed from the subject's first delivery if both days are known, otherwise as the best claim states it. Null if neither is known.",
    extensions: { knownThen: ({ elapsed }: MilestoneThen) => elapsed },
    select: { reachedOn: true, subject: true, claims: WEIGHED },
    resolve: ({ subject, reachedOn, claims }) => elapsedOf(subject, reachedOn, rankedClaims(claims)),
  }),
  claims: t.relation('claims', {
    description:
      'The claims of all sources, in the order in which they were recorded. As known at an instant, those that were published by then.',
    query: { orderBy: { id: 'asc' } },
  }),
  agreement: t.field({
    type: Agreement,
    description: 'Whether the dates of the claims agree.',
    extensions: { knownThen: ({ agreement }: MilestoneThen) => agreement },
    select: { claims: WEIGHED },
    resolve: ({ claims }) => summarise(rankedClaims(claims)).agreement,
  }),
}));

const MilestonePayload = builder.objectRef<Outcome<AnnouncedMilestone>>('MilestonePayload').implement({
  description: 'The outcome of announcing a milestone.',
  fields: (t) => ({
    milestone: t.field({
      type: Milestone,
      nullable: true,
      description: 'The milestone with the new claim. Null if the input was refused.',
      resolve: ({ written }) => written?.milestone,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const StatedElapsedInput = builder.inputType('StatedElapsedInput', {
  description: 'How long the milestone took, as the source states it.',
  fields: (t) => ({
    value: t.float({ required: true, description: 'The number, in `unit`.' }),
    unit: t.string({ required: true, description: 'The unit of the number: days, months or years.' }),
    from: t.string({
      required: true,
      description:
        'The event from which the time is counted, such as FIRST_DELIVERY. NOT_STATED if the source does not name one.',
    }),
    qualifier: t.field({
      type: Qualifier,
      required: true,
      defaultValue: 'EXACT',
      description: 'How exactly the source states the number.',
    }),
  }),
});

const MilestoneInput = builder.inputType('MilestoneInput', {
  description: 'A claim of a source about a milestone.',
  fields: (t) => ({
    subject: t.string({ required: true, description: 'The slug of the subject.' }),
    kind: t.field({
      type: MilestoneKind,
      required: true,
      description: 'The kind of the milestone. UNITS needs `metric` and `threshold`.',
    }),
    metric: t.field({ type: Metric, description: 'What is counted.' }),
    threshold: t.float({ description: 'The number reached, in the unit of the metric.' }),
    title: t.string({ required: true, description: 'What was reached, in a few words.' }),
    reachedOn: t.field({
      type: 'PartialDate',
      description: 'When the milestone was reached, or is expected, as precisely as the source states it.',
    }),
    plant: t.string({ description: 'The slug of the plant at which it was reached.' }),
    model: t.string({ description: 'The slug of the model with which it was reached.' }),
    statedElapsed: t.field({
      type: StatedElapsedInput,
      description: 'How long the milestone took, as the source states it.',
    }),
    expected: t.boolean({
      defaultValue: false,
      description: 'True if the source expects the milestone and does not report it as reached.',
    }),
    sourceId: t.id({
      required: true,
      description: 'The id of the source. User error UNKNOWN_SOURCE if there is none.',
    }),
    note: t.string({ description: 'A note for readers.' }),
  }),
});

builder.mutationFields((t) => ({
  announceMilestone: t.field({
    type: MilestonePayload,
    description:
      'Adds a claim of a source to its milestone, and creates the milestone if there is none. Claims of several sources are kept side by side. `firstDeliveryOn` of the subject, and of the brand and company that it is the first of, follows a FIRST_DELIVERY. The same claim again writes nothing.',
    authScopes: { write: true },
    args: { input: t.arg({ type: MilestoneInput, required: true, description: 'The claim.' }) },
    resolve: (_root, { input }, { db }) =>
      outcomeOf(announceMilestone(db, { ...input, sourceId: rowIdOf('Source', input.sourceId) })),
  }),
}));

builder.subscriptionFields((t) => ({
  milestoneReached: t.prismaField({
    type: MilestoneChange,
    description: 'Sends a change for every new milestone and every new status, in the order of the change log.',
    args: {
      filter: t.arg({ type: MilestoneFilter, description: 'Selects milestones.' }),
      after: t.arg(RESUME_AFTER),
    },
    subscribe: async (_root, { filter }, context) =>
      filterStream(eventsOf(context), await milestoneChangesMatching(context.db, filter ?? {})),
    resolve: readEntry,
  }),
}));

async function findSubject({ db }: Context, id: number | null) {
  return id === null ? null : db.subject.findUnique({ where: { id } });
}
