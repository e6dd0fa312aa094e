import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, createGunzip, deflateRawSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PerMessageDeflateOptions, WebSocket } from 'ws';
import { revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { type Maker, makeMaker } from '../support/makers.ts';
import { heldMemory } from '../support/memory.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const FIGURES = 'subscription ($after: Cursor) { figureRecorded(after: $after) { cursor figure { value note } } }';
/** Long enough to be compressed, and readable. */
const NOTE = 'The maker said so in its monthly report. '.repeat(36).trim();
const BOTH = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

let server: TestServer;
let maker: Maker;
beforeAll(async () => {
  server = await openServer();
  maker = await makeMaker(server.db);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('compression of a WebSocket', () => {
  const negotiations: Readonly<Record<string, readonly [offer: string | undefined, accepted: string | undefined]>> = {
    'is left out when the client does not offer it': [undefined, undefined],
    'is left out when the client offers another extension': ['x-other', undefined],
    'is accepted without context of either side': ['permessage-deflate', BOTH],
    'is accepted as browsers offer it': ['permessage-deflate; client_max_window_bits', BOTH],
    'is accepted from a client that names a limit of its own window': [
      'permessage-deflate; client_max_window_bits=10',
      'permessage-deflate; client_max_window_bits=10; server_no_context_takeover; client_no_context_takeover',
    ],
    'is left out when the client limits our window': ['permessage-deflate; server_max_window_bits=10', undefined],
    'is accepted in the second of two offers': [
      'permessage-deflate; server_max_window_bits=10, permessage-deflate',
      BOTH,
    ],
    'is left out for an unknown parameter': ['permessage-deflate; unknown', undefined],
    'is left out for a value that is none': ['permessage-deflate; client_max_window_bits=99', undefined],
    'is left out for an offer that cannot be read': ['permessage-deflate; =', undefined],
  };
  test.each(Object.entries(negotiations))('%s', async (_does, [offer, accepted]) => {
    expect(await negotiate(offer)).toBe(accepted);
  });

  test('makes no difference to what readers get, and saves three quarters of the bytes of a long event', async () => {
    const readers = await Promise.all([true, false, true, false].map((deflate) => openSocket(deflate)));
    for (const reader of readers) reader.subscribe(FIGURES);
    await ready(readers);
    const before = readers.map(({ bytesRead }) => bytesRead());
    await maker.recordMany(20, NOTE);
    await until('all have all', () => readers.every(({ heard }) => notesIn(heard) === 20));
    const [first, ...others] = readers.map(({ heard }) => heard.filter(isNoted));
    for (const other of others) expect(other).toEqual(first);
    const [deflated = 0, plain = 0] = readers.map(({ bytesRead }, index) => bytesRead() - (before[index] ?? 0));
    expect(deflated).toBeLessThan(plain / 4);
    for (const { socket } of readers) socket.terminate();
  });

  test('serves readers that resume, and those that read late, with every event once and in order', async () => {
    const after = await server.head();
    const paused = await openSocket(true);
    paused.subscribe(FIGURES);
    await ready([paused]);
    paused.socket.pause();
    for (let round = 0; round < 5; round += 1) await maker.recordMany(20, NOTE);
    const resumed = await openSocket(true);
    resumed.subscribe(FIGURES, { after });
    await until('it has caught up', () => notesIn(resumed.heard) === 100);
    paused.socket.resume();
    await until('the other has read all', () => notesIn(paused.heard) === 100);
    const valuesOf = ({ heard }: Reader) =>
      heard.filter(isNoted).map(({ payload }) => payload?.data?.figureRecorded?.figure.value);
    const values = valuesOf(resumed);
    expect(values).toEqual([...values].sort((a, b) => Number(a) - Number(b)));
    expect(valuesOf(paused)).toEqual(values);
    for (const { socket } of [paused, resumed]) socket.terminate();
  });

  test('reads compressed messages of a client, one after the other', async () => {
    const reader = await openSocket({ threshold: 0 });
    for (let id = 1; id <= 3; id += 1)
      reader.say({ id: `${id}`, type: 'subscribe', payload: { query: `{ __typename } # ${NOTE}` } });
    await until('all are answered', () => reader.heard.filter(({ type }) => type === 'complete').length === 3);
    reader.socket.terminate();
  });

  test('does not let a message grow over the limit of all messages', async () => {
    const { socket, connection } = await openSocket(true);
    const closed = once(socket, 'close');
    connection().write(deflatedFrame(`"${' '.repeat(3 * 1024 * 1024)}"`));
    expect((await closed)[0]).toBe(1009);
  });

  test('does not let messages that wait grow over a limit of their own', async () => {
    const { socket, connection } = await openSocket(true);
    const closed = once(socket, 'close');
    await whileAllWait(async (asking) => {
      // Not so short that it is refused for that.
      const large = Array.from({ length: 5 }, () => {
        const text = randomBytes(9_750).toString('base64');
        return `{"type":"pong","payload":{"text":"${text}"}}${' '.repeat(900 * 1024)}`;
      });
      // In one write, so that the server reads all of it before it stops reading.
      connection().write(Buffer.concat([...asking, ...large].map(deflatedFrame)));
      const [code, reason] = (await closed) as [number, Buffer];
      expect([code, String(reason)]).toEqual([4400, 'Too much at once']);
    });
  });

  test('does not keep a buffer of zlib for each of many short messages that wait', async () => {
    const { socket, connection } = await openSocket(true);
    await whileAllWait(async (asking) => {
      const before = heldMemory().arrayBuffers;
      const many = Array.from({ length: 7_000 }, () => deflatedFrame('x'));
      connection().write(Buffer.concat([...asking.map(deflatedFrame), ...many]));
      await sleep(500);
      expect(heldMemory().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024);
    });
    socket.terminate();
  });

  test('refuses a client that makes much out of little', async () => {
    const { socket, connection } = await openSocket(true);
    const closed = once(socket, 'close');
    connection().write(deflatedFrame(`{"type":"pong"}${' '.repeat(1024 * 1024)}`));
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4400, 'Too much from too little']);
  });

  test('does not let a message before connection_init grow over what may come before it', async () => {
    const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws', { perMessageDeflate: true });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    (socket as unknown as { _socket: Socket })._socket.write(
      deflatedFrame(JSON.stringify({ type: 'connection_init', payload: { text: ' '.repeat(100_000) } })),
    );
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4400, 'Too much before connection_init']);
  });
});

describe('compression of server-sent events', () => {
  test('is used for clients that take gzip; each event can be read when it comes, and the whole is valid', async () => {
    const { id, key } = await server.createKey(['READ']);
    const takes = ['gzip', 'gzip, deflate, br, zstd', undefined, 'br', 'gzip;q=0', 'identity, gzip;q=0.5', '*'];
    const streams = await Promise.all(takes.map((encoding) => openStream(key, encoding)));
    expect(streams.map(({ response }) => response.headers['content-encoding'])).toEqual([
      'gzip',
      'gzip',
      undefined,
      undefined,
      undefined,
      undefined,
      'gzip',
    ]);
    for (const { response } of streams) {
      expect(response.headers['cache-control']).toBe('no-cache');
      expect(response.headers.vary).toBe('Accept-Encoding');
    }
    await until('all have begun', () => streams.every(({ text }) => text().includes('id: ')));
    const value = await maker.record();
    await until('all have the short one', () => streams.every(({ text }) => text().includes(`"value":${value},`)));
    await maker.recordMany(10, NOTE);
    await until('all have the long ones', () => streams.every(({ text }) => text().split(NOTE).length === 11));
    await revokeApiKey(server.db, id);
    await until('all have ended', () => streams.every(({ response }) => response.complete));
    const [first, , plain] = streams;
    for (const { text } of streams) expect(text()).toBe(plain?.text());
    // Checks length and checksum as well.
    expect(String(gunzipSync(first?.bytes() as Buffer))).toBe(plain?.text());
    expect(first?.bytes().length).toBeLessThan((plain?.bytes().length ?? 0) / 4);
  });

  test('is read by fetch as it comes', async () => {
    const url = `${server.url}?${new URLSearchParams({ query: FIGURES })}`;
    const stop = new AbortController();
    const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: stop.signal });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await until('it has begun', () => text.includes('id: '));
    await maker.recordMany(1, NOTE);
    await until('the event came', () => text.includes(NOTE));
    stop.abort();
    await reading;
  });

  test('also ends an answer that is one event', async () => {
    const url = `${server.url}?${new URLSearchParams({ query: '{ __typename }' })}`;
    const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
    expect(await response.text()).toContain('event: complete');
  });
});

interface Message {
  readonly type: string;
  readonly payload?: {
    readonly data?: { readonly figureRecorded?: { readonly figure: { value: number; note: string } } };
  };
}

interface Reader {
  readonly socket: WebSocket;
  readonly heard: readonly Message[];
  connection(): Socket;
  bytesRead(): number;
  say(message: object): void;
  subscribe(query: string, variables?: object): void;
}

/** Runs the work while the database answers nobody, with as many operations as hold back what comes after them. */
async function whileAllWait(work: (asking: readonly string[]) => Promise<void>): Promise<void> {
  await server.db.$transaction(async (tx) => {
    await tx.$executeRawUnsafe('/* holdSources */ lock table "Source"');
    asked += 1;
    await work(
      Array.from({ length: 11 }, (_, id) =>
        JSON.stringify({
          id: `${id}`,
          type: 'subscribe',
          payload: { query: `{ as${asked}: sources { totalCount } }` },
        }),
      ),
    );
  });
}
let asked = 0;

async function openSocket(perMessageDeflate: boolean | PerMessageDeflateOptions): Promise<Reader> {
  const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws', { perMessageDeflate });
  const heard: Message[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  socket.on('error', () => undefined);
  const say = (message: object): void => socket.send(JSON.stringify(message));
  await once(socket, 'open');
  say({ type: 'connection_init' });
  await until('it is acknowledged', () => heard.length === 1);
  const connection = () => (socket as unknown as { readonly _socket: Socket })._socket;
  return {
    socket,
    heard,
    connection,
    bytesRead: () => connection().bytesRead,
    say,
    subscribe: (query, variables) => say({ id: '1', type: 'subscribe', payload: { query, variables } }),
  };
}

/** Resolves once all readers get events. */
async function ready(readers: readonly Reader[]): Promise<void> {
  await until('all are live', async () => {
    await maker.record();
    return readers.every(({ heard }) => heard.some(({ type }) => type === 'next'));
  });
}

function notesIn(heard: readonly Message[]): number {
  return heard.filter(isNoted).length;
}

function isNoted({ payload }: Message): boolean {
  return payload?.data?.figureRecorded?.figure.note === NOTE;
}

/** The extensions that the server accepts of an offer. */
async function negotiate(offer: string | undefined): Promise<string | undefined> {
  const asking = request(server.url, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      'sec-websocket-protocol': 'graphql-transport-ws',
      ...(offer === undefined ? {} : { 'sec-websocket-extensions': offer }),
    },
  });
  asking.end();
  const [response, socket] = (await once(asking, 'upgrade')) as [IncomingMessage, Socket];
  socket.destroy();
  return response.headers['sec-websocket-extensions'];
}

/** A masked text frame with compressed content. */
function deflatedFrame(text: string): Buffer {
  const content = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  const head = Buffer.from([0xc1, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(content.length, 2);
  return Buffer.concat([head, content]);
}

async function openStream(key: string, encoding: string | undefined) {
  const headers = {
    accept: 'text/event-stream',
    authorization: `Bearer ${key}`,
    ...(encoding === undefined ? {} : { 'accept-encoding': encoding }),
  };
  const asking = request(`${server.url}?${new URLSearchParams({ query: FIGURES })}`, { agent: false, headers });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  let text = '';
  const body = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response;
  response.on('data', (part: Buffer) => parts.push(part));
  body.on('data', (part: Buffer) => {
    text += part.toString();
  });
  return { response, text: () => text, bytes: () => Buffer.concat(parts) };
}
