import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeMaker } from '../support/makers.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { subscribe, subscribeToEvents, WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const CHEAP = '{ __typename }';
const COSTLY = '{ figures(first: 100) { nodes { id value } } }';
/** Longer than the pace of live queries. */
const IDLE_MS = 500;
type Event = { readonly figureRecorded: { readonly cursor: string } };
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

test('a long message over WebSocket is not even read for a client that has nothing left', async () => {
  await using server = await openServer({ ofClient: { budget: 1 } });
  using socket = await openRawSocket(server.wsUrl);
  socket.say({ type: 'connection_init' });
  await until('it is acknowledged', () => socket.heard.length === 1);
  socket.say({ id: 'first', type: 'subscribe', payload: { query: '{ __typename }' } });
  await until('it is answered', () => socket.heard.length === 3);
  const broken = `{"query":"{ head }"${'['.repeat(100_000)}`;
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', '\\u00e9"'];
  socket.say(
    `{"id":"a","type":"subscribe","payload":${broken}}`,
    `{"id":"b","payload":${broken},"type":"subscribe"}`,
    `{"type":"subscribe","id":"c","payload":${broken}}`,
    `{"type":"subscribe","payload":${broken},"id":"d"}`,
    `{"payload":${broken},"type":"subscribe","id":"e"}`,
    `{"payload":${broken}, "id" : "f", "type":"subscribe" } `,
    `{"id":${JSON.stringify(ids[6])},"type":"subscribe","payload":${broken}}`,
  );
  await until('all are refused', () => socket.heard.length === 3 + ids.length || socket.closed !== null);
  expect(socket.heard.slice(3)).toMatchObject(
    ids.map((id) => ({ id, type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] })),
  );
});

test('a long message that is no operation of its id closes its socket when it is read', async () => {
  await using server = await openServer();
  const long = `{"query":"{ __typename } #${'x'.repeat(20_000)}"}`;
  const { key } = await server.createKey(['READ']);
  for (const [sent, reason] of [
    [`{"id":"a","type":"subscribe","payload":${long}`, 'Invalid message received'],
    [`{"id":"a","type":"subscribe","payload":${long},"id":"b"}`, 'Invalid message received'],
    [`{"id":"a","type":"ping","payload":${long}}`, 'Message too large'],
    [`{"type":"pong","payload":${long}}`, 'Message too large'],
    [`{"payload":${long},"type":"subscribe","id":"a"}`, null],
  ] as const) {
    using socket = await openRawSocket(server.wsUrl);
    socket.say({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
    await until('it is acknowledged', () => socket.heard.length === 1);
    socket.say(sent);
    await until('it is closed or answered', () => socket.heard.length === 3 || socket.closed !== null);
    expect(socket.closed).toEqual(reason === null ? null : { code: 4400, reason });
  }
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

test('live queries pay before they take turns: what is left is not spent several times', async () => {
  await using server = await openServer({ ofClient: { budget: 300 } });
  const maker = await makeMaker(server.db);
  const readers = [70, 69, 68].map((first) =>
    subscribe<Live>(server.wsUrl, `subscription { live { figures(first: ${first}) { totalCount nodes { id } } } }`),
  );
  await until('all have an answer', () => readers.every(({ results }) => results.length === 1));
  await maker.record();
  await until('one has the next', () => readers.some(({ results }) => results.length === 2));
  await sleep(IDLE_MS);
  expect(readers.map(({ results }) => results.length).toSorted()).toEqual([1, 1, 2]);
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

test('a replay pays also for what it reads and leaves out', async () => {
  await using server = await openServer({ ofClient: { budget: 100 } });
  const [maker, last] = [await makeMaker(server.db), await makeMaker(server.db, 'last')];
  await makeMaker(server.db, 'other');
  const eventsOf = (slug: string): string => `subscription ($after: Cursor) {
    figureRecorded(filter: { subjects: ["${slug}"] }, after: $after) { cursor }
  }`;
  const after = await server.head();
  await maker.recordMany(500, 'note');
  const { key } = await server.createKey(['READ']);
  const witness = subscribe(server.wsUrl, eventsOf('last'), { key, variables: { after: await server.head() } });
  await last.record();
  await until('the server has read all of that', () => witness.results.length === 1);
  witness.stop();
  const reader = subscribe(server.wsUrl, eventsOf('other'), { variables: { after } });
  await until('nothing is left', async () => {
    // Asking costs as well.
    await sleep(IDLE_MS);
    return (await ask(server, CHEAP)).status === 429;
  });
  // It is not where it would share what others read.
  expect(server.subscriptions.groups).toBe(0);
  expect(reader.error()).toBeUndefined();
  reader.stop();
});

test.each(WAYS)(
  'over %s events that are pushed are paid for, and who has nothing left is told where to go on',
  async (_way, read) => {
    await using server = await openServer({ ofClient: { budget: 300 } });
    const maker = await makeMaker(server.db);
    const reader = read<Event>(server.wsUrl, COSTLY_EVENTS, { variables: { after: await server.head() } });
    for (let round = 1; round < 8 && !reader.ended(); round += 1) {
      await maker.record();
      await until('it is pushed, or the reader is told', () => reader.results.length === round || reader.ended());
    }
    expect(reader.results.length).toBeGreaterThan(1);
    expect(reader.results.length).toBeLessThan(6);
    const lastCursor = reader.results.at(-1)?.data?.figureRecorded.cursor;
    expect(reader.error()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', limit: 300, lastCursor } }]);
    expect(server.subscriptions.groups).toBe(0);
    const { executions } = server.subscriptions.counts;
    await maker.record();
    expect(server.subscriptions.counts.executions).toBe(executions);
    const { key } = await server.createKey(['READ']);
    const next = read<Event>(server.wsUrl, COSTLY_EVENTS, { key, variables: { after: lastCursor } });
    await until('another client has what is missing', () => next.results.length === 2);
  },
);

test('the readers of an event pay for it together, and who has nothing left does not hold the others up', async () => {
  await using server = await openServer({ ofClient: { budget: 300 } });
  const maker = await makeMaker(server.db);
  const { key } = await server.createKey(['READ']);
  const [poor, rich] = [subscribe(server.wsUrl, COSTLY_EVENTS), subscribe(server.wsUrl, COSTLY_EVENTS, { key })];
  await until('both are there', () => server.subscriptions.groups === 1 && server.connections.count === 2);
  await maker.record();
  await until('both have it', () => poor.results.length === 1 && rich.results.length === 1);
  const before = leftIn(await ask(server, CHEAP));
  expect(before).toBeGreaterThan(200);
  await ask(server, COSTLY);
  await ask(server, COSTLY.replace('value', 'period'));
  await ask(server, COSTLY.replace('value', 'unit'));
  await maker.record();
  await until('the first has nothing left', () => poor.error() !== undefined);
  expect(poor.error()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }]);
  await until('the second has the next', () => rich.results.length === 2);
});

test('a client has open what it could pay for in a minute, on all its connections', async () => {
  await using server = await openServer({ ofClient: { budget: 250 } });
  const [first, second] = [subscribe(server.wsUrl, COSTLY_EVENTS), subscribeToEvents(server.wsUrl, COSTLY_LIVE)];
  await until('both are open', () => server.subscriptions.groups === 2);
  const third = subscribe(server.wsUrl, COSTLY_EVENTS);
  await until('the third is refused', () => third.error() !== undefined);
  expect(third.error()).toMatchObject([{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }]);
  first.stop();
  await until('there is room', () => server.subscriptions.groups === 1);
  const next = subscribe(server.wsUrl, COSTLY_EVENTS);
  await until('it is open', () => server.subscriptions.groups === 2);
  for (const reader of [second, next]) expect(reader.error()).toBeUndefined();
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
