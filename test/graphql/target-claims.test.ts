import { afterAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const TARGET = `cursor target {
  id kind metric period value lower upper growthMinPercent setOn source { id } revises { id }
  claims { source { id } statedMetric value lower upper }
}`;

interface Set {
  readonly cursor: string | null;
  readonly target: Readonly<Record<string, unknown>> & { readonly id: string; readonly claims: readonly object[] };
}

/** Sets a target for deliveries of 2030 of the subject. */
function set(subject: string, sourceId: string, input: object = { value: 300_000 }) {
  return write<Set>(api, 'setTarget', { subject, metric: 'DELIVERIES', period: '2030', sourceId, ...input }, TARGET);
}

const sources = () => Promise.all([givenSource(api), givenSource(api), givenSource(api, { tier: 1 })] as const);

describe('what another source says', () => {
  test('is a claim on the same target, also in sales instead of deliveries, and is pushed', async () => {
    const [one, other] = await sources();
    const subject = await givenSubject(api, 'BRAND');
    const first = await set(subject, one);
    const second = await set(subject, other, { value: 300_000, metric: 'SALES' });
    expect(second).toMatchObject({
      cursor: expect.any(String),
      target: {
        ...{ id: first.target.id, metric: 'DELIVERIES', value: 300_000, source: { id: one } },
        claims: [
          { source: { id: one }, statedMetric: 'DELIVERIES', value: 300_000 },
          { source: { id: other }, statedMetric: 'SALES', value: 300_000 },
        ],
      },
    });
    const { changes } = await api.ask<{ changes: { nodes: { cursor: string; target?: { id: string } }[] } }>(
      'query ($s: [String!]) { changes(last: 1, filter: { subjects: $s }) { nodes { cursor ... on TargetChange { target { id } } } } }',
      { s: [subject] },
    );
    expect(changes.nodes).toEqual([{ cursor: second.cursor, target: { id: first.target.id } }]);
  });

  test('with another number is a claim too, and the maker decides', async () => {
    const [one, other, maker] = await sources();
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set(subject, one);
    await set(subject, other, { value: 310_000 });
    const range = { lower: 350_000, upper: 400_000, setOn: '2029-12' };
    expect(await set(subject, maker, range)).toMatchObject({
      target: { id: target.id, value: null, ...range, source: { id: maker }, claims: [{}, {}, { lower: 350_000 }] },
    });
  });

  test.each([
    ['another kind', { kind: 'GUIDANCE', value: 300_000 }],
    ['another period', { period: '2031', value: 300_000 }],
    ['a deadline', { period: null, deadline: '2030-12-31', value: 300_000 }],
    ['something else that is counted', { metric: 'PRODUCTION', value: 300_000 }],
  ])('about %s is a target of its own', async (_what, input) => {
    const [one, other] = await sources();
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set(subject, one);
    expect((await set(subject, other, input)).target).not.toMatchObject({ id: target.id });
  });

  test('is kept once, however often and at the same time it is sent', async () => {
    const [one, other] = await sources();
    const subject = await givenSubject(api, 'BRAND');
    const sent = [one, other, one, other, one, other].map((source) => set(subject, source));
    const ids = (await Promise.all(sent)).map(({ target }) => target.id);
    expect(new Set(ids).size).toBe(1);
    const state = await stateOf(api);
    expect(await set(subject, other)).toMatchObject({ cursor: null, target: { id: ids[0], claims: [{}, {}] } });
    expect(await stateOf(api)).toEqual(state);
    expect(await api.db.change.count({ where: { kind: 'TARGET', subject: { slug: subject } } })).toBe(2);
  });
});

describe('what the same source says', () => {
  test('with another number is refused, and the target to revise is named', async () => {
    const [one, other] = await sources();
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set(subject, one);
    await set(subject, other);
    const state = await stateOf(api);
    for (const input of [{ value: 310_000 }, { lower: 300_000 }]) {
      expect(await set(subject, one, input)).toMatchObject({
        target: null,
        userErrors: [{ code: 'ALREADY_RECORDED', didYouMean: [target.id], message: expect.stringContaining('300000') }],
      });
    }
    expect(await stateOf(api)).toEqual(state);
    expect((await set(subject, one, { value: 310_000, revises: target.id })).target).toMatchObject({ value: 310_000 });
  });
});

describe('a line of revisions', () => {
  test('gets the claims of others at its end, and who says the same revision joins it', async () => {
    const [one, other, maker] = await sources();
    const subject = await givenSubject(api, 'BRAND');
    const first = await set(subject, one);
    const second = await set(subject, one, { value: 350_000, revises: first.target.id });
    expect(second.target).toMatchObject({ revises: { id: first.target.id }, claims: [{ value: 350_000 }] });
    const joined = await set(subject, other, { value: 350_000, metric: 'SALES', revises: first.target.id });
    expect(joined.target).toMatchObject({ id: second.target.id, claims: [{}, { statedMetric: 'SALES' }] });
    // The number before it is what the first one says, whoever says it again.
    expect((await set(subject, maker)).target).toMatchObject({ id: first.target.id, claims: [{}, {}] });
    expect(problemsOf(await set(subject, other, { value: 360_000, revises: first.target.id }))).toEqual([
      'STALE_REVISION input.revises',
    ]);
    // It said this of the first one.
    expect(await set(subject, one)).toMatchObject({ cursor: null, target: { id: first.target.id } });
  });
});

describe('what was revised', () => {
  test('says by what, and can be left out, also as known before', async () => {
    const parent = await givenSubject(api, 'COMPANY');
    const subject = await givenSubject(api, 'BRAND', { parent });
    const { target } = await set(subject, await givenSource(api, { publishedOn: '2024-03-01' }));
    const late = await givenSource(api, { publishedOn: '2024-06-01' });
    const { target: later } = await set(subject, late, { value: 350_000, revises: target.id });
    const list = 'nodes { value revises { id } revisedBy { id } }';
    const data = await api.ask(
      `query ($slug: String!, $parent: String!) {
        all: targets(subjects: [$slug]) { ${list} }
        current: targets(subjects: [$parent], includeDescendants: true, currentOnly: true) { totalCount ${list} }
        exactly: targets(subjects: [$parent], currentOnly: true) { totalCount }
        subject(slug: $slug) {
          current: targets(currentOnly: true) { totalCount ${list} }
          before: targets(currentOnly: true, asOf: "2024-05-01T00:00:00Z") { totalCount nodes { value } }
          after: targets(currentOnly: true, asOf: "2024-07-01T00:00:00Z") { totalCount nodes { value } }
        }
      }`,
      { slug: subject, parent },
    );
    const last = { value: 350_000, revises: { id: target.id }, revisedBy: null };
    expect(data).toEqual({
      all: { nodes: [last, { value: 300_000, revises: null, revisedBy: { id: later.id } }] },
      current: { totalCount: 1, nodes: [last] },
      exactly: { totalCount: 0 },
      subject: {
        current: { totalCount: 1, nodes: [last] },
        before: { totalCount: 1, nodes: [{ value: 300_000 }] },
        after: { totalCount: 1, nodes: [{ value: 350_000 }] },
      },
    });
  });
});

describe('a growth', () => {
  const growth = { growthMinPercent: 40, growthMaxPercent: 50, period: null };

  test('without a year is the one to which another source gives a year', async () => {
    const [one, other, third] = await sources();
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set(subject, one, growth);
    expect(target).toMatchObject({ period: null, growthMinPercent: 40 });
    const named = { id: target.id, period: '2030' };
    expect((await set(subject, other, { ...growth, period: '2030' })).target).toMatchObject(named);
    expect((await set(subject, third, growth)).target).toMatchObject({ ...named, claims: [{}, {}, {}] });
    expect((await set(subject, one, { ...growth, growthMinPercent: 45 })).target).toMatchObject({ period: null });
  });
});

describe('as of an instant', () => {
  test('are the targets that were known, as they were known', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const early = await givenSource(api, { publishedOn: '2024-03-01' });
    const maker = await givenSource(api, { tier: 1, publishedOn: '2024-05-01' });
    const late = await givenSource(api, { publishedOn: '2024-06-01' });
    const { target } = await set(subject, early);
    await set(subject, maker, { value: 320_000 });
    await set(subject, late, { value: 350_000, revises: target.id });
    await set(subject, early, { kind: 'FORECAST', value: 1 });
    const at = async (asOf: string, kinds = '[TARGET]') => {
      const { subject: found, targets } = await api.ask<Record<string, { targets: object }>>(
        `query ($slug: String!, $asOf: DateTime) {
          subject(slug: $slug) { targets(asOf: $asOf, kinds: ${kinds}) { totalCount nodes { value source { id title } claims(asOf: $asOf) { value } } } }
          targets(subjects: [$slug], asOf: $asOf, kinds: ${kinds}) { totalCount nodes { value source { id title } claims(asOf: $asOf) { value } } }
        }`,
        { slug: subject, asOf },
      );
      expect(found?.targets).toEqual(targets);
      return targets;
    };
    const [first, second, third] = [
      { value: 300_000, source: { id: early }, claims: [{ value: 300_000 }] },
      { value: 320_000, source: { id: maker }, claims: [{ value: 300_000 }, { value: 320_000 }] },
      { value: 350_000, source: { id: late }, claims: [{ value: 350_000 }] },
    ];
    expect(await at('2024-02-29T15:59:59Z')).toEqual({ totalCount: 0, nodes: [] });
    expect(await at('2024-02-29T16:00:00Z')).toMatchObject({ totalCount: 1, nodes: [first] });
    expect(await at('2024-05-20T00:00:00Z')).toMatchObject({ totalCount: 1, nodes: [second] });
    expect(await at('2024-06-20T00:00:00Z')).toMatchObject({ totalCount: 2, nodes: [third, second] });
    expect(await at('2024-06-20T00:00:00Z', '[FORECAST]')).toMatchObject({ totalCount: 1, nodes: [{ value: 1 }] });
  });

  test('is the progress towards what the target was then', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { target } = await set(subject, await givenSource(api, { publishedOn: '2024-03-01' }));
    await set(subject, await givenSource(api, { tier: 1, publishedOn: '2024-05-01' }), { value: 320_000 });
    const data = await api.ask(
      `query ($id: ID!) { node(id: $id) { ... on Target { before: progress(asOf: "2024-04-01T00:00:00Z") { remaining } progress { remaining } } } }`,
      { id: target.id },
    );
    expect(data).toEqual({ node: { before: { remaining: 300_000 }, progress: { remaining: 320_000 } } });
  });
});

test('a target that was merged into another is found by its id alone, and names the other', async () => {
  const [one] = await sources();
  const subject = await givenSubject(api, 'BRAND');
  const { target } = await set(subject, one);
  const { target: merged } = await set(subject, one, { kind: 'FORECAST', value: 300_000 });
  // As the migration does with targets about the same.
  const { id } = await api.db.target.findFirstOrThrow({ where: { kind: 'TARGET', subject: { slug: subject } } });
  const same = { kind: 'FORECAST', subject: { slug: subject } } as const;
  await api.db.targetClaim.updateMany({ where: { target: same }, data: { targetId: id } });
  await api.db.target.updateMany({ where: same, data: { mergedIntoId: id } });
  const data = await api.ask(
    `query ($id: ID!, $slug: String!) {
      node(id: $id) { id ... on Target { value claims { value } mergedInto { id claims { value } } progress { remaining } } }
      targets(subjects: [$slug]) { totalCount nodes { id mergedInto { id } } }
      subject(slug: $slug) { targets { totalCount nodes { id } } }
    }`,
    { id: merged.id, slug: subject },
  );
  const claims = [{ value: 300_000 }, { value: 300_000 }];
  expect(data).toEqual({
    node: {
      ...{ id: merged.id, value: 300_000, claims: [], mergedInto: { id: target.id, claims } },
      progress: { remaining: 300_000 },
    },
    targets: { totalCount: 1, nodes: [{ id: target.id, mergedInto: null }] },
    subject: { targets: { totalCount: 1, nodes: [{ id: target.id }] } },
  });
});
