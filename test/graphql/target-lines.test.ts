import { afterAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const TARGET = `cursor target {
  id metric period value lower growthMinPercent revises { id } claims { source { id } statedMetric value growthMinPercent }
}`;

interface Set {
  readonly cursor: string | null;
  readonly target: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** Sets a target for deliveries of 2030 of the subject. */
function set(subject: string, sourceId: string, input: object = { value: 300_000 }) {
  return write<Set>(api, 'setTarget', { subject, metric: 'DELIVERIES', period: '2030', sourceId, ...input }, TARGET);
}

const given = () =>
  Promise.all([givenSubject(api, 'BRAND'), givenSource(api), givenSource(api), givenSource(api)] as const);

/** Sends a claim that is there, and expects that it writes nothing. */
async function expectRepeated(subject: string, sourceId: string, input: object, id: string) {
  const state = await stateOf(api);
  expect(await set(subject, sourceId, input)).toMatchObject({ cursor: null, userErrors: [], target: { id } });
  expect(await stateOf(api)).toEqual(state);
}

describe('a growth without a year', () => {
  const growth = { growthMinPercent: 40, growthMaxPercent: 50, period: null };

  test('is the one of which it was ever said, whatever the maker says of it since', async () => {
    const [subject, one, other, third] = await given();
    const maker = await givenSource(api, { tier: 1 });
    const { target } = await set(subject, one, growth);
    await set(subject, other, { ...growth, period: '2030' });
    const raised = await set(subject, maker, { growthMinPercent: 45 });
    expect(raised.target).toMatchObject({ id: target.id, period: '2030', growthMinPercent: 45 });
    await expectRepeated(subject, one, growth, target.id);
    await expectRepeated(subject, other, { ...growth, period: '2030' }, target.id);
    expect((await set(subject, third, growth)).target).toMatchObject({ id: target.id, growthMinPercent: 45 });
    expect(await set(subject, one, { growthMinPercent: 45, period: null })).toMatchObject({
      userErrors: [{ code: 'ALREADY_RECORDED', didYouMean: [target.id] }],
    });
  });

  test.each([
    ['2023', '2025', { setOn: '2022-11' }, '2023'],
    ['2025', '2023', { setOn: '2022-11' }, '2023'],
    ['2024', '2025', {}, '2025'],
    ['2025', '2024', {}, '2025'],
    ['2031', '2032', {}, '2031'],
    ['2032', '2031', {}, '2031'],
  ])('is, of those of %s and %s, with %j the one of %s', async (first, second, said, period) => {
    const [subject, one] = await given();
    for (const year of [first, second]) await set(subject, one, { ...growth, period: year });
    const published = await givenSource(api, { publishedOn: '2024-12-24' });
    expect((await set(subject, published, { ...growth, ...said })).target).toMatchObject({ period });
  });

  test('gets the year that its own source names later', async () => {
    const [subject, one] = await given();
    const { target } = await set(subject, one, growth);
    const named = await set(subject, one, { ...growth, period: '2030' });
    expect(named).toMatchObject({ cursor: expect.any(String), target: { id: target.id, period: '2030' } });
    expect(named.target).toMatchObject({ claims: [{ growthMinPercent: 40 }] });
    await expectRepeated(subject, one, growth, target.id);
  });
});

describe('a raise', () => {
  test('is not undone by who says the number before it, or said another one before it', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const on = (publishedOn: string) => givenSource(api, { publishedOn });
    const { target } = await set(subject, await on('2024-01-10'));
    const raised = await set(subject, await on('2024-05-10'), { value: 350_000, revises: target.id });
    for (const [day, value] of [
      ['2024-08-01', 300_000],
      ['2024-03-01', 320_000],
      ['2024-01-01', 310_000],
    ] as const) {
      expect((await set(subject, await on(day), { value })).target).toMatchObject({ id: target.id });
    }
    // The maker's own words may be found after those of the press.
    const own = await givenSource(api, { tier: 1, publishedOn: '2024-05-09' });
    expect((await set(subject, own, { value: 350_000 })).target).toMatchObject({ id: raised.target.id });
    const late = await set(subject, await on('2024-06-01'), { value: 360_000 });
    expect(late.target).toMatchObject({ id: raised.target.id, value: 350_000 });
  });

  test('does not let a source of the earlier target say a third number', async () => {
    const [subject, one, other] = await given();
    const { target } = await set(subject, one, { value: 100 });
    const raised = await set(subject, other, { value: 200, revises: target.id });
    const state = await stateOf(api);
    expect(await set(subject, one, { value: 150 })).toMatchObject({
      userErrors: [
        { code: 'ALREADY_RECORDED', message: expect.stringContaining('100'), didYouMean: [raised.target.id] },
      ],
    });
    expect(await stateOf(api)).toEqual(state);
    await expectRepeated(subject, one, { value: 100 }, target.id);
    expect((await set(subject, one, { value: 150, revises: raised.target.id })).target).toMatchObject({ value: 150 });
  });
});

test('one source cannot say two numbers of one target by counting deliveries and sales', async () => {
  const [subject, one] = await given();
  const { target } = await set(subject, one, { value: 100, metric: 'SALES' });
  expect(await set(subject, one, { value: 200 })).toMatchObject({
    userErrors: [{ code: 'ALREADY_RECORDED', didYouMean: [target.id] }],
  });
  expect((await set(subject, one, { value: 100 })).target).toMatchObject({ id: target.id, claims: [{}, {}] });
});

describe('a revision is refused', () => {
  test('if it changes nothing', async () => {
    const [subject, one, other] = await given();
    const { target } = await set(subject, one);
    for (const source of [one, other])
      for (const metric of ['DELIVERIES', 'SALES'])
        expect(problemsOf(await set(subject, source, { value: 300_000, metric, revises: target.id }))).toEqual([
          'INVALID_VALUE input.value',
        ]);
    const moved = await set(subject, other, { value: 300_000, period: '2031', revises: target.id });
    expect(moved.target).toMatchObject({ period: '2031', revises: { id: target.id } });
  });

  test('if its source was published before what it revises', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set(subject, await givenSource(api, { publishedOn: '2025-05-01' }));
    const before = await givenSource(api, { publishedOn: '2025-04-30' });
    expect(problemsOf(await set(subject, before, { value: 200_000, revises: target.id }))).toEqual([
      'INVALID_INPUT input.sourceId',
    ]);
    const same = await givenSource(api, { publishedOn: '2025-05-01' });
    expect(problemsOf(await set(subject, same, { value: 200_000, revises: target.id }))).toEqual([]);
  });

  test('if it moves to a period of which there is another target, which is named', async () => {
    const [subject, one, other] = await given();
    const first = await set(subject, one);
    const later = await set(subject, one, { value: 400_000, period: '2031' });
    const moved = { value: 350_000, period: '2031', revises: first.target.id };
    expect(await set(subject, other, moved)).toMatchObject({
      userErrors: [{ code: 'ALREADY_RECORDED', path: ['input', 'period'], didYouMean: [later.target.id] }],
    });
    // Back to where it was is in its own line.
    const away = await set(subject, other, { ...moved, period: '2032' });
    const back = await set(subject, other, { value: 360_000, revises: away.target.id });
    expect(back.target).toMatchObject({ period: '2030', value: 360_000 });
  });
});

test.each([-100, -150, 9_007_199_254_740_992, 1e308])('%d percent is not a growth', async (percent) => {
  const [subject, one] = await given();
  const state = await stateOf(api);
  for (const path of ['growthMinPercent', 'growthMaxPercent']) {
    expect(problemsOf(await set(subject, one, { [path]: percent }))).toEqual([`INVALID_VALUE input.${path}`]);
  }
  expect(await stateOf(api)).toEqual(state);
});
