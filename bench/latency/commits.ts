import type { PrismaClient } from '../../src/database/generated/client.ts';
import { now } from '../fanout/settings.ts';

/** How often the clocks are compared; the quickest answer counts, which tells within half its time. */
const COMPARISONS = 50;

/** When Postgres committed each value, on this machine's monotonic clock, in milliseconds. */
export async function readCommits(db: PrismaClient): Promise<ReadonlyMap<number, number>> {
  const offset = await compareClocks(db);
  const rows = await db.$queryRaw<{ value: number; at: number }[]>`
    /* readCommits */
    select f.value, (extract(epoch from pg_xact_commit_timestamp(c.xmin)) * 1000)::float8 as at
      from "Change" c
      join "Figure" f on f.id = c."aboutId"
     where c.kind = 'FIGURE'`;
  return new Map(rows.map(({ value, at }) => [Number(value), at - offset]));
}

/** How far the clock of Postgres is ahead of the monotonic one, in milliseconds. */
async function compareClocks(db: PrismaClient): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (let count = 0; count < COMPARISONS; count += 1) {
    const asked = now();
    const [row] = await db.$queryRaw<{ at: number }[]>`
      /* clock */
      select (extract(epoch from clock_timestamp()) * 1000)::float8 as at`;
    const took = now() - asked;
    if (took >= quickest || row === undefined) continue;
    quickest = took;
    offset = row.at - (asked + took / 2);
  }
  return offset;
}
