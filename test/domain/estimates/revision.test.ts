import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

/** A quarter's deliveries: first published on one day, restated by a later document. */
const QUARTER = '2024-Q1';
const FIRST_DAY = '2024-04-02';
const SECOND_DAY = '2024-06-10';
const BEFORE = '2024-04-01T00:00:00+08:00';
const BETWEEN = '2024-05-01T00:00:00+08:00';
const AFTER = '2024-07-01T00:00:00+08:00';

const HISTORY = `query($subject: String!, $period: Period!, $asOf: DateTime) {
  observation(subject: $subject, period: $period, asOf: $asOf) {
    value revised
    claims { value }
    history { value action reason knownFrom knownUntil revises { value } revisedBy { value } }
  }
}`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a restatement can be read as of both sides of it', async () => {
  const { brand } = await restated();
  expect(await scenario.observe(brand, QUARTER, { asOf: BEFORE })).toBeNull();
  expect(await scenario.observe(brand, QUARTER, { asOf: BETWEEN })).toMatchObject({ value: 8_630, revised: false });
  expect(await scenario.observe(brand, QUARTER, { asOf: AFTER })).toMatchObject({ value: 8_646, revised: true });
  expect(await scenario.observe(brand, QUARTER)).toMatchObject({ value: 8_646, revised: true });
});

test('a figure is current from the beginning of its day in Shanghai to the beginning of the day of its revision', async () => {
  const { brand } = await restated();
  expect(await scenario.observe(brand, QUARTER, { asOf: '2024-04-01T15:59:59Z' })).toBeNull();
  expect(await scenario.observe(brand, QUARTER, { asOf: '2024-04-01T16:00:00Z' })).toMatchObject({ value: 8_630 });
  expect(await scenario.observe(brand, QUARTER, { asOf: '2024-06-09T15:59:59Z' })).toMatchObject({ value: 8_630 });
  expect(await scenario.observe(brand, QUARTER, { asOf: '2024-06-09T16:00:00Z' })).toMatchObject({ value: 8_646 });
});

test('the history has both figures, with what revises what and when each was known', async () => {
  const { brand } = await restated();
  expect(await history(brand)).toEqual({
    ...{ value: 8_646, revised: true, claims: [{ value: 8_646 }] },
    history: [
      {
        ...{ value: 8_630, action: 'RECORDED', reason: null, revises: null, revisedBy: { value: 8_646 } },
        ...{ knownFrom: '2024-04-01T16:00:00.000Z', knownUntil: '2024-06-09T16:00:00.000Z' },
      },
      {
        ...{ value: 8_646, action: 'REVISED', reason: 'A correction.', revises: { value: 8_630 }, revisedBy: null },
        ...{ knownFrom: '2024-06-09T16:00:00.000Z', knownUntil: null },
      },
    ],
  });
  expect(await history(brand, BETWEEN)).toMatchObject({ claims: [{ value: 8_630 }], history: [{ value: 8_630 }] });
});

test('a figure of an undated document, and a correction within one document, are known from when they are recorded', async () => {
  const brand = await scenario.subject('BRAND');
  const started = Date.now();
  const { ids } = await scenario.record(brand, { [QUARTER]: 8_630 });
  const recorded = Date.now();
  await scenario.revise(ids[0] as string, 8_646);
  const [first, second] = (await history(brand)).history;
  expect(Date.parse(first?.knownFrom ?? '')).toBeGreaterThanOrEqual(started);
  expect(Date.parse(first?.knownFrom ?? '')).toBeLessThanOrEqual(recorded);
  expect(second?.knownFrom).toBe(first?.knownUntil);
  expect(Date.parse(second?.knownFrom ?? '')).toBeGreaterThanOrEqual(recorded);
});

test('a correction within one document does not reach back, whether the document is named or not', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source(1, FIRST_DAY);
  const { ids } = await scenario.record(brand, { [QUARTER]: 8_630 }, { sourceId });
  await scenario.revise(ids[0] as string, 8_646, { sourceId });
  expect(await scenario.observe(brand, QUARTER, { asOf: AFTER })).toMatchObject({ value: 8_630 });
  expect(await scenario.observe(brand, QUARTER)).toMatchObject({ value: 8_646 });
});

test('a figure recorded long after its publication answers what was known then', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source(3, '2024-04-02');
  const { ids } = await scenario.record(brand, { [QUARTER]: 8_630 }, { sourceId });
  const { node } = await scenario.api.ask<{ node: { recordedAt: string; knownFrom: string } }>(
    'query($id: ID!) { node(id: $id) { ... on Figure { recordedAt knownFrom } } }',
    { id: ids[0] },
  );
  expect(node.knownFrom).toBe('2024-04-01T16:00:00.000Z');
  expect(node.recordedAt > '2026').toBe(true);
});

test('a stale revision is refused and names the current figure', async () => {
  const { first, second } = await restated();
  await expect(scenario.revise(first, 8_700)).rejects.toMatchObject({
    userErrors: [{ code: 'STALE_REVISION', path: ['id'], didYouMean: [second] }],
  });
  const { ids } = await scenario.revise(second, 8_700);
  await expect(scenario.revise(first, 8_800)).rejects.toMatchObject({
    userErrors: [{ code: 'STALE_REVISION', didYouMean: ids }],
  });
});

test('a revision sent twice is made once', async () => {
  const { brand, first, second, later } = await restated();
  const again = await scenario.revise(first, 8_646, { sourceId: later });
  expect(again).toMatchObject({ ids: [second], deduplicated: 1, cursor: null, milestones: [] });
  expect((await history(brand)).history).toHaveLength(2);
});

test('a revision sent twice at the same time is made once', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { [QUARTER]: 8_630 });
  const both = await Promise.all([scenario.revise(ids[0] as string, 8_646), scenario.revise(ids[0] as string, 8_646)]);
  expect(both.map(({ deduplicated }) => deduplicated).sort()).toEqual([0, 1]);
  expect(both[0]?.ids).toEqual(both[1]?.ids);
  expect((await history(brand)).history).toHaveLength(2);
});

test('a revision that says the same again is refused, and so is one of an unknown figure', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { [QUARTER]: 8_630 });
  await expect(scenario.revise(ids[0] as string, 8_630)).rejects.toMatchObject({
    userErrors: [{ code: 'INVALID_VALUE' }],
  });
  await expect(scenario.revise('RmlndXJlOjk5OTk5', 1)).rejects.toMatchObject({
    userErrors: [{ code: 'UNKNOWN_FIGURE' }],
  });
});

test('a revision of an unknown figure names everything else that is wrong', async () => {
  const wrong = async (field: string): Promise<unknown> =>
    (await scenario.api.ask<{ written: unknown }>(`mutation { written: ${field} { userErrors { code path } } }`))
      .written;
  const unknown = { code: 'UNKNOWN_FIGURE', path: ['id'] };
  expect(await wrong('reviseFigure(id: "garbage", input: { value: -1, reason: "", sourceId: "garbage" })')).toEqual({
    userErrors: [
      unknown,
      { code: 'INVALID_INPUT', path: ['input', 'reason'] },
      { code: 'NEGATIVE_VALUE', path: ['input', 'value'] },
      { code: 'UNKNOWN_SOURCE', path: ['input', 'sourceId'] },
    ],
  });
  for (const field of [
    'withdrawFigure(id: "garbage", reason: "")',
    'rankFigure(id: "garbage", rank: NORMAL, reason: "")',
  ])
    expect(await wrong(field)).toEqual({ userErrors: [unknown, { code: 'INVALID_INPUT', path: ['reason'] }] });
});

test('another value of the same source is not a second claim, and another source cannot revise', async () => {
  const { brand, second, later } = await restated();
  await expect(scenario.record(brand, { [QUARTER]: 8_700 }, { sourceId: later })).rejects.toMatchObject({
    userErrors: [{ code: 'ALREADY_RECORDED', didYouMean: [second] }],
  });
  await scenario.record(brand, { [QUARTER]: 8_700 }, { sourceId: await scenario.source(4) });
  const { claims, history: all } = await history(brand);
  expect(claims.map(({ value }) => value).sort()).toEqual([8_646, 8_700]);
  expect(all.filter(({ revises }) => revises !== null)).toHaveLength(1);
});

/** A brand whose quarter was 8,630 as first published and 8,646 as restated. */
async function restated() {
  const brand = await scenario.subject('BRAND');
  const later = await scenario.source(1, SECOND_DAY);
  const { ids } = await scenario.record(brand, { [QUARTER]: 8_630 }, { sourceId: await scenario.source(1, FIRST_DAY) });
  const first = ids[0] as string;
  const revised = await scenario.revise(first, 8_646, { sourceId: later });
  return { brand, first, second: revised.ids[0] as string, later };
}

interface Historic {
  readonly claims: readonly { readonly value: number }[];
  readonly history: readonly {
    readonly value: number;
    readonly knownFrom: string;
    readonly knownUntil: string | null;
    readonly revises: { readonly value: number } | null;
  }[];
}

async function history(subject: string, asOf?: string): Promise<Historic> {
  const { observation } = await scenario.api.ask<{ observation: Historic }>(HISTORY, {
    subject,
    period: QUARTER,
    asOf,
  });
  return observation;
}
