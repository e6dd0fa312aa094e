import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';

/** For each row, the last row in the chain of revisions that begins with it: the row itself if it was never revised. */
export async function latestRevisions(
  db: Db,
  table: 'Figure' | 'Target',
  ids: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db.$queryRaw<{ start: number; id: number }[]>`
    /* latestRevisions */
    with recursive chain(start, id, step) as (
      select id, id, 0 from unnest(${[...ids]}::int[]) id
      union all
      select chain.start, next.id, chain.step + 1
        from chain
        join ${Prisma.raw(`"${table}"`)} next on next."revisesId" = chain.id
    )
    select distinct on (start) start, id from chain order by start, step desc`;
  return new Map(rows.map(({ start, id }) => [start, id]));
}
