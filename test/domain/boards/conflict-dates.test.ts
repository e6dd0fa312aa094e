import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays, daysBetween } from '../../../src/domain/values/calendar.ts';
import { theOne, told } from '../../support/articles.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

// Rows B of conflicts.test.ts: arithmetic with dates.

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

test("B1: Li Auto's 58 months fit a first delivery in December 2019, and the year fits the day", async () => {
  const made = await units('li-auto', 'PRODUCTION', 1_000_000);
  expect(made).toMatchObject({ reachedOn: '2024-10-15', agreement: 'AGREES' });
  expect(made.claims.map(({ on }) => on)).toEqual(['2024-10-15', '2024']);
  expect(made.elapsed).toMatchObject({ months: 58, sinceWhat: 'FIRST_DELIVERY', stated: true });
  // The days from any day of December 2019.
  expect(made.elapsed).toMatchObject({ totalDaysMin: 1_750, totalDaysMax: 1_780 });
});

test("B2: HIMA's 43 months have no stated starting point", async () => {
  const made = await units('hima', 'DELIVERIES', 1_000_000);
  expect(made).toMatchObject({ reachedOn: '2025-10-28', elapsed: { months: 43, sinceWhat: 'NOT_STATED' } });
});

test("B3: Leapmotor's 343 days are those between its marks, the first of which was computed", async () => {
  const half = await units('leapmotor', 'PRODUCTION', 500_000);
  const whole = await units('leapmotor', 'PRODUCTION', 1_000_000);
  expect(half.claims.map(({ note }) => note)).toContainEqual(expect.stringMatching(/^worked out:/));
  expect(half.claims).toContainEqual(
    expect.objectContaining({ on: null, statedElapsed: { value: 5, unit: 'years', from: 'NOT_STATED' } }),
  );
  expect(addDays(half.reachedOn as string, 343)).toBe(whole.reachedOn);
  expect(whole.elapsed).toMatchObject({ totalDays: 343, sinceWhat: 'PREVIOUS_MILESTONE', stated: true });
});

test("B4: Xiaomi's 602 days, under 20 months and 20 months are one claim, and the days are given", async () => {
  const made = await units('xiaomi-auto', 'PRODUCTION', 500_000);
  const launch = await theOne(scenario, { subjects: ['xiaomi-su7'], kinds: ['LAUNCH'] });
  expect(made).toMatchObject({ reachedOn: '2025-11-20', agreement: 'AGREES' });
  expect(addDays(launch.reachedOn as string, 602)).toBe(made.reachedOn);
  expect(made.claims.map(({ on, statedElapsed }) => [on, statedElapsed?.value, statedElapsed?.from]).sort()).toEqual([
    ['2025-11', 20, 'MODEL_LAUNCH'],
    ['2025-11', 20, 'NOT_STATED'],
    ['2025-11', 602, 'MODEL_LAUNCH'],
    ['2025-11-20', 602, 'MODEL_LAUNCH'],
  ]);
  // The first delivery is known to the day, six days after the launch.
  expect(made.elapsed).toMatchObject({ sinceWhat: 'FIRST_DELIVERY', stated: false });
  expect(made.elapsed).toMatchObject({ months: 19, totalDays: 596 });
});

test("B5: NIO's nearly 11 years are counted from its founding, from which no day is derived; from the first delivery it took 91 months", async () => {
  const made = await units('nio-inc', 'PRODUCTION', 1_000_000);
  expect(made.claims.map(({ statedElapsed }) => statedElapsed)).toContainEqual(
    expect.objectContaining({ value: 11, unit: 'years', from: 'FOUNDING' }),
  );
  expect(made.elapsed).toMatchObject({ sinceWhat: 'FIRST_DELIVERY', stated: false });
  expect(made.elapsed).toMatchObject({ months: 91, totalDays: 2_777 });
  const { brand } = await scenario.api.ask<{ brand: unknown }>('{ brand(slug: "nio") { foundedOn } }');
  expect(brand).toEqual({ foundedOn: null });
});

test('B6: each length names its starting point, so that different ones can be told apart', async () => {
  const made = await told(scenario, { kinds: ['UNITS'], threshold: 1_000_000, statuses: ['ANNOUNCED', 'CONFIRMED'] });
  expect(Object.fromEntries(made.map(({ subject, elapsed }) => [subject.slug, elapsed?.sinceWhat ?? null]))).toEqual({
    ...{ aito: 'FIRST_DELIVERY', 'li-auto': 'FIRST_DELIVERY', leapmotor: 'PREVIOUS_MILESTONE' },
    ...{ hima: 'NOT_STATED', 'nio-inc': 'FIRST_DELIVERY', xpeng: 'FIRST_DELIVERY' },
  });
});

test("B7: Xiaomi's million in 2026 is expected by its author, and neither announced nor detected", async () => {
  const made = await units('xiaomi-auto', 'DELIVERIES', 1_000_000);
  expect(made).toMatchObject({ status: 'EXPECTED', reachedOn: '2026', claims: [{ expected: true }] });
  expect(made.claims[0]?.note).toMatch(/^The author's forecast/);
});

test("B8: Xiaomi's parts of 2025 are lower bounds that leave room for about 410,000", async () => {
  expect(await scenario.observe('xiaomi-auto', '2025-01/2025-10')).toMatchObject({
    // Over 260,000 in nine months and over 40,000 in October; at most all of the year.
    ...{ value: 300_000, lower: 300_000, upper: 415_000, qualifier: 'BETWEEN', method: 'DERIVED' },
  });
  // At most what October leaves of the year.
  expect(await scenario.observe('xiaomi-auto', '2025-Q3')).toMatchObject({
    ...{ value: 100_000, lower: 100_000, upper: 375_000, method: 'ASSERTED' },
  });
  expect(await scenario.observe('xiaomi-auto', '2025')).toMatchObject({
    lower: 405_000,
    upper: 415_000,
    agreement: 'SOLE',
  });
  // Sales are another metric, although their sum lies within.
  expect(await scenario.observe('xiaomi-auto', '2025', { metric: 'SALES' })).toMatchObject({ value: 411_837 });
});

test("B9: AITO's second million needs about 41,667 vehicles a month", async () => {
  const goals = await targets('aito');
  expect(goals).toHaveLength(1);
  for (const { progress } of goals) {
    expect(progress).toMatchObject({ verdict: 'NO_DATA', remaining: 1_000_000 });
    expect(Math.abs(progress.requiredPerMonth - 41_667)).toBeLessThan(100);
  }
});

test("B10: the M9's and M7's deliveries leave at most 330,000 of AITO's million, and their ranks are claims", async () => {
  expect(await scenario.toDate('aito-m9', '2026-01-13')).toMatchObject({ value: 270_000, agreement: 'SOLE' });
  expect(await scenario.toDate('aito-m7', '2026-01-13')).toMatchObject({ lower: 400_000, upper: null });
  const m9 = await theOne(scenario, { subjects: ['aito-m9'], kinds: ['RANKING'] });
  expect(m9.claims.map(({ statedElapsed }) => statedElapsed?.value ?? null)).toEqual([21, null]);
  const m8 = await theOne(scenario, { subjects: ['aito-m8'], kinds: ['RANKING'] });
  expect(m8.claims.map(({ statedElapsed }) => statedElapsed?.value)).toEqual([6, 6]);
  const share = { metric: 'MARKET_SHARE', within: 'class-500k' };
  expect(await scenario.observe('aito-m9', '2026-01-13', share)).toMatchObject({ value: 70, agreement: 'SOLE' });
});

test('B11: the 270,000th M9 was delivered, the millionth AITO made: two milestones of one day', async () => {
  expect(await units('aito-m9', 'DELIVERIES', 270_000)).toMatchObject({ status: 'CONFIRMED', reachedOn: '2026-01-13' });
  expect(await units('aito', 'PRODUCTION', 1_000_000)).toMatchObject({ status: 'ANNOUNCED', reachedOn: '2026-01-13' });
});

test("B13: a week lies between NIO's and AITO's million", async () => {
  const [nio, aito] = [await units('nio-inc', 'PRODUCTION', 1_000_000), await units('aito', 'PRODUCTION', 1_000_000)];
  expect(daysBetween(nio.reachedOn as string, aito.reachedOn as string)).toBe(7);
});

function units(subject: string, metric: string, threshold: number) {
  return theOne(scenario, { subjects: [subject], kinds: ['UNITS'], metrics: [metric], threshold });
}

async function targets(subject: string) {
  type Row = { progress: { requiredPerMonth: number } };
  const answer = await scenario.api.ask<{ targets: { nodes: readonly Row[] } }>(
    'query($s: [String!]) { targets(subjects: $s) { nodes { progress { verdict remaining requiredPerMonth } } } }',
    { s: [subject] },
  );
  return answer.targets.nodes;
}
