import { randomInt } from 'node:crypto';
import { expect, inject, onTestFailed, test, vi } from 'vitest';
import { placeDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';
import {
  type Chance,
  chanceOf,
  ENTRY,
  type Entry,
  type Received,
  startFleet,
  startSubscriber,
  startViewer,
  startWriter,
  valuesIn,
} from './chaos.ts';
import { ask, headOf, readLog } from './clients.ts';
import { createFacts } from './facts.ts';
import { expectKept } from './kept.ts';
import { readSocket, readStream } from './reading.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

/** Taken from the environment, it repeats the choices of the clients. The scheduling of the processes still differs. */
const SEED = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 32));
const INSTANCES = 3;
const WRITERS = 4;
const VALUES_OF_EACH = 150;
const VALUES = WRITERS * VALUES_OF_EACH;
const SUBSCRIBERS_OF_EACH_TRANSPORT = 15;
const READS = [readSocket, readStream];
/** Every client was cut off at least this often; otherwise nothing was tested. */
const FEWEST_CONNECTIONS = 4;
/** Writing a third takes about 10 s, most of them pauses. */
const WRITING_MS = 120_000;

const QUERIES = [
  `brand(slug: $brand) { figures { totalCount } cumulative { value } }`,
  `brand(slug: $brand) { figures(first: 5) { totalCount nodes { period value source { title } } } }`,
];

interface Counted {
  readonly brand: { readonly figures: { readonly totalCount: number } };
}

test.runIf(inject('backend') === 'postgres')(
  'while instances die and restart and connections are cut at random, every subscriber gets every change once and in order',
  async () => {
    onTestFailed(() => console.error(`To have the same choices made again: CHAOS_SEED=${SEED}`));
    const chance = drawChance();
    await using place = await placeDatabase('migrated');
    await using fleet = await startFleet(INSTANCES, {
      place,
      environment: { MILEPOST_SEED: 'off', LOG_LEVEL: 'error' },
    });
    const facts = await createFacts(fleet.any(chance));
    const { brand } = facts;
    const start = await headOf(fleet.any(chance));
    const subscribers = READS.flatMap((read) =>
      range(0, SUBSCRIBERS_OF_EACH_TRANSPORT).map(() => startSubscriber(fleet, drawChance(), read, start)),
    );
    const viewers = READS.flatMap((read) =>
      QUERIES.map((query) => startViewer<Counted>(fleet, drawChance(), read, query, { brand })),
    );
    const writers = range(0, WRITERS).map((index) =>
      startWriter(fleet, drawChance(), facts, range(index * VALUES_OF_EACH, VALUES_OF_EACH)),
    );
    const written = () => writers.reduce((sum, writer) => sum + writer.written, 0);

    await until('a third is written', () => written() > VALUES / 3, WRITING_MS);
    await fleet.killOne(chance);
    await until('two thirds are written', () => written() > (VALUES * 2) / 3, WRITING_MS);
    expect(await fleet.restartOne(chance)).toBe(0);
    const told = (await Promise.all(writers.map(({ done }) => done))).flat();
    fleet.calm();
    await Promise.all(subscribers.map(async ({ reaches }) => reaches(await headOf(fleet.any(chance)))));
    // The next event shows that nothing came twice after the end.
    const last = startWriter(fleet, chance, facts, range(VALUES, 1));
    const [end = ''] = await last.done;
    await Promise.all(subscribers.map(({ reaches }) => reaches(end)));

    const log = await readLog<Entry>(fleet.any(chance), ENTRY, start);
    expect([...valuesIn(log)].sort(byNumber)).toEqual(range(0, VALUES + 1));
    expect(log.map(({ cursor }) => cursor)).toEqual(expect.arrayContaining(told));
    await expectKept(place, brand, range(0, VALUES + 1));
    for (const { connections } of subscribers) expectWhole(connections, log);
    for (const [index, { reaches, answers }] of viewers.entries()) {
      const query = QUERIES[index % QUERIES.length] as string;
      await reaches(await ask<Counted>(fleet.any(chance), `query ($brand: String!) { ${query} }`, { brand }));
      const counts = answers.map(({ brand: { figures } }) => figures.totalCount);
      expect(counts).toEqual([...counts].sort(byNumber));
    }
    await Promise.all([...subscribers, ...viewers].map((client) => client.stop()));
    for (const { complaints } of fleet.products) expect(complaints).toBe('');
  },
);

let drawn = 0;

/** Concurrent users of random numbers each need a generator of their own. */
function drawChance(): Chance {
  drawn += 1;
  return chanceOf(SEED, drawn);
}

/** Each connection brought the entries right after its starting place, and together they brought every entry once. */
function expectWhole(connections: readonly Received[], log: readonly Entry[]): void {
  expect(connections.length).toBeGreaterThanOrEqual(FEWEST_CONNECTIONS);
  for (const { after, entries } of connections) {
    const from = log.findIndex(({ cursor }) => cursor === after) + 1;
    expect(entries).toEqual(log.slice(from, from + entries.length));
  }
  expect(connections.flatMap(({ entries }) => entries)).toEqual(log);
}

function range(from: number, length: number): number[] {
  return Array.from({ length }, (_none, index) => from + index);
}

function byNumber(one: number | undefined, other: number | undefined): number {
  return (one ?? 0) - (other ?? 0);
}
