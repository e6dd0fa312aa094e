import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { subscribe } from '../support/readers.ts';
import { until } from '../support/wait.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

/** What is known of a slot, as a client keeps it. */
interface Known {
  readonly subject: { readonly slug: string };
  readonly metric: string;
  readonly period: string;
  readonly value: number | null;
  readonly lower: number | null;
}
type Cache = Map<string, Known>;
interface Pushed {
  readonly figureRecorded: { readonly affected: readonly Known[] };
}

const KNOWN = 'subject { slug } metric period value lower upper qualifier method';
const WATCH = `subscription ($after: Cursor) { figureRecorded(after: $after) { affected { ${KNOWN} } } }`;
/** As many slots are read at once as the width of an operation allows. */
const AT_ONCE = 40;
/** Rounds of writes, after each of which the client's cache is compared. */
const ROUNDS = 6;
const WRITES_IN_A_ROUND = 6;

/** A company of two brands, one of which has a part; a company of one brand; an alliance with a brand of each. */
const SUBJECTS = ['maker', 'alpha', 'beta', 'alpha-plant', 'sole-maker', 'sole', 'union'] as const;
const METRICS = ['DELIVERIES', 'PRODUCTION', 'SUPPLIERS'] as const;
const PERIODS = ['2025-01', '2025-02', '2025-03', '2025-Q1', '2025-05', '2025', '../2025-03-31', '../2025-02-15'];

const claim = fc.record({
  subject: fc.constantFrom(...SUBJECTS),
  metric: fc.constantFrom(...METRICS, 'DELIVERIES' as const),
  period: fc.constantFrom(...PERIODS),
  // Months and years that are near enough to each other to agree, and far enough to contradict each other.
  value: fc.constantFrom(100, 150, 300, 310, 1_200, 12_000),
  qualifier: fc.constantFrom('EXACT' as const, 'EXACT' as const, 'OVER' as const, 'ABOUT' as const),
  source: fc.constantFrom(0, 1, 2),
});
const picked = fc.record({
  claims: fc.array(claim, { minLength: 1, maxLength: 4 }),
  of: fc.nat(1_000),
  value: fc.integer({ min: 1, max: 2_000 }),
  rank: fc.constantFrom('PREFERRED', 'NORMAL', 'DEPRECATED'),
});
type Picked = typeof picked extends fc.Arbitrary<infer Value> ? Value : never;

let api: Api;
let sources: readonly string[];
/** The ids of the figures that are current. */
const figures: string[] = [];

beforeAll(async () => {
  api = await openApi();
  for (const slug of ['maker', 'sole-maker']) await givenSubject(api, 'COMPANY', { slug });
  for (const [slug, parent] of [
    ['alpha', 'maker'],
    ['beta', 'maker'],
    ['alpha-plant', 'alpha'],
    ['sole', 'sole-maker'],
  ] as const)
    await givenSubject(api, 'BRAND', { slug, parent });
  await givenSubject(api, 'ALLIANCE', { slug: 'union' });
  for (const [brand, joinedOn] of [
    ['beta', '2025-02-01'],
    ['sole', undefined],
  ] as const)
    await write(api, 'joinAlliance', { alliance: 'union', brand, joinedOn });
  sources = [
    await givenSource(api, { tier: 1, publishedOn: '2025-02-01' }),
    await givenSource(api, { tier: 3, publishedOn: '2025-04-02' }),
    await givenSource(api, { tier: 4 }),
  ];
});
afterAll(() => api[Symbol.asyncDispose]());

/** The writes to figures; each tells whether it wrote anything. */
const WRITES: Readonly<Record<string, (pick: Picked) => Promise<void>>> = {
  record: ({ claims: [first] }) => record([first as Picked['claims'][number]]),
  recordMany: ({ claims }) => record(claims),
  revise: ({ of, value }) => amend('reviseFigure', of, `, input: { value: ${value}, reason: "Counted again" }`),
  withdraw: ({ of }) => amend('withdrawFigure', of, ', reason: "It was wrong"'),
  rank: ({ of, rank, value }) => amend('rankFigure', of, `, rank: ${rank}, reason: "Checked ${value}"`),
};

test('a client that applies what figures move knows what a fresh reader knows, whatever is written to figures', {
  timeout: 240_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const names = fc.sample(fc.constantFrom(...Object.keys(WRITES), 'record', 'recordMany'), {
    numRuns: ROUNDS * WRITES_IN_A_ROUND,
    seed,
  });
  const picks = fc.sample(picked, { numRuns: names.length, seed });
  for (const one of fc.sample(claim, { numRuns: 6, seed })) await record([one]);
  const after = await api.server.head();
  const before = await countEntries();
  const cache: Cache = await readAll();
  expect(cache.size).toBeGreaterThan(0);
  const client = subscribe<Pushed>(api.server.wsUrl, WATCH, { variables: { after } });
  let applied = 0;
  let moved = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = round * WRITES_IN_A_ROUND;
    const steps = names.slice(from, from + WRITES_IN_A_ROUND);
    for (const [index, name] of steps.entries()) await WRITES[name]?.(picks[from + index] as Picked);
    const entries = (await countEntries()) - before;
    await until('everything was pushed', () => client.results.length === entries);
    for (const { data, errors } of client.results.slice(applied)) {
      expect(errors).toBeUndefined();
      for (const known of data?.figureRecorded.affected ?? []) cache.set(keyOf(known), known);
      moved += data?.figureRecorded.affected.length ?? 0;
    }
    applied = client.results.length;
    const fresh = await readAll();
    const what = `with the seed ${seed}, after ${steps.join(', ')}`;
    const gone = [...cache].filter(([key]) => !fresh.has(key));
    expect(Object.fromEntries([...cache].filter(([key]) => fresh.has(key))), what).toEqual(Object.fromEntries(fresh));
    expect(
      gone.filter(([, { value, lower }]) => value !== null || lower !== null),
      what,
    ).toEqual([]);
  }
  expect(moved).toBeGreaterThan(applied);
  client.stop();
});

function keyOf({ subject, metric, period }: Known): string {
  return `${subject.slug} ${metric} ${period}`;
}

/** All kept observations, each asked for as any client asks. */
async function readAll(): Promise<Cache> {
  const slots = await api.db.observation.findMany({
    select: { subjectId: true, metric: true, period: true },
    orderBy: { slot: 'asc' },
  });
  const slugs = new Map((await api.db.subject.findMany()).map(({ id, slug }) => [id, slug]));
  const asked = slots.map(
    ({ subjectId, metric, period }, index) =>
      `of${index}: observation(subject: "${slugs.get(subjectId)}", metric: ${metric}, period: "${period}") { ${KNOWN} }`,
  );
  const cache: Cache = new Map();
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const found = await api.ask<Record<string, Known>>(`{ ${asked.slice(from, from + AT_ONCE).join(' ')} }`);
    for (const known of Object.values(found)) cache.set(keyOf(known), known);
  }
  expect(cache.size).toBe(slots.length);
  return cache;
}

function countEntries(): Promise<number> {
  return api.db.change.count({ where: { kind: 'FIGURE' } });
}

/** Claims that are refused, as a second word of the same source, are left out by the server: then nothing is written. */
async function record(claims: Picked['claims']): Promise<void> {
  const inputs = claims.map(({ source, ...given }) => ({
    ...given,
    sourceId: sources[source],
    acknowledgeOutlier: true,
  }));
  const { recordFigures } = await api.ask<{ recordFigures: { figures: { id: string; rank: string }[] } }>(
    'mutation ($inputs: [FigureInput!]!) { recordFigures(inputs: $inputs) { figures { id } } }',
    { inputs },
  );
  for (const { id } of recordFigures.figures) if (!figures.includes(id)) figures.push(id);
}

async function amend(mutation: string, of: number, more: string): Promise<void> {
  const [id] = figures.splice(of % Math.max(1, figures.length), 1);
  if (id === undefined) return;
  const { data } = await api.query<{ payload: { figure: { id: string; action: string } | null } }>(
    `mutation { payload: ${mutation}(id: "${id}"${more}) { figure { id action } } }`,
  );
  const figure = data?.payload.figure;
  if (figure == null) figures.push(id);
  else if (figure.action !== 'WITHDRAWN') figures.push(figure.id);
}
