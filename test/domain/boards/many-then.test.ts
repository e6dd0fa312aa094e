import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { BoardHistories } from '../../../src/domain/boards/histories.ts';
import { readLeaderboard } from '../../../src/domain/boards/leaderboard.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { openTestDatabase } from '../../support/database.ts';
import { heldMemory } from '../../support/memory.ts';

const BRANDS = 240;
const MONTHS = 60;
/** The figures that are worked out at a time, in brands. Those of one time may still be held while the next are read. */
const AT_ONCE = Math.floor(5_000 / MONTHS);
const SCOPE = { metrics: ['DELIVERIES'] as const, kinds: ['BRAND'] as const, withinId: null };
const THEN = new Date('2100-01-01T00:00:00Z');

test('a board of many subjects as known then holds the histories of a few at a time, and ranks all', async () => {
  await using opened = await openTestDatabase();
  const db = opened.database.client;
  await fill(db);
  const histories = new BoardHistories(db, SCOPE, THEN);
  const seen: WeakRef<object>[] = [];
  let mostHeld = 0;
  for await (const history of histories.of(SCOPE.kinds)) {
    seen.push(new WeakRef(history));
    if (seen.length % 40 > 0) continue;
    // What a reference was made of is kept until the turn is over.
    await nextTurn();
    heldMemory();
    mostHeld = Math.max(mostHeld, seen.filter((one) => one.deref() !== undefined).length);
  }
  expect(seen.length).toBe(BRANDS);
  expect(mostHeld).toBeLessThanOrEqual(2 * AT_ONCE);

  const period = present(parsePeriod('2024-12'));
  const board = { ...SCOPE, withoutParts: false, first: BRANDS };
  const then = await readLeaderboard(db, { ...board, period: null, asOf: THEN });
  expect(then.period).toEqual(period);
  expect(then.entries.map(({ rank, subjectId, observation }) => [rank, subjectId, observation.value])).toEqual(
    Array.from({ length: BRANDS }, (_, index) => [index + 1, BRANDS - index, (BRANDS - index) * 100 + MONTHS]),
  );
});

/** Brand 7 has 701 deliveries in its first month, 702 in the next, and so on until December 2024. */
async function fill(db: PrismaClient): Promise<void> {
  await db.$executeRaw`insert into "Publisher" (id, slug, name, tier) values (1, 'maker', 'Maker', 1)`;
  await db.$executeRaw`insert into "Source" (id, title, identity, "publisherId", "publishedOn") values (1, 'Months', 'months', 1, '2025-01-01')`;
  await db.$executeRaw`
    insert into "Subject" (id, kind, slug, name)
    select id, 'BRAND', 'brand-' || id, 'Brand ' || id from generate_series(1, ${BRANDS}::int) id`;
  await db.$executeRaw`
    insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, qualifier, "sourceId", "knownFrom")
    select s.id, 'DELIVERIES', to_char(day, 'YYYY-MM'), day, day + interval '1 month' - interval '1 day', s.id * 100 + month, 'EXACT', 1, '2025-01-01'
      from "Subject" s
     cross join generate_series(1, ${MONTHS}::int) month
     cross join lateral (select date '2020-01-01' - interval '1 month' + month * interval '1 month') first(day)`;
}
