import { encodeCursor } from '../changes/cursor.ts';
import type { ChangeEntry } from '../changes/log.ts';
import { filterStream } from '../changes/stream.ts';
import type { ChangeKind, Change as Row } from '../database/generated/client.ts';
import { readRows } from '../database/read-rows.ts';
import { changesMatching } from '../domain/boards/change-filter.ts';
import { affectedByEntry, resolvedInEntry, SLOT } from '../domain/estimates/observation-entry.ts';
import { present } from '../required.ts';
import { RESUME_AFTER } from './arguments.ts';
import { builder, Query } from './builder.ts';
import { type Context, eventsOf } from './context.ts';
import { FigureAction, Metric, MilestoneStatus } from './enums.ts';
import { loadSlot } from './histories.ts';
import { Subject } from './node.ts';
import { Observation } from './observation.ts';
import { shownInEntry } from './shown-observation.ts';

/** The GraphQL type of each kind of change that the API shows. */
const TYPE_NAMES: Record<Exclude<ChangeKind, 'SOURCE'>, string> = {
  FIGURE: 'FigureChange',
  MILESTONE: 'MilestoneChange',
  TARGET: 'TargetChange',
  SUBJECT: 'SubjectChange',
  MEMBERSHIP: 'MembershipChange',
  CONTRADICTION: 'ContradictionChange',
};

export const Change = builder.prismaInterface('Change', {
  name: 'Change',
  resolveType: ({ kind }) => TYPE_NAMES[kind as keyof typeof TYPE_NAMES],
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The position in the change log after this change.',
      select: { position: true, digest: true },
      resolve: ({ position, digest }, _args, { changes }) => encodeCursor({ log: changes.log, position, digest }),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the change was written.' }),
    subject: t.relation('subject', {
      type: Subject,
      nullable: false,
      onNull: 'error',
      description: 'The subject of the change.',
    }),
  }),
});

export const FigureChange = builder.prismaObject('Change', {
  variant: 'FigureChange',
  interfaces: [Change],
  description: 'A figure was recorded, revised, withdrawn or ranked.',
  fields: (t) => ({
    action: t.field({
      type: FigureAction,
      description: 'What happened to the figure.',
      resolve: ({ action }) => present(action),
    }),
    figure: t.relation('figure', {
      nullable: false,
      onNull: 'error',
      description: 'The figure as it is now. It can have changed again after this change.',
    }),
    observation: t.field({
      type: Observation,
      nullable: true,
      description:
        "The observation of the figure's subject, metric and period after this change. Null if nothing is known of it. While it is still the present one it has the id of that; afterwards an id of its own, so that a cache keeps the present one.",
      select: { position: true, digest: true, observation: true, figure: { select: SLOT } },
      resolve: (entry, _args, { changes }) => shownInEntry(changes.log, entry),
    }),
    affected: t.field({
      type: [Observation],
      description:
        'All observations that this change moved, as they are now: also longer periods, totals, companies and alliances. If several figures were written at once, each observation is with one of them.',
      complexity: { field: 5, multiplier: 20 },
      select: { position: true, observation: true },
      resolve: (entry, _args, context) => Promise.all(affectedByEntry(entry).map((slot) => loadSlot(context, slot))),
    }),
    before: t.exposeFloat('before', { nullable: true }),
  }),
});

export const MilestoneChange = builder.prismaObject('Change', {
  variant: 'MilestoneChange',
  interfaces: [Change],
  description: 'A milestone was announced, or its status changed.',
  fields: (t) => ({
    milestone: t.relation('milestone', {
      nullable: false,
      onNull: 'error',
      description: 'The milestone as it is now. It can have changed again after this change.',
    }),
    status: t.field({
      type: MilestoneStatus,
      description: 'The status of the milestone after this change.',
      resolve: ({ status }) => present(status),
    }),
    causedBy: t.relation('causedBy', {
      nullable: true,
      description: 'The figure that caused the change. Null if no figure did.',
    }),
  }),
});

builder.prismaObject('Change', {
  variant: 'TargetChange',
  interfaces: [Change],
  description: 'A target was set or revised, or a source made a claim about it.',
  fields: (t) => ({
    target: t.relation('target', {
      nullable: false,
      onNull: 'error',
      description: 'The target as it is now. It can have changed again after this change.',
    }),
  }),
});

builder.prismaObject('Change', {
  variant: 'SubjectChange',
  interfaces: [Change],
  description: 'A subject was created or changed.',
});

builder.prismaObject('Change', {
  variant: 'MembershipChange',
  interfaces: [Change],
  description: 'A brand joined or left an alliance.',
  fields: (t) => ({
    membership: t.relation('membership', {
      nullable: false,
      onNull: 'error',
      description: 'The membership as it is now. It can have changed again after this change.',
    }),
  }),
});

builder.prismaObject('Change', {
  variant: 'ContradictionChange',
  interfaces: [Change],
  description: 'A contradiction appeared or was resolved.',
  fields: (t) => ({
    contradiction: t.relation('contradiction', {
      nullable: false,
      onNull: 'error',
      description: 'The contradiction as it is now.',
    }),
    resolved: t.boolean({
      description: 'Whether the claims no longer contradict each other since this change.',
      select: { position: true, observation: true },
      resolve: (entry) => resolvedInEntry(entry),
    }),
    causedBy: t.relation('causedBy', {
      nullable: true,
      description: 'The figure that caused the change. Null if no figure did.',
    }),
  }),
});

export const ChangeFilter = builder.inputType('ChangeFilter', {
  description: 'Selects changes. A field that is null or not given does not restrict the selection.',
  fields: (t) => ({
    subjects: t.stringList({
      description:
        'Changes of these subjects, by slug, and of contradictions in which their figures take part. Error BAD_USER_INPUT for an unknown slug.',
    }),
    metrics: t.field({
      type: [Metric],
      description: 'Changes of figures, milestones, contradictions and targets of these metrics.',
    }),
    includeDescendants: t.boolean({
      defaultValue: true,
      description:
        'Also changes of everything that was below these subjects when the change was written. If false, `changes` leaves out contradictions of other subjects, although figures of these take part in them.',
    }),
  }),
});

builder.subscriptionFields((t) => ({
  live: t.field({
    type: Query,
    description:
      'Any query, live. Sends the result now, and again after each change that makes it differ, at most every 100 ms.',
    complexity: 0,
    // The engine that executes this field sends results instead of changes, so no change is filtered out here.
    subscribe: (_root, _args, context) => eventsOf(context),
    resolve: () => ({}),
  }),
  changes: t.prismaField({
    type: Change,
    description: 'Sends every change, in the order of the change log.',
    args: {
      filter: t.arg({ type: ChangeFilter, description: 'Selects changes.' }),
      after: t.arg(RESUME_AFTER),
    },
    subscribe: async (_root, { filter }, context) =>
      filterStream(eventsOf(context), await changesMatching(context.db, filter ?? {})),
    resolve: readEntry,
  }),
}));

/** Reads a change and everything that the operation asks about it, in one query. CursorInvalid or CursorExpired if the log no longer has the change. */
export async function readEntry(query: object, entry: ChangeEntry, _args: unknown, context: Context) {
  const { position, cursor } = entry;
  const { db, changes, together } = context;
  // Copied because Pothos reports a query that no one uses, and a change that is read together with others does not use its own.
  const own = { ...query };
  const found =
    together === undefined
      ? (await readRows(db, 'Change', { ...own, where: { position } }))[0]
      : (await readTogether(own, together, context)).get(position);
  if (found != null && encodeCursor({ log: changes.log, position, digest: found.digest }) === cursor) return found;
  await changes.locate(cursor);
  throw new Error(`The change ${position} was read from the change log, but its row is missing.`);
}

/** Reads all changes in one query. The query is the same for each of them, because it depends on the operation alone. */
function readTogether(query: object, entries: readonly ChangeEntry[], { db }: Context) {
  const known = rowsOf.get(entries);
  if (known !== undefined) return known;
  const where = { position: { in: entries.map(({ position }) => position) } };
  const rows = readRows(db, 'Change', { ...query, where }).then(
    (all) => new Map(all.map((row) => [row.position, row])),
  );
  rowsOf.set(entries, rows);
  return rows;
}

const rowsOf = new WeakMap<readonly ChangeEntry[], Promise<ReadonlyMap<bigint, Row>>>();
