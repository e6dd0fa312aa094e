import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('602 days are 19 complete months and 23 days', async () => {
  expect(await elapsed('2024-03-28', '2025-11-20')).toEqual({
    ...{ months: 19, days: 23, totalDays: 602, totalDaysMin: 602, totalDaysMax: 602 },
    ...{ since: '2024-03-28', sinceWhat: 'FIRST_DELIVERY', stated: false },
  });
});

test.each([
  ['from the last day of a longer month, a month is over with the shorter one', '2025-01-31', '2025-02-28', [1, 0, 28]],
  ['so in a leap year with its 29th', '2024-01-31', '2024-02-29', [1, 0, 29]],
  ['a day before it is not', '2024-01-31', '2024-02-28', [0, 28, 28]],
  ['two months from January 31 end on March 31', '2025-01-31', '2025-03-30', [1, 30, 58]],
  ['a year from February 29 ends on February 28', '2024-02-29', '2025-02-28', [12, 0, 365]],
  ['four years from February 29 end on February 29', '2020-02-29', '2024-02-29', [48, 0, 1_461]],
  ['the same day is no time', '2024-03-28', '2024-03-28', [0, 0, 0]],
] as const)('%s', async (_name, from, to, [months, days, totalDays]) => {
  expect(await elapsed(from, to)).toMatchObject({ months, days, totalDays, stated: false });
});

test('a first delivery known only to the month gives a range of days and no exact number', async () => {
  expect(await elapsed('2022-03', '2026-01-13')).toEqual({
    ...{ months: null, days: null, totalDays: null, totalDaysMin: 1_384, totalDaysMax: 1_414 },
    ...{ since: '2022-03', sinceWhat: 'FIRST_DELIVERY', stated: false },
  });
});

test('complete months are given when every possible day gives the same number', async () => {
  expect(await elapsed('2022-03', '2026-01-31')).toMatchObject({ months: 46, days: null, totalDays: null });
  expect(await elapsed('2024', '2025-12-31')).toMatchObject({ months: null, totalDays: null });
});

test('a milestone known only to the month gives no exact number either', async () => {
  expect(await elapsed('2024-03-28', '2025-11')).toMatchObject({
    ...{ months: null, days: null, totalDays: null, totalDaysMin: 583, totalDaysMax: 612 },
  });
});

test('a stated length is used when the dates do not settle it, with the days that they allow', async () => {
  const statedElapsed = { value: 46, unit: 'months', from: 'FIRST_DELIVERY', qualifier: 'ABOUT' };
  expect(await elapsed('2022-03', '2026-01-13', { statedElapsed })).toEqual({
    ...{ months: 46, days: null, totalDays: null, totalDaysMin: 1_384, totalDaysMax: 1_414 },
    ...{ since: null, sinceWhat: 'FIRST_DELIVERY', stated: true },
  });
});

test('the days that the dates allow are left out beside a length with another starting point', async () => {
  const statedElapsed = { value: 602, unit: 'days', from: 'MODEL_LAUNCH' };
  expect(await elapsed('2024-04', '2025-11-20', { statedElapsed })).toMatchObject({
    ...{ totalDays: 602, totalDaysMin: null, totalDaysMax: null, sinceWhat: 'MODEL_LAUNCH', stated: true },
  });
});

test('the dates win over a stated length when they settle it', async () => {
  const statedElapsed = { value: 5, unit: 'years', from: 'NOT_STATED' };
  expect(await elapsed('2022-03-05', '2026-01-13', { statedElapsed })).toMatchObject({
    ...{ months: 46, days: 8, totalDays: 1_410, sinceWhat: 'FIRST_DELIVERY', stated: false },
  });
});

test('stated days and years are given in their unit and in months', async () => {
  const stated = (value: number, unit: string, from: string) =>
    elapsed(null, '2025-11-20', { statedElapsed: { value, unit, from } });
  expect(await stated(602, 'days', 'MODEL_LAUNCH')).toMatchObject({ months: null, totalDays: 602, stated: true });
  expect(await stated(11, 'years', 'FOUNDING')).toMatchObject({ months: 132, totalDays: null, sinceWhat: 'FOUNDING' });
});

test('nothing is given when neither dates nor sources say it', async () => {
  expect(await elapsed(null, '2025-11-20')).toBeNull();
  expect(await elapsed('2024-03-28', undefined)).toBeNull();
  // A first delivery after the milestone is a contradiction, not a negative length.
  expect(await elapsed('2026-03-28', '2025-11-20')).toBeNull();
});

test('a length with a named starting point wins over one without', async () => {
  const brand = await scenario.subject('BRAND');
  const sources = [await scenario.source(1), await scenario.source(4)];
  const claim = (statedElapsed: object, sourceId: unknown) =>
    scenario.announce(brand, { reachedOn: '2026-01-13', statedElapsed, sourceId });
  await claim({ value: 5, unit: 'years', from: 'NOT_STATED' }, sources[0]);
  const milestone = await claim({ value: 46, unit: 'months', from: 'FIRST_DELIVERY' }, sources[1]);
  expect(milestone.elapsed).toMatchObject({ months: 46, sinceWhat: 'FIRST_DELIVERY' });
});

test('milestones are ordered by how long they took, unknown lengths last', async () => {
  const slugs = [
    await reached('2024-01-01', '2025-11-20'),
    await reached('2022-03', '2026-01-13'),
    await reached(null, '2024-10-15', { statedElapsed: { value: 30, unit: 'months', from: 'FIRST_DELIVERY' } }),
    await reached(null, '2025-01-01'),
  ];
  const { milestones } = await scenario.api.ask<{ milestones: { nodes: { subject: { slug: string } }[] } }>(
    `query($subjects: [String!]!) {
      milestones(filter: { subjects: $subjects }, orderBy: ELAPSED_ASC) { nodes { subject { slug } } }
    }`,
    { subjects: slugs },
  );
  const order = milestones.nodes.map(({ subject }) => slugs.indexOf(subject.slug));
  expect(order).toEqual([0, 2, 1, 3]);
});

/** A brand that handed over its first vehicle on one date and its millionth on another. */
async function reached(firstDeliveryOn: string | null, reachedOn: string | undefined, fields = {}): Promise<string> {
  const brand = await scenario.subject('BRAND', { firstDeliveryOn });
  await scenario.announce(brand, { reachedOn, ...fields });
  return brand;
}

async function elapsed(firstDeliveryOn: string | null, reachedOn: string | undefined, fields = {}): Promise<unknown> {
  const [milestone] = await scenario.milestones(await reached(firstDeliveryOn, reachedOn, fields));
  return milestone?.elapsed;
}
