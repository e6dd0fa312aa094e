import { readdir, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limitConcurrency } from '../../src/execution/concurrency.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { numbersFrom, type Pick, seedOfRun } from '../support/random.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { until } from '../support/wait.ts';
import { makeFrames } from './frames.ts';
import { makeJson, makeOperation } from './operations.ts';
import { makeRequest } from './requests.ts';
import { judge } from './verdict.ts';

/** How many inputs are sent: some twenty minutes' worth, if the environment does not say. */
const INPUTS = Number(process.env.MILEPOST_FUZZ_INPUTS ?? 200_000);
/** So many are under way at once; most of them wait for what never ends. */
const AT_ONCE = 96;
/** Operations are fewer, so that they are executed, and not refused as too many. */
const OPERATIONS_AT_ONCE = 16;
/** So many faults are told. */
const MOST_TOLD = 10;
/** How long an answer may take before the connection is given up. Event streams and what is incomplete never end. */
const PATIENCE_MS = 1_500;

const executing = limitConcurrency(OPERATIONS_AT_ONCE);
let place: TestPlace;
let product: Product;

beforeAll(async () => {
  place = await placeDatabase('seeded');
  // One client sends all of it, and what is executed is more than it may ask for.
  product = await startProduct({ place, environment: { MILEPOST_BUDGET: 'off', LOG_LEVEL: 'warn' } });
});
afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** An input, what was answered to it, and what it was. */
interface Tried {
  readonly sent: string;
  readonly status: number | null;
  readonly answer: string;
}

test(`${INPUTS} inputs end nothing, tell nothing and leave nothing behind`, { timeout: 86_400_000 }, async () => {
  const seed = seedOfRun();
  const pick = numbersFrom(seed);
  const before = await connectionsOf(product.pid);
  const faults: string[] = [];
  const statuses = new Map<string, number>();
  let left = INPUTS;
  const work = async (): Promise<void> => {
    while (left > 0 && faults.length < MOST_TOLD && product.running) {
      left -= 1;
      const { sent, status, answer } = await tryOne(pick);
      statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1);
      for (const fault of judge(status, answer, sent)) faults.push(`${fault}\n  sent: ${sent.slice(0, 2_000)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults, `MILEPOST_RANDOM_SEED=${seed}`).toEqual([]);
  expect(product.running).toBe(true);
  // What is logged as unexpected would be a fault of ours.
  expect(product.stderr).not.toMatch(/"level":(?:50|60)/);
  // Most of it was understood, or the input is too wrong to find anything.
  expect(statuses.get('200') ?? 0).toBeGreaterThan(INPUTS / 10);
  await until('everything is closed', async () => (await connectionsOf(product.pid)) <= before + 2);
  await until('nothing is subscribed', async () => (await subscriptionsOf(product)) === 0);
  expect((await fetch(new URL('/readyz', product.url))).status).toBe(200);
});

function tryOne(pick: Pick): Promise<Tried> {
  switch (pick(10)) {
    case 0:
    case 1:
      return tryRequest(makeRequest(pick));
    case 2:
      return tryFrames(pick);
    default:
      return executing(() => tryOperation(pick));
  }
}

async function tryOperation(pick: Pick): Promise<Tried> {
  const query = makeOperation(pick);
  const accept = query.startsWith('subscription') && pick(2) === 0 ? 'text/event-stream' : 'application/json';
  const sent = JSON.stringify({ query, variables: pick(3) === 0 ? makeJson(pick) : undefined });
  const headers = {
    'content-type': 'application/json',
    accept,
    ...(pick(2) === 0 ? { authorization: `Bearer ${product.adminKey}` } : {}),
  };
  const body = Buffer.from(sent);
  const lines = Object.entries({
    host: 'localhost',
    ...headers,
    'content-length': String(body.length),
    connection: 'close',
  });
  const head = `POST /graphql HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`;
  return {
    ...(await tryRequest(Buffer.concat([Buffer.from(head), body]), accept === 'application/json' ? 15_000 : 300)),
    sent,
  };
}

/** Sends bytes, and reads what comes until the connection ends or the patience does. */
function tryRequest(bytes: Buffer, patienceMs = PATIENCE_MS): Promise<Tried> {
  return new Promise((resolve) => {
    const socket = connect(product.port, '127.0.0.1');
    let answer = '';
    const give = (): void => {
      socket.destroy();
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(answer) ?? [];
      resolve({ sent: bytes.toString('latin1'), status: status === undefined ? null : Number(status), answer });
    };
    socket.setTimeout(patienceMs, give);
    const late = setTimeout(give, patienceMs);
    socket.on('close', () => {
      clearTimeout(late);
      give();
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      // Compressed bytes are no text that could tell anything.
      answer += chunk.toString('latin1');
    });
    socket.write(bytes);
  });
}

async function tryFrames(pick: Pick): Promise<Tried> {
  const frames = makeFrames(pick);
  using client = await openRawSocket(product.wsUrl);
  // What is subscribed to before the acknowledgement closes the socket.
  const [first, ...rest] = frames;
  if (first !== undefined) client.send(first);
  for (let waited = 0; waited < 400 && client.heard.length === 0 && !client.gone; waited += 10) await sleep(10);
  if (rest.length > 0) client.send(...rest);
  for (let waited = 0; waited < 200 && !client.gone; waited += 20) await sleep(20);
  const sent = frames.map(({ payload }) => payload.toString('utf8')).join('\n');
  return {
    sent,
    status: client.closed?.code === 1011 ? 500 : 200,
    answer: JSON.stringify([client.heard, client.closed]),
  };
}

/** The number of connections that a process has open. */
async function connectionsOf(pid: number): Promise<number> {
  const names = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.filter((link) => link.startsWith('socket:')).length;
}

/** What connections have subscribed to, and what is executed for subscriptions, also if no connection has them any more. */
async function subscriptionsOf({ url, adminKey }: Product): Promise<number> {
  const headers = { authorization: `Bearer ${adminKey}` };
  const text = await (await fetch(new URL('/metrics', url), { headers })).text();
  const open = [...text.matchAll(/^(?:milepost_subscriptions|milepost_subscription_groups)\{[^}]*\} (\d+)/gm)].map(
    ([, value]) => Number(value),
  );
  if (open.length === 0) throw new Error('The metrics tell of no subscriptions.');
  return open.reduce((sum, value) => sum + value, 0);
}
