import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKnown } from '../../../src/domain/claims/near-claims.ts';
import { nearAmong } from '../../../src/domain/claims/near-recorded.ts';
import { slotKey } from '../../../src/domain/claims/slot.ts';
import type { Stated } from '../../../src/domain/claims/stated.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import { readRecorded } from '../../../src/domain/estimates/recorded.ts';
import { addDays, dayNumber } from '../../../src/domain/values/calendar.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

const METRICS = ['DELIVERIES', 'CHARGING_STATIONS'] as const;

let place: TestDatabase;
let sourceId = 0;

beforeAll(async () => {
  place = await openTestDatabase();
  const { client } = place.database;
  const publisher = await client.publisher.create({ data: { slug: 'press', name: 'Press', tier: 3 } });
  const source = { publisherId: publisher.id, title: 'Figures', identity: 'figures' };
  sourceId = (await client.source.create({ data: source })).id;
});

afterAll(() => place[Symbol.asyncDispose]());

/** Months, quarters, years and totals to date of seven years, so that many are far from each other. */
const period = fc
  .tuple(fc.integer({ min: 0, max: 80 }), fc.constantFrom('MONTH', 'MONTH', 'QUARTER', 'YEAR', 'TO_DATE', 'TO_DATE'))
  .map(([month, kind]) => {
    const day = addDays('2010-01-15', month * 30);
    if (kind === 'MONTH') return day.slice(0, 7);
    if (kind === 'QUARTER') return `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    return kind === 'YEAR' ? day.slice(0, 4) : `../${day.slice(0, 7)}-28`;
  });
const claim = fc.record({
  metric: fc.constantFrom(...METRICS, 'DELIVERIES' as const),
  period,
  stated: fc.constantFrom<readonly (number | null)[]>(
    ...[
      [5, 5, 5],
      [7, 7, 7],
      [0, 0, 0],
      [null, 3, null],
      [null, null, 9],
      [null, 2, 8],
      [null, null, null],
    ],
  ),
  rank: fc.constantFrom('NORMAL', 'NORMAL', 'NORMAL', 'PREFERRED', 'DEPRECATED'),
  isCurrent: fc.constantFrom(true, true, true, false),
});
const questioned = fc.record({ metric: fc.constantFrom(...METRICS), period });

test('what is near a value among all claims is what the database finds', async () => {
  const { client } = place.database;
  let brands = 0;
  let found = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(claim, { minLength: 10, maxLength: 60, size: 'max' }),
      fc.array(questioned, { minLength: 1, maxLength: 4 }),
      async (claims, questions) => {
        brands += 1;
        const slug = `brand-${brands}`;
        await createSubject(client, { kind: 'BRAND', slug, name: slug, parent: null });
        const { id: subjectId } = await client.subject.findUniqueOrThrow({ where: { slug } });
        await client.figure.createMany({
          data: claims.map(({ stated: [value, lower, upper], isCurrent, ...rest }, index) => ({
            ...{ ...rest, subjectId, sourceId, value, lower, upper, qualifier: 'EXACT', knownFrom: new Date() },
            ...daysOf(rest.period),
            claimKey: isCurrent ? `${slug}-${index}` : null,
          })) as never,
        });
        const slots = questions.map(({ metric, period: text }) => {
          const { periodStart, periodEnd } = daysOf(text);
          const start = periodStart === null ? null : dayNumber(periodStart.toISOString().slice(0, 10));
          return { subjectId, metric, period: text, start, end: dayNumber(periodEnd.toISOString().slice(0, 10)) };
        });
        const expected = (await readKnown(client, slots, [])).recorded;
        const recorded = await readRecorded(client, [subjectId], { metrics: METRICS, markets: null, asOf: null });
        expect(inOrder(nearAmong(recorded.claims, slots))).toEqual(inOrder(expected));
        found += expected.length;
      },
    ),
    { numRuns: 40 },
  );
  expect(found).toBeGreaterThan(30);
});

function daysOf(text: string): { readonly periodStart: Date | null; readonly periodEnd: Date } {
  const { start, end } = present(parsePeriod(text));
  return { periodStart: start === null ? null : new Date(start), periodEnd: new Date(end) };
}

function inOrder(all: readonly Stated[]): readonly Stated[] {
  return [...all].sort((a, b) => (slotKey(a) < slotKey(b) ? -1 : 1));
}
