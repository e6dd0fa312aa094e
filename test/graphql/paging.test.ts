import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeId } from '../../src/graphql/node-id.ts';
import { openScenario } from '../support/scenario.ts';
import { givenSubject, unique } from '../support/writes.ts';

const scenario = await openScenario();
const { api } = scenario;
afterAll(() => scenario[Symbol.asyncDispose]());

/** The number of rows in every list, and of rows on a page. */
const ROWS = 7;
const SIZE = 3;
const COUNTED = Array.from({ length: ROWS }, (_, index) => index + 1);

/** Twelve months, of which the last two end on the same day as two of the quarters. */
const PERIODS = ['2025-01', '2025-02', '2025-04', '2025-05', '2025-06', '2025-Q1', '2025-Q2'];

beforeAll(async () => {
  const source = await scenario.source();
  const other = await scenario.source();
  for (const _ of COUNTED) await scenario.source();
  for (const kind of ['BRAND', 'COMPANY', 'ALLIANCE', 'PLANT', 'MARKET'] as const) {
    for (const _ of COUNTED) await scenario.subject(kind);
  }
  await givenSubject(api, 'BRAND', { slug: 'owner' });
  for (const _ of COUNTED) await scenario.subject('MODEL', { parent: 'owner' });
  // Monthly counts that no quarter contradicts, and a second source that contradicts each of them.
  const values = Object.fromEntries(PERIODS.map((period) => [period, period.includes('Q') ? 9_000 : 1_000]));
  const doubled = Object.fromEntries(PERIODS.map((period) => [period, period.includes('Q') ? 18_000 : 2_000]));
  await scenario.record('owner', values, { sourceId: source });
  await scenario.record('owner', doubled, { sourceId: other });
  for (const count of COUNTED) {
    // Every other one has no day; of the rest, two have the same day.
    const reachedOn = count % 2 === 0 ? null : `2024-0${Math.ceil(count / 4)}-01`;
    const statedElapsed = { value: Math.ceil(count / 2), unit: 'months', from: 'FOUNDING' };
    await scenario.announce('owner', { ...NO_UNITS, title: `Title ${count}`, reachedOn, statedElapsed });
    await scenario.aim('owner', { period: String(2029 + count), value: 1_000_000 });
  }
});

const NO_UNITS = { kind: 'OTHER', metric: null, threshold: null };

/** A list of the schema: its field, its own arguments, the type of its items, and the object it belongs to, if any. */
interface List {
  readonly field: string;
  readonly own?: string;
  readonly of: string;
  readonly below?: readonly string[];
}

const OWNER = ['brand(slug: "owner")'];
const SUBJECT = ['subject(slug: "owner")'];
const SOURCE = [`node(id: "${encodeId('Source', 1)}")`, '... on Source'];
const EARLIEST = 'milestones, the earliest first';
/** All paged lists, by their order: a cursor is valid for all lists of one order. */
const ORDERS: Readonly<Record<string, readonly List[]>> = {
  brands: [{ field: 'brands', of: 'Brand' }],
  companies: [{ field: 'companies', of: 'Company' }],
  alliances: [{ field: 'alliances', of: 'Alliance' }],
  models: [
    { field: 'models', of: 'Model' },
    { field: 'models', of: 'Model', below: OWNER },
  ],
  plants: [{ field: 'plants', of: 'Plant' }],
  markets: [{ field: 'markets', of: 'Market' }],
  figures: [
    { field: 'figures', own: 'filter: { subjects: ["owner"] }', of: 'Figure' },
    { field: 'figures', of: 'Figure', below: SUBJECT },
    { field: 'figures', own: 'filter: { metrics: [DELIVERIES] }', of: 'Figure', below: OWNER },
    { field: 'figures', of: 'Figure', below: SOURCE },
  ],
  ...Object.fromEntries(
    ['PERIOD_ASC', 'RECORDED_DESC', 'RECORDED_ASC', 'PUBLISHED_DESC', 'VALUE_DESC'].map((order) => {
      const own = `orderBy: ${order}`;
      const lists = [
        { field: 'figures', own, of: 'Figure' },
        { field: 'figures', own, of: 'Figure', below: OWNER },
      ];
      return [`figures, ${order}`, lists];
    }),
  ),
  [EARLIEST]: [
    { field: 'milestones', of: 'Milestone' },
    { field: 'milestones', of: 'Milestone', below: OWNER },
  ],
  'milestones, the latest first': [
    { field: 'milestones', own: 'orderBy: REACHED_ON_DESC', of: 'Milestone' },
    { field: 'milestones', own: 'orderBy: REACHED_ON_DESC', of: 'Milestone', below: SUBJECT },
  ],
  'milestones, the quickest first': [{ field: 'milestones', own: 'orderBy: ELAPSED_ASC', of: 'Milestone' }],
  targets: [
    { field: 'targets', of: 'Target' },
    { field: 'targets', of: 'Target', below: OWNER },
  ],
  sources: [{ field: 'sources', of: 'Source' }],
  conflicts: [{ field: 'conflicts', of: 'Observation' }],
  // The second source contradicts each of the first one's values.
  contradictions: [{ field: 'contradictions', of: 'Contradiction' }],
};
const LISTS = Object.entries(ORDERS).flatMap(([order, lists]) =>
  lists.map((list) => ({ order, list, name: [...(list.below ?? []), list.field, list.own].join(' ') })),
);

interface PageArgs {
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: Readonly<Record<string, unknown>> }[];
  readonly nodes: readonly unknown[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const PAGE_INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

function documentOf({ field, own = '', of, below = [] }: List): string {
  const args = 'first: $first, after: $after, last: $last, before: $before';
  const item = of === 'Observation' ? 'period method' : 'id';
  const list = `list: ${field}(${[own, args].join(' ')}) {
    totalCount edges { cursor node { ${item} } } nodes { ${item} } ${PAGE_INFO}
  }`;
  return `query ($first: Int, $after: String, $last: Int, $before: String) {
    ${below.map((field_) => `${field_} {`).join(' ')} ${list} ${below.map(() => '}').join(' ')}
  }`;
}

/** The one list in an answer, at any depth. */
function listIn(data: Readonly<Record<string, unknown>>): Page {
  return (data.list ?? listIn(Object.values(data)[0] as typeof data)) as Page;
}

async function readPage(list: List, args: PageArgs): Promise<Page> {
  return listIn(await api.ask(documentOf(list), { ...args }));
}

const cursorsOf = ({ edges }: Page): readonly string[] => edges.map(({ cursor }) => cursor);

describe.each(LISTS)('$name', ({ order, list }) => {
  test('has every item once on its pages, and each page knows whether there are items before and after it', async () => {
    const whole = await readPage(list, { first: 100 });
    const { length } = whole.edges;
    expect(length).toBeGreaterThanOrEqual(ROWS);
    expect(new Set(cursorsOf(whole)).size).toBe(length);
    expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    const expected = (from: number, to: number): Page => {
      const edges = whole.edges.slice(Math.max(from, 0), to);
      return {
        totalCount: length,
        edges,
        nodes: edges.map(({ node }) => node),
        pageInfo: {
          hasNextPage: to < length,
          hasPreviousPage: from > 0,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    };
    let after: string | null = null;
    for (let from = 0; from < length; from += SIZE) {
      const page = await readPage(list, { first: SIZE, after });
      expect(page).toEqual(expected(from, from + SIZE));
      after = page.pageInfo.endCursor;
    }
    expect(await readPage(list, { first: SIZE, after })).toEqual(expected(length, length));
    let before: string | null = null;
    for (let to = length; to > 0; to -= SIZE) {
      const page = await readPage(list, { last: SIZE, before });
      expect(page).toEqual(expected(to - SIZE, to));
      before = page.pageInfo.startCursor;
    }
    expect(await readPage(list, { last: SIZE, before })).toEqual(expected(0, 0));
    // Without a size the cursor decides the direction.
    expect(await readPage(list, { before: whole.edges[2]?.cursor ?? null })).toEqual(expected(0, 2));
  });

  test('refuses the cursors of lists in another order and accepts its own', async () => {
    for (const [another, [from]] of Object.entries(ORDERS) as [string, [List]][]) {
      const [cursor] = cursorsOf(await readPage(from, { first: 1 }));
      for (const place of ['after', 'before'] as const) {
        const { errors } = await api.query(documentOf(list), { [place]: cursor });
        if (another === order) expect(errors).toBeUndefined();
        else {
          expect(errors).toMatchObject([
            {
              message: expect.stringMatching(/^"[\w-]+…?" is a cursor of another list or another order\.$/),
              extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: [place] }] },
            },
          ]);
        }
      }
    }
  });
});

const cursorFrom = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');

describe.each([
  { field: 'brands', of: 'Brand' },
  { field: 'figures', of: 'Figure' },
  { field: 'figures', of: 'Figure', below: OWNER },
  { field: 'milestones', of: 'Milestone', below: OWNER },
  { field: 'conflicts', of: 'Observation' },
] satisfies List[])('$field below $below', (list) => {
  test('refuses an invalid cursor with a message that says so', async () => {
    const [real = ''] = cursorsOf(await readPage(list, { first: 1 }));
    const content = JSON.parse(Buffer.from(real, 'base64url').toString('utf8')) as unknown[];
    const [name, ...values] = content;
    const broken = [
      ...['', ' ', 'nonsense', '[]', `${real}=`, ` ${real}`, real.slice(0, -1), 'x'.repeat(20_000)],
      ...[null, 7, 'text', {}, [], [name], [...content, 1], [name, ...values.map(() => null)]].map(cursorFrom),
      // Values that neither a text nor a number of a row can have.
      ...[{}, [], true, 0.5, 2 ** 31, -(2 ** 31) - 1, '', 'a\u0000', '\ud800', 'x'.repeat(600)].map((value) =>
        cursorFrom([name, ...values.slice(0, -1), value]),
      ),
    ];
    for (const after of broken) {
      const { errors } = await api.query(documentOf(list), { after });
      expect(errors).toMatchObject([
        {
          message: expect.stringMatching(/^".*" is not a cursor of this list\.$/s),
          extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: ['after'] }] },
        },
      ]);
      expect(errors?.[0]?.message.length).toBeLessThan(200);
    }
  });

  test('says that a cursor in an earlier format is of an older version', async () => {
    const { errors } = await api.query(documentOf(list), { after: Buffer.from('GPC:N:17').toString('base64') });
    expect(errors).toMatchObject([
      {
        message: '"R1BDOk46MTc=" is a cursor of an older version. Begin again at the first page.',
        extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: ['after'] }] },
      },
    ]);
  });
});

describe('nothing is lost or repeated', () => {
  const MONTHS = ['2025-12', '2025-11', '2025-10', '2025-09', '2025-08', '2025-07'];
  const FIGURES = (subject: string): readonly [string, List][] => [
    ['all', { field: 'figures', own: `filter: { subjects: ["${subject}"] }`, of: 'Figure' }],
    ['its own', { field: 'figures', of: 'Figure', below: [`brand(slug: "${subject}")`] }],
  ];
  const idsOf = ({ edges }: Page): readonly unknown[] => edges.map(({ node }) => node.id);

  /** A brand with a figure in each of the months; their ids, the newest first. */
  async function givenFigures(): Promise<{ subject: string; ids: readonly string[] }> {
    const subject = await scenario.subject('BRAND');
    const { ids } = await scenario.record(subject, Object.fromEntries(MONTHS.map((month) => [month, 1_000])));
    return { subject, ids };
  }

  test.each(['all', 'its own'])('when the figure of a cursor is withdrawn: %s', async (which) => {
    const { subject, ids } = await givenFigures();
    const list = new Map(FIGURES(subject)).get(which) as List;
    const page = await readPage(list, { first: 3 });
    expect(idsOf(page)).toEqual(ids.slice(0, 3));
    await scenario.withdraw(ids[2] as string);
    const next = await readPage(list, { first: 3, after: page.pageInfo.endCursor });
    expect(idsOf(next)).toEqual(ids.slice(3));
    expect(next.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    await scenario.withdraw(ids[3] as string);
    const back = await readPage(list, { last: 3, before: next.pageInfo.startCursor });
    expect(idsOf(back)).toEqual(ids.slice(0, 2));
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  test.each(['all', 'its own'])('when all figures of a page are withdrawn: %s', async (which) => {
    const { subject, ids } = await givenFigures();
    const list = new Map(FIGURES(subject)).get(which) as List;
    const { pageInfo } = await readPage(list, { first: 3 });
    for (const id of ids.slice(0, 3)) await scenario.withdraw(id);
    const next = await readPage(list, { first: 3, after: pageInfo.endCursor });
    expect(idsOf(next)).toEqual(ids.slice(3));
    expect(next.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    for (const id of ids.slice(3)) await scenario.withdraw(id);
    const nothing = await readPage(list, { last: 3, before: next.pageInfo.startCursor });
    expect(nothing).toMatchObject({ totalCount: 0, edges: [], pageInfo: { startCursor: null, endCursor: null } });
    expect(nothing.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  });

  /** A brand with six expected milestones; their ids, the earliest first. */
  async function givenMilestones(): Promise<{ subject: string; ids: readonly string[] }> {
    const subject = await scenario.subject('BRAND');
    const ids: string[] = [];
    for (const month of [1, 2, 3, 4, 5, 6]) {
      const reachedOn = `2024-0${month}-01`;
      const { id } = await scenario.announce(subject, { ...NO_UNITS, title: `T${month}`, reachedOn, expected: true });
      ids.push(id);
    }
    return { subject, ids };
  }

  test.each(['all', 'its own'])('when the status of a milestone takes it out of the filter: %s', async (which) => {
    const { subject, ids } = await givenMilestones();
    const own = which === 'all' ? `subjects: ["${subject}"] ` : '';
    const list: List = {
      field: 'milestones',
      own: `filter: { ${own}statuses: [EXPECTED] }`,
      of: 'Milestone',
      below: which === 'all' ? [] : [`subject(slug: "${subject}")`],
    };
    const page = await readPage(list, { first: 2 });
    expect(idsOf(page)).toEqual(ids.slice(0, 2));
    await scenario.announce(subject, { ...NO_UNITS, title: 'T2', reachedOn: '2024-02-01' });
    const next = await readPage(list, { first: 2, after: page.pageInfo.endCursor });
    expect(idsOf(next)).toEqual(ids.slice(2, 4));
    await scenario.announce(subject, { ...NO_UNITS, title: 'T5', reachedOn: '2024-05-01' });
    const last = await readPage(list, { first: 2, after: next.pageInfo.endCursor });
    expect(idsOf(last)).toEqual(ids.slice(5));
  });

  test.each(['2023-01-01', '2024-12-31'])('when a milestone moves to %s', async (moved) => {
    const { subject, ids } = await givenMilestones();
    const list: List = { field: 'milestones', of: 'Milestone', below: [`brand(slug: "${subject}")`] };
    const page = await readPage(list, { first: 3 });
    expect(idsOf(page)).toEqual(ids.slice(0, 3));
    // The maker itself says another day, which outranks an expected one.
    await scenario.announce(subject, {
      ...NO_UNITS,
      title: 'T3',
      reachedOn: moved,
      sourceId: await scenario.source(1),
    });
    const next = await readPage(list, { first: 3, after: page.pageInfo.endCursor });
    expect(idsOf(next).filter((id) => id !== ids[2])).toEqual(ids.slice(3));
    const back = await readPage(list, { last: 3, before: next.pageInfo.startCursor });
    expect(idsOf(back).filter((id) => id !== ids[2])).toEqual(ids.slice(0, 2));
  });
});

test('one object can have several pages of the same list in one operation', async () => {
  const list: List = { field: 'figures', of: 'Figure', below: OWNER };
  const whole = await readPage(list, { first: 100 });
  const cursors = cursorsOf(whole);
  const data = await api.ask<{ brand: Record<string, Page> }>(
    `query ($after: String, $before: String) { brand(slug: "owner") {
      start: figures(first: 2) { totalCount edges { cursor } }
      next: figures(first: 3, after: $after) { edges { cursor } ${PAGE_INFO} }
      back: figures(last: 1, before: $before) { edges { cursor } ${PAGE_INFO} }
      months: figures(filter: { periods: ["2025-01"] }) { totalCount }
      ...again
    } } fragment again on Brand { start: figures(first: 2) { nodes { subject { slug } } } }`,
    { after: cursors[1], before: cursors[5] },
  );
  expect(data.brand).toMatchObject({
    start: {
      totalCount: cursors.length,
      edges: [{ cursor: cursors[0] }, { cursor: cursors[1] }],
      nodes: [{ subject: { slug: 'owner' } }, { subject: { slug: 'owner' } }],
    },
    next: {
      edges: cursors.slice(2, 5).map((cursor) => ({ cursor })),
      pageInfo: { hasPreviousPage: true, hasNextPage: true },
    },
    back: { edges: [{ cursor: cursors[4] }], pageInfo: { hasPreviousPage: true, hasNextPage: true } },
    months: { totalCount: 2 },
  });
});

test('a write whose answer asks for a page after a cursor of another list is refused, and writes nothing', async () => {
  const [cursor] = cursorsOf(await readPage({ field: 'brands', of: 'Brand' }, { first: 1 }));
  const { errors } = await api.query(
    `mutation ($after: String) {
      createSubject(input: { kind: BRAND, slug: "refused", name: "Refused" }) {
        subject { figures(after: $after) { totalCount } }
      }
    }`,
    { after: cursor },
  );
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', problems: [{ path: ['after'] }] } }]);
  expect(await api.db.subject.count({ where: { slug: 'refused' } })).toBe(0);
});

test('changes after a place have a previous page only if there are changes before it', async () => {
  const pages = await api.ask<Readonly<Record<string, { pageInfo: { hasPreviousPage: boolean; endCursor: string } }>>>(
    `{
      figures: changes(first: 1, filter: { metrics: [DELIVERIES] }) { pageInfo { hasPreviousPage endCursor } }
      all: changes(first: 1) { pageInfo { hasPreviousPage endCursor } }
    }`,
  );
  expect(pages).toMatchObject({
    figures: { pageInfo: { hasPreviousPage: false } },
    all: { pageInfo: { hasPreviousPage: false } },
  });
  const after = pages.all?.pageInfo.endCursor;
  const next = await api.ask(
    `query ($after: Cursor) {
      figures: changes(first: 1, after: $after, filter: { metrics: [DELIVERIES] }) { pageInfo { hasPreviousPage } }
      all: changes(first: 1, after: $after) { pageInfo { hasPreviousPage } }
    }`,
    { after },
  );
  // The first entry of all is about a source.
  expect(next).toEqual({
    figures: { pageInfo: { hasPreviousPage: false } },
    all: { pageInfo: { hasPreviousPage: true } },
  });
});

describe('the database is asked', () => {
  /** How many reads an operation needs. */
  async function countReads(document: string): Promise<number> {
    const spies = [vi.spyOn(pg.Client.prototype, 'query'), vi.spyOn(PGlite.prototype, 'query')];
    try {
      // A text that nobody has asked before: a kept answer needs no read.
      await api.ask(`# ${unique('counted')}\n${document}`);
      const calls = spies.flatMap((spy) => spy.mock.calls as unknown[][]);
      const texts = calls.map(([sent]) => (typeof sent === 'string' ? sent : (sent as { text: string }).text));
      // Keys and the head of the log are looked up separately.
      return texts.filter(
        (text) => /^(select|\/\* (read|count)Rows)/i.test(text) && !/"(ApiKey|Change|ChangeLog)"/.test(text),
      ).length;
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  test.each([
    ['once for a page', '{ brands(first: 2) { edges { cursor node { slug } } } }', 1],
    ['once for a count', '{ brands { totalCount } }', 1],
    ['twice for both', '{ brands(first: 2) { totalCount nodes { slug } } }', 2],
    ['once for both if the first page has all of them', '{ brands { totalCount nodes { slug } } }', 1],
    [
      'once for both if the first page has all of them, whatever is asked first',
      '{ brands { nodes { slug } totalCount } }',
      1,
    ],
    [
      'once for pages within pages, and their counts',
      `{ brands(first: 9) { nodes {
        figures(first: 3) { totalCount nodes { value source { publisher { name } } } edges { node { subject { slug } } } }
        models(first: 3) { nodes { slug brand { slug } } } milestones { nodes { title } } targets { totalCount }
      } } }`,
      1,
    ],
    [
      'once for a page of one subject',
      '{ brand(slug: "owner") { figures(first: 3) { nodes { value } pageInfo { hasNextPage } } } }',
      1,
    ],
  ])('%s', async (_how, document, reads) => {
    await api.ask(document);
    expect(await countReads(document)).toBe(reads);
  });

  test('once more to look on the other side of a cursor, for any number of lists', async () => {
    const list: List = { field: 'figures', of: 'Figure', below: OWNER };
    const { pageInfo } = await readPage(list, { first: 1 });
    const args = `first: 2, after: "${pageInfo.endCursor}"`;
    const without = `{ brand(slug: "owner") { figures(${args}) { nodes { id } pageInfo { hasNextPage } } } }`;
    expect(await countReads(without)).toBe(1);
    expect(await countReads(without.replace('hasNextPage', 'hasPreviousPage'))).toBe(2);
    const many = `{ brands { nodes { figures(${args}) { nodes { id } pageInfo { hasPreviousPage } } } } }`;
    expect(await countReads(many)).toBe(2);
  });
});
