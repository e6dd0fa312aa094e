import { expect, test } from 'vitest';
import { contradictionsAmong } from '../../../src/domain/estimates/contradictions.ts';
import { groundsOf } from '../../../src/domain/estimates/grounds.ts';
import { observationOf } from '../../../src/domain/estimates/observation.ts';
import type { SpanClaim } from '../../../src/domain/estimates/weighing.ts';
import { boundsOf } from '../../../src/domain/values/interval.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { claimOn, historyOf } from '../../support/histories.ts';

const MONTH = '2025-01';
const SAME = { publisher: { slug: 'same-pub', name: 'Same Pub' }, origin: 'same-pub' };

function explained(claims: readonly SpanClaim[], period = MONTH): string | undefined {
  return observationOf(historyOf(claims), present(parsePeriod(period)))?.resolution;
}

/** A claim about the month that is not exact. */
function vague(id: number, qualifier: 'OVER' | 'UNDER', value: number): SpanClaim {
  return claimOn(id, MONTH, value, { qualifier, bounds: boundsOf(qualifier, value) });
}

function between(id: number, lower: number | null, upper: number | null, value: number | null = null): SpanClaim {
  return { ...claimOn(id, MONTH, 0), value, qualifier: 'BETWEEN', bounds: { lower, upper } };
}

test('two values of different publishers are told apart by these', () => {
  expect(explained([claimOn(1, MONTH, 1_010), claimOn(2, MONTH, 1_041)])).toBe(
    'No evidence decides between Publisher 1 and Publisher 2.',
  );
});

test('two values of the same publisher are told apart by themselves', () => {
  expect(explained([claimOn(1, MONTH, 1_010, SAME), claimOn(2, MONTH, 1_041, SAME)])).toBe(
    'No evidence decides between 1,010 and 1,041, both by Same Pub.',
  );
  expect(
    explained([claimOn(1, MONTH, 1_010, SAME), claimOn(2, MONTH, 1_041, SAME), claimOn(3, MONTH, 1_099, SAME)]),
  ).toBe('No evidence decides between 1,010, 1,041 and 1,099, all by Same Pub.');
  expect(
    explained([
      claimOn(1, MONTH, 1_010, { ...SAME, publishedOn: 20_150 }),
      claimOn(2, MONTH, 1_041, { ...SAME, publishedOn: 20_130 }),
    ]),
  ).toBe('No evidence decides; 1,041 was published closer to the end of the period than 1,010.');
});

test('what one publisher says twice, and others once, is told apart by the values too', () => {
  const claims = [claimOn(1, MONTH, 1_010, SAME), claimOn(2, MONTH, 1_041, SAME), claimOn(3, MONTH, 1_041)];
  expect(explained(claims)).toBe('More independent origins (2) state 1,041 than 1,010.');
  const others = [claimOn(4, '2025-02', 2_000), claimOn(5, '2025-01/2025-02', 3_010)];
  expect(explained([...claims, ...others])).toBe('1,010 fits other periods and parts, and 1,041 does not.');
});

test('a lower tier ranks before a higher one', () => {
  expect(
    explained([
      claimOn(1, MONTH, 1_010, { tier: 1 }),
      claimOn(2, MONTH, 1_041, { tier: 3 }),
      claimOn(3, MONTH, 1_099, { tier: 4 }),
    ]),
  ).toBe('Publisher 1 (tier 1) ranks before Publisher 2 (tier 3) and Publisher 3 (tier 4).');
});

test('where other periods decide against all claims, these state something else', () => {
  const months = [claimOn(1, '2025-01', 1_010), claimOn(2, '2025-02', 1_011), claimOn(3, '2025-03', 1_012)];
  expect(explained([...months, claimOn(4, '2025-Q1', 3_041)], '2025-Q1')).toBe(
    'Other periods and parts decide; Publisher 4 states something else.',
  );
  const quarters = [claimOn(4, '2025-Q1', 3_041), claimOn(5, '2025-Q1', 3_099)];
  expect(explained([...months, ...quarters], '2025-Q1')).toBe(
    'Other periods and parts decide; Publisher 4 and Publisher 5 state something else.',
  );
});

test.each([
  [vague(1, 'OVER', 5_000), 'over 5,000'],
  [between(1, null, 5_000), 'at most 5,000'],
  [between(1, 5_000, null), 'at least 5,000'],
  [between(1, 5_000, 6_000), '5,000 to 6,000'],
  [between(1, 5_000, 6_000, 5_500), '5,000 to 6,000'],
])('a contradiction names what is stated: %#', (claim, text) => {
  const value = claim.bounds.lower === null ? 7_001 : 4_001;
  const [found] = contradictionsAmong([historyOf([claim, claimOn(2, MONTH, value, { tier: 1 })])]);
  expect(found?.explanation).toContain(`Publisher 1 says ${text}`);
});

test('less than is named as such, and a value to date is named with its period', () => {
  const [found] = contradictionsAmong([historyOf([vague(1, 'UNDER', 5_000), claimOn(2, MONTH, 7_001, { tier: 1 })])]);
  expect(found?.explanation).toMatch(/^Of 2025-01, Publisher 1 says under 5,000 and Publisher 2 says 7,001\./);
});

test('grounds say what an observation follows from, and how far', () => {
  const grounds = (claims: readonly SpanClaim[], period: string) =>
    groundsOf(historyOf(claims), present(parsePeriod(period))).explanation;
  const claims = [claimOn(1, '2025-Q1', 3_010), claimOn(2, '2025-01', 1_010)];
  expect(grounds(claims, '2025-02')).toBe(
    'Follows from 2025-01 and 2025-Q1. It lies between its bounds. Not known: 2025-02.',
  );
});
