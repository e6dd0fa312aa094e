import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const TARGET = `cursor target {
  id subject { slug } kind metric period deadline value lower upper growthMinPercent growthMaxPercent setOn source { id } revises { id } note
  claims { source { id } statedMetric value lower upper growthMinPercent growthMaxPercent note }
}`;

interface Set {
  readonly cursor: string | null;
  readonly target: Readonly<Record<string, unknown>> & { readonly id: string };
}

let sourceId: string;
beforeAll(async () => {
  sourceId = await givenSource(api);
});

/** Sets a target for deliveries of 2030, unless said otherwise. */
function set(input: object) {
  const goal =
    'value' in input ||
    'lower' in input ||
    'upper' in input ||
    'growthMinPercent' in input ||
    'growthMaxPercent' in input
      ? {}
      : { value: 300_000 };
  return write<Set>(api, 'setTarget', { metric: 'DELIVERIES', period: '2030', sourceId, ...goal, ...input }, TARGET);
}

describe('setTarget', () => {
  test('stores a value to reach in a period, and writes it to the log', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const payload = await set({ subject, period: '2030-01/2030-12', setOn: '2026-01', note: 'Said at a meeting.' });
    expect(payload).toEqual({
      cursor: expect.any(String),
      target: {
        id: expect.any(String),
        subject: { slug: subject },
        kind: 'TARGET',
        metric: 'DELIVERIES',
        period: '2030',
        deadline: null,
        ...{ value: 300_000, lower: null, upper: null, growthMinPercent: null, growthMaxPercent: null },
        setOn: '2026-01',
        source: { id: sourceId },
        revises: null,
        note: 'Said at a meeting.',
        claims: [
          {
            ...{ value: 300_000, lower: null, upper: null, growthMinPercent: null, growthMaxPercent: null },
            ...{ source: { id: sourceId }, statedMetric: 'DELIVERIES', note: 'Said at a meeting.' },
          },
        ],
      },
      userErrors: [],
    });
    const data = await api.ask(
      `query ($subject: String!) {
        head changes(filter: { subjects: [$subject], metrics: [DELIVERIES] }) { nodes { cursor ... on TargetChange { target { id } } } }
      }`,
      { subject },
    );
    const { cursor, target } = payload;
    expect(data).toEqual({ head: cursor, changes: { nodes: [{ cursor, target: { id: target.id } }] } });
  });

  test('stores a value to reach by a day, and a growth', async () => {
    const subject = await givenSubject(api, 'COMPANY');
    const stations = { subject, metric: 'SWAP_STATIONS', period: null, deadline: '2030-12-31', value: 10_000 };
    expect((await set(stations)).target).toMatchObject({ period: null, deadline: '2030-12-31', value: 10_000 });
    const growth = { subject, period: null, growthMinPercent: 40, growthMaxPercent: 50 };
    expect((await set(growth)).target).toMatchObject({ value: null, growthMinPercent: 40, growthMaxPercent: 50 });
  });

  test('writes nothing for the same target again', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await set({ subject });
    const before = await stateOf(api);
    expect(await set({ subject })).toEqual({ ...first, cursor: null });
    expect(await stateOf(api)).toEqual(before);
  });

  test('stores a target once when it is sent ten times at the same time', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const payloads = await Promise.all(Array.from({ length: 10 }, () => set({ subject })));
    expect(new Set(payloads.map(({ target }) => target.id)).size).toBe(1);
    expect(await api.db.target.count({ where: { subject: { slug: subject } } })).toBe(1);
    expect(await api.db.change.count({ where: { kind: 'TARGET', subject: { slug: subject } } })).toBe(1);
  });

  test.each([
    ['no goal', { value: null }, 'INVALID_VALUE input.value'],
    ['a goal of 0', { value: 0 }, 'INVALID_VALUE input.value'],
    ['a goal below 0', { value: -1 }, 'NEGATIVE_VALUE input.value'],
    ['a fraction of a vehicle', { value: 0.5 }, 'INVALID_VALUE input.value'],
    ['more than 2^53 - 1', { value: 2 ** 53 }, 'INVALID_VALUE input.value'],
    ['a growth below -100', { growthMinPercent: -101 }, 'INVALID_VALUE input.growthMinPercent'],
    [
      'a lowest growth above the highest',
      { growthMinPercent: 50, growthMaxPercent: 40 },
      'INVALID_VALUE input.growthMinPercent',
    ],
    ['a range of which the lower end is above the upper', { lower: 2, upper: 1 }, 'INVALID_VALUE input.lower'],
    ['a range without its lower end', { upper: 1 }, 'INVALID_VALUE input.lower'],
    ['a number without a period and a deadline', { period: null }, 'INVALID_INPUT input.period'],
    ['a range without them', { period: null, lower: 1 }, 'INVALID_INPUT input.period'],
    ['a value with a growth', { value: 1, growthMinPercent: 40 }, 'INVALID_VALUE input.growthMinPercent'],
    ['a range with a growth', { lower: 1, growthMaxPercent: 40 }, 'INVALID_VALUE input.growthMaxPercent'],
    ['a deadline after the period', { deadline: '2031-01-01' }, 'INVALID_INPUT input.deadline'],
    ['a deadline before the period', { deadline: '2029-12-31' }, 'INVALID_INPUT input.deadline'],
    ['a value with a range', { value: 1, lower: 1, upper: 2 }, 'INVALID_VALUE input.value'],
    ['a range from 0', { lower: 0, upper: 1 }, 'INVALID_VALUE input.lower'],
    ['an invalid period', { period: '2030-13' }, 'INVALID_PERIOD input.period'],
    ['an invalid deadline', { deadline: '2030-12' }, 'INVALID_INPUT input.deadline'],
    ['an invalid date of setting', { setOn: '2026-00' }, 'INVALID_INPUT input.setOn'],
    ['the unit of another metric', { unit: 'PERCENT' }, 'INVALID_UNIT input.unit'],
    ['an unknown subject', { subject: 'nobody' }, 'UNKNOWN_SUBJECT input.subject'],
    ['an unknown source', { sourceId: 'none' }, 'UNKNOWN_SOURCE input.sourceId'],
    ['the revision of nothing', { revises: 'none' }, 'INVALID_INPUT input.revises'],
    ['an empty note', { note: '' }, 'INVALID_INPUT input.note'],
  ])('refuses %s', async (_name, input, problem) => {
    const subject = await givenSubject(api, 'BRAND');
    const before = await stateOf(api);
    const payload = await set({ subject, ...input });
    expect(problemsOf(payload)).toEqual([problem]);
    expect(payload.target).toBeNull();
    expect(await stateOf(api)).toEqual(before);
  });

  test('refuses a target that was set after its source was published', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const published = await givenSource(api, { publishedOn: '2026-03-15' });
    const on = (setOn: string) => set({ subject, sourceId: published, setOn });
    for (const setOn of ['2026-03-16', '2026-04', '2027'])
      expect(problemsOf(await on(setOn))).toEqual(['INVALID_INPUT input.setOn']);
    expect((await on('2026-03')).target).toMatchObject({ setOn: '2026-03' });
  });

  test('takes a deadline within the period', async () => {
    const subject = await givenSubject(api, 'BRAND');
    expect((await set({ subject, deadline: '2030-12-31' })).target).toMatchObject({ deadline: '2030-12-31' });
  });

  test('names all problems at once, each with its path', async () => {
    await givenSubject(api, 'BRAND', { slug: 'shangjie' });
    const payload = await set({
      subject: 'shanjie',
      value: -1,
      period: 'soon',
      deadline: 'later',
      setOn: 'earlier',
      unit: 'CNY',
      sourceId: 'none',
      revises: 'none',
      growthMaxPercent: -200,
    });
    expect(problemsOf(payload)).toEqual([
      'INVALID_INPUT input.deadline',
      'INVALID_INPUT input.revises',
      'INVALID_INPUT input.setOn',
      'INVALID_PERIOD input.period',
      'INVALID_UNIT input.unit',
      'INVALID_VALUE input.growthMaxPercent',
      // A number and a growth.
      'INVALID_VALUE input.growthMaxPercent',
      'NEGATIVE_VALUE input.value',
      'UNKNOWN_SOURCE input.sourceId',
      'UNKNOWN_SUBJECT input.subject',
    ]);
    expect(payload.userErrors.find(({ code }) => code === 'UNKNOWN_SUBJECT')?.didYouMean).toEqual(['shangjie']);
  });
});

describe('a revision', () => {
  test('replaces the target before it, and links back to it', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await set({ subject });
    const second = await set({ subject, value: 350_000, revises: first.target.id });
    const third = await set({ subject, value: 360_000, revises: second.target.id });
    const data = await api.ask(
      'query ($id: ID!) { node(id: $id) { ... on Target { value revises { value revises { value revises { id } } } } } }',
      { id: third.target.id },
    );
    const chain = { value: 350_000, revises: { value: 300_000, revises: null } };
    expect(data).toEqual({ node: { value: 360_000, revises: chain } });
  });

  test('that is sent twice is stored once', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set({ subject });
    const first = await set({ subject, value: 350_000, revises: target.id });
    expect(await set({ subject, value: 350_000, revises: target.id })).toEqual({ ...first, cursor: null });
  });

  test.each([
    ['with another value', { value: 370_000 }],
    ['with the same value for another period', { value: 350_000, period: '2031' }],
  ])('of a target that was already revised, %s, is refused, and the current target is named', async (_name, other) => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await set({ subject });
    const second = await set({ subject, value: 350_000, revises: first.target.id });
    const third = await set({ subject, value: 360_000, revises: second.target.id });
    const before = await stateOf(api);
    expect(await set({ subject, ...other, revises: first.target.id })).toMatchObject({
      target: null,
      userErrors: [{ code: 'STALE_REVISION', path: ['input', 'revises'], didYouMean: [third.target.id] }],
    });
    expect(await stateOf(api)).toEqual(before);
  });

  test('is stored alone when five are sent at the same time, and the others are told', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set({ subject });
    const values = [1, 2, 3, 4, 5].map((index) => 400_000 + index);
    const payloads = await Promise.all(values.map((value) => set({ subject, value, revises: target.id })));
    expect(payloads.flatMap(problemsOf)).toEqual(Array(4).fill('STALE_REVISION input.revises'));
    expect(await api.db.target.count({ where: { subject: { slug: subject } } })).toBe(2);
  });

  test('must be about the same subject, metric and kind', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set({ subject });
    const others = [{ subject: await givenSubject(api, 'BRAND') }, { metric: 'PRODUCTION' }, { kind: 'GUIDANCE' }];
    for (const other of others) {
      const payload = await set({ subject, ...other, revises: target.id });
      expect(problemsOf(payload)).toEqual(['INVALID_INPUT input.revises']);
    }
  });
});

test('targets are found by their subjects, the last set first', async () => {
  const one = await givenSubject(api, 'COMPANY');
  const other = await givenSubject(api, 'BRAND', { parent: one });
  for (const [subject, period] of [
    [one, '2030'],
    [other, '2031'],
    [one, '2032'],
  ] as const)
    await set({ subject, period });
  const data = await api.ask(
    `query ($one: String!, $other: String!) {
      both: targets(subjects: [$one, $other], first: 2) { nodes { period } totalCount pageInfo { hasNextPage } }
      alone: targets(subjects: [$one]) { nodes { period } totalCount }
      company(slug: $one) { targets { nodes { period } totalCount } }
    }`,
    { one, other },
  );
  const alone = { nodes: [{ period: '2032' }, { period: '2030' }], totalCount: 2 };
  expect(data).toEqual({
    both: { nodes: [{ period: '2032' }, { period: '2031' }], totalCount: 3, pageInfo: { hasNextPage: true } },
    alone,
    company: { targets: alone },
  });
  const { errors } = await api.query('{ targets(subjects: ["nobody"]) { nodes { id } } }');
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'UNKNOWN_SUBJECT' }] } }]);
});
