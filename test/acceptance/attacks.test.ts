import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watch } from '../support/canary.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { type Attacker, attack, type Got } from './attackers.ts';
import { ask } from './clients.ts';
import { createFacts } from './facts.ts';

/** What other clients have to expect at worst. */
const P99_MS = 1_000;
/** An attack lasts this long at most; what it has not sent by then it does not send. */
const ATTACK_MS = 4_000;
const ANSWER_BYTES = 64 * 1024;
/** Much more than the product has when it is idle, and much less than an attack took before. */
const MEMORY_MIB = 900;

let place: TestPlace;
let product: Product;

beforeAll(async () => {
  place = await placeDatabase('seeded');
  product = await startProduct({ place });
});
afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('lists of 100,000 wrong periods, in 20 fields or in one', async () => {
  const wrong = Array.from({ length: 100_000 }, () => '-');
  const fields = Array.from({ length: 20 }, (_, index) => `a${index}: figures(filter: { periods: $p }) { totalCount }`);
  const asVariable = JSON.stringify({
    query: `query ($p: [Period!]) { ${fields.join(' ')} }`,
    variables: { p: wrong },
  });
  const asLiteral = JSON.stringify({
    query: `{ figures(filter: { periods: [${wrong.map(() => '"-"')}] }) { totalCount } }`,
  });
  await underAttack(async (attacker) => {
    for (const got of await sendAll(attacker, [asVariable, asLiteral])) expectRefused(got);
  });
});

test('bodies and messages of nearly 2 MiB, full of values', async () => {
  const pair = (index: number): string => `[${'[],'.repeat(40 + (index % 9))}[]]`;
  const lists = `[${Array.from({ length: 9_900 }, (_, index) => pair(index)).join(',')}]`;
  const few = `[${Array.from({ length: 9_900 }, () => `"${'x'.repeat(180)}"`).join(',')}]`;
  const below = `[${Array.from({ length: 9_900 }, () => '[1,2,3,4,5,6,7]').join(',')}]`;
  const bodies = [lists, few, below].map(
    (p) =>
      `{"query":"query ($p: [Period!]) { figures(filter: { periods: $p }) { totalCount } }","variables":{"p":${p}}}`,
  );
  await underAttack(async (attacker) => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => attacker.open()));
    for (const [index, socket] of sockets.entries())
      socket.send(`{"id":"1","type":"subscribe","payload":${bodies[index % bodies.length]}}`);
    for (const got of await sendAll(attacker, bodies)) expectRefused(got);
  });
});

test('documents of 33,000 aliases, each another one', async () => {
  const documents = Array.from({ length: 60 }, (_, round) => {
    const fields = Array.from({ length: 33_000 }, (_none, index) => `a${round}x${index}:__typename`);
    return JSON.stringify({ query: `{${fields.join(' ')}}` });
  });
  await underAttack(async (attacker) => {
    for (const got of await sendAll(attacker, documents)) expectRefused(got);
  });
});

test('the schema in 2,000 aliases, and in as many as a document may have', async () => {
  const types = '{types{name fields{name args{name type{name}} type{name ofType{name ofType{name}}}}}}';
  const bodies = [2_000, 60].map((count) =>
    JSON.stringify({
      query: `{${Array.from({ length: count }, (_, index) => `a${index}:__schema${types}`).join(' ')}}`,
    }),
  );
  await underAttack(async (attacker) => {
    for (const got of await sendAll(attacker, bodies)) expectRefused(got);
  });
});

test('240 boards in one operation, and one of fifty years', async () => {
  const boards = Array.from(
    { length: 240 },
    (_, index) => `a${index}:leaderboard(period:"20${10 + (index % 15)}-0${1 + (index % 9)}"){total}`,
  );
  const long = Array.from({ length: 500 }, (_, index) =>
    JSON.stringify({
      query: `{ leaderboard(period: "2000/2050") { a${index}: total entries { rank subject { slug } } } }`,
    }),
  );
  await underAttack(async (attacker) => {
    for (const got of await sendAll(attacker, [JSON.stringify({ query: `{${boards.join(' ')}}` })])) expectRefused(got);
    await sendAll(attacker, long);
  });
});

test('boards as of another moment each, and clients that do not wait for them', async () => {
  const bodies = Array.from({ length: 200 }, (_, index) =>
    JSON.stringify({
      query:
        'query ($at: DateTime) { leaderboard(period: "2025-06", asOf: $at) { total entries { rank observation { value } } } }',
      variables: { at: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString() },
    }),
  );
  await underAttack(async (attacker) => {
    await Promise.all(bodies.map((body, index) => sleep(10 * index).then(() => attacker.post(body, 100))));
  });
  await untilIdle();
});

test('replays of the whole log with figures and series', async () => {
  const { changes } = await ask<{ changes: { nodes: { cursor: string }[] } }>(
    product,
    '{ changes(first: 1) { nodes { cursor } } }',
  );
  const after = changes.nodes[0]?.cursor;
  await underAttack(async (attacker) => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => attacker.open()));
    let events = 0;
    for (const [index, socket] of sockets.entries()) {
      socket.on('message', () => {
        events += 1;
      });
      const series = `a${index}: series(from: "2020-01", to: "2026-12") { observations { period value } }`;
      const query = `subscription ($after: Cursor) { changes(after: $after) { cursor subject { ${series} figures(first: 20) { nodes { value } } } } }`;
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after } } }));
    }
    await sleep(ATTACK_MS);
    expect(events).toBeGreaterThan(20);
  });
  await untilIdle();
});

test('a hundred live queries on each of many sockets, while figures are recorded', async () => {
  const facts = await createFacts(product);
  await underAttack(async (attacker) => {
    const sockets = await Promise.all(Array.from({ length: 40 }, () => attacker.open()));
    for (const [index, socket] of sockets.entries())
      for (let query = 0; query < 100; query += 1)
        socket.send(
          JSON.stringify({
            id: `${query}`,
            type: 'subscribe',
            payload: {
              query: `subscription { live { a${index}x${query}: leaderboard(period: "2025-06") { total entries { rank } } } }`,
            },
          }),
        );
    for (let month = 1; month <= 9; month += 1) await facts.record(`2025-0${month}`, month);
  });
});

/** Runs an attack while a canary asks, and expects that the canary and the process hardly noticed. */
async function underAttack(run: (attacker: Attacker) => Promise<void>): Promise<void> {
  const canary = await watch(product);
  using attacker = attack(product);
  let memory = 0;
  const measuring = setInterval(
    () =>
      void residentMib().then((mib) => {
        memory = Math.max(memory, mib);
      }),
    200,
  );
  try {
    await run(attacker);
  } finally {
    clearInterval(measuring);
  }
  const { p99Ms, answers } = await canary.stop();
  expect(product.running).toBe(true);
  expect(answers).toBeGreaterThan(10);
  expect(p99Ms).toBeLessThan(P99_MS);
  expect(memory).toBeLessThan(MEMORY_MIB);
}

/** Sends bodies again and again, eight at a time, for as long as the attack lasts. */
async function sendAll(attacker: Attacker, bodies: readonly string[]): Promise<readonly Got[]> {
  const end = performance.now() + ATTACK_MS;
  const got: Got[] = [];
  let next = 0;
  const send = async (): Promise<void> => {
    while (performance.now() < end) {
      next += 1;
      got.push(await attacker.post(bodies[next % bodies.length] ?? ''));
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  return got;
}

function expectRefused({ status, body }: Got): void {
  expect([400, 413, 429, 200]).toContain(status);
  expect(body.length).toBeLessThan(ANSWER_BYTES);
  expect(body).toContain('"errors"');
}

/** Once nobody asks any more, nothing is worked on any more. */
async function untilIdle(): Promise<void> {
  await until('the process is idle', async () => {
    const before = await cpuSeconds();
    await sleep(500);
    return (await cpuSeconds()) - before < 0.15;
  });
}

async function residentMib(): Promise<number> {
  const status = await readFile(`/proc/${product.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** User and system time in hundredths of a second are the 14th and 15th field. */
async function cpuSeconds(): Promise<number> {
  const stat = await readFile(`/proc/${product.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
