import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays } from '../../src/domain/values/calendar.ts';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, USER_ERRORS, type UserError } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

interface Payload {
  readonly figures: readonly { readonly id: string; readonly period: string; readonly value: number }[];
  readonly deduplicated: number;
  readonly cursor: string | null;
  readonly userErrors: readonly UserError[];
}

let sourceId: string;
beforeAll(async () => {
  sourceId = await givenSource(api);
});

async function recordAll(inputs: readonly object[]): Promise<Payload> {
  const { payload } = await api.ask<{ payload: Payload }>(
    `mutation ($inputs: [FigureInput!]!) {
      payload: recordFigures(inputs: $inputs) { figures { id period value } deduplicated cursor ${USER_ERRORS} }
    }`,
    { inputs: inputs.map((input) => ({ metric: 'DELIVERIES', sourceId, ...input })) },
  );
  return payload;
}

/** One figure a day for this many days. */
function daily(subject: string, days: number): { subject: string; period: string; value: number }[] {
  return Array.from({ length: days }, (_, index) => ({ subject, period: addDays('2020-01-01', index), value: 3 }));
}

test('records one', async () => {
  const [input] = daily(await givenSubject(api, 'BRAND'), 1);
  const payload = await recordAll([input as object]);
  expect(payload).toMatchObject({ figures: [{ period: '2020-01-01', value: 3 }], deduplicated: 0, userErrors: [] });
});

test('records 1,000 at once, in the order of the inputs, as does the log', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const inputs = daily(subject, 1_000).toReversed();
  const payload = await recordAll(inputs);
  expect(payload.userErrors).toEqual([]);
  expect(payload.figures.map(({ period }) => period)).toEqual(inputs.map(({ period }) => period));
  const logged = await api.db.change.findMany({
    where: { kind: 'FIGURE', subject: { slug: subject } },
    orderBy: { position: 'asc' },
    include: { figure: true },
  });
  expect(logged.map(({ figure }) => figure?.period)).toEqual(inputs.map(({ period }) => period));
});

test.each([
  [0, 'INVALID_INPUT inputs'],
  [1_001, 'TOO_MANY inputs'],
])('refuses %i at once', async (count, problem) => {
  const inputs = daily(await givenSubject(api, 'BRAND'), count);
  const before = await stateOf(api);
  const payload = await recordAll(inputs);
  expect(problemsOf(payload)).toEqual([problem]);
  expect(payload).toMatchObject({ figures: [], deduplicated: 0, cursor: null });
  expect(await stateOf(api)).toEqual(before);
});

test('records none when one is invalid, and names all problems by their paths', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const inputs: Record<string, unknown>[] = daily(subject, 5);
  inputs[1] = { subject: 'nobody-of-the-name', period: '2020', value: 1 };
  inputs[3] = { subject, period: '2020-01', value: -1, qualifier: 'OVER' };
  inputs[4] = { subject, period: 'never', value: 0.5, sourceId: 'none' };
  const before = await stateOf(api);
  const payload = await recordAll(inputs);
  expect(payload.userErrors.map(({ code, path }) => [code, path])).toEqual([
    ['UNKNOWN_SUBJECT', ['inputs', '1', 'subject']],
    ['NEGATIVE_VALUE', ['inputs', '3', 'value']],
    ['INVALID_PERIOD', ['inputs', '4', 'period']],
    ['UNKNOWN_SOURCE', ['inputs', '4', 'sourceId']],
    ['INVALID_VALUE', ['inputs', '4', 'value']],
  ]);
  expect(payload.figures).toEqual([]);
  expect(await stateOf(api)).toEqual(before);
});

test('names conflicts with recorded figures together with all other problems', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const { figures } = await recordAll([{ subject, period: '2020-01', value: 100 }]);
  const payload = await recordAll([
    { subject, period: '2020-02', value: -1 },
    { subject, period: '2020-01', value: 101 },
  ]);
  expect(payload.userErrors.map(({ code, path, didYouMean }) => [code, path, didYouMean])).toEqual([
    ['NEGATIVE_VALUE', ['inputs', '0', 'value'], []],
    ['ALREADY_RECORDED', ['inputs', '1', 'value'], [figures[0]?.id]],
  ]);
});

test('records a figure once that the list repeats', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const payload = await recordAll([
    { subject, period: '2020-Q1', value: 100 },
    { subject, period: '2020-04', value: 100 },
    { subject, period: '2020-01/2020-03', value: 100 },
  ]);
  expect(payload).toMatchObject({ deduplicated: 1, userErrors: [] });
  const [first, second, third] = payload.figures;
  expect(third).toEqual(first);
  expect(second?.id).not.toBe(first?.id);
  expect(await api.db.figure.count({ where: { subject: { slug: subject } } })).toBe(2);
});

test('refuses a list in which one source says two things about one slot', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const payload = await recordAll([
    { subject, period: '2020-Q1', value: 100 },
    { subject, period: '2020-01/2020-03', value: 101 },
  ]);
  expect(payload.userErrors.map(({ code, path }) => [code, path])).toEqual([
    ['ALREADY_RECORDED', ['inputs', '1', 'value']],
  ]);
});

test('refuses a break of a claim that is earlier in the list without one, and accepts it where the recorded claim has it', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const [plain, breaks] = [
    { subject, period: '2020-Q1', value: 100 },
    { subject, period: '2020-Q1', value: 100, breaks: true },
  ];
  const refused = await recordAll([plain, breaks]);
  expect(refused.userErrors.map(({ code, path }) => [code, path])).toEqual([
    ['ALREADY_RECORDED', ['inputs', '1', 'breaks']],
  ]);
  expect(await recordAll([breaks, plain])).toMatchObject({ deduplicated: 1, userErrors: [] });
  expect(await recordAll([plain, breaks])).toMatchObject({ deduplicated: 2, userErrors: [] });
});

test('leaves recorded figures unchanged and returns how many there are', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const inputs = daily(subject, 10);
  const first = await recordAll(inputs.slice(0, 6));
  const second = await recordAll(inputs);
  expect(second).toMatchObject({ deduplicated: 6, userErrors: [] });
  expect(second.figures.slice(0, 6)).toEqual(first.figures);
  const before = await stateOf(api);
  const third = await recordAll(inputs);
  expect(third).toEqual({ figures: second.figures, deduplicated: 10, cursor: null, userErrors: [] });
  expect(await stateOf(api)).toEqual(before);
});

test('a list that is sent five times at the same time is recorded once', async () => {
  const inputs = daily(await givenSubject(api, 'BRAND'), 50);
  const { figures: before } = await stateOf(api);
  const payloads = await Promise.all(Array.from({ length: 5 }, () => recordAll(inputs)));
  expect(payloads.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect(payloads.map(({ deduplicated }) => deduplicated).sort((a, b) => a - b)).toEqual([0, 50, 50, 50, 50]);
  expect((await stateOf(api)).figures).toBe((before ?? 0) + 50);
});

test('lists about the same subjects in different orders do not deadlock', async () => {
  const brands: string[] = [];
  for (let index = 0; index < 4; index += 1) brands.push(await givenSubject(api, 'BRAND'));
  const lists = Array.from({ length: 8 }, (_, list) => {
    const inputs = brands.map((subject) => ({ subject, period: addDays('2021-01-01', list), value: 3 }));
    return list % 2 === 0 ? inputs : inputs.toReversed();
  });
  const payloads = await Promise.all(lists.map(recordAll));
  expect(payloads.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect(await api.db.figure.count({ where: { subject: { slug: { in: brands } } } })).toBe(32);
});
