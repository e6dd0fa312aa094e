import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { makeMaker } from '../support/makers.ts';
import { type Frame, openRawSocket, PONG, textFrame } from '../support/raw-socket.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { deferred, until } from '../support/wait.ts';

/** The network buffers some 4 MiB. An answer of 16 MB is one write. */
const FIGURES = 100;
const NOTES = 80;
const NOTE = 'n'.repeat(2_000);
const ANSWER_BYTES = FIGURES * NOTES * NOTE.length;
const HUGE = `{ figures(first: ${FIGURES}) { nodes { ${Array.from({ length: NOTES }, (_, index) => `n${index}: note`).join(' ')} } } }`;
const LIVE = `subscription { live ${HUGE} }`;
/** More than an event stream has before its first event. */
const BEGINNING_BYTES = 10_000;
/** Shorter than in production, so that the tests are fast. */
const UNREAD_MS = 5_000;
const BEAT_MS = 100;
const ROUND_MS = 15 * BEAT_MS;
/** A slow reader takes 64 KiB at this interval, so that an answer takes some 10 s. */
const SLOW_MS = 40;
const ASSETS = new URL('../../dist/graphiql/assets/', import.meta.url);
const INIT = { type: 'connection_init' };
/** Needs the database. */
const READING = '{ sources { totalCount } }';

let server: TestServer;
beforeAll(async () => {
  server = await openServer({ unreadMs: UNREAD_MS, heartbeatMs: BEAT_MS });
  await (await makeMaker(server.db)).recordMany(FIGURES, NOTE);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A client with large answers, of which it has read nothing yet. */
interface Client extends Disposable {
  readonly socket: Socket;
  /** Sends what is neither a request nor an answer. */
  babble(): void;
}

const get = (query: string, accept: string, more = ''): string =>
  `GET /graphql?${new URLSearchParams({ query })} HTTP/1.1\r\nHost: milepost.test\r\nAccept: ${accept}\r\n${more}\r\n`;

/** Asks over HTTP. */
async function ask(requests: string): Promise<Client> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(requests);
  // Empty lines before a request mean nothing.
  return { socket, babble: () => socket.write('\r\n'), [Symbol.dispose]: () => socket.destroy() };
}

/** Asks over a WebSocket, and keeps sending frames that need no answer. */
async function askOverSocket(query: string, frames: readonly Frame[]): Promise<Client> {
  const client = await openRawSocket(server.wsUrl);
  client.say(INIT);
  await until('it is acknowledged', () => client.heard.length === 1);
  client.socket.pause();
  client.say({ id: 'a', type: 'subscribe', payload: { query } });
  return {
    socket: client.socket,
    babble: () => client.send(...frames),
    [Symbol.dispose]: () => client.socket.destroy(),
  };
}

/** Reads more than so many bytes, or to the end, and pauses; returns how many bytes that was. */
async function readSlowly({ socket }: Client, everyMs: number, enough = ANSWER_BYTES): Promise<number> {
  let bytes = 0;
  let next: NodeJS.Timeout | undefined;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    socket.pause();
    next = setTimeout(() => socket.resume(), everyMs);
  };
  socket.on('data', take).resume();
  await until('enough has come', () => bytes > enough || socket.destroyed, 50_000);
  clearTimeout(next);
  socket.off('data', take).pause();
  return bytes;
}

/** Of some 3 MB: GraphiQL's editor. */
async function largestFile(): Promise<string> {
  const names = await readdir(ASSETS);
  const sizes = await Promise.all(names.map(async (name) => (await stat(new URL(name, ASSETS))).size));
  return `/graphiql/assets/${names[sizes.indexOf(Math.max(...sizes))]}`;
}

const pong = (text: string) => ({ opcode: PONG, payload: Buffer.from(text) });

const CLIENTS: readonly (readonly [string, () => Promise<Client>])[] = [
  ["a query's answer", () => ask(get(HUGE, 'application/json'))],
  ['files', async () => ask(`GET ${await largestFile()} HTTP/1.1\r\nHost: milepost.test\r\n\r\n`.repeat(8))],
  ['an event stream', () => ask(get(LIVE, 'text/event-stream'))],
  ['a WebSocket', () => askOverSocket(LIVE, [pong('')])],
  [
    "a query's answer over a WebSocket",
    () => askOverSocket(HUGE, [pong('alive'), textFrame({ id: 'b', type: 'complete' })]),
  ],
];

describe('a client', () => {
  test('that takes nothing is cut off, whatever it keeps sending', async () => {
    const cutOff = await Promise.all(
      CLIENTS.map(async ([what, open]) => {
        using client = await open();
        const began = performance.now();
        await until(`it is cut off that takes nothing of ${what}`, async () => {
          client.babble();
          await sleep(50);
          return client.socket.destroyed;
        });
        return { what, inTime: performance.now() - began > UNREAD_MS };
      }),
    );
    expect(cutOff).toEqual(CLIENTS.map(([what]) => ({ what, inTime: true })));
    await until('nothing of them is left', () => server.connections.count === 0);
  });

  test('that reads slowly is not cut off, and gets everything', async () => {
    const read = await Promise.all(
      CLIENTS.map(async ([, open]) => {
        using client = await open();
        const bytes = await readSlowly(client, SLOW_MS);
        // An end would come after all that was sent before it.
        await sleep(ROUND_MS);
        return { all: bytes > ANSWER_BYTES, isOpen: !client.socket.destroyed };
      }),
    );
    expect(read).toEqual(CLIENTS.map(() => ({ all: true, isOpen: true })));
  });

  test('that reads slowly gets all of a stream that has already ended', async () => {
    const { id, key } = await server.createKey(['READ']);
    using client = await ask(get(LIVE, 'text/event-stream', `Authorization: Bearer ${key}\r\n`));
    await until('it is open', () => server.connections.count === 1);
    // On a busy machine the stream could end before it has an answer.
    const beginning = await readSlowly(client, SLOW_MS, BEGINNING_BYTES);
    await revokeApiKey(server.db, id);
    expect(beginning).toBeLessThan(ANSWER_BYTES / 2);
    expect(beginning + (await readSlowly(client, SLOW_MS, ANSWER_BYTES - beginning))).toBeGreaterThan(ANSWER_BYTES);
  });
});

describe('an idle WebSocket', () => {
  test('is closed when its client only sends unsolicited pongs, and not when it answers', async () => {
    using deaf = await askOverSocket('subscription { changes { cursor } }', [pong(''), pong('alive')]);
    using lively = await openRawSocket(server.wsUrl);
    lively.say(INIT);
    await until('it is ended', async () => {
      deaf.babble();
      await sleep(50);
      return deaf.socket.destroyed;
    });
    await sleep(ROUND_MS);
    expect(lively.gone).toBe(false);
  });

  test('is kept when the answer to a ping lies unread after messages that have to wait', async () => {
    using client = await openRawSocket(server.wsUrl);
    client.say(INIT);
    await until('it is acknowledged', () => client.heard.length === 1);
    const [taken, free] = [deferred(), deferred()];
    const holding = server.db.$transaction(
      async (tx) => {
        await tx.$executeRawUnsafe('/* holdSources */ lock table "Source"');
        taken.resolve();
        await free.promise;
      },
      { timeout: 30_000 },
    );
    await taken.promise;
    const ids = Array.from({ length: 11 }, (_, index) => String(index));
    client.say(...ids.map((id) => ({ id, type: 'subscribe', payload: { query: READING } })));
    await sleep(3 * ROUND_MS);
    expect(client.gone).toBe(false);
    free.resolve();
    await holding;
    await until('all are answered', () => client.heard.filter(({ type }) => type === 'complete').length === ids.length);
  });
});
