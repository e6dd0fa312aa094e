import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeMaker } from '../support/makers.ts';
import { subscribe, subscribeToEvents } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const CHEAP = '{ __typename }';
const COSTLY = '{ figures(first: 100) { nodes { id value } } }';
/** Longer than the pace of live queries. */
const IDLE_MS = 500;
type Live = { readonly live: { readonly figures: { readonly totalCount: number } } };
const COSTLY_LIVE = 'subscription { live { figures(first: 70) { totalCount nodes { id } } } }';
const COSTLY_EVENTS = `subscription ($after: Cursor) {
  figureRecorded(after: $after) { cursor figure { subject { figures(first: 70) { nodes { id } } } } }
}`;
const LIVE = 'subscription { live { brand(slug: "nio") { name } } }';

test('answers tell what a client has left, and 429 when it has nothing', async () => {
  await using server = await openServer({ ofClient: { budget: 300 } });
  const first = await ask(server, COSTLY);
  expect(first.status).toBe(200);
  expect(first.headers.get('ratelimit-policy')).toBe('"cost";q=300;w=60');
  expect(leftIn(first)).toBeLessThan(200);
  await ask(server, COSTLY.replace('value', 'period'));
  await ask(server, COSTLY.replace('value', 'unit'));
  const spent = await ask(server, CHEAP);
  expect(spent.status).toBe(429);
  expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(leftIn(spent)).toBe(0);
  expect(await spent.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED', limit: 300 } }] });
  const { key } = await server.createKey(['READ']);
  expect((await ask(server, CHEAP, { authorization: `Bearer ${key}` })).status).toBe(200);
});

test('an answer that is kept costs one', async () => {
  await using server = await openServer({ ofClient: { budget: 300 } });
  const before = leftIn(await ask(server, COSTLY));
  for (let round = 0; round < 20; round += 1) expect((await ask(server, COSTLY)).status).toBe(200);
  expect(before - leftIn(await ask(server, COSTLY))).toBe(21);
});

test('what is refused costs what it takes to find that out', async () => {
  await using server = await openServer({ ofClient: { budget: 100 } });
  for (let round = 0; round < 5; round += 1) expect((await ask(server, `{ no${round} }`)).status).toBe(200);
  expect((await ask(server, '{ no }')).status).toBe(429);
});

test('the budget is the same over every transport', async () => {
  await using server = await openServer({ ofClient: { budget: 100 } });
  const { key } = await server.createKey(['READ']);
  await ask(server, COSTLY, { authorization: `Bearer ${key}` });
  const socket = subscribe(server.wsUrl, 'subscription { changes { cursor } }', { key });
  await until('it is refused over WebSocket', () => socket.error() !== undefined);
  expect(socket.error()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }]);
  const stream = await ask(server, 'subscription { changes { cursor } }', {
    authorization: `Bearer ${key}`,
    accept: 'text/event-stream',
  });
  expect(stream.status).toBe(429);
  const badge = await fetch(new URL('/badge/nio.svg', server.url), { headers: { authorization: `Bearer ${key}` } });
  expect(badge.status).toBe(429);
});

test('a network of IPv6 is one client, and two addresses of IPv4 are two', async () => {
  await using server = await openServer({ ofClient: { budget: 100 }, trustProxy: true });
  const from = (address: string) => ask(server, COSTLY, { 'x-forwarded-for': address });
  expect((await from('2001:db8:1:2::1')).status).toBe(200);
  expect((await from('2001:db8:1:2:ffff::2')).status).toBe(429);
  expect((await from('2001:db8:1:3::1')).status).toBe(200);
  expect((await from('192.0.2.1')).status).toBe(200);
  expect((await from('192.0.2.2')).status).toBe(200);
});

test('a client has so many live queries on all its connections, and one that ends makes room', async () => {
  await using server = await openServer({ ofClient: { liveQueries: 2 } });
  const [first, second] = [subscribe(server.wsUrl, LIVE), subscribeToEvents(server.wsUrl, LIVE)];
  await until('both have an answer', () => first.results.length === 1 && second.results.length === 1);
  const third = subscribe(server.wsUrl, LIVE);
  await until('the third is refused', () => third.error() !== undefined);
  expect(third.error()).toMatchObject([{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }]);
  const refused = await ask(server, LIVE, { accept: 'text/event-stream' });
  expect(refused.status).toBe(429);
  second.stop();
  await until('there is room', async () => {
    const next = subscribe(server.wsUrl, LIVE);
    await until('it is answered', () => next.results.length > 0 || next.error() !== undefined);
    return next.results.length > 0;
  });
});

test('executions of a live query are paid for: whoever has nothing left waits, and shares what another reader pays', async () => {
  await using server = await openServer({ ofClient: { budget: 150 } });
  const maker = await makeMaker(server.db);
  const poor = subscribe<Live>(server.wsUrl, COSTLY_LIVE);
  await until('it has an answer', () => poor.results.length === 1);
  await maker.record();
  await until('the next', () => poor.results.length === 2);
  const { executions } = server.subscriptions.counts;
  await maker.record();
  await sleep(IDLE_MS);
  expect(server.subscriptions.counts.executions).toBe(executions);
  const { key } = await server.createKey(['READ']);
  const rich = subscribe<Live>(server.wsUrl, COSTLY_LIVE, { key });
  await until('both have the newest', () =>
    [poor, rich].every(({ results }) => results.at(-1)?.data?.live.figures.totalCount === 2),
  );
});

test('a replay is as fast as its reader can pay for', async () => {
  await using server = await openServer({ ofClient: { budget: 200 } });
  const maker = await makeMaker(server.db);
  const after = await server.head();
  for (let round = 0; round < 6; round += 1) await maker.record();
  const reader = subscribe(server.wsUrl, COSTLY_EVENTS, { variables: { after } });
  await until('it has some', () => reader.results.length > 0);
  await sleep(IDLE_MS);
  expect(reader.results.length).toBeLessThan(6);
  const { key } = await server.createKey(['READ']);
  const other = subscribe(server.wsUrl, 'subscription ($after: Cursor) { figureRecorded(after: $after) { cursor } }', {
    key,
    variables: { after },
  });
  await until('another has all', () => other.results.length === 6);
  expect(reader.error()).toBeUndefined();
});

function ask(server: TestServer, query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
}

function leftIn({ headers }: Response): number {
  return Number(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
}
