import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const FIGURE = `deduplicated cursor figure {
  id subject { slug } metric unit period within { slug } value lower upper qualifier statedChangePercent
  source { id } attributedTo note breaks rank rankReason action reason revises { id } revisedBy { id } recordedAt knownFrom knownUntil
}`;

interface Recorded {
  readonly deduplicated: boolean;
  readonly cursor: string | null;
  readonly figure: Readonly<Record<string, unknown>> & { readonly id: string };
}

let sourceId: string;
beforeAll(async () => {
  sourceId = await givenSource(api);
});

/** Records a figure: 1,000 deliveries of December by the usual source, unless said otherwise. */
function record(input: object) {
  const usual = { metric: 'DELIVERIES', period: '2025-12', sourceId };
  const value = 'value' in input || 'lower' in input || 'statedChangePercent' in input ? {} : { value: 1_000 };
  return write<Recorded>(api, 'recordFigure', { ...usual, ...value, ...input }, FIGURE);
}

test('records what a source says', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const payload = await record({ subject, value: 1_234, attributedTo: 'The chairman', note: 'Read aloud.' });
  expect(payload).toEqual({
    deduplicated: false,
    cursor: expect.any(String),
    figure: {
      id: expect.any(String),
      subject: { slug: subject },
      metric: 'DELIVERIES',
      unit: 'VEHICLES',
      period: '2025-12',
      within: null,
      value: 1_234,
      lower: 1_234,
      upper: 1_234,
      qualifier: 'EXACT',
      statedChangePercent: null,
      source: { id: sourceId },
      attributedTo: 'The chairman',
      note: 'Read aloud.',
      breaks: false,
      rank: 'NORMAL',
      rankReason: null,
      action: 'RECORDED',
      reason: null,
      revises: null,
      revisedBy: null,
      recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      knownFrom: payload.figure.recordedAt,
      knownUntil: null,
    },
    userErrors: [],
  });
});

test('writes one entry to the log, and returns its cursor', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const { cursor: before } = await api.ask<{ cursor: string }>('{ cursor: head }');
  const { cursor, figure } = await record({ subject });
  const data = await api.ask(
    `query ($before: Cursor!) {
      head changes(after: $before) { nodes { __typename cursor subject { slug } ... on FigureChange { action before figure { id } } } }
    }`,
    { before },
  );
  const entry = { cursor, subject: { slug: subject }, action: 'RECORDED', before: null, figure: { id: figure.id } };
  expect(data).toEqual({ head: cursor, changes: { nodes: [{ __typename: 'FigureChange', ...entry }] } });
});

describe('the bounds', () => {
  test.each([
    ['EXACT', 41_234, [41_234, 41_234]],
    ['ABOUT', 410_000, [405_000, 415_000]],
    ['ABOUT', 400_000, [350_000, 450_000]],
    ['ABOUT', 41_234, [41_233.5, 41_234.5]],
    ['OVER', 57_000, [57_000, null]],
    ['UNDER', 57_000, [0, 57_000]],
    ['EXACT', 0, [0, 0]],
  ])('of %s %i follow from the qualifier', async (qualifier, value, [lower, upper]) => {
    const subject = await givenSubject(api, 'BRAND');
    expect((await record({ subject, value, qualifier })).figure).toMatchObject({ value, lower, upper, qualifier });
  });

  test('of BETWEEN are those given, with or without a value inside', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const bounds = { lower: 100, upper: 200, qualifier: 'BETWEEN' };
    expect((await record({ subject, ...bounds })).figure).toMatchObject({ value: null, ...bounds });
    const inside = await record({ subject, period: '2025-11', value: 150, ...bounds });
    expect(inside.figure).toMatchObject({ value: 150, ...bounds });
  });
});

describe('a value', () => {
  test('of billions of yuan comes back as it was sent', async () => {
    const subject = await givenSubject(api, 'COMPANY');
    for (const [period, value] of [
      ['2025-Q3', 28_300_000_000],
      ['2025-Q2', 21_263_123_456.78],
      ['2025', 9_007_199_254_740_991],
    ]) {
      const { figure } = await record({ subject, metric: 'REVENUE', period, value, acknowledgeOutlier: true });
      expect(figure).toMatchObject({ value, lower: value, upper: value, unit: 'CNY' });
      expect(
        await api.ask('query ($id: ID!) { node(id: $id) { ... on Figure { value } } }', { id: figure.id }),
      ).toEqual({
        node: { value },
      });
    }
  });

  test('of 0 is a value', async () => {
    const subject = await givenSubject(api, 'BRAND');
    expect((await record({ subject, value: 0 })).figure).toMatchObject({ value: 0, lower: 0, upper: 0 });
  });

  test('can be left out when only a change is stated', async () => {
    const market = await givenSubject(api, 'MARKET');
    const { figure } = await record({ subject: market, metric: 'SALES', period: '2025', statedChangePercent: -10 });
    expect(figure).toMatchObject({ value: null, lower: null, upper: null, statedChangePercent: -10 });
  });

  test('of a share belongs to a market', async () => {
    const market = await givenSubject(api, 'MARKET');
    const subject = await givenSubject(api, 'BRAND');
    const { figure } = await record({ subject, metric: 'MARKET_SHARE', within: market, value: 69.5 });
    expect(figure).toMatchObject({ value: 69.5, unit: 'PERCENT', within: { slug: market } });
  });
});

describe('a claim that begins a redefined series', () => {
  const WITHDRAW = 'mutation ($id: ID!) { withdrawFigure(id: $id, reason: "Again, with its break.") { cursor } }';

  test('says so, and its revisions as well', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { figure } = await record({ subject, breaks: true });
    expect(figure).toMatchObject({ value: 1_000, breaks: true });
    const { reviseFigure } = await api.ask<{ reviseFigure: object }>(
      `mutation ($id: ID!) { reviseFigure(id: $id, input: { value: 1001, reason: "Restated." }) {
        figure { value breaks revises { breaks } } userErrors { code } } }`,
      { id: figure.id },
    );
    expect(reviseFigure).toEqual({ figure: { value: 1_001, breaks: true, revises: { breaks: true } }, userErrors: [] });
  });

  test('is the same one when it is sent again without saying so', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { figure } = await record({ subject, breaks: true });
    for (const breaks of [undefined, false, null, true]) {
      const again = await record({ subject, breaks });
      expect(again).toMatchObject({ deduplicated: true, figure: { id: figure.id, breaks: true }, userErrors: [] });
    }
  });

  test('is refused where the claim is recorded without it, until that is withdrawn', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { figure } = await record({ subject });
    const before = await stateOf(api);
    const refused = await record({ subject, breaks: true });
    expect(problemsOf(refused)).toEqual(['ALREADY_RECORDED input.breaks']);
    expect(refused.userErrors[0]).toMatchObject({
      message: expect.stringContaining(`withdraw figure ${figure.id}`),
      didYouMean: [figure.id],
    });
    expect(await stateOf(api)).toEqual(before);
    await api.ask(WITHDRAW, { id: figure.id });
    expect((await record({ subject, breaks: true })).figure).toMatchObject({ value: 1_000, breaks: true });
  });

  test('with another value is refused for the value', async () => {
    const subject = await givenSubject(api, 'BRAND');
    await record({ subject });
    expect(problemsOf(await record({ subject, value: 1_001, breaks: true }))).toEqual(['ALREADY_RECORDED input.value']);
  });
});

describe('the same figure', () => {
  test('is stored once, and sending it again writes nothing', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await record({ subject, value: 5_000, note: 'First.' });
    const before = await stateOf(api);
    const second = await record({ subject, value: 5_000, note: 'Second.' });
    expect(second).toMatchObject({ deduplicated: true, cursor: null, figure: { id: first.figure.id, note: 'First.' } });
    expect(await stateOf(api)).toEqual(before);
  });

  test('is recognised under another name of the period', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await record({ subject, period: '2025-Q4' });
    expect(first.figure.period).toBe('2025-Q4');
    for (const period of ['2025-10/2025-12', '2025-10-01/2025-12-31', ' 2025-q4 ']) {
      expect(await record({ subject, period })).toMatchObject({ deduplicated: true, figure: { id: first.figure.id } });
    }
    expect((await record({ subject, period: '2025-01/2025-12' })).figure.period).toBe('2025');
  });

  test('that is sent ten times at the same time makes one row and one entry in the log', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const payloads = await Promise.all(Array.from({ length: 10 }, () => record({ subject })));
    expect(new Set(payloads.map(({ figure }) => figure.id)).size).toBe(1);
    expect(payloads.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
    expect(await api.db.figure.count({ where: { subject: { slug: subject } } })).toBe(1);
    expect(await api.db.change.count({ where: { kind: 'FIGURE', subject: { slug: subject } } })).toBe(1);
  });
});

describe('another value', () => {
  test('of the same source is refused, and the figure to revise is named', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { figure } = await record({ subject, value: 41_000, qualifier: 'ABOUT' });
    const before = await stateOf(api);
    const payload = await record({ subject, value: 41_500, acknowledgeOutlier: true });
    expect(payload).toMatchObject({
      figure: null,
      cursor: null,
      userErrors: [{ code: 'ALREADY_RECORDED', path: ['input', 'value'], didYouMean: [figure.id] }],
    });
    expect(payload.userErrors[0]?.message).toContain('about 41000');
    expect(await stateOf(api)).toEqual(before);
  });

  test('of the same source is refused also when only the qualifier or the stated change differs', async () => {
    const subject = await givenSubject(api, 'BRAND');
    await record({ subject, value: 41_000 });
    for (const other of [{ qualifier: 'OVER' }, { statedChangePercent: 10 }]) {
      expect(problemsOf(await record({ subject, value: 41_000, ...other }))).toEqual(['ALREADY_RECORDED input.value']);
    }
  });

  test('is stored alone when one source sends ten at the same time, and the others are told', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const payloads = await Promise.all(
      Array.from({ length: 10 }, (_, index) => record({ subject, value: 100 + index })),
    );
    expect(payloads.flatMap(problemsOf)).toEqual(Array(9).fill('ALREADY_RECORDED input.value'));
    expect(await api.db.figure.count({ where: { subject: { slug: subject } } })).toBe(1);
  });

  test('of another source is one more claim', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await record({ subject, value: 41_000 });
    const second = await record({ subject, value: 41_500, sourceId: await givenSource(api) });
    expect(second).toMatchObject({ deduplicated: false, figure: { value: 41_500, revises: null } });
    expect(second.figure.id).not.toBe(first.figure.id);
    expect(await api.db.figure.count({ where: { subject: { slug: subject }, claimKey: { not: null } } })).toBe(2);
  });
});

test('a figure is known from the beginning of its publication day in Shanghai', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const published = await givenSource(api, { publishedOn: '2026-01-01' });
  const { figure } = await record({ subject, sourceId: published });
  expect(figure).toMatchObject({ knownFrom: '2025-12-31T16:00:00.000Z', knownUntil: null });
});
