import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { type Attacker, attack, type Got } from './attackers.ts';
import { headOf, overSocket } from './clients.ts';
import { createFacts } from './facts.ts';

/** How long it is asked for twice as much as it can do. */
const OVERLOAD_MS = 60_000;
/** How long it is measured how much that is. */
const MEASURE_MS = 5_000;
/** As many clients as it takes to keep it busy. */
const CLIENTS = 8;
const DEADLINE_MS = 10_000;
const PUSH_P99_MS = 1_000;
const HEALTHY_AFTER_MS = 5_000;
const MEMORY_MIB = 900;
/** Between two writes. */
const WRITE_MS = 1_000;

let place: TestPlace;
let product: Product;
const clients: Attacker[] = [];

beforeAll(async () => {
  place = await placeDatabase('seeded');
  product = await startProduct({ place, environment: { MILEPOST_BUDGET: 'off' } });
  for (let client = 0; client < CLIENTS; client += 1) clients.push(attack(product));
});
afterAll(async () => {
  for (const client of clients) client[Symbol.dispose]();
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('twice as much as it can do for a minute: what it accepts is in time, pushes are soon, the rest is told to come back', {
  timeout: 180_000,
}, async () => {
  const sustainable = await measure();
  const facts = await createFacts(product);
  const after = await headOf(product);
  await using reader = overSocket<{ event: { cursor: string } }>(
    product,
    'subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor } }',
    { after },
  );
  const pushMs: number[] = [];
  let isOver = false;
  const writing = (async () => {
    for (let day = 0; !isOver; day += 1) {
      const on = new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10);
      const cursor = await facts.record(on, day + 1);
      const written = performance.now();
      expect((await reader.next()).event.cursor).toBe(cursor);
      pushMs.push(performance.now() - written);
      await sleep(WRITE_MS);
    }
  })();
  let memory = 0;
  const watching = setInterval(
    () =>
      void residentMib().then((mib) => {
        memory = Math.max(memory, mib);
      }),
    500,
  );
  const answers = await overload(2 * sustainable);
  isOver = true;
  clearInterval(watching);
  await writing;
  const accepted = answers.filter(({ got }) => got.status === 200);
  const others = answers.filter(({ got }) => got.status !== 200);
  const told = `${answers.length} asked at ${(2 * sustainable).toFixed(0)}/s, ${accepted.length} answered`;
  expect(product.running).toBe(true);
  expect(memory).toBeLessThan(MEMORY_MIB);
  expect(accepted.length, told).toBeGreaterThan(sustainable * 10);
  expect(others.length, told).toBeGreaterThan(0);
  expect(Math.max(...accepted.map(({ ms }) => ms)), told).toBeLessThan(DEADLINE_MS);
  for (const { got } of others) {
    expect(got.status).toBe(503);
    expect(got.retryAfter).toBe('2');
  }
  expect(atMost99(pushMs), told).toBeLessThan(PUSH_P99_MS);
  const ended = performance.now();
  await until('it is healthy', async () => {
    const began = performance.now();
    const { status } = await (clients[0] as Attacker).post(question('after'));
    return status === 200 && performance.now() - began < 1_000;
  });
  expect(performance.now() - ended).toBeLessThan(HEALTHY_AFTER_MS);
});

/** How many questions are answered in a second when as many are asked as are answered. */
async function measure(): Promise<number> {
  const end = performance.now() + MEASURE_MS;
  let answered = 0;
  const ask = async (client: Attacker, name: number): Promise<void> => {
    for (let round = 0; performance.now() < end; round += 1) {
      const { status } = await client.post(question(`m${name}x${round}`));
      if (status === 200) answered += 1;
    }
  };
  await Promise.all(clients.map(ask));
  return (1_000 * answered) / MEASURE_MS;
}

/** Asks so often in a second, whether or not answers come. */
async function overload(perSecond: number): Promise<readonly { readonly got: Got; readonly ms: number }[]> {
  const answers: Promise<{ readonly got: Got; readonly ms: number }>[] = [];
  const began = performance.now();
  while (performance.now() - began < OVERLOAD_MS) {
    const due = ((performance.now() - began) / 1_000) * perSecond;
    while (answers.length < due) {
      const asked = performance.now();
      const client = clients[answers.length % CLIENTS] as Attacker;
      answers.push(client.post(question(`o${answers.length}`)).then((got) => ({ got, ms: performance.now() - asked })));
    }
    await sleep(10);
  }
  return Promise.all(answers);
}

/** A question that nobody has asked, and that takes some milliseconds. */
function question(name: string): string {
  return JSON.stringify({
    query: `{ ${name}: figures(first: 40, orderBy: VALUE_DESC) { nodes { id value period subject { slug name } source { title publisher { name } } } } }`,
  });
}

function atMost99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}

async function residentMib(): Promise<number> {
  const status = await readFile(`/proc/${product.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
