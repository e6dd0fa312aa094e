import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';

/** The last row in the chain of revisions that begins with a row; the row itself if it was never revised. */
export async function latestRevision(db: Db, table: 'Figure' | 'Target', id: number): Promise<number> {
  const [latest] = await db.$queryRaw<{ id: number }[]>`
    /* latestRevision */
    with recursive chain(id, step) as (
      select ${id}::int, 0
      union all
      select next.id, chain.step + 1 from chain join ${Prisma.raw(`"${table}"`)} next on next."revisesId" = chain.id
    )
    select id from chain order by step desc limit 1`;
  return latest?.id ?? id;
}
