import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';

interface Shown {
  readonly id: string;
  readonly title: string;
  readonly status: string;
}
interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: Shown }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
}

const SHOWN = `id subject { slug } kind metric threshold title reachedOn window status agreement plant { slug } model { slug }
  elapsed { months days totalDays totalDaysMin totalDaysMax since sinceWhat stated }
  claims { on note expected rank statedElapsed { value unit } source { title publisher { slug } } }`;
const DECLARED =
  '$filter: MilestoneFilter, $orderBy: MilestoneOrder, $asOf: DateTime, $first: Int, $after: String, $last: Int, $before: String';
const PAGE = `milestones(filter: $filter, orderBy: $orderBy, asOf: $asOf, first: $first, after: $after, last: $last, before: $before) {
  totalCount edges { cursor node { ${SHOWN} } } pageInfo { hasNextPage hasPreviousPage } }`;
const FUTURE = '2100-01-01T00:00:00Z';

/** Of no milestone and of no metric, and at instants that nobody can ask for. */
const NO_IDS = [
  'Milestone:1|NOTHING|5|0',
  'Milestone:1|DELIVERIES|NaN|0',
  'Milestone:1|DELIVERIES|10000|-8640000000000000',
  'Milestone:1|8640000000000000',
  'Observation:1|DELIVERIES|2025-01||-8640000000000000',
].map((text) => Buffer.from(text).toString('base64'));

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function page(args: Readonly<Record<string, unknown>>, slug?: string): Promise<Page> {
  const list = slug === undefined ? PAGE : `subject(slug: "${slug}") { ${PAGE} }`;
  const data = await scenario.api.ask<{ milestones: Page; subject?: { milestones: Page } }>(
    `query (${DECLARED}) { ${list} }`,
    args,
  );
  return data.subject?.milestones ?? data.milestones;
}

async function all(args: object, slug?: string, first = 100): Promise<readonly Shown[]> {
  const found: Shown[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const { edges, pageInfo }: Page = await page({ ...args, first, after }, slug);
    found.push(...edges.map(({ node }) => node));
    [after, more] = [edges.at(-1)?.cursor, pageInfo.hasNextPage];
  }
  return found;
}

/** Without what tells an instant from now. */
const bare = (shown: readonly Shown[]) => shown.map(({ id: _id, ...rest }) => rest);

describe('milestones as of the far future are the present ones, in the same order', () => {
  test.each(['REACHED_ON_ASC', 'REACHED_ON_DESC', 'ELAPSED_ASC'])('by %s', async (orderBy) => {
    const now = await all({ orderBy });
    expect(now.length).toBeGreaterThan(100);
    expect(bare(await all({ orderBy, asOf: FUTURE }))).toEqual(bare(now));
  });

  test.each([
    { kinds: ['UNITS'], threshold: 1_000_000, statuses: ['ANNOUNCED', 'CONFIRMED'] },
    { kinds: ['FIRST_DELIVERY', 'LAUNCH'] },
    { metrics: ['PRODUCTION'], subjectKinds: ['COMPANY'] },
    { subjects: ['hima'], includeDescendants: true, statuses: ['DETECTED', 'CONFIRMED', 'DISPUTED'] },
    { reachedSince: '2025-06-15', reachedUntil: '2025-09-30' },
    { text: 'MILLION' },
    { text: 'Huawei' },
  ])('of %o', async (filter) => {
    const now = await all({ filter });
    expect(now.length).toBeGreaterThan(0);
    expect(bare(await all({ filter, asOf: FUTURE }))).toEqual(bare(now));
  });

  test.each(['nio-inc', 'hima', 'aito-m9'])('of the subject %s', async (slug) => {
    const now = await all({}, slug);
    expect(now.length).toBeGreaterThan(0);
    expect(bare(await all({ asOf: FUTURE }, slug))).toEqual(bare(now));
    expect(bare(await all({ asOf: FUTURE, filter: { kinds: ['UNITS'] } }, slug))).toEqual(
      bare(await all({ filter: { kinds: ['UNITS'] } }, slug)),
    );
  });

  test('page by page, onwards and backwards', async () => {
    const whole = await all({ asOf: FUTURE });
    expect(await all({ asOf: FUTURE }, undefined, 37)).toEqual(whole);
    const last = await page({ asOf: FUTURE, last: 3 });
    expect(last.edges.map(({ node }) => node)).toEqual(whole.slice(-3));
    expect(last).toMatchObject({
      totalCount: whole.length,
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
    const before = await page({ asOf: FUTURE, last: 2, before: last.edges[0]?.cursor });
    expect(before.edges.map(({ node }) => node)).toEqual(whole.slice(-5, -3));
    const { errors } = await scenario.api.query(`query (${DECLARED}) { ${PAGE} }`, { after: last.edges[0]?.cursor });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

test('before everything there are none', async () => {
  expect(await page({ asOf: '1900-01-01T00:00:00Z' })).toMatchObject({ totalCount: 0, edges: [] });
  expect(await page({ asOf: '1900-01-01T00:00:00Z' }, 'nio-inc')).toMatchObject({ totalCount: 0, edges: [] });
});

/** A brand that reached 10,000 according to a source that was later restated; and that announced 50,000. */
async function givenBrand() {
  const brand = await scenario.subject('BRAND');
  const first = await scenario.source(1, '2025-03-01');
  const { ids } = await scenario.record(
    brand,
    { '../2025-01-31': 9_000, '../2025-02-28': 10_500 },
    { sourceId: first },
  );
  const restated = await scenario.source(1, '2025-03-10');
  await scenario.revise(ids[1] as string, 9_900, { sourceId: restated });
  const third = await scenario.source(3, '2025-05-20');
  const number = { metric: 'DELIVERIES', threshold: 10_000, title: 'Ten thousand!', reachedOn: '2025-05-10' };
  await scenario.announce(brand, { ...number, sourceId: third, note: 'At a party' });
  return brand;
}

describe('milestones as of an instant', () => {
  test('follow from what was published by then', async () => {
    const brand = await givenBrand();
    const at = (asOf: string) => all({ asOf }, brand);
    expect(await at('2025-02-27T00:00:00Z')).toEqual([]);
    // Detected in a figure that was restated nine days later.
    const detected = await at('2025-03-05T00:00:00Z');
    expect(detected).toMatchObject([
      { threshold: 10_000, status: 'DETECTED', window: ['2025-02-01', '2025-02-28'], reachedOn: '2025-02', claims: [] },
    ]);
    expect(detected[0]?.title).toBe(`${brand} passes 10,000 deliveries`);
    expect(await at('2025-03-15T00:00:00Z')).toEqual([]);
    const announced = await at('2025-05-25T00:00:00Z');
    expect(announced).toMatchObject([
      { status: 'ANNOUNCED', reachedOn: '2025-05-10', claims: [{ note: 'At a party' }] },
    ]);
    expect(bare(announced)).toEqual(bare(await all({}, brand)));
    expect(await all({ asOf: '2025-05-25T00:00:00Z', filter: { subjects: [brand], text: 'PARTY' } })).toEqual(
      announced,
    );
    expect(await all({ asOf: '2025-03-05T00:00:00Z', filter: { subjects: [brand], text: 'party' } })).toEqual([]);
  });

  test('has an id of its own, by which it is found, with or without a row', async () => {
    const brand = await givenBrand();
    const [detected] = await all({ asOf: '2025-03-05T00:00:00Z' }, brand);
    const [announced] = await all({ asOf: '2025-05-25T00:00:00Z' }, brand);
    const [now] = await all({}, brand);
    const [launch] = await all({ asOf: FUTURE, filter: { kinds: ['LAUNCH'] } }, 'onvo');
    const gone = idOf(detected as Shown, '2025-03-15T00:00:00Z');
    const ids = [detected, announced, now, launch].map((one) => one?.id ?? '');
    expect(new Set(ids).size).toBe(4);
    const { nodes } = await scenario.api.ask<{ nodes: unknown[] }>(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Milestone { ${SHOWN} } } }`,
      { ids: [...ids, gone, ...NO_IDS] },
    );
    const found = [detected, announced, now, launch].map((one) => ({ __typename: 'Milestone', ...one }));
    expect(nodes).toEqual([...found, null, ...NO_IDS.map(() => null)]);
  });

  test("those of Xiaomi's May are as the article of the time had it", async () => {
    // April and May, 7,058 and 8,646 after the restatement, were published by 2 June; what is told of 500,000 is of 2025.
    const known = await all({ asOf: '2024-06-02T12:00:00Z' }, 'xiaomi-auto');
    expect(known).toMatchObject([
      { title: 'Xiaomi Auto delivers its first vehicle', reachedOn: '2024-04-03', status: 'ANNOUNCED' },
      { title: 'Xiaomi Auto passes 10,000 deliveries', window: ['2024-05-01', '2024-05-31'], status: 'DETECTED' },
    ]);
    expect(await all({ asOf: '2024-05-31T15:59:59Z' }, 'xiaomi-auto')).toEqual([]);
  });

  test('of many subjects are worked out together', async () => {
    const { brands } = await scenario.api.ask<{
      brands: { nodes: { slug: string; milestones: { totalCount: number } }[] };
    }>(
      `query ($asOf: DateTime) { brands(first: 100) { nodes { slug milestones(asOf: $asOf, first: 1) { totalCount } } } }`,
      { asOf: FUTURE },
    );
    const now = await scenario.api.ask<{ brands: unknown }>(
      '{ brands(first: 100) { nodes { slug milestones(first: 1) { totalCount } } } }',
    );
    expect(brands).toEqual(now.brands);
  });
});

test('live ones are pushed when something moves them', async () => {
  const brand = await scenario.subject('BRAND');
  const pushed = scenario.api.subscribe<{ live: { milestones: { nodes: unknown }; contradictions: unknown } }>(
    `subscription { live {
      milestones(filter: { subjects: ["${brand}"] }, asOf: "${FUTURE}") { nodes { threshold status claims { on } } }
      contradictions(filter: { subjects: ["${brand}"] }, asOf: "${FUTURE}") { totalCount }
    } }`,
  );
  const next = async () => (await pushed.next()).value?.live;
  expect(await next()).toEqual({ milestones: { nodes: [] }, contradictions: { totalCount: 0 } });
  await scenario.record(brand, { '../2025-01-31': 10_001 });
  const detected = { threshold: 10_000, status: 'DETECTED', claims: [] };
  expect(await next()).toEqual({ milestones: { nodes: [detected] }, contradictions: { totalCount: 0 } });
  await scenario.announce(brand, { threshold: 10_000, reachedOn: '2025-01-20' });
  const confirmed = { threshold: 10_000, status: 'CONFIRMED', claims: [{ on: '2025-01-20' }] };
  expect(await next()).toEqual({ milestones: { nodes: [confirmed] }, contradictions: { totalCount: 0 } });
  await scenario.record(brand, { '../2025-01-31': 12_345 }, { sourceId: await scenario.source(2) });
  expect(await next()).toMatchObject({ contradictions: { totalCount: 1 } });
  await pushed.return();
});

/** The id of a milestone at another instant. */
function idOf({ id }: Shown, asOf: string): string {
  const parts = Buffer.from(id, 'base64').toString('utf8').split('|');
  return Buffer.from([...parts.slice(0, -1), Date.parse(asOf)].join('|')).toString('base64');
}
