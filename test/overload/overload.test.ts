import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask as askOne, headOf, overSocket } from '../acceptance/clients.ts';
import { createFacts } from '../acceptance/facts.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';

/** How long it is asked for twice as much as it can do. */
const OVERLOAD_MS = 60_000;
/** How long it is measured how much that is. */
const MEASURE_MS = 5_000;
/** As many clients as it takes to keep it busy. */
const CLIENTS = 8;
const DEADLINE_SECONDS = 10;
const PUSH_P99_MS = 1_000;
const HEALTHY_AFTER_MS = 5_000;
const MEMORY_MIB = 900;
const CALM_WRITES = 10;
const MOST_STEPS = 6;
const ANSWERED = '200 -';
const REFUSED = '503 2';
const ASKING = fileURLToPath(new URL('asking.mjs', import.meta.url));
/** Between two writes. */
const WRITE_MS = 1_000;

let place: TestPlace;
let product: Product;

beforeAll(async () => {
  place = await placeDatabase('seeded');
  product = await startProduct({ place, environment: { MILEPOST_BUDGET: 'off' } });
});
afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('twice as much as it can do for a minute: what it accepts is in time, pushes are soon, the rest is told to come back', {
  timeout: 600_000,
}, async () => {
  const sustainable = await measureSustainable();
  const facts = await createFacts(product);
  const after = await headOf(product);
  await using reader = overSocket<{ event: { cursor: string } }>(
    product,
    'subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor } }',
    { after },
  );
  // What it takes when nothing else is asked: on a machine that is busy with something else that is the machine's.
  const push = async (count: number): Promise<number> => {
    const on = new Date(Date.UTC(2020, 0, count)).toISOString().slice(0, 10);
    const cursor = await facts.record(on, count);
    const written = performance.now();
    expect((await reader.next()).event.cursor).toBe(cursor);
    return performance.now() - written;
  };
  const calmMs: number[] = [];
  for (let count = 1; count <= CALM_WRITES; count += 1) calmMs.push(await push(count));
  const pushMs: number[] = [];
  let isOver = false;
  const writing = (async () => {
    for (let count = CALM_WRITES + 1; !isOver; count += 1) {
      pushMs.push(await push(count));
      await sleep(WRITE_MS);
    }
  })();
  let memory = 0;
  const watch = async (): Promise<void> => {
    memory = Math.max(memory, await residentMib());
  };
  const watching = setInterval(() => void watch(), 500);
  const { asked, counts } = await ask(OVERLOAD_MS, 2 * sustainable);
  isOver = true;
  clearInterval(watching);
  const ended = performance.now();
  await until('it is healthy', async () => {
    const began = performance.now();
    const { head } = await askOne<{ head: string }>(product, '{ head }');
    return head !== '' && performance.now() - began < 1_000;
  });
  expect(performance.now() - ended).toBeLessThan(HEALTHY_AFTER_MS);
  await writing;
  const told = `${asked} asked at ${(2 * sustainable).toFixed(0)}/s: ${JSON.stringify(counts)}; pushes ${atMost99(pushMs)} ms, else ${medianOf(calmMs)}`;
  expect(product.running).toBe(true);
  expect(memory).toBeLessThan(MEMORY_MIB);
  expect(counts[ANSWERED], told).toBeGreaterThan(sustainable * 10);
  expect(
    Object.keys(counts).filter((name) => name !== ANSWERED),
    told,
  ).toEqual([REFUSED]);
  expect(await lateQueries(), told).toBe(0);
  expect(atMost99(pushMs), told).toBeLessThan(PUSH_P99_MS + medianOf(calmMs));
});

/**
 * How much it can do in a second. Clients that wait for their answers find out how much at least; asked for ever more, it answers the most it
 * can when it begins to refuse.
 */
async function measureSustainable(): Promise<number> {
  const answeredIn = ({ counts }: Came): number => (1_000 * (counts[ANSWERED] ?? 0)) / MEASURE_MS;
  let answered = answeredIn(await ask(MEASURE_MS));
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const came = await ask(MEASURE_MS, 2 * answered);
    answered = Math.max(answered, answeredIn(came));
    if ((came.counts[REFUSED] ?? 0) > 0) return answered;
  }
  throw new Error(`It refuses nothing of ${2 * answered} queries a second.`);
}

/**
 * How many queries took longer than they may, by the metrics of the server: a client with the least priority learns of its answers late on a
 * busy machine.
 */
async function lateQueries(): Promise<number> {
  const response = await fetch(new URL('/metrics', product.url), {
    headers: { authorization: `Bearer ${product.adminKey}` },
  });
  const metrics = await response.text();
  const sum = (pattern: RegExp): number =>
    [...metrics.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
  const all = sum(/^milepost_operation_duration_seconds_count\{[^}]*type="query"[^}]*\} (\d+)$/gm);
  const inTime = sum(
    new RegExp(
      `^milepost_operation_duration_seconds_bucket\\{(?=[^}]*type="query")[^}]*le="${DEADLINE_SECONDS}"[^}]*\\} (\\d+)$`,
      'gm',
    ),
  );
  expect(all).toBeGreaterThan(0);
  return all - inTime;
}

/** What came, by status and Retry-After. */
interface Came {
  readonly asked: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Asks for so long: as often as is answered, or so often in a second. */
async function ask(milliseconds: number, perSecond?: number): Promise<Came> {
  const given = [product.port, milliseconds, CLIENTS, ...(perSecond === undefined ? [] : [perSecond])];
  const asking = spawn(process.execPath, [ASKING, ...given.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(asking.stdout));
}

function atMost99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
}

async function residentMib(): Promise<number> {
  const status = await readFile(`/proc/${product.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
