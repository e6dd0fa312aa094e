import { execute, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangeEntry } from '../../src/changes/log.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { readNotes } from '../../src/graphql/read-notes.ts';
import { schema } from '../../src/graphql/schema.ts';
import { openSeededDatabase, type TestDatabase } from '../support/database.ts';

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

// So many live queries are executed at a change as have noted it: what is noted must be no more than what is read, and never less.
test.each<[query: string, traces: readonly string[] | 'everything']>([
  ['{ brand(slug: "aito") { name company { name } models { totalCount } } }', []],
  ['{ brand(slug: "aito") { cumulative { value best { id } inputs { id } } } }', ['figure/aito/DELIVERIES']],
  [
    '{ brand(slug: "aito") { figures(filter: { metrics: [SALES] }) { totalCount nodes { revisedBy { id } source { title } } } } }',
    ['figure/aito/SALES'],
  ],
  [
    '{ company(slug: "nio-inc") { observation(metric: PRODUCTION, period: "2025-01") { value } } }',
    ['nio-inc', 'nio', 'onvo', 'firefly'].map((slug) => `figure/${slug}/PRODUCTION`).sort(),
  ],
  ['{ figures(filter: { metrics: [EXPORTS] }) { totalCount } }', ['figure//EXPORTS']],
  ['{ figures { totalCount } }', ['figure']],
  ['{ milestones(filter: { subjects: ["aito"] }) { totalCount nodes { claims { note } } } }', ['milestone/aito']],
  ['{ milestones { totalCount } }', ['milestone']],
  ['{ targets(subjects: ["xiaomi-auto"]) { totalCount } }', ['target/xiaomi-auto']],
  ['{ sources(first: 1) { totalCount } }', ['source']],
  ['{ head }', 'everything'],
])('%s reads %j', async (query, traces) => {
  expect(await readBy(query)).toEqual(traces);
});

test('a board of many subjects is noted as all of its metric', async () => {
  const traces = await readBy(
    '{ leaderboard(metric: SALES, period: "2025", kinds: [BRAND, MODEL]) { entries { rank } } }',
  );
  expect(traces).not.toBe('everything');
  expect([...traces].every((trace) => /^figure\/.*\/SALES$/.test(trace))).toBe(true);
});

test.each<[what: string, work: (db: PrismaClient) => Promise<unknown>]>([
  ['a statement that is not known', (db) => db.$queryRaw`/* something */ select 1`],
  ['a statement without a name', (db) => db.$queryRaw`select 1`],
  ['a table that no entry of the log tells of', (db) => db.apiKey.count()],
  ['a write', (db) => db.publisher.updateMany({ where: { id: 0 }, data: { name: 'Nobody' } })],
])('%s is noted as everything', async (_what, work) => {
  const noted = readNotes.begin(context);
  await work((noted.context as typeof context).db);
  expect(noted.traces()).toBe('everything');
});

test('an entry about a subject or a membership touches everything, and so does one of a kind that is not known', () => {
  for (const kind of ['SUBJECT', 'MEMBERSHIP', 'SOMETHING'] as ChangeEntry['kind'][])
    expect(readNotes.touchedBy({ kind, subjectId: 1, metric: null } as ChangeEntry)).toBe('everything');
});
