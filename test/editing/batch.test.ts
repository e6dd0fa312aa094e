import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Metric } from '../../src/database/generated/client.ts';
import { addDays } from '../../src/domain/calendar.ts';
import { verifyDerived } from '../../src/domain/verify.ts';
import { type Api, openApi } from '../support/api.ts';
import { statementsOf, writesTo } from '../support/statements.ts';
import { givenSource, USER_ERRORS, type UserError } from '../support/writes.ts';

const MOST_STATEMENTS = 40;
/** Each with a company of its own; the milestones of so many have more columns than a statement has parameters. */
const BRANDS = 160;
/** Up to five million: 10,000, 50,000, 100,000, 500,000 and each million. */
const CROSSED_BY_EACH = 9;
/** All that are counted in vehicles, but for the one that the makers' numbers are of. */
const VEHICLES: readonly Metric[] = ['DELIVERIES', 'PRODUCTION', 'SALES', 'WHOLESALE', 'RETAIL', 'EXPORTS'];

let api: Api;
let sources: readonly string[];

beforeAll(async () => {
  api = await openApi();
  sources = [await givenSource(api), await givenSource(api), await givenSource(api, { tier: 1 })];
  await givenMakers();
});

afterAll(() => api[Symbol.asyncDispose]());

test('a thousand figures of every kind take at most 40 statements, new ones and such as change what is kept', async () => {
  const inputs = Array.from({ length: 1_000 }, (_none, index) => mixed(index));
  const first = await statementsOf(() => recordAll(inputs));
  expect(first.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  expect(await api.db.figure.count()).toBe(1_000);
  // Half of them again, and another source's word about the others.
  const others = inputs.map((input, index) => (index % 2 === 0 ? input : { ...input, sourceId: sources[2] }));
  const second = await statementsOf(() => recordAll(others));
  expect(second.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  expect(writesTo('Observation', second)).toEqual(['update']);
  expect(await api.db.figure.count()).toBe(1_500);
  expect((await verifyDerived(api.db)).differences).toEqual([]);
});

test('many makers that pass nine numbers each take one statement for all the milestones', async () => {
  const toDate = (day: string, value: number) =>
    Array.from({ length: BRANDS }, (_none, index) => ({
      ...{ subject: `brand-${index}`, metric: 'REGISTRATIONS', period: `../${day}`, sourceId: sources[0] },
      ...{ value, acknowledgeOutlier: true },
    }));
  const known = await api.db.milestone.count();
  const made = await statementsOf(() => recordAll(toDate('2025-06-30', 5_000_001)));
  expect(writesTo('Milestone', made)).toEqual(['insert into']);
  expect(writesTo('Observation', made)).toEqual(['insert into']);
  expect(made.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  // A company and its only brand pass the same.
  const crossings = BRANDS * 2 * CROSSED_BY_EACH;
  expect((await api.db.milestone.count()) - known).toBe(crossings);
  // Earlier than was known: every milestone gets another window.
  const earlier = await statementsOf(() => recordAll(toDate('2025-05-31', 5_000_000)));
  expect(writesTo('Milestone', earlier)).toEqual(['update']);
  expect(earlier.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  expect((await verifyDerived(api.db)).differences).toEqual([]);
});

test('a company that a brand leaves takes one statement for all its milestones', async () => {
  const statements = await statementsOf(() =>
    api.ask(`mutation { updateSubject(slug: "brand-0", input: { parent: null }) { ${USER_ERRORS} } }`),
  );
  expect(writesTo('Milestone', statements)).toEqual(['update']);
  expect(statements.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  expect(
    await api.db.milestone.count({
      where: { subject: { slug: 'company-0' }, metric: 'REGISTRATIONS', status: 'WITHDRAWN' },
    }),
  ).toBe(CROSSED_BY_EACH);
});

test('a figure or a target that was revised many times is named as current by one statement', async () => {
  const { id } = await api.db.figure.findFirstOrThrow({ where: { metric: 'BATTERY_SWAPS' }, select: { id: true } });
  let last = btoa(`Figure:${id}`);
  const first = last;
  for (let value = 1; value <= 5; value += 1) last = await revise(last, value);
  const again = () =>
    api.ask<{ reviseFigure: { userErrors: readonly UserError[] } }>(
      `mutation { reviseFigure(id: "${first}", input: { value: 9, qualifier: EXACT, reason: "Late." }) { ${USER_ERRORS} } }`,
    );
  expect((await again()).reviseFigure.userErrors).toMatchObject([{ code: 'STALE_REVISION', didYouMean: [last] }]);
  const long = (await statementsOf(again)).length;
  const short = await statementsOf(() =>
    api.ask(
      `mutation { reviseFigure(id: "${last}", input: { value: 5, qualifier: EXACT, reason: "Same." }) { ${USER_ERRORS} } }`,
    ),
  );
  expect(long).toBeLessThanOrEqual(short.length + 1);
});

/** Brands with a company of their own each, past the API, which takes one at a time. */
async function givenMakers(): Promise<void> {
  const numbers = Array.from({ length: BRANDS }, (_none, index) => index);
  const companies = await api.db.subject.createManyAndReturn({
    data: numbers.map((index) => ({ kind: 'COMPANY', slug: `company-${index}`, name: `Company ${index}` })),
  });
  await api.db.subject.createMany({
    data: numbers.map((index) => ({
      kind: 'BRAND',
      slug: `brand-${index}`,
      name: `Brand ${index}`,
      parentId: companies[index]?.id ?? null,
    })),
  });
  await api.db.subject.create({ data: { kind: 'MARKET', slug: 'market', name: 'Market' } });
}

/** One of many figures of which hardly two are alike: by metric, length of the period, source and how it is known. */
function mixed(index: number): Readonly<Record<string, unknown>> {
  const subject = `${index % 3 === 0 ? 'company' : 'brand'}-${index % 151}`;
  const day = addDays('2024-01-01', index % 360);
  const common = { subject, sourceId: sources[index % 2], acknowledgeOutlier: true };
  if (index % 10 === 8)
    return { ...common, metric: 'MARKET_SHARE', within: 'market', period: day, value: index % 90, qualifier: 'EXACT' };
  if (index % 10 === 9)
    return { ...common, metric: 'BATTERY_SWAPS', period: `../${day}`, value: 1_000 + index, qualifier: 'OVER' };
  const periods = [day, `../${day}`, day.slice(0, 7), `../${day}`, day.slice(0, 4)];
  const metric = VEHICLES[index % VEHICLES.length];
  return { ...common, metric, period: periods[index % 5], value: 9_000 + index * 100, qualifier: 'EXACT' };
}

async function recordAll(inputs: readonly object[]): Promise<void> {
  const { payload } = await api.ask<{ payload: { userErrors: readonly UserError[] } }>(
    `mutation ($inputs: [FigureInput!]!) { payload: recordFigures(inputs: $inputs) { figures { id } cursor ${USER_ERRORS} } }`,
    { inputs },
  );
  expect(payload.userErrors.slice(0, 3)).toEqual([]);
}

async function revise(id: string, value: number): Promise<string> {
  const { reviseFigure } = await api.ask<{ reviseFigure: { figure: { id: string }; userErrors: unknown[] } }>(
    `mutation { reviseFigure(id: "${id}", input: { value: ${value}, qualifier: EXACT, reason: "Restated." }) { figure { id } ${USER_ERRORS} } }`,
  );
  expect(reviseFigure.userErrors).toEqual([]);
  return reviseFigure.figure.id;
}
