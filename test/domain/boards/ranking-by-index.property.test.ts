import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient, SubjectKind } from '../../../src/database/generated/client.ts';
import { ALL, type Asked, type RankedApart } from '../../../src/domain/boards/ranked-apart.ts';
import { type RankedRow, type RankingRequest, rankPeriod } from '../../../src/domain/boards/ranking.ts';
import { isByIndex, rankByIndex } from '../../../src/domain/boards/ranking-by-index.ts';
import { slotKey } from '../../../src/domain/claims/slot.ts';
import { parsePeriod, previousPeriod, yearAgo } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

const SUBJECTS = 12;
const PERIOD = present(parsePeriod('2025-12'));
const BEFORE = present(previousPeriod(PERIOD));
const YEAR_BEFORE = present(yearAgo(PERIOD));
const PERIODS = [PERIOD, BEFORE, YEAR_BEFORE];
const ASKED: Asked = { ...ALL, bounds: false, missing: false };
const RUNS = { numRuns: 15 };

/** What is kept of a subject in a period; null: nothing. */
type Kept = {
  readonly value: number | null;
  readonly lower: number | null;
  readonly isClaimed: boolean;
  readonly isAnotherName: boolean;
} | null;

/** Few different ones, so that many are equal. */
const anySize = fc.nat(6);
const anyKept: fc.Arbitrary<Kept> = fc.option(
  fc
    .record({
      shape: fc.constantFrom('value', 'value', 'value', 'lower', 'nothing'),
      size: anySize,
      isClaimed: fc.boolean(),
      isAnotherName: fc.nat(7).map((one) => one === 0),
    })
    .map(({ shape, size, isClaimed, isAnotherName }) => ({
      value: shape === 'value' ? size : null,
      lower: shape === 'nothing' ? null : size,
      ...{ isClaimed, isAnotherName },
    })),
  { freq: 5 },
);
const anyBoard = fc.array(fc.tuple(anyKept, anyKept, anyKept), { minLength: SUBJECTS, maxLength: SUBJECTS });

let place: TestDatabase;
let db: PrismaClient;
/** Brands, and as many companies. */
let ids: readonly number[];
beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  const kinds: readonly SubjectKind[] = ['BRAND', 'COMPANY'];
  const rows = kinds.flatMap((kind) =>
    Array.from({ length: SUBJECTS }, (_, index) => ({ kind, slug: `${kind}-${index}`, name: `${kind} ${index}` })),
  );
  ids = (await db.subject.createManyAndReturn({ data: rows })).map(({ id }) => id);
});
afterAll(() => place[Symbol.asyncDispose]());

test('the ranks in the order of an index are those of the long ranking', async () => {
  let [compared, moved, equal] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(
      anyBoard,
      anyBoard,
      fc.integer({ min: 1, max: 2 * SUBJECTS }),
      async (brands, companies, first) => {
        await keep([...brands, ...companies]);
        for (const kinds of [['BRAND'], ['COMPANY']] as const)
          for (const withoutParts of [false, true]) {
            const request = requestOf(kinds, withoutParts, first);
            expect(isByIndex(request, ASKED)).toBe(true);
            const long = await rankPeriod(db, request, null);
            const short = present(await rankByIndex(db, request, ASKED));
            expect(short.rows.map(withoutBounds)).toEqual(long.map(withoutBounds));
            expect(placesOf(short)).toEqual(long.map(({ subjectId, metric }) => [subjectId, metric, PERIOD.text]));
            compared += long.length;
            moved += long.filter(({ rank, previousRank }) => previousRank !== null && previousRank !== rank).length;
            equal += long.length - new Set(long.map(({ rank }) => rank)).size;
          }
      },
    ),
    RUNS,
  );
  expect(compared).toBeGreaterThan(100);
  expect(moved).toBeGreaterThan(20);
  expect(equal).toBeGreaterThan(20);
});

test('what is not asked for is left out, and a period without one before has no earlier ranks', async () => {
  await keep(
    ids.map((_, index) => Array(3).fill({ value: index, lower: index, isClaimed: true, isAnotherName: false })),
  );
  const request = requestOf(['BRAND'], false, 3);
  const few = await rankByIndex(db, request, { ...ASKED, parts: false, previousRank: false, yearAgoRank: false });
  expect(few?.rows).toMatchObject([11, 10, 9].map((size, index) => ({ size, rank: index + 1, previousRank: null })));
  expect(few?.rows.map(({ total, yearAgoRank }) => [total, yearAgoRank])).toEqual(Array(3).fill([0, null]));
  const alone = await rankByIndex(db, { ...request, before: null }, ASKED);
  expect(alone?.rows.map(({ total, previousRank, yearAgoRank }) => [total, previousRank, yearAgoRank])).toEqual(
    [1, 2, 3].map((yearAgoRank) => [66, null, yearAgoRank]),
  );
});

test('a part of another one is noticed where it matters, also if it was created before its whole', async () => {
  await keep(
    ids.map((_, index) => [{ value: index, lower: index, isClaimed: true, isAnotherName: false }, null, null]),
  );
  const request = requestOf(['BRAND'], false, 3);
  const [part, other] = [present(ids[0]), present(ids[1])];
  await db.subject.update({ where: { id: part }, data: { parentId: present(ids[SUBJECTS]) } });
  expect(await rankByIndex(db, request, ASKED)).not.toBeNull();
  await db.subject.update({ where: { id: part }, data: { parentId: other } });
  expect(await rankByIndex(db, request, ASKED)).toBeNull();
  expect((await rankByIndex(db, request, { ...ASKED, parts: false }))?.rows).toHaveLength(3);
  expect(await rankByIndex(db, { ...request, period: BEFORE }, ASKED)).not.toBeNull();
  await db.subject.update({ where: { id: part }, data: { parentId: null } });
  expect(await rankByIndex(db, request, ASKED)).not.toBeNull();
});

test('boards that depend on more than their order are ranked in another way', () => {
  const request = requestOf(['BRAND'], true, 20);
  expect(isByIndex(request, ASKED)).toBe(true);
  expect(isByIndex(request, { ...ASKED, bounds: true })).toBe(false);
  expect(isByIndex({ ...request, asksWhoIsMissing: true }, ASKED)).toBe(false);
  expect(isByIndex({ ...request, metrics: ['DELIVERIES', 'SALES'] }, ASKED)).toBe(false);
  expect(isByIndex({ ...request, kinds: ['BRAND', 'MODEL'] }, ASKED)).toBe(false);
  expect(isByIndex({ ...request, withinId: 1 }, ASKED)).toBe(false);
});

function requestOf(kinds: readonly SubjectKind[], withoutParts: boolean, first: number): RankingRequest {
  const periods = { period: PERIOD, before: BEFORE, yearBefore: YEAR_BEFORE };
  return { ...periods, metrics: ['DELIVERIES'], kinds, withinId: null, withoutParts, first, asksWhoIsMissing: false };
}

/** Keeps what is known of all subjects, in the order of their ids and of the periods, and nothing else. */
async function keep(boards: readonly (readonly Kept[])[]): Promise<void> {
  const rows = boards.flatMap((known, subject) =>
    PERIODS.flatMap(({ text, kind, start, end }, index) => {
      const kept = known[index];
      const subjectId = present(ids[subject]);
      const slot = slotKey({ subjectId, metric: 'DELIVERIES', period: text, withinId: null });
      return kept == null ? [] : [{ ...kept, subjectId, slot, text, kind, start, end }];
    }),
  );
  await db.$executeRaw`/* clear */ delete from "Observation"`;
  await db.$executeRaw`
    /* keep */
    insert into "Observation" (slot, "subjectId", metric, period, kind, "periodStart", "periodEnd", value, lower, qualifier, method, agreement,
           "decidedBy", origins, resolution, "isAnotherName")
    select slot, "subjectId", 'DELIVERIES', text, kind::"PeriodKind", start, "end", value, lower, 'EXACT', 'ASSERTED', 'SOLE',
           case when "isClaimed" then 'ONLY'::"Evidence" end, 1, '', "isAnotherName"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(
             slot text, "subjectId" int, text text, kind text, start date, "end" date, value float8, lower float8, "isClaimed" boolean,
             "isAnotherName" boolean)`;
}

function withoutBounds({ rankLower: _lower, rankUpper: _upper, listedIds: _, ...row }: RankedRow) {
  return row;
}

function placesOf({ observed }: RankedApart): readonly unknown[] {
  return [...observed].map(([id, { place, period }]) => [id, place.metric, period.text]);
}
