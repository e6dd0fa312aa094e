import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../src/domain/values/calendar.ts';
import { encodeId } from '../../src/graphql/node-id.ts';
import { openScenario } from '../support/scenario.ts';
import { problemsOf, stateOf, USER_ERRORS, type UserError } from '../support/writes.ts';

const scenario = await openScenario();
const { api } = scenario;
afterAll(() => scenario[Symbol.asyncDispose]());

interface Payload {
  readonly figures: readonly {
    readonly id: string;
    readonly value: number;
    readonly revises: { readonly id: string };
  }[];
  readonly deduplicated: number;
  readonly milestones: readonly { readonly title: string }[];
  readonly cursor: string | null;
  readonly userErrors: readonly UserError[];
}

interface Revision {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
}

async function reviseAll(inputs: readonly Revision[]): Promise<Payload> {
  const { payload } = await api.ask<{ payload: Payload }>(
    `mutation ($inputs: [RevisionOf!]!) {
      payload: reviseFigures(inputs: $inputs) {
        figures { id value revises { id } } deduplicated milestones { title } cursor ${USER_ERRORS}
      }
    }`,
    { inputs },
  );
  return payload;
}

const to = (id: string | undefined, value: number, more: object = {}): Revision => ({
  id: id as string,
  input: { value, reason: 'A correction.', ...more },
});

let brand: string;
let ids: readonly string[];
const MONTHS = ['2024-01', '2024-02', '2024-03', '2024-04'];
beforeAll(async () => {
  brand = await scenario.subject('BRAND');
  ({ ids } = await scenario.record(brand, Object.fromEntries(MONTHS.map((month) => [month, 301]))));
});

/** A brand with figures of its own. */
async function given(
  values: Readonly<Record<string, number>>,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> {
  const { ids: own } = await scenario.record(await scenario.subject('BRAND'), values, fields);
  return own;
}

test('figures are revised together, in the order of the list, and the same list again writes nothing', async () => {
  const list = [to(ids[2], 313), to(ids[0], 311), to(ids[1], 312)];
  const revised = await reviseAll(list);
  expect(revised).toMatchObject({ deduplicated: 0, userErrors: [], cursor: expect.any(String) });
  expect(revised.figures.map(({ value, revises }) => [value, revises.id])).toEqual([
    [313, ids[2]],
    [311, ids[0]],
    [312, ids[1]],
  ]);
  expect(await scenario.observe(brand, '2024-Q1')).toMatchObject({ value: 311 + 312 + 313 });
  const before = await stateOf(api);
  const again = await reviseAll(list);
  expect(again).toEqual({ ...revised, deduplicated: 3, cursor: null });
  expect(await stateOf(api)).toEqual(before);
  // With one more, only that one is written.
  const more = await reviseAll([...list, to(ids[3], 314)]);
  expect(more).toMatchObject({ deduplicated: 3, userErrors: [] });
  expect(more.figures.slice(0, 3)).toEqual(revised.figures);
  const logged = await api.db.change.findMany({
    where: { kind: 'FIGURE', action: 'REVISED' },
    include: { figure: true },
  });
  expect(logged.map(({ figure }) => figure?.value)).toEqual([313, 311, 312, 314]);
});

test('a revision in a list is what a single one would be', async () => {
  const source = await scenario.source(2, '2024-05-05');
  const document = {
    sourceId: await scenario.source(3, '2024-05-01'),
    note: 'A note',
    attributedTo: 'CPCA',
    breaks: true,
  };
  const pairs = [await given({ '2024-04': 501 }, document), await given({ '2024-04': 501 }, document)];
  const [[single], [listed]] = pairs as [[string], [string]];
  for (const id of [single, listed]) await scenario.rank(id, 'PREFERRED');
  const { ids: revised } = await scenario.revise(single, 502, { sourceId: source });
  const { figures } = await reviseAll([to(listed, 502, { sourceId: source })]);
  const rows = await api.ask<{ nodes: object[] }>(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Figure {
      period value qualifier source { id } note attributedTo breaks rank rankReason action reason knownFrom knownUntil
      revises { knownUntil action }
    } } }`,
    { ids: [revised[0], figures[0]?.id] },
  );
  expect(rows.nodes[0]).toMatchObject({ value: 502, breaks: true, rank: 'PREFERRED', action: 'REVISED' });
  expect(rows.nodes[1]).toEqual(rows.nodes[0]);
});

test('milestones of all revisions come with the list', async () => {
  const [first] = await given({ '2024-01': 6_001 });
  const [second] = await given({ '2024-01': 6_001 });
  const { milestones } = await reviseAll([to(first, 12_001), to(second, 13_001)]);
  expect(milestones).toHaveLength(2);
});

describe('refused as a whole', () => {
  async function refused(inputs: readonly Revision[]): Promise<Payload> {
    const before = await stateOf(api);
    const payload = await reviseAll(inputs);
    expect(payload).toMatchObject({ figures: [], deduplicated: 0, cursor: null });
    expect(await stateOf(api)).toEqual(before);
    return payload;
  }

  test('with all problems of all revisions at once', async () => {
    const own = await given({ '2024-01': 301, '2024-02': 302, '2024-03': 303, '2024-04': 304, '2024-05': 305 });
    const [old = ''] = own;
    await scenario.revise(old, 311);
    const payload = await refused([
      to(old, 312),
      to('nobody', 1),
      to(own[1], 313),
      to(own[2], -1, { reason: ' ' }),
      to(own[3], 304),
      to(own[4], 305_123, { sourceId: 'none' }),
      to(own[1], 314),
      to(encodeId('Figure', 999_999), 0.5),
    ]);
    expect(problemsOf(payload)).toEqual(
      [
        'STALE_REVISION inputs.0.id',
        'UNKNOWN_FIGURE inputs.1.id',
        'NEGATIVE_VALUE inputs.3.input.value',
        'INVALID_INPUT inputs.3.input.reason',
        'INVALID_VALUE inputs.4.input.value',
        'UNKNOWN_SOURCE inputs.5.input.sourceId',
        'INVALID_INPUT inputs.6.id',
        'UNKNOWN_FIGURE inputs.7.id',
      ].sort(),
    );
  });

  test('with an implausible value, compared with the others of the list and not with what it replaces', async () => {
    const own = await given({ '2024-01': 301, '2024-02': 302, '2024-03': 303 });
    expect(problemsOf(await refused([to(own[0], 311), to(own[1], 31_234)]))).toEqual([
      'SUSPECT_MAGNITUDE inputs.0.input.value',
      'SUSPECT_MAGNITUDE inputs.1.input.value',
    ]);
    // All of them at once are a change of the unit, which bears itself out.
    const all = await reviseAll([to(own[0], 30_101), to(own[1], 30_202), to(own[2], 30_303)]);
    expect(all.userErrors).toEqual([]);
  });

  test('when a source would have two claims about the same', async () => {
    const subject = await scenario.subject('BRAND');
    const [one, two, three] = [await scenario.source(1), await scenario.source(2), await scenario.source(3)];
    const { ids: first } = await scenario.record(subject, { '2024-01': 301 }, { sourceId: one });
    const { ids: second } = await scenario.record(subject, { '2024-01': 302 }, { sourceId: two });
    const [a, b] = [first[0], second[0]];
    expect(problemsOf(await refused([to(a, 303, { sourceId: two })]))).toEqual([
      'ALREADY_RECORDED inputs.0.input.sourceId',
    ]);
    expect(problemsOf(await refused([to(a, 303, { sourceId: three }), to(b, 304, { sourceId: three })]))).toEqual([
      'ALREADY_RECORDED inputs.1.input.sourceId',
    ]);
    expect(problemsOf(await refused([to(a, 303, { sourceId: two }), to(b, 304)]))).toEqual([
      'ALREADY_RECORDED inputs.1.id',
    ]);
    // The claim of the second source makes room in the same list.
    const moved = await reviseAll([to(a, 303, { sourceId: two }), to(b, 304, { sourceId: three })]);
    expect(moved.userErrors).toEqual([]);
    expect(await reviseAll([to(a, 303, { sourceId: two }), to(b, 304, { sourceId: three })])).toMatchObject({
      deduplicated: 2,
      userErrors: [],
    });
  });

  test('by a source that is older, or that was published before the period ended', async () => {
    const [id] = await given({ '2024-04': 501 }, { sourceId: await scenario.source(1, '2024-05-02') });
    const older = await scenario.source(1, '2024-04-30');
    const early = await scenario.source(1, '2024-04-01');
    expect(problemsOf(await refused([to(id, 502, { sourceId: older })]))).toEqual([
      'INVALID_INPUT inputs.0.input.sourceId',
    ]);
    expect(problemsOf(await refused([to(id, 502, { sourceId: early })]))).toEqual([
      'INVALID_INPUT inputs.0.input.sourceId',
      'INVALID_PERIOD inputs.0.input.sourceId',
    ]);
  });

  test.each([
    [0, 'INVALID_INPUT inputs'],
    [1_001, 'TOO_MANY inputs'],
  ])('with %i revisions', async (count, problem) => {
    expect(problemsOf(await refused(Array.from({ length: count }, () => to(ids[0], 1))))).toEqual([problem]);
  });
});

test('1,000 are revised at once, and a list that is sent three times at the same time is written once', async () => {
  const days = Array.from({ length: 1_000 }, (_, index) => addDays('2020-01-01', index));
  const own = await given(Object.fromEntries(days.map((day) => [day, 3])));
  const list = own.map((id) => to(id, 4));
  const payloads = await Promise.all([list, list, list].map(reviseAll));
  expect(payloads.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect(payloads.map(({ deduplicated }) => deduplicated).sort((a, b) => a - b)).toEqual([0, 1_000, 1_000]);
  expect(payloads[0]?.figures.map(({ revises }) => revises.id)).toEqual(own);
});
