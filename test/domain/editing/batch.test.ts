import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Metric } from '../../../src/database/generated/client.ts';
import { addDays } from '../../../src/domain/values/calendar.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { type Api, openApi } from '../../support/api.ts';
import { statementsOf, writesTo } from '../../support/statements.ts';
import { givenSource, USER_ERRORS, type UserError } from '../../support/writes.ts';

/** The embedded database begins and commits without statements. */
const TRANSACTION = inject('backend') === 'postgres' ? 2 : 0;
/** All kinds of figures, and claims that change what is stored. */
const MOST_STATEMENTS = 30 + TRANSACTION;
/** The same for vehicles alone. */
const FOR_VEHICLES = 21 + TRANSACTION;
/** For a subject that moves. */
const FOR_A_MOVE = 22 + TRANSACTION;
/** What working out shares takes beside everything else: their figures, observations and contradictions. */
const EXTENT = 3;
/** Each has a company of its own; the milestones of this many have more columns than a statement has parameters. */
const BRANDS = 160;
/** Up to five million: 10,000, 50,000, 100,000, 500,000 and each million. */
const CROSSED_BY_EACH = 9;
/** All metrics that count vehicles, except the one of the makers' numbers. */
const VEHICLES: readonly Metric[] = ['DELIVERIES', 'PRODUCTION', 'SALES', 'WHOLESALE', 'RETAIL', 'EXPORTS'];

let api: Api;
let sources: readonly string[];

beforeAll(async () => {
  api = await openApi();
  sources = [await givenSource(api), await givenSource(api), await givenSource(api, { tier: 1 })];
  await givenMakers();
});

afterAll(() => api[Symbol.asyncDispose]());

test('a thousand figures of every kind take few statements, whatever their number, both new ones and ones that change stored values', async () => {
  const inputs = Array.from({ length: 1_000 }, (_none, index) => mixed(index));
  const first = await statementsOf(() => recordAll(inputs));
  expect(first.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  expect(await api.db.figure.count()).toBe(1_000);
  // Half of them again, and another source's claims about the rest.
  const others = inputs.map((input, index) => (index % 2 === 0 ? input : { ...input, sourceId: sources[2] }));
  const second = await statementsOf(() => recordAll(others));
  expect(second.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  // One for vehicles, one for what is counted for each subject alone.
  expect(writesTo('Observation', second)).toEqual(['insert into', 'insert into']);
  expect(await api.db.figure.count()).toBe(1_500);
  // What is recorded already takes no id.
  expect(Math.max(...(await api.db.figure.findMany({ select: { id: true } })).map(({ id }) => id))).toBe(1_500);
  expect((await verifyDerived(api.db)).differences).toEqual([]);
}, 120_000);

test('many makers that pass nine numbers each take one statement for all milestones', async () => {
  const toDate = (day: string, value: number) =>
    Array.from({ length: BRANDS }, (_none, index) => ({
      ...{ subject: `brand-${index}`, metric: 'REGISTRATIONS', period: `../${day}`, sourceId: sources[0] },
      ...{ value, acknowledgeOutlier: true },
    }));
  const known = await api.db.milestone.count();
  const made = await statementsOf(() => recordAll(toDate('2025-06-30', 5_000_001)));
  expect(writesTo('Milestone', made)).toEqual(['insert into']);
  expect(writesTo('Observation', made)).toEqual(['insert into']);
  expect(made.length).toBeLessThanOrEqual(FOR_VEHICLES);
  // A company passes what its brand does.
  const crossings = BRANDS * 2 * CROSSED_BY_EACH;
  expect((await api.db.milestone.count()) - known).toBe(crossings);
  // Earlier than was known: every milestone gets another window.
  const earlier = await statementsOf(() => recordAll(toDate('2025-05-31', 5_000_000)));
  expect(writesTo('Milestone', earlier)).toEqual(['update']);
  expect(earlier.length).toBeLessThanOrEqual(FOR_VEHICLES);
  expect((await verifyDerived(api.db)).differences).toEqual([]);
});

test('moving a brand out of a company takes one statement for all milestones of the company', async () => {
  const statements = await statementsOf(() =>
    api.ask(`mutation { updateSubject(slug: "brand-0", input: { parent: null }) { ${USER_ERRORS} } }`),
  );
  expect(writesTo('Milestone', statements)).toEqual(['update']);
  expect(statements.length).toBeLessThanOrEqual(FOR_A_MOVE);
  expect(
    await api.db.milestone.count({
      where: { subject: { slug: 'company-0' }, metric: 'REGISTRATIONS', status: 'WITHDRAWN' },
    }),
  ).toBe(CROSSED_BY_EACH);
});

test('a batch takes no more statements for many subjects or many markets than for one', async () => {
  const month = (index: number) => ({
    ...{ subject: `brand-${index}`, metric: 'EXPORTS', period: '2023-05', value: 10, sourceId: sources[0] },
    acknowledgeOutlier: true,
  });
  const [one, ...others] = Array.from({ length: BRANDS }, (_none, index) => month(index));
  const single = await statementsOf(() => recordAll([one as object]));
  const many = await statementsOf(() => recordAll(others));
  expect(many.length).toBeLessThanOrEqual(single.length);
  expect(single.length).toBeLessThanOrEqual(FOR_VEHICLES);

  const markets = Array.from({ length: 20 }, (_none, index) => `market-${index}`);
  await api.db.subject.createMany({ data: markets.map((slug) => ({ kind: 'MARKET', slug, name: slug })) });
  const share = (within: string) => ({ ...month(0), metric: 'MARKET_SHARE', within });
  const [first, ...rest] = markets.map(share);
  const inOne = await statementsOf(() => recordAll([first as object]));
  const inMany = await statementsOf(() => recordAll(rest));
  expect(inMany.length).toBeLessThanOrEqual(inOne.length);
  expect(await api.db.observation.count({ where: { metric: 'MARKET_SHARE', period: '2023-05' } })).toBe(20);
  // Everything that is known of the brand is worked out again, whatever the number of markets.
  const renamed = (slug: string) =>
    statementsOf(() =>
      api.ask(`mutation { updateSubject(slug: "${slug}", input: { firstDeliveryOn: "2020" }) { ${USER_ERRORS} } }`),
    );
  expect((await renamed('brand-0')).length).toBeLessThanOrEqual((await renamed('brand-1')).length + EXTENT);
  expect((await verifyDerived(api.db)).differences).toEqual([]);
});

test('finding the current version of a figure or target with many revisions takes one statement', async () => {
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

/** Creates brands with a company each, directly in the database, since the API takes one at a time. */
async function givenMakers(): Promise<void> {
  const numbers = Array.from({ length: BRANDS }, (_none, index) => index);
  const companies = await api.db.subject.createManyAndReturn({
    // With other brands than theirs, so that none of them is its brand under another name.
    data: numbers.map((index) => ({
      ...{ kind: 'COMPANY', slug: `company-${index}`, name: `Company ${index}`, brandsComplete: false },
    })),
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

/** One of many figures that differ in metric, length of the period, source and how they are known. */
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

// TMP
async function recordAll(inputs: readonly object[]): Promise<void> {
  const { payload } = await api.ask<{ payload: { userErrors: readonly UserError[] } }>(
    `mutation ($inputs: [FigureInput!]!) { payload: recordFigures(inputs: $inputs) { figures { id } cursor ${USER_ERRORS} } }`,
    { inputs },
  );
  expect(payload.userErrors.slice(0, 3)).toEqual([]);
}

async function revise(id: string, value: number): Promise<string> {
  const { reviseFigure } = await api.ask<{ reviseFigure: { figure: { id: string }; userErrors: unknown[] } }>(
    `mutation { reviseFigure(id: "${id}", input: { value: ${value}, qualifier: EXACT, acknowledgeOutlier: true, reason: "Restated." }) { figure { id } ${USER_ERRORS} } }`,
  );
  expect(reviseFigure.userErrors).toEqual([]);
  return reviseFigure.figure.id;
}
