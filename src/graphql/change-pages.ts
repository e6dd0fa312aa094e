import type { GraphQLResolveInfo } from 'graphql';
import { encodeCursor } from '../changes/cursor.ts';
import type { Change as Row } from '../database/generated/client.ts';
import type { ChangeFilter as Filter } from '../domain/boards/change-filter.ts';
import { readChangePage } from '../domain/boards/change-page.ts';
import { collectProblems } from '../domain/values/problems.ts';
import { builder } from './builder.ts';
import { Change, ChangeFilter } from './change.ts';
import type { Context } from './context.ts';
import { queryOfItems } from './paging.ts';

/** The default number of changes on a page. */
const DEFAULT_SIZE = 50;
/** What the cursors of changes are made of. */
const PLACE = { position: true, digest: true } as const;

const ChangeConnection = builder.connectionObject({ type: Change, name: 'ChangeConnection' }, { name: 'ChangeEdge' });

interface ChangeArgs {
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
  readonly filter?: Filter | null | undefined;
}

builder.queryFields((t) => ({
  head: t.field({
    type: 'Cursor',
    description:
      'The newest position in the change log. It is read before the rest of the query, so a subscription after it misses no change.',
    resolve: (_root, _args, { head, changes }) => head ?? changes.head(),
  }),
  changes: t.field({
    type: ChangeConnection,
    description:
      'The changes in the change log that are kept: the oldest first, or with `last` or `before` the newest first. Either way `startCursor` is the position of the oldest on the page, for `before`, and `endCursor` that of the newest, for `after`, also of a subscription.',
    args: {
      after: t.arg({
        type: 'Cursor',
        description:
          'Only changes after this position. Null: from the oldest change that is kept. Error CURSOR_INVALID if the position is not in this log, CURSOR_EXPIRED if the changes after it are no longer kept.',
      }),
      before: t.arg({
        type: 'Cursor',
        description:
          'Only changes before the change at this position, the newest first. Null: no limit. Errors as for `after`.',
      }),
      filter: t.arg({ type: ChangeFilter, description: 'Selects changes.' }),
      first: t.arg.int({
        defaultValue: DEFAULT_SIZE,
        description:
          'The largest number of changes, 1 to 100. `last` replaces the default. Error BAD_USER_INPUT outside this range.',
      }),
      last: t.arg.int({
        description:
          'The largest number of changes, 1 to 100, counted from the newest, the newest first. Error BAD_USER_INPUT outside this range, or together with `first` or `after`.',
      }),
      since: t.arg({ type: 'DateTime', description: 'Only changes that were written at this instant or later.' }),
      until: t.arg({ type: 'DateTime', description: 'Only changes that were written before this instant.' }),
    },
    complexity: (args) => ({ field: 1, multiplier: sizeOf(args) }),
    resolve: (_root, args, context, info) => readChanges(args, context, info),
  }),
}));

function sizeOf({ first, last }: ChangeArgs): number {
  return last ?? first ?? DEFAULT_SIZE;
}

/** Whether the newest are read first. The default of `first` is there even if nobody sent it, so that number is taken as not sent. */
function isBackwards({ after, before, first, last }: ChangeArgs): boolean {
  const backwards = last != null || before != null;
  const problems = collectProblems();
  if (backwards && (after != null || (first != null && first !== DEFAULT_SIZE))) {
    problems.add(
      'INVALID_INPUT',
      last == null ? 'before' : 'last',
      'Page onwards with first and after, or backwards with last and before; not both.',
    );
  }
  problems.throwIfAny();
  return backwards;
}

async function readChanges(args: ChangeArgs, context: Context, info: GraphQLResolveInfo) {
  const { db, changes } = context;
  const { after, before, since = null, until = null, filter } = args;
  const backwards = isBackwards(args);
  const range = {
    after: after == null ? (await changes.state()).prunedThrough : (await changes.locate(after)).position,
    before: before == null ? null : (await changes.locate(before)).position,
    head: changes.position,
    since,
    until,
    filter: filter ?? {},
  };
  const selected = await queryOfItems(info, context, 'Change', PLACE);
  const page = await readChangePage(db, range, { size: sizeOf(args), backwards, selected });
  // Checked again: if the log was pruned or replaced in the meantime, the rows can be incomplete.
  for (const cursor of [after, before]) if (cursor != null) await changes.locate(cursor);
  const edges = page.rows.map((node: Row) => {
    const { position, digest } = node;
    return { cursor: encodeCursor({ log: changes.log, position, digest }), node };
  });
  const [oldest, newest] = backwards ? [edges.at(-1), edges[0]] : [edges[0], edges.at(-1)];
  // GraphQL calls a getter only if its field is asked for, and waits for a promise where a value is expected.
  const isAnyBehind = () => page.isAnyBehind() as unknown as boolean;
  return {
    edges,
    pageInfo: {
      startCursor: oldest?.cursor ?? null,
      endCursor: newest?.cursor ?? null,
      get hasNextPage() {
        return backwards ? isAnyBehind() : page.isMore;
      },
      get hasPreviousPage() {
        return backwards ? page.isMore : isAnyBehind();
      },
    },
    totalCount: page.totalCount,
  };
}
