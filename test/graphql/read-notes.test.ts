import { execute, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangeEntry } from '../../src/changes/log.ts';
import { ChangeKind, type Prisma, type PrismaClient } from '../../src/database/generated/client.ts';
import { getDatamodel } from '../../src/database/generated/pothos.ts';
import { carried } from '../../src/domain/estimates/observation-entry.ts';
import { readNotes, TOPICS } from '../../src/graphql/read-notes.ts';
import { schema } from '../../src/graphql/schema.ts';
import { openSeededDatabase, type TestDatabase } from '../support/database.ts';

/** NIO Inc. with its brands. */
const NIO = ['nio-inc', 'nio', 'onvo', 'firefly'];

let place: TestDatabase;
let context: { readonly db: PrismaClient };
/** The rows of some slugs of the seed. */
let ids: ReadonlyMap<string, number>;

beforeAll(async () => {
  place = await openSeededDatabase();
  const db = place.database.client;
  context = { db, ...{ viewer: { keyId: null, canWrite: false }, changes: { head: async () => 'head' } } };
  ids = new Map((await db.subject.findMany()).map(({ slug, id }) => [slug, id]));
});
afterAll(() => place[Symbol.asyncDispose]());

/** What a query read, with slugs in the place of ids. */
async function readBy(query: string): Promise<readonly string[] | 'everything'> {
  const noted = readNotes.begin(context);
  const { errors } = await execute({ schema, document: parse(query), contextValue: noted.context, rootValue: {} });
  expect(errors).toBeUndefined();
  const traces = noted.traces();
  if (traces === 'everything') return traces;
  const slugs = new Map([...ids].map(([slug, id]) => [String(id), slug]));
  return [...traces].map((trace) => trace.replace(/(?<=\/)\d+/, (id) => slugs.get(id) ?? id)).sort();
}

/** In the order of the traces. */
const SOLD = ['figure//RETAIL', 'figure//SALES'];

// A change makes every live query run again that noted what it touches, so the notes must be exactly what a query reads.
test.each<[query: string, traces: readonly string[] | 'everything']>([
  ['{ brand(slug: "aito") { name company { name } models { totalCount } } }', []],
  // An observation is looked up: the log says of every write which of them it moved.
  ['{ brand(slug: "aito") { cumulative { value agreement missing } } }', ['figure/aito/DELIVERIES']],
  [
    '{ brand(slug: "aito") { figures(filter: { metrics: [SALES] }) { totalCount nodes { revisedBy { id } source { title } } } } }',
    ['figure/aito/SALES'],
  ],
  [
    '{ company(slug: "nio-inc") { observation(metric: PRODUCTION, period: "2025-01") { value } } }',
    ['figure/nio-inc/PRODUCTION'],
  ],
  ['{ company(slug: "nio-inc") { series(granularity: QUARTER) { missing } } }', ['figure/nio-inc/DELIVERIES']],
  // What an observation follows from, and a week, are worked out from the claims about all relatives.
  [
    '{ company(slug: "nio-inc") { observation(metric: EXPORTS, period: "2025-W10") { explanation inputs { id } } } }',
    NIO.flatMap((slug) => [`figure/${slug}/EXPORTS`, `milestone/${slug}`]).sort(),
  ],
  [
    '{ series(subjects: ["nio", "aito"], metrics: [SALES, DELIVERIES]) { subject { name } observations { change(over: YEAR_AGO, metrics: [RETAIL]) { percent } } } }',
    ['aito', 'nio'].flatMap((slug) => ['DELIVERIES', 'RETAIL', 'SALES'].map((metric) => `figure/${slug}/${metric}`)),
  ],
  ['{ brand(slug: "aito") { curve(metric: SALES) { points { value } } } }', ['figure/aito/SALES']],
  ['{ leaderboard(period: "2025-12") { entries { rank share } } }', ['figure//DELIVERIES']],
  ['{ brand(slug: "aito") { headlineMetric metrics { metric claims } } }', ['figure/aito']],
  ['{ brand(slug: "aito") { latest(metric: PRODUCTION) { value } } }', ['figure/aito/PRODUCTION']],
  ['{ brand(slug: "aito") { observation(period: "2025-07") { url citation } } }', ['figure/aito/DELIVERIES']],
  [
    '{ brand(slug: "leapmotor") { observation(period: "2026-01") { change(over: YEAR_AGO) { stated acrossBreak } } } }',
    ['figure/leapmotor/DELIVERIES'],
  ],
  ['{ contradictions { totalCount } }', ['contradiction']],
  [
    '{ contradictions(filter: { subjects: ["xpeng"], includeDescendants: false }) { nodes { gap } } }',
    // Its figures can take part in contradictions of its relatives.
    ['contradiction/xpeng', 'contradiction/xpeng-inc'],
  ],
  [
    '{ contradictions(filter: { subjects: ["onvo"] }) { totalCount } }',
    // The subjects of its figures, and what is below it.
    [...NIO, 'onvo-l60'].map((slug) => `contradiction/${slug}`).sort(),
  ],
  [
    '{ brand(slug: "xpeng") { observation(period: "2026-04") { contradictions { explanation } } } }',
    ['contradiction', 'figure/xpeng/DELIVERIES'],
  ],
  ['{ conflicts { nodes { period } totalCount } }', ['figure']],
  // A client's cursor says nothing about what is read, whatever it names.
  [
    `{ conflicts(after: "${Buffer.from('["conflicts","2025-01-31","SALES"]').toString('base64url')}") { nodes { period } } }`,
    ['figure'],
  ],
  ['{ conflicts(filter: { metrics: [SALES, RETAIL], sources: ["U291cmNlOjE="] }) { totalCount } }', SOLD],
  [
    '{ conflicts(filter: { subjects: ["xpeng"], includeDescendants: false, sources: ["U291cmNlOjE="], kinds: [BRAND], text: "x" }) { nodes { period } } }',
    ['figure/xpeng'],
  ],
  [
    '{ conflicts(filter: { subjects: ["xpeng"], includeDescendants: false, metrics: [SALES], periods: ["2025-01"] }) { totalCount } }',
    ['figure/xpeng/SALES'],
  ],
  ['{ search(query: "aito") { slug } }', []],
  ['{ figures(filter: { metrics: [EXPORTS] }) { totalCount } }', ['figure//EXPORTS']],
  ['{ figures { totalCount } }', ['figure']],
  ['{ milestones(filter: { subjects: ["aito"] }) { totalCount nodes { claims { note } } } }', ['milestone/aito']],
  ['{ milestones { totalCount } }', ['milestone']],
  [
    '{ targets(subjects: ["xiaomi-auto"], currentOnly: true) { totalCount nodes { revisedBy { value } } } }',
    ['target/xiaomi-auto'],
  ],
  ['{ targets(subjects: ["xiaomi-auto"]) { totalCount } }', ['target/xiaomi-auto']],
  [
    '{ targets(subjects: ["xiaomi-auto"], asOf: "2026-06-01T00:00:00Z") { totalCount nodes { value source { title } revises { value } mergedInto { id } claims { source { title } } } } }',
    ['target/xiaomi-auto'],
  ],
  [
    '{ brand(slug: "leapmotor") { targets(asOf: "2025-06-01T00:00:00Z") { nodes { value claims(asOf: "2025-06-01T00:00:00Z") { value } } } } }',
    ['target/leapmotor'],
  ],
  ['{ brand(slug: "aito") { figures { nodes { source { origin { slug } } } } } }', ['figure/aito']],
  [
    '{ company(slug: "nio-inc") { observation(period: "2025-12", asOf: "2026-06-01T00:00:00Z") { value best { rank } claims { rank } } } }',
    [
      ...NIO.flatMap((slug) => [`figure/${slug}/DELIVERIES`, `milestone/${slug}`]),
      // What other metrics of the same vehicles say about a disputed month.
      ...['REGISTRATIONS', 'RETAIL', 'SALES', 'WHOLESALE'].map((metric) => `figure/onvo/${metric}`),
    ].sort(),
  ],
  ['{ brand(slug: "tesla-china") { company { name } } }', []],
  ['{ sources(first: 1) { totalCount } }', ['source']],
  ['{ head }', 'everything'],
])('%s reads %j', async (query, traces) => {
  expect(await readBy(query)).toEqual(traces);
});

test('a leaderboard of many subjects is noted as its whole metric', async () => {
  const traces = await readBy(
    '{ leaderboard(metric: SALES, period: "2025", kinds: [BRAND, MODEL]) { entries { rank } } }',
  );
  expect(traces).not.toBe('everything');
  expect([...traces].every((trace) => /^figure\/.*\/SALES$/.test(trace))).toBe(true);
});

test('a leaderboard of several metrics is noted as all of them, also where its month is looked for', async () => {
  const traces = await readBy(
    '{ leaderboard(metrics: [RETAIL, SALES], kinds: [MODEL], withoutParts: true) { period ofPopulation } }',
  );
  expect(traces).toEqual(['figure//RETAIL', 'figure//SALES']);
});

test.each<[what: string, work: (db: PrismaClient) => Promise<unknown>]>([
  ['a statement that is not known', (db) => db.$queryRaw`/* something */ select 1`],
  ['a statement without a name', (db) => db.$queryRaw`select 1`],
  ['a table without entries in the log', (db) => db.apiKey.count()],
  ['a write', (db) => db.publisher.updateMany({ where: { id: 0 }, data: { name: 'Nobody' } })],
])('%s is noted as everything', async (_what, work) => {
  const noted = readNotes.begin(context);
  await work((noted.context as typeof context).db);
  expect(noted.traces()).toBe('everything');
});

test('every table says what reading it depends on', () => {
  expect(Object.keys(TOPICS).sort()).toEqual(Object.keys(getDatamodel().datamodel.models).sort());
});

/** What an entry of each kind about subject 7 touches; a metric is null where the log has lost the row that has it. */
const TOUCHED_BY: Readonly<
  Record<ChangeEntry['kind'], readonly [metric: ChangeEntry['metric'], readonly string[] | null]>
> = {
  FIGURE: ['SALES', ['figure', 'figure//SALES', 'figure/7', 'figure/7/SALES']],
  MILESTONE: ['SALES', ['milestone', 'milestone/7']],
  CONTRADICTION: ['SALES', ['contradiction', 'contradiction/7']],
  TARGET: ['SALES', ['target', 'target/7']],
  SOURCE: [null, ['source']],
  SUBJECT: [null, null],
  MEMBERSHIP: [null, null],
};

test.each(Object.values(ChangeKind))('a %s entry touches what depends on it', (kind) => {
  const [metric, traces] = TOUCHED_BY[kind];
  const touched = readNotes.touchedBy(entryOf({ kind, metric }));
  expect(touched).toEqual(traces === null ? 'everything' : new Set(traces));
});

test.each(['FIGURE', 'MILESTONE'] as const)(
  'a %s entry also touches what depends on everything that it moved',
  (kind) => {
    const observation = carried({ affected: ['7|SALES|2025|', '9|DELIVERIES|../2025-12-31|'], restated: [9] });
    const touched = readNotes.touchedBy(
      entryOf({ kind, metric: 'SALES', observation: observation as Prisma.JsonObject }),
    );
    expect(touched).toEqual(
      new Set([
        ...(TOUCHED_BY[kind][1] ?? []),
        ...['figure', 'figure//SALES', 'figure/7', 'figure/7/SALES'],
        ...['figure//DELIVERIES', 'figure/9', 'figure/9/DELIVERIES'],
        ...['contradiction', 'contradiction/9'],
      ]),
    );
  },
);

test('an entry of a later version, which cannot be read, touches everything', () => {
  expect(readNotes.touchedBy(entryOf({ kind: 'FIGURE', metric: 'SALES', observation: { version: 3 } }))).toBe(
    'everything',
  );
});

test.each(['FIGURE', 'SOMETHING'])('a %s entry of which too little is known touches everything', (kind) => {
  expect(readNotes.touchedBy(entryOf({ kind: kind as ChangeKind, metric: null }))).toBe('everything');
});

/** An entry about subject 7, with what touching depends on. */
function entryOf(entry: Pick<ChangeEntry, 'kind' | 'metric'> & Partial<ChangeEntry>): ChangeEntry {
  return { subjectId: 7, observation: null, ...entry } as ChangeEntry;
}
