import { afterEach, expect, test, vi } from 'vitest';
import type { Payer } from '../../src/execution/client.ts';
import type { Payload } from '../../src/execution/payload.ts';
import { type AccountHolder, boundClients, type ClientLimits, type Clients } from '../../src/http/clients.ts';
import { Outbox, type Wire } from '../../src/http/outbox.ts';
import { deferred } from '../support/wait.ts';

const LIMITS: ClientLimits = { budget: 1_000, liveQueries: 2, replays: 2, waitingBytes: 100 };
const NOBODY = { keyId: null };
const TOO_MANY = { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } };

afterEach(() => {
  vi.useRealTimers();
});

test('a client spends its budget, and has it again a minute after its first request', async () => {
  vi.useFakeTimers();
  const client = boundClients(LIMITS).of(NOBODY, '192.0.2.1');
  expect(client.headers).toEqual({ 'ratelimit-policy': '"cost";q=1000;w=60', ratelimit: '"cost";r=1000;t=60' });
  expect(client.pay(400)).toBe(0);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(client.refuse()).toBeNull();
  expect(client.headers.ratelimit).toBe('"cost";r=600;t=40');
  expect(client.pay(700)).toBeCloseTo(40_000, -2);
  expect(client.refuse()?.extensions).toEqual({ code: 'RATE_LIMITED', limit: 1_000, retryAfter: 40 });
  await vi.advanceTimersByTimeAsync(40_001);
  expect(client.refuse()).toBeNull();
  expect(client.pay(0)).toBe(0);
});

test('what a client has spent beyond its budget is owed in the next minute, and at most all of that', async () => {
  vi.useFakeTimers();
  const clients = boundClients(LIMITS);
  const [little, much, waiting] = ['1', '2', '3'].map((name) => clients.of(NOBODY, name)) as [
    AccountHolder,
    AccountHolder,
    AccountHolder,
  ];
  little.pay(1_300);
  much.pay(50_000);
  waiting.pay(3_000);
  await vi.advanceTimersByTimeAsync(60_001);
  expect(little.headers.ratelimit).toBe('"cost";r=700;t=60');
  expect(much.refuse()?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 60 });
  await vi.advanceTimersByTimeAsync(60_001);
  for (const client of [little, much]) expect(client.headers.ratelimit).toBe('"cost";r=1000;t=60');
  await vi.advanceTimersByTimeAsync(60_001);
  expect(waiting.headers.ratelimit).toBe('"cost";r=1000;t=60');
});

test('small costs count as well', () => {
  const client = boundClients(LIMITS).of(NOBODY, '192.0.2.1');
  for (let request = 0; request < 999; request += 1) client.pay(1);
  expect(client.refuse()).toBeNull();
  client.pay(1);
  expect(client.refuse()).not.toBeNull();
});

test('each key and each address is a client of its own, on whatever connection', () => {
  const clients = boundClients(LIMITS);
  clients.of(NOBODY, '192.0.2.1').pay(2_000);
  expect(clients.of(NOBODY, '192.0.2.1').refuse()).not.toBeNull();
  expect(clients.of(NOBODY, '192.0.2.2').refuse()).toBeNull();
  expect(clients.of({ keyId: 1 }, '192.0.2.1').refuse()).toBeNull();
  clients.of({ keyId: 1 }, '192.0.2.1').pay(2_000);
  expect(clients.of({ keyId: 1 }, '192.0.2.9').refuse()).not.toBeNull();
});

test('without a budget nothing is counted and nothing is told', () => {
  const client = boundClients({ ...LIMITS, budget: null }).of(NOBODY, '192.0.2.1');
  expect(client.pay(1e9)).toBe(0);
  expect(client.refuse()).toBeNull();
  expect(client.headers).toEqual({});
});

test('a store that cannot be reached leaves each process to count alone', async () => {
  const store = () => ({ consume: () => Promise.reject(new Error('away')) }) as never;
  const client = boundClients({ ...LIMITS, store }).of(NOBODY, '192.0.2.1');
  expect(client.pay(600)).toBe(0);
  await Promise.resolve();
  expect(client.pay(600)).toBeGreaterThan(0);
});

test('live queries are counted until they end', () => {
  const client = boundClients(LIMITS).of(NOBODY, '192.0.2.1');
  const live = { isLive: true, cost: 1 };
  const first = client.open(live) as () => void;
  client.open(live);
  expect(client.open(live)).toMatchObject(TOO_MANY);
  first();
  first();
  expect(client.open(live)).toBeTypeOf('function');
  expect(client.open(live)).toMatchObject(TOO_MANY);
});

test('the subscriptions of a client cost together at most what it may spend in a minute', () => {
  const client = boundClients(LIMITS).of(NOBODY, '192.0.2.1');
  const first = client.open({ isLive: false, cost: 600 }) as () => void;
  expect(client.open({ isLive: true, cost: 401 })).toMatchObject(TOO_MANY);
  expect(client.open({ isLive: true, cost: 400 })).toBeTypeOf('function');
  expect(client.open({ isLive: false, cost: 1 })).toMatchObject(TOO_MANY);
  first();
  first();
  expect(client.open({ isLive: false, cost: 600 })).toBeTypeOf('function');
  expect(client.open({ isLive: false, cost: 1 })).toMatchObject(TOO_MANY);
  const unbounded = boundClients({ ...LIMITS, budget: null }).of(NOBODY, '192.0.2.1');
  expect(unbounded.open({ isLive: false, cost: 1e9 })).toBeTypeOf('function');
});

test('as many replays of a client run at once as it may have, and the others after them', async () => {
  const clients = boundClients(LIMITS);
  const client = clients.of(NOBODY, '192.0.2.1');
  const over = deferred();
  let running = 0;
  const replay = async (): Promise<void> => {
    running += 1;
    await over.promise;
    running -= 1;
  };
  const all = [1, 2, 3, 4, 5].map(() => client.replay(replay));
  const other = clients.of(NOBODY, '192.0.2.2').replay(async () => 'done');
  expect(await other).toBe('done');
  expect(running).toBe(2);
  over.resolve();
  await Promise.all(all);
  expect(running).toBe(0);
});

test('a client that lets too much wait in all its subscriptions together is cut off from the one that asks for more', () => {
  const client = boundClients(LIMITS).of(NOBODY, '192.0.2.1');
  const payer: Payer = { client, cost: 1 };
  const [first, second] = [openStalled(payer), openStalled(payer)];
  first.outbox.deliver(payloadOf(60));
  second.outbox.deliver(payloadOf(30));
  expect([first.codes, second.codes]).toEqual([[], []]);
  second.outbox.deliver(payloadOf(30));
  expect([first.codes, second.codes]).toEqual([[], ['SLOW_CONSUMER']]);
  // What waited for the second is not kept any more.
  first.outbox.deliver(payloadOf(30));
  expect(first.codes).toEqual([]);
});

test.each<[string, (client: AccountHolder) => () => void]>([
  ['a subscription', (client) => client.open({ isLive: true, cost: 1 }) as () => void],
  [
    'bytes that wait',
    (client) => {
      client.hold(1);
      return () => void client.hold(-1);
    },
  ],
  [
    'a replay',
    (client) => {
      const over = deferred();
      void client.replay(() => over.promise);
      return over.resolve;
    },
  ],
])('a client that has %s is not forgotten, however many others come', async (_what, begin) => {
  const clients = boundClients(LIMITS);
  const client = clients.of(NOBODY, '192.0.2.1');
  const end = begin(client);
  for (let round = 0; round < 2; round += 1) {
    flood(clients);
    expect(clients.of(NOBODY, '192.0.2.1')).toBe(client);
  }
  flood(clients);
  end();
  await new Promise(setImmediate);
  expect(clients.of(NOBODY, '192.0.2.1')).not.toBe(client);
});

/** More clients than are remembered. */
function flood(clients: Clients): void {
  for (let other = 0; other <= 100_000; other += 1) clients.of(NOBODY, `other ${other}`);
}

/** A subscription of a client that reads nothing. */
function openStalled(payer: Payer) {
  const codes: unknown[] = [];
  const wire: Wire = {
    write: () => undefined,
    isFull: true,
    untaken: 0,
    whenDrained: () => undefined,
    whenTaken: () => undefined,
    fail: (errors) => codes.push(...errors.map(({ extensions }) => extensions.code)),
    complete: () => undefined,
  };
  return { outbox: new Outbox(wire, 'every event', payer), codes };
}

function payloadOf(bytes: number): Payload {
  return { bytes: Buffer.alloc(bytes), cursor: 'cursor' };
}
