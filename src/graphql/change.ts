import { encodeCursor } from '../changes/cursor.ts';
import type { ChangeEntry } from '../changes/log.ts';
import { filterStream } from '../changes/stream.ts';
import type { ChangeKind, Change as Row } from '../database/generated/client.ts';
import { changesMatching, entriesMatching, type ChangeFilter as Filter } from '../domain/change-filter.ts';
import { observationOfEntry, SLOT } from '../domain/observation-entry.ts';
import { builder, Query } from './builder.ts';
import { type Context, eventsOf } from './context.ts';
import { FigureAction, Metric, MilestoneStatus } from './enums.ts';
import { Subject } from './node.ts';
import { Observation } from './observation.ts';

/** The GraphQL type of each kind of log entry that is shown. */
const TYPE_NAMES: Record<Exclude<ChangeKind, 'SOURCE'>, string> = {
  FIGURE: 'FigureChange',
  MILESTONE: 'MilestoneChange',
  TARGET: 'TargetChange',
  SUBJECT: 'SubjectChange',
  MEMBERSHIP: 'MembershipChange',
};

const Change = builder.prismaInterface('Change', {
  name: 'Change',
  resolveType: ({ kind }) => TYPE_NAMES[kind as keyof typeof TYPE_NAMES],
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The place in the log right after this entry.',
      select: { position: true, digest: true },
      resolve: ({ position, digest }, _args, { changes }) => encodeCursor({ log: changes.log, position, digest }),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    subject: t.relation('subject', {
      type: Subject,
      nullable: false,
      onNull: 'error',
      description: 'What it is about.',
    }),
  }),
});

export const FigureChange = builder.prismaObject('Change', {
  variant: 'FigureChange',
  interfaces: [Change],
  description: 'Something happened to a figure.',
  fields: (t) => ({
    action: t.field({
      type: FigureAction,
      description: 'What happened to it.',
      resolve: ({ action }) => action as NonNullable<typeof action>,
    }),
    figure: t.relation('figure', { nullable: false, onNull: 'error', description: 'The figure as it is now.' }),
    observation: t.field({
      type: Observation,
      nullable: true,
      description:
        "What the claims about the figure's subject, metric and period amounted to from here on; null when none is left.",
      select: { observation: true, figure: { select: SLOT } },
      resolve: ({ observation, figure }) => observationOfEntry(figure, observation),
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
      description: 'The milestone as it is now.',
    }),
    status: t.field({
      type: MilestoneStatus,
      description: 'Its status from here on.',
      resolve: ({ status }) => status as NonNullable<typeof status>,
    }),
    causedBy: t.relation('causedBy', { nullable: true, description: 'The figure that caused it, if one did.' }),
  }),
});

builder.prismaObject('Change', {
  variant: 'TargetChange',
  interfaces: [Change],
  description: 'A target was set.',
  fields: (t) => ({
    target: t.relation('target', { nullable: false, onNull: 'error', description: 'The target.' }),
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
      description: 'The membership as it is now.',
    }),
  }),
});

const ChangeFilter = builder.inputType('ChangeFilter', {
  description: 'Which changes; what is not given does not restrict.',
  fields: (t) => ({
    subjects: t.stringList({ description: 'About these subjects, by slug.' }),
    metrics: t.field({ type: [Metric], description: 'Of these metrics.' }),
    includeDescendants: t.boolean({
      defaultValue: true,
      description: 'Also about everything that was below the subjects when it was written.',
    }),
  }),
});

const ChangeConnection = builder.connectionObject({ type: Change, name: 'ChangeConnection' }, { name: 'ChangeEdge' });

builder.queryFields((t) => ({
  head: t.field({
    type: 'Cursor',
    description:
      'The newest place in the change log, read before the rest of the query: a subscription after it misses nothing.',
    resolve: (_root, _args, { head, changes }) => head ?? changes.head(),
  }),
  changes: t.field({
    type: ChangeConnection,
    description: 'The entries of the change log in their order.',
    args: {
      after: t.arg({
        type: 'Cursor',
        description: 'What came after this place; from the oldest entry kept if not given.',
      }),
      filter: t.arg({ type: ChangeFilter, description: 'Which changes.' }),
      first: t.arg.int({ defaultValue: 50, description: 'How many at most, 1 to 100.' }),
    },
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? 50 }),
    resolve: (_root, { after, filter, first }, context) => readChanges(after, filter ?? {}, first ?? 50, context),
  }),
}));

builder.subscriptionFields((t) => ({
  live: t.field({
    type: Query,
    description: 'Any query, live: the answer now, and again whenever a change makes it differ, at most every 100 ms.',
    complexity: 0,
    // Whoever executes it makes its events of answers: there is nothing to choose from.
    subscribe: (_root, _args, context) => eventsOf(context),
    resolve: () => ({}),
  }),
  changes: t.prismaField({
    type: Change,
    description: 'Tells of every change, in the order of the log.',
    args: {
      filter: t.arg({ type: ChangeFilter, description: 'Which changes.' }),
      after: t.arg({ type: 'Cursor', description: 'First what came after this place; live from now if not given.' }),
    },
    subscribe: async (_root, { filter }, context) =>
      filterStream(eventsOf(context), await changesMatching(context.db, filter ?? {})),
    resolve: readEntry,
  }),
}));

/** Reads a log entry together with all that is asked about it, as one query; CursorInvalid or CursorExpired when the log has that entry no longer. */
export async function readEntry(query: object, entry: ChangeEntry, _args: unknown, context: Context) {
  const { position, cursor } = entry;
  const { db, changes, together } = context;
  // Taken over here for whoever is served by another one's query: Pothos sees to it that none is passed over.
  const own = { ...query };
  const found =
    together === undefined
      ? await db.change.findUnique({ ...own, where: { position } })
      : (await readTogether(own, together, context)).get(position);
  if (found != null && encodeCursor({ log: changes.log, position, digest: found.digest }) === cursor) return found;
  await changes.locate(cursor);
  throw new Error(`The entry ${position} of the change log was read and is not there.`);
}

/** One query for all; it is the same for each of them, since what is asked about an entry follows from the operation alone. */
function readTogether(query: object, entries: readonly ChangeEntry[], { db }: Context) {
  const known = rowsOf.get(entries);
  if (known !== undefined) return known;
  const where = { position: { in: entries.map(({ position }) => position) } };
  const rows = db.change
    .findMany({ ...query, where })
    .then((found) => new Map(found.map((row) => [row.position, row])));
  rowsOf.set(entries, rows);
  return rows;
}

const rowsOf = new WeakMap<readonly ChangeEntry[], Promise<ReadonlyMap<bigint, Row>>>();

async function readChanges(after: string | null | undefined, filter: Filter, first: number, { db, changes }: Context) {
  const from = after == null ? (await changes.state()).prunedThrough : (await changes.locate(after)).position;
  const matching = await entriesMatching(db, filter);
  const where = { AND: [{ position: { gt: from } }, matching] };
  const rows = await db.change.findMany({ where, orderBy: { position: 'asc' }, take: first + 1 });
  // Once more: if the log was cut or replaced meanwhile, something can be missing from the rows.
  if (after != null) await changes.locate(after);
  const before = { AND: [{ position: { lte: from } }, matching] };
  const edges = rows.slice(0, first).map((node) => {
    const { position, digest } = node;
    return { cursor: encodeCursor({ log: changes.log, position, digest }), node };
  });
  return {
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: rows.length > first,
      hasPreviousPage: (await db.change.findFirst({ where: before, select: { position: true } })) !== null,
    },
    totalCount: () => db.change.count({ where }),
  };
}
