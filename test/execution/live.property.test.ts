import { readdir, readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  Kind,
  OperationTypeNode,
  parse,
  print,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { type Answer, type Api, openApi } from '../support/api.ts';
import { type Reader, subscribe } from '../support/readers.ts';
import { until } from '../support/wait.ts';
import { givenSource, givenSubject, unique, write } from '../support/writes.ts';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);
const QUERIES = 18;

/** Few of everything, so that writes and queries meet; the seed has more. */
const BRANDS = ['near', 'far', 'single', 'aito'] as const;
const SUBJECTS = [...BRANDS, 'whole', 'other-whole', 'union', 'hima', 'seres-group'] as const;
const METRICS = ['DELIVERIES', 'PRODUCTION', 'MARKET_SHARE'] as const;
const PERIODS = ['2025-01', '2025-02', '2025-Q1', '../2025-03-31'] as const;
/** Where each brand can move to: neither its parent nor itself. */
const OTHER_PARENTS: Readonly<Record<(typeof BRANDS)[number], readonly string[]>> = {
  near: ['other-whole', 'aito'],
  far: ['other-whole', 'aito'],
  single: ['whole', 'aito'],
  aito: ['whole', 'other-whole'],
};
/** Exists only once it was created. */
const NEWCOMER = 'newcomer';

const subject = fc.constantFrom(...SUBJECTS, NEWCOMER);
const brand = fc.constantFrom(...BRANDS);
const metric = fc.constantFrom(...METRICS);
const period = fc.constantFrom(...PERIODS);
const about = fc.record({ subject, metric, period });
const node = fc.record({
  table: fc.constantFrom(
    'Figure',
    'Milestone',
    'Target',
    'Source',
    'Membership',
    'Brand',
    'Publisher',
    'Contradiction',
  ),
  row: fc.integer({ min: 1, max: 30 }),
});

const FIGURE =
  'id value rank action revises { id } revisedBy { id action } source { title publisher { name } origin { name } }';
const CONTRADICTION = 'kind subject { name } periods gap explanation figures { id } setAside { id rank }';
const OBSERVED = `subject { name } within { name } period value lower upper method agreement explanation revised missing
  decidedBy origins contradictions { ${CONTRADICTION} } best { id rank revisedBy { id } } inputs { id } claims { id rank } history { id action } change(over: YEAR_AGO) { percent }`;
const MILESTONE = `title status reachedOn window agreement elapsed { totalDays } plant { name } model { name }
  claims { note statedElapsed { value } source { title } }`;
/** A target that all sources agree on. */
const RANGE = { lower: 5, upper: 7 };
const TARGET =
  'aim: kind metric value lower revises { value } revisedBy { value } mergedInto { id } claims { statedMetric value source { title } } progress { metric achieved ratio verdict growth { percent } projected { value method } }';

const NODE = `id ... on Figure { ${FIGURE} subject { name } within { name } } ... on Milestone { ${MILESTONE} subject { name } }
  ... on Target { ${TARGET} subject { name } source { title } } ... on Source { title } ... on Publisher { name }
  ... on Contradiction { ${CONTRADICTION} }
  ... on Membership { alliance { name } brand { name } company { name } joining: source { title } }`;

/** The fields of a subject of any kind. */
const fieldOfSubject = about.chain(({ metric: of, period: at }) =>
  fc.constantFrom(
    'kind name nameZh aliases',
    `observation(metric: ${of}, period: "${at}") { ${OBSERVED} }`,
    `observation(metric: ${of}, period: "${at}", within: "all-cars") { value }`,
    `observation(metric: ${of}, period: "${at}", asOf: "2100-01-01T00:00:00Z") { value contradictions { ${CONTRADICTION} } best { id rank } claims(includeDeprecated: true) { rank } }`,
    `cumulative(metric: ${of}) { period value method }`,
    `series(metric: ${of}) { observations { period value } missing }`,
    `series(metrics: [PRODUCTION, DELIVERIES]) { metric observations { period metric value change(over: PREVIOUS, metrics: [PRODUCTION, DELIVERIES]) { percent acrossBreak } } }`,
    `observation(metrics: [PRODUCTION, DELIVERIES], period: "${at}") { metric value }`,
    `milestones(first: 5, asOf: "2100-01-01T00:00:00Z") { totalCount nodes { ${MILESTONE} } }`,
    'metrics { metric from to observations claims } headlineMetric latest { period value notes }',
    'metrics(asOf: "2100-01-01T00:00:00Z") { metric from to observations claims } headlineMetric(asOf: "2100-01-01T00:00:00Z")',
    `latest(metric: ${of}, granularity: YEAR) { period value citation }`,
    `nextMilestone(metric: ${of}) { threshold earliest latest }`,
    `curve(metric: ${of}, alignedTo: FIRST_KNOWN) { subject { name } start points { on monthsSinceStart value lower upper } }`,
    `figures(first: 5) { totalCount nodes { ${FIGURE} } }`,
    `figures(first: 5, asOf: "2100-01-01T00:00:00Z") { totalCount nodes { ${FIGURE} } }`,
    `figures(filter: { metrics: [${of}], currentOnly: false }) { totalCount nodes { id within { name } } }`,
    `milestones(first: 5) { totalCount nodes { ${MILESTONE} } }`,
    `targets { totalCount nodes { ${TARGET} } }`,
    `targets(currentOnly: true) { totalCount nodes { value revises { value } } }`,
    `targets(asOf: "2100-01-01T00:00:00Z", kinds: [TARGET]) { totalCount nodes { value source { title } claims(asOf: "2100-01-01T00:00:00Z") { value } } }`,
    '... on Brand { company { parent { name } plants { name operator { name } } name brands { slug } } alliance { name } alliance(asOf: "2100-01-01T00:00:00Z") { name } memberships { joinedOn leftOn } memberships(asOf: "2100-01-01T00:00:00Z") { leftOn source { title } } parent { name } models { totalCount nodes { brand { name } } } }',
    '... on Market { parent { name } }',
    `... on Company { brands { slug cumulative(metric: ${of}) { value } targets { totalCount } } }`,
    `... on Alliance { leader { name } members { brand { name } } members(asOf: "2100-01-01T00:00:00Z") { brand { name } } total(metric: ${of}, period: "${at}") { value memberCount parts { value } } }`,
  ),
);

/** A query of any root field. */
const query = fc
  .tuple(about, brand, fc.array(fieldOfSubject, { minLength: 1, maxLength: 3 }), node)
  .chain(([{ subject: slug, metric: of, period: at }, one, fields, { table, row }]) => {
    const asked = fields.map((field, index) => `... on Subject { ${aliased(field, index)} }`).join(' ');
    return fc.constantFrom(
      `subject(slug: "${slug}") { ${asked} }`,
      `subject(slug: "${slug}") { ${asked} }`,
      `brand(slug: "${one}") { ${asked} }`,
      `brands(first: 100) { totalCount nodes { slug cumulative(metric: ${of}) { value } } }`,
      `search(query: "${slug}") { slug name milestones { totalCount } }`,
      `observation(subject: "${slug}", metric: ${of}, period: "${at}") { ${OBSERVED} }`,
      `series(subjects: ["${slug}", "${one}"], metric: ${of}) { subject { name } observations { period value } }`,
      `leaderboard(metric: ${of}${of === 'MARKET_SHARE' ? ', within: "all-cars"' : ''}, period: "${at}", kinds: [BRAND, COMPANY]) { entries { rank subject { slug } observation { value } } overlaps { part { slug } whole { slug } } total ofPopulation missing { slug } }`,
      'leaderboard(metrics: [PRODUCTION, DELIVERIES], kinds: [BRAND, COMPANY, ALLIANCE], withoutParts: true) { period entries { rankLower rankUpper previousRank yearAgoRank comparable metric subject { slug } } overlaps { part { slug } whole { slug } } ofPopulation missing { slug } }',
      `leaderboard(metric: MARKET_SHARE, within: "all-cars", period: "${at}") { latestPeriod entries { rank observation { value } } }`,
      `figures(first: 5, filter: { subjects: ["${slug}"], metrics: [${of}] }) { totalCount nodes { ${FIGURE} } }`,
      `figures(first: 5, asOf: "2100-01-01T00:00:00Z", filter: { subjects: ["${slug}"] }) { totalCount nodes { ${FIGURE} } }`,
      `figures(first: 5, filter: { kinds: [COMPANY] }) { totalCount nodes { subject { name } } }`,
      `conflicts(filter: { subjects: ["${slug}"] }) { totalCount nodes { metric value claims { value } } }`,
      `contradictions(first: 5, filter: { subjects: ["${slug}"] }) { totalCount nodes { ${CONTRADICTION} } }`,
      `contradictions(first: 5, asOf: "2100-01-01T00:00:00Z", filter: { subjects: ["${slug}"] }) { totalCount nodes { ${CONTRADICTION} } }`,
      `contradictions(first: 5, filter: { metrics: [${of}] }) { totalCount nodes { gap figures { value } } }`,
      `milestones(first: 5, filter: { subjects: ["${one}"] }) { totalCount nodes { ${MILESTONE} } }`,
      `milestones(first: 5, asOf: "2100-01-01T00:00:00Z", filter: { subjects: ["${one}"] }) { totalCount nodes { ${MILESTONE} subject { name } } }`,
      `milestones(first: 5, filter: { metrics: [${of}], statuses: [ANNOUNCED] }) { totalCount nodes { subject { name } } }`,
      `targets(subjects: ["${one}"]) { totalCount nodes { ${TARGET} } }`,
      `targets(subjects: ["${slug}"], includeDescendants: true, currentOnly: true) { totalCount nodes { value subject { name } } }`,
      `sources(first: 3) { totalCount nodes { title figures(first: 2) { totalCount nodes { value } } } }`,
      `changes(first: 1) { totalCount nodes { subject { name } } }`,
      'head',
      ...['company', 'alliance', 'model', 'plant', 'market'].map((kind) => `${kind}(slug: "${slug}") { ${asked} }`),
      ...['companies', 'alliances', 'models', 'plants', 'markets'].map(
        (kinds) => `${kinds}(first: 2) { totalCount nodes { ${asked} } }`,
      ),
      `node(id: "${idOf(table, row)}") { ${NODE} }`,
      `nodes(ids: ["${idOf(table, row)}", "${idOf('Figure', row + 1)}"]) { ${NODE} }`,
    );
  });

let api: Api;
let sources: readonly string[];
/** The ids of the figures and targets that were written. */
const written = {
  figures: [] as string[],
  targets: [] as { readonly id: string; readonly subject: string; readonly period: string }[],
  memberships: [] as string[],
};

beforeAll(async () => {
  api = await openApi({ seeded: true });
  await givenSubject(api, 'MARKET', { slug: 'all-cars' });
  for (const slug of ['whole', 'other-whole']) await givenSubject(api, 'COMPANY', { slug });
  await givenSubject(api, 'BRAND', { slug: 'near', parent: 'whole', firstDeliveryOn: '2024-12-01' });
  await givenSubject(api, 'BRAND', { slug: 'far', parent: 'whole' });
  await givenSubject(api, 'BRAND', { slug: 'single', parent: 'other-whole' });
  await givenSubject(api, 'ALLIANCE', { slug: 'union' });
  sources = [await givenSource(api, { tier: 1 }), await givenSource(api, { tier: 3 })];
  for (const slug of ['near', 'far', 'single']) {
    await recordFigure({ subject: slug, metric: 'DELIVERIES', period: '2025-01', value: 100, sourceId: sources[0] });
  }
  await join('near');
  await aim({ subject: 'far', value: 10, sourceId: sources[0] });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Every kind of write. */
const WRITES: Readonly<Record<string, (pick: Picked) => Promise<unknown>>> = {
  // Each figure and target by a source of its own, which has said no other number.
  recordFigure: async ({ subject: slug, period: at, value }) =>
    recordFigure({
      subject: slug,
      metric: value % 2 === 0 ? 'PRODUCTION' : 'DELIVERIES',
      period: at,
      value,
      sourceId: await givenSource(api, { tier: 3 }),
    }),
  recordPart: async ({ brand: slug, value, source }) =>
    recordFigure({
      subject: slug,
      metric: 'DELIVERIES',
      period: '../2025-03-31',
      value: value * 1e6,
      sourceId: await givenSource(api, { tier: source === 0 ? 1 : 3 }),
    }),
  recordShare: async ({ brand: slug, period: at, source }) =>
    recordFigure({
      subject: slug,
      metric: 'MARKET_SHARE',
      period: at,
      within: 'all-cars',
      value: 7,
      sourceId: await givenSource(api, { tier: source === 0 ? 1 : 3 }),
    }),
  reviseFigure: ({ of, value }) =>
    amend(
      'reviseFigure',
      of,
      // No other write has one of these values: repeating a value is no revision.
      `, input: { value: ${10 + value}, reason: "Counted again", acknowledgeOutlier: true, sourceId: "${sources[value % 2]}" }`,
    ),
  withdrawFigure: ({ of }) => amend('withdrawFigure', of, ', reason: "It was wrong"'),
  rankFigure: ({ of }) => amend('rankFigure', of, `, rank: DEPRECATED, reason: "${unique('Doubtful')}"`),
  announceMilestone: ({ brand: slug, source, value }) =>
    write(api, 'announceMilestone', {
      ...{ subject: slug, kind: 'UNITS', metric: 'DELIVERIES', threshold: 1_000_000, title: 'A million' },
      ...{ reachedOn: `2025-03-${10 + (value % 20)}`, sourceId: sources[source] },
    }),
  setTarget: async ({ brand: slug, value }) =>
    aim({ subject: slug, value: value * 100, sourceId: await givenSource(api), period: `20${25 + (value % 7)}` }),
  claimTarget: async ({ brand: slug, value }) =>
    aim({
      subject: slug,
      ...RANGE,
      metric: value % 2 === 0 ? 'SALES' : 'DELIVERIES',
      sourceId: await givenSource(api),
    }),
  reviseTarget: async ({ value }) => {
    const { id: revises, ...target } = written.targets.at(-1) as (typeof written.targets)[number];
    // No other write has one of these values: a revision changes something, and stays about the same time.
    return aim({ ...target, value: value * 1_000 + 1, sourceId: await givenSource(api), revises });
  },
  createSubject: ({ value }) =>
    write(api, 'createSubject', {
      ...{ kind: 'BRAND', name: 'Somebody', parent: value % 2 === 0 ? 'whole' : 'seres-group' },
      slug: value % 3 === 0 ? unique('brand') : NEWCOMER,
    }),
  updateSubject: ({ brand: slug, value }) => {
    const changes = [
      'name: "Renamed"',
      'firstDeliveryOn: "2024-06-01"',
      ...OTHER_PARENTS[slug].map((parent) => `parent: "${parent}"`),
    ];
    return api.query(
      `mutation { updateSubject(slug: "${slug}", input: { ${changes[value % changes.length]} }) { cursor } }`,
    );
  },
  joinAlliance: ({ value }) => join(value % 2 === 0 ? 'far' : 'single'),
  leaveAlliance: ({ of }) =>
    api.query(`mutation ($id: ID!) { leaveAlliance(membershipId: $id, leftOn: "2025-02-15") { cursor } }`, {
      id: written.memberships[of % written.memberships.length],
    }),
  registerSource: () => givenSource(api),
  registerRepeating: () => givenSource(api, { tier: 4, origin: 'publisher-of-tier-1' }),
};

const picked = fc.record({
  ...{ subject: fc.constantFrom(...SUBJECTS), brand, period },
  value: fc.integer({ min: 1, max: 9 }),
  source: fc.constantFrom(0, 1),
  of: fc.nat(100),
});
type Picked = typeof picked extends fc.Arbitrary<infer Value> ? Value : never;

test('the live queries of the next test are valid and select every field', () => {
  const asked = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  for (const text of fc.sample(query, 1_000)) {
    const document = parse(`{ ${text} }`);
    expect(validate(schema, document), text).toEqual([]);
    visit(
      document,
      visitWithTypeInfo(typeInfo, {
        Field: ({ name }) => {
          for (const type of [
            typeInfo.getParentType(),
            ...(typeInfo.getParentType() as GraphQLObjectType).getInterfaces(),
          ])
            asked.add(`${type?.name}.${name.value}`);
        },
      }),
    );
  }
  const types = Object.values(schema.getTypeMap()).filter((type) => isCompositeType(type) && isAnswered(type.name));
  // Only fields with arguments or with fields of their own need to be selected.
  const fields = (types as GraphQLObjectType[]).flatMap((type) =>
    Object.values(type.getFields())
      .filter(({ type: leads, args }) => isCompositeType(getNamedType(leads)) || args.length > 0)
      .filter(({ name }) => !['edges', 'pageInfo', 'apiKeys'].includes(name))
      .filter(({ name }) => !type.getInterfaces().some((of) => name in of.getFields()))
      .map(({ name }) => `${type.name}.${name}`),
  );
  expect(fields.length).toBeGreaterThan(60);
  expect(fields.filter((field) => !asked.has(field))).toEqual([]);
});

test('the last answer of every live query, and every kept answer, is that of a fresh query, whatever is written', {
  timeout: 240_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const queries = [
    ...(await readExamples()),
    ...fc.sample(query, { numRuns: QUERIES, seed }).map((text) => `{ ${text} }`),
  ];
  const watched = queries.map((text): readonly [string, Reader<{ live: unknown }>] => [
    text,
    subscribe<{ live: unknown }>(api.server.wsUrl, madeLive(text)),
  ]);
  const steps = fc.sample(fc.shuffledSubarray(Object.keys(WRITES), { minLength: Object.keys(WRITES).length }), {
    numRuns: 1,
    seed,
  })[0] as string[];
  const picks = fc.sample(picked, { numRuns: steps.length, seed });
  const look = async (after: string): Promise<void> => {
    for (const [text, reader] of watched) {
      // A text that nobody has asked before, so that the answer is not one that was kept.
      const fresh = shown(await api.query(`# ${unique('fresh')}\n${text}`));
      expect(shown(await api.query(text)), `the kept answer, with the seed ${seed}, after ${after}: ${text}`).toEqual(
        fresh,
      );
      const isSame = (): boolean => isDeepStrictEqual(shownLive(reader), fresh);
      await until(`it is answered, with the seed ${seed}, after ${after}: ${text}`, isSame).catch((error: Error) => {
        expect(shownLive(reader), error.message).toEqual(fresh);
      });
    }
  };
  await look('nothing');
  for (const [index, name] of steps.entries()) {
    const { cursor } = await place();
    await WRITES[name]?.(picks[index] as Picked);
    expect(await place(), `${name} writes, with the seed ${seed}`).not.toEqual({ cursor });
    await look(name);
  }
  for (const [, reader] of watched) reader.stop();
  await until('they end with their readers', () => api.server.subscriptions.groups === 0);
});

/** The same query, live. */
function madeLive(text: string): string {
  return print(
    visit(parse(text), {
      OperationDefinition: (operation) => ({
        ...operation,
        operation: OperationTypeNode.SUBSCRIPTION,
        selectionSet: {
          kind: Kind.SELECTION_SET,
          selections: [
            { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'live' }, selectionSet: operation.selectionSet },
          ],
        },
      }),
    }),
  );
}

/** The examples that are queries, or live ones already. */
async function readExamples(): Promise<readonly string[]> {
  const names = (await readdir(OPERATIONS)).filter((name) => name.endsWith('.graphql'));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, OPERATIONS), 'utf8')));
  return (
    texts
      .map((text) => text.replaceAll(/^#.*\n/gm, '').trim())
      // Keys are not in the log, so they are in no live query.
      .filter((text) => !text.includes('apiKeys'))
      .flatMap((text) =>
        text.startsWith('query')
          ? [text]
          : text.includes('live {')
            ? [text.replace(/^[^{]*\{\s*live/, '').replace(/\}$/, '')]
            : [],
      )
  );
}

/** Not mutations, subscriptions, introspection, nor what is the same for all pages. */
function isAnswered(type: string): boolean {
  return !/^__|Payload$|Edge$|Change$|^(Mutation|Subscription|UserError|PageInfo)$/.test(type);
}

function idOf(table: string, row: number): string {
  return Buffer.from(`${table}:${row}`).toString('base64');
}

async function place(): Promise<{ readonly cursor: string }> {
  return { cursor: await api.server.head() };
}

async function join(slug: string): Promise<void> {
  const input = { alliance: 'union', brand: slug, joinedOn: '2024-01-01' };
  const payload = await write<{ membership: { id: string } }>(api, 'joinAlliance', input, 'membership { id }');
  written.memberships.push(payload.membership.id);
}

async function aim(input: {
  readonly subject: string;
  readonly period?: string;
  readonly [name: string]: unknown;
}): Promise<void> {
  const given = { metric: 'DELIVERIES', period: '2025', ...input };
  const { target } = await write<{ target: { id: string } | null }>(api, 'setTarget', given, 'target { id }');
  // Null: the source has said another number.
  if (target !== null) written.targets.push({ id: target.id, subject: input.subject, period: given.period });
}

async function recordFigure(input: object): Promise<void> {
  const given = { ...input, acknowledgeOutlier: true };
  const { figure } = await write<{ figure: { id: string } | null }>(api, 'recordFigure', given, 'figure { id }');
  if (figure !== null) written.figures.push(figure.id);
}

/** Changes a current figure; its result can be changed again. */
async function amend(mutation: string, of: number, more: string): Promise<void> {
  const [id] = written.figures.splice(of % written.figures.length, 1);
  const { data } = await api.query<{ payload: { figure: { id: string; action: string } } }>(
    `mutation { payload: ${mutation}(id: "${id}"${more}) { figure { id action } } }`,
  );
  const figure = data?.payload.figure;
  if (figure != null && figure.action !== 'WITHDRAWN') written.figures.push(figure.id);
}

/** Aliases for what has arguments in a selection, at any depth, so that the same field can be selected twice. */
function aliased(field: string, index: number): string {
  return field.replaceAll(/\b(\w+)\(/g, `of${index}_$1: $1(`);
}

/** Without the places in the log that addresses name: that of a live answer stays good until the answer changes. */
function shown({ data, errors }: Pick<Answer<unknown>, 'data' | 'errors'>): unknown {
  const answered: unknown = JSON.parse(JSON.stringify(data ?? null).replaceAll(/\/v\/[\w-]+\//g, '/v/'));
  return { data: answered, errors: errors?.map(({ message }) => message) };
}

function shownLive({ results }: Reader<{ live: unknown }>): unknown {
  const last = results.at(-1) as Answer<{ live: unknown }> | undefined;
  return last === undefined ? undefined : shown({ ...last, data: last.data?.live ?? null });
}
