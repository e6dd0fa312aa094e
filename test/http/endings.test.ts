import { afterEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { revokeApiKey } from '../../src/domain/api-key.ts';
import { makeMaker } from '../support/makers.ts';
import { openServer, subscribe, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const QUIET = 'subscription { changes(filter: {subjects: []}) { cursor } }';
/** What the network itself buffers on one machine is megabytes, so a reader that stands still is noticed only behind events as large as these. */
const NOTE = 'n'.repeat(2_000);
const LARGE = `subscription { figureRecorded { cursor figure { ${Array.from({ length: 20 }, (_, index) => `n${index}: note`).join(' ')} } } }`;
const EVENTS = 500;

describe('a connection ends', () => {
  let server: TestServer;
  afterEach(() => server[Symbol.asyncDispose]());

  test('with 4403 within 5 s after its key was revoked or has expired, also on a quiet stream', {
    timeout: 20_000,
  }, async () => {
    server = await openServer();
    const revoked = await server.createKey(['READ']);
    const expiring = await server.createKey(['READ'], new Date(Date.now() + 4_000));
    const readers = [revoked, expiring].map(({ key }) => subscribe(server.wsUrl, QUIET, { key }));
    const stream = await openStream(server, QUIET, { authorization: `Bearer ${revoked.key}` });
    const anonymous = subscribe(server.wsUrl, QUIET);
    await until('all are open', () => server.connections.count === 4);
    await revokeApiKey(server.db, revoked.id);
    await until('both sockets are closed', () => readers.every(({ closed }) => closed() !== undefined), 9_000);
    expect(readers.map(({ closed }) => closed())).toEqual([4403, 4403]);
    await until('the stream has ended', () => stream.ended(), 6_000);
    expect(anonymous.closed()).toBeUndefined();
    anonymous.stop();
  });

  test('with 4429 when its address has too many, where an event stream is answered with 429', async () => {
    server = await openServer({ maxPerAddress: 2 });
    const readers = [subscribe(server.wsUrl, QUIET), subscribe(server.wsUrl, QUIET)];
    await until('two are open', () => server.connections.count === 2);
    const third = subscribe(server.wsUrl, QUIET);
    await until('the third is closed', () => third.closed() !== undefined);
    expect(third.closed()).toBe(4429);
    expect((await openStream(server, QUIET)).status).toBe(429);
    readers[0]?.stop();
    await until('one has left', () => server.connections.count === 1);
    const fourth = await openStream(server, QUIET);
    expect(fourth.status).toBe(200);
    fourth.stop();
    readers[1]?.stop();
  });

  test('not for one subscription too many, which alone is refused', async () => {
    server = await openServer({ maxSubscriptionsPerSocket: 2 });
    const socket = await openSocket(server);
    for (const id of ['1', '2', '3']) socket.send({ id, type: 'subscribe', payload: { query: QUIET } });
    await until('the third is refused', () => socket.messages.some(({ type }) => type === 'error'));
    const refused = socket.messages.find(({ type }) => type === 'error') as {
      id: string;
      payload: { extensions: { code: string } }[];
    };
    expect([refused.id, refused.payload[0]?.extensions.code]).toEqual(['3', 'TOO_MANY_SUBSCRIPTIONS']);
    socket.send({ id: '1', type: 'complete' });
    socket.send({ id: '4', type: 'subscribe', payload: { query: '{ head }' } });
    await until('queries still work', () => socket.messages.some(({ id, type }) => id === '4' && type === 'next'));
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    socket.socket.close();
  });

  test('with SLOW_CONSUMER and the last cursor when its reader does not read, and resumes from there without loss', {
    timeout: 60_000,
  }, async () => {
    server = await openServer();
    const maker = await makeMaker(server.db);
    const start = await server.head();
    const socket = await openSocket(server);
    socket.send({ id: 'slow', type: 'subscribe', payload: { query: LARGE } });
    await until('it has joined', () => server.subscriptions.groups === 1);
    socket.pause();
    await maker.recordMany(EVENTS, NOTE);
    await until('it was let go', () => server.subscriptions.groups === 0, 30_000);
    socket.resume();
    await until('the error arrived', () => socket.messages.some(({ type }) => type === 'error'), 20_000);
    const error = socket.messages.find(({ type }) => type === 'error') as {
      payload: { extensions: { code: string; lastCursor: string } }[];
    };
    expect(error.payload[0]?.extensions.code).toBe('SLOW_CONSUMER');
    const cursors = socket.messages.filter(({ type }) => type === 'next').map(({ payload }) => cursorOf(payload));
    expect(error.payload[0]?.extensions.lastCursor).toBe(cursors.at(-1));
    const rest = subscribe(server.wsUrl, `subscription { figureRecorded(after: "${cursors.at(-1)}") { cursor } }`);
    await until('the rest came', () => cursors.length + rest.results.length === EVENTS, 30_000);
    const all = subscribe(server.wsUrl, `subscription { figureRecorded(after: "${start}") { cursor } }`);
    await until('all came again', () => all.results.length === EVENTS, 30_000);
    const resumed = [...cursors, ...rest.results.map(({ data }) => cursorOf({ data }))];
    expect(resumed).toEqual(all.results.map(({ data }) => cursorOf({ data })));
    for (const reader of [rest, all]) reader.stop();
    socket.socket.close();
  });

  test('evenly over the window when the server stops, after what is in flight, and nobody new is let in', async () => {
    server = await openServer();
    const readers = Array.from({ length: 40 }, () => subscribe(server.wsUrl, QUIET));
    await until('all are open', () => server.connections.count === 40);
    const began = Date.now();
    const drained = server.connections.drain(400);
    const late = subscribe(server.wsUrl, QUIET);
    await drained;
    await until('all are closed', () => readers.every(({ closed }) => closed() !== undefined));
    expect(new Set(readers.map(({ closed }) => closed()))).toEqual(new Set([1012]));
    expect(Date.now() - began).toBeGreaterThanOrEqual(380);
    await until('the late one is refused', () => late.closed() !== undefined || late.ended());
  });
});

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A socket of the protocol without a client library, which can be stopped from reading. */
async function openSocket(server: TestServer) {
  const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws');
  const messages: Message[] = [];
  socket.on('message', (data) => void messages.push(JSON.parse(String(data)) as Message));
  await new Promise((resolve) => socket.once('open', resolve));
  const send = (message: object): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init' });
  await until('it is acknowledged', () => messages.some(({ type }) => type === 'connection_ack'));
  return { socket, messages, send, pause: () => socket.pause(), resume: () => socket.resume() };
}

/** An event stream as a browser reads it. */
async function openStream(server: TestServer, query: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${server.url}?query=${encodeURIComponent(query)}`, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  });
  let ended = false;
  void (async () => {
    for await (const _chunk of response.body ?? []) {
      // What comes does not matter here.
    }
  })().then(
    () => {
      ended = true;
    },
    () => {
      ended = true;
    },
  );
  return { status: response.status, ended: () => ended, stop: () => abort.abort() };
}

function cursorOf(result: unknown): string {
  return (result as { data: { figureRecorded: { cursor: string } } }).data.figureRecorded.cursor;
}
