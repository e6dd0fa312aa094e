import { expect, test } from 'vitest';
import { amountOf, type Cited, citationOf } from '../../../src/domain/estimates/citation.ts';
import type { Observed } from '../../../src/domain/estimates/observation.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';

const STATED = { value: 5_000, lower: 5_000, upper: 5_000, qualifier: 'EXACT' as const };
const SOURCE = {
  publisher: 'Daily',
  title: 'Deliveries',
  publishedOn: '2026-01-01',
  attributedTo: null,
  stated: STATED,
};
const CITED: Cited = { subject: 'NIO', within: null, source: SOURCE, ground: '', last: null };

function observed(period: string, { value = 5_000, asOf = null as Date | null, metric = 'DELIVERIES' as const } = {}) {
  const bounds = { value, lower: value, upper: value, qualifier: 'EXACT' as const };
  return {
    ...bounds,
    place: { subjectId: 1, metric, withinId: null, asOf },
    period: present(parsePeriod(period)),
  } as Observed;
}

test.each([
  [{ value: 57_000, lower: 57_000, upper: 57_000, qualifier: 'EXACT' }, '57,000'],
  [{ value: 69.5, lower: 69.5, upper: 69.5, qualifier: 'EXACT' }, '69.5'],
  [{ value: 0, lower: 0, upper: 0, qualifier: 'EXACT' }, '0'],
  [{ value: 410_000, lower: 405_000, upper: 415_000, qualifier: 'ABOUT' }, 'about 410,000 (405,000 to 415,000)'],
  [{ value: 57_000, lower: 57_000, upper: null, qualifier: 'OVER' }, 'over 57,000'],
  [{ value: 57_000, lower: 57_200, upper: null, qualifier: 'OVER' }, 'over 57,000 (at least 57,200)'],
  [{ value: 300, lower: 0, upper: 300, qualifier: 'UNDER' }, 'under 300'],
  [{ value: 300, lower: 0, upper: 280, qualifier: 'UNDER' }, 'under 300 (at most 280)'],
  [{ value: 300, lower: 250, upper: 350, qualifier: 'BETWEEN' }, '300 (between 250 and 350)'],
  [{ value: null, lower: 250, upper: 350, qualifier: 'BETWEEN' }, 'between 250 and 350'],
  [{ value: null, lower: 90_812, upper: null, qualifier: 'OVER' }, 'at least 90,812'],
  [{ value: null, lower: null, upper: 300, qualifier: 'UNDER' }, 'at most 300'],
  [{ value: null, lower: null, upper: null, qualifier: null }, null],
] as const)('%j is %s', (known, amount) => {
  expect(amountOf(known)).toBe(amount);
});

test.each([
  ['2025-12', 'in 2025-12'],
  ['2025-Q4', 'in 2025-Q4'],
  ['2025-W10', 'in 2025-W10'],
  ['2026-01-13', 'on 2026-01-13'],
  ['2025-01/2025-09', 'from 2025-01 to 2025-09'],
  ['../2026-01-13', 'from the start to 2026-01-13'],
])('the period %s is cited as "%s"', (period, words) => {
  expect(citationOf(observed(period), CITED)).toBe(
    `NIO had 5,000 deliveries ${words}, according to Daily, "Deliveries", published on 2026-01-01.`,
  );
});

test('a citation names whom the source names, that its day is unknown, and as of when it was known', () => {
  const source = { ...SOURCE, publishedOn: null, attributedTo: 'Richard Yu' };
  const then = observed('2025-12', { asOf: new Date('2026-01-05T00:00:00Z') });
  expect(citationOf(then, { ...CITED, source })).toBe(
    'NIO had 5,000 deliveries in 2025-12, according to Richard Yu in Daily, "Deliveries", publication day unknown, as known at 2026-01-05T00:00:00Z.',
  );
});

test('a citation of what nobody states names what it follows from, and the last source of that', () => {
  const cited = { ...CITED, source: null, ground: 'the sum of 3 periods, 2025-10 to 2025-12', last: SOURCE };
  expect(citationOf(observed('2025-Q4'), cited)).toBe(
    'NIO had 5,000 deliveries in 2025-Q4, the sum of 3 periods, 2025-10 to 2025-12, last from Daily, "Deliveries", published on 2026-01-01.',
  );
});

test.each([
  [null, ''],
  [6_000, '; by other claims at most 6,000'],
] as const)('what a source says is cited as it says it, and what others leave of it up to %j', (upper, left) => {
  const known = {
    ...observed('2025-09'),
    lower: 5_000,
    upper,
    qualifier: upper === null ? 'OVER' : 'BETWEEN',
  } as Observed;
  const stated = { value: 5_000, lower: 5_000, upper: null, qualifier: 'OVER' as const };
  expect(citationOf(known, { ...CITED, source: { ...SOURCE, stated } })).toBe(
    `NIO had over 5,000 deliveries in 2025-09, according to Daily, "Deliveries", published on 2026-01-01${left}.`,
  );
});
