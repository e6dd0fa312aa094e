import type { Change, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { entriesMatching } from './change-filter.ts';
import { type ChangeRange, findPositions, isLong } from './change-positions.ts';

/** Entries of the log from one end of a range. */
export interface ChangePage {
  /** In the order of reading: the oldest first, or backwards the newest first. */
  readonly rows: readonly Change[];
  /** Whether there are more in the direction of reading. */
  readonly isMore: boolean;
  /** Whether there are others on the other side, outside of the positions of the range. */
  readonly isAnyBehind: () => Promise<boolean>;
  readonly totalCount: () => Promise<number>;
}

/** The part of the range that is read, and what is read of each entry, as Prisma takes it. */
interface Part {
  readonly size: number;
  readonly backwards: boolean;
  readonly selected: object;
}

/** Reads at most `size` entries of a range, from its start or from its end; throws BadInput for unknown slugs. */
export async function readChangePage(
  db: Db,
  { filter, ...range }: ChangeRange,
  { size, backwards, selected }: Part,
): Promise<ChangePage> {
  const { after, before, since, until } = range;
  const at = { ...(since === null ? {} : { gte: since }), ...(until === null ? {} : { lt: until }) };
  const { where: selecting, about } = await entriesMatching(db, filter);
  const matching: Prisma.ChangeWhereInput = { AND: [selecting, { at }] };
  const where = inRange(matching, { gt: after, ...(before === null ? {} : { lt: before }) });
  const isApart = about !== null && isLong(range);
  const found = isApart
    ? await findPositions(db, { range, about, metrics: filter.metrics }, size + 1, backwards)
    : null;
  const rows: readonly Change[] = await db.change.findMany({
    ...selected,
    where: found === null ? where : { position: { in: found } },
    orderBy: { position: backwards ? 'desc' : 'asc' },
    take: size + 1,
  });
  const behind = backwards ? (before === null ? null : { gte: before }) : { lte: after };
  const isMore = rows.length > size;
  return {
    rows: rows.slice(0, size),
    isMore,
    isAnyBehind: async () =>
      behind !== null &&
      (await db.change.findFirst({ where: inRange(matching, behind), select: { position: true } })) !== null,
    totalCount: async () => (isMore ? db.change.count({ where }) : rows.length),
  };
}

function inRange(matching: Prisma.ChangeWhereInput, position: Prisma.BigIntFilter): Prisma.ChangeWhereInput {
  return { AND: [{ position }, matching] };
}
