import { afterAll, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';

const scenario = await openScenario();
const { api } = scenario;
afterAll(() => scenario[Symbol.asyncDispose]());

const FIRST = { kind: 'FIRST_DELIVERY', metric: null, threshold: null, title: 'First delivery' };

async function deliver(subject: string, reachedOn: string, fields = {}): Promise<void> {
  await scenario.announce(subject, { ...FIRST, reachedOn, ...fields });
}

/** The first delivery by the start of the subject's curve. */
async function firstOf(slug: string): Promise<string | null> {
  const { subject } = await api.ask<{ subject: { curve: { start: string | null } } }>(
    'query ($slug: String!) { subject(slug: $slug) { curve(metric: DELIVERIES, alignedTo: FIRST_DELIVERY) { start } } }',
    { slug },
  );
  return subject.curve.start;
}

interface Maker {
  readonly company: string;
  readonly brand: string;
  readonly models: readonly [string, string];
}

async function givenMaker(brandsComplete = true): Promise<Maker> {
  const company = await scenario.subject('COMPANY', { brandsComplete });
  const brand = await scenario.subject('BRAND', { parent: company });
  const model = () => scenario.subject('MODEL', { parent: brand });
  return { company, brand, models: [await model(), await model()] };
}

test('an announced first delivery is that of the subject', async () => {
  const brand = await scenario.subject('BRAND');
  await deliver(brand, '2019-Q4');
  expect(await firstOf(brand)).toBe('2019-Q4');
  await deliver(brand, '2019-12', { title: 'The first cars' });
  expect(await firstOf(brand)).toBe('2019-12');
  await deliver(brand, '2021-03', { title: 'The first cars of the second factory' });
  expect(await firstOf(brand)).toBe('2019-12');
});

test('an expected first delivery is none yet', async () => {
  const brand = await scenario.subject('BRAND');
  await deliver(brand, '2019-12', { expected: true });
  expect(await firstOf(brand)).toBeNull();
});

test('the earliest first delivery of the models is that of the brand, and of a company all of whose brands are known', async () => {
  const { company, brand, models } = await givenMaker();
  await deliver(models[0], '2022-03-28');
  await deliver(models[1], '2018-05-31');
  expect(await firstOf(models[0])).toBe('2022-03-28');
  expect(await firstOf(brand)).toBe('2018-05-31');
  expect(await firstOf(company)).toBe('2018-05-31');
});

test('a company with other brands does not follow the one that is known', async () => {
  const { company, brand, models } = await givenMaker(false);
  await deliver(models[0], '2022-03-28');
  expect(await firstOf(brand)).toBe('2022-03-28');
  expect(await firstOf(company)).toBeNull();
});

test('a brand whose first delivery a source names does not follow its models', async () => {
  const { brand, models } = await givenMaker();
  await deliver(brand, '2019-12');
  await deliver(models[0], '2018-05-31');
  expect(await firstOf(brand)).toBe('2019-12');
});

test('a better claim about the same first delivery moves it, also to a later day', async () => {
  const { brand, models } = await givenMaker();
  await deliver(models[0], '2022-03-28', { sourceId: await scenario.source(4) });
  await deliver(models[0], '2022-04-02', { sourceId: await scenario.source(1) });
  expect(await firstOf(models[0])).toBe('2022-04-02');
  expect(await firstOf(brand)).toBe('2022-04-02');
});

test('what is known changes with it: nothing was delivered before', async () => {
  const { brand, models } = await givenMaker();
  await scenario.record(brand, { '2022-H1': 600 });
  expect((await scenario.observe(brand, '2022-Q1'))?.lower ?? 0).toBe(0);
  await deliver(models[0], '2022-04-02');
  expect(await scenario.observe(brand, '2022-Q2')).toMatchObject({ value: 600 });
});

test('the earliest of several models counts, also when that of another one is corrected', async () => {
  const { brand, models } = await givenMaker();
  await deliver(models[0], '2020-01-10', { sourceId: await scenario.source(4) });
  await deliver(models[1], '2020-06-01');
  expect(await firstOf(brand)).toBe('2020-01-10');
  await deliver(models[0], '2021-03-01', { sourceId: await scenario.source(1) });
  expect(await firstOf(models[0])).toBe('2021-03-01');
  expect(await firstOf(brand)).toBe('2020-06-01');
});

test('a brand of which figures tell earlier does not begin with the model that is known', async () => {
  const { brand, models } = await givenMaker();
  await scenario.record(brand, { '2019': 1_000 });
  await deliver(models[0], '2022-07-29');
  expect(await firstOf(models[0])).toBe('2022-07-29');
  expect(await firstOf(brand)).toBeNull();
});

test('a brand does not begin with a part of it', async () => {
  const { brand } = await givenMaker();
  const part = await scenario.subject('BRAND', { parent: brand });
  await deliver(part, '2020-01-07');
  expect(await firstOf(part)).toBe('2020-01-07');
  expect(await firstOf(brand)).toBeNull();
});

test('a brand follows also if its model had the date already', async () => {
  const brand = await scenario.subject('BRAND');
  const model = await scenario.subject('MODEL', { parent: brand, firstDeliveryOn: '2020-06' });
  await deliver(model, '2020-06');
  expect(await firstOf(brand)).toBe('2020-06');
});

test('a date that an editor gave to a brand stays', async () => {
  const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2019-12' });
  const model = await scenario.subject('MODEL', { parent: brand });
  await deliver(model, '2018-05-31');
  expect(await firstOf(brand)).toBe('2019-12');
});

test.each([[0], [1]])('what a source says of the brand itself counts, whichever came first (%i)', async (order) => {
  const { brand, models } = await givenMaker();
  const announced = [() => deliver(models[0], '2019-06'), () => deliver(brand, '2020-03')];
  await announced[order]?.();
  await announced[1 - order]?.();
  expect(await firstOf(brand)).toBe('2020-03');
});

test('a company follows a brand whose date was there already', async () => {
  const company = await scenario.subject('COMPANY');
  const brand = await scenario.subject('BRAND', { parent: company, firstDeliveryOn: '2019-12' });
  await deliver(brand, '2019-12');
  expect(await firstOf(company)).toBe('2019-12');
});
