import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { makeFailingTable } from '../support/failing-table.ts';
import { type Maker, makeMaker } from '../support/makers.ts';
import { openRawSocket, type RawSocket } from '../support/raw-socket.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

/** Longer than a key that is not valid is let be. */
const FORBIDDEN_MS = 5_000;
/** Postgres' code for a server that has no connection left. */
const TOO_MANY_CONNECTIONS = '53300';
const WRITE = 'mutation { updateSubject(slug: "nobody", input: {}) { userErrors { code } } }';

let server: TestServer;
let maker: Maker;
beforeAll(async () => {
  server = await openServer({ maxWaitMs: 500 });
  maker = await makeMaker(server.db);
});
afterAll(() => server[Symbol.asyncDispose]());

const bearer = (key: string) => `Bearer ${key}`;
const ping = (authorization: unknown, rest: object = {}) => ({ type: 'ping', payload: { ...rest, authorization } });
const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });

/** An acknowledged socket, with a key or without. */
async function connect(key?: string): Promise<RawSocket> {
  const socket = await openRawSocket(server.wsUrl);
  socket.say({ type: 'connection_init', payload: key === undefined ? {} : { authorization: bearer(key) } });
  await until('it is acknowledged', () => socket.heard.length === 1);
  return socket;
}

async function begin(socket: RawSocket): Promise<void> {
  const before = server.subscriptions.groups;
  // Each a little different, because equal ones share a group.
  const alias = `of${before}`;
  socket.say(subscribe('events', `subscription { figureRecorded { figure { value ${alias}: metric } } }`));
  await until('it has begun', () => server.subscriptions.groups > before);
}

describe('a ping with a key', () => {
  test('is answered without the key, and lets subscriptions go on after the old key has ended', {
    timeout: 60_000,
  }, async () => {
    const [old, other, next] = [
      await server.createKey(['READ']),
      await server.createKey(['READ'], new Date(Date.now() + 3_000)),
      await server.createKey(['READ']),
    ];
    using renewed = await connect(old.key);
    using expiring = await connect(other.key);
    using kept = await connect(old.key);
    for (const socket of [renewed, expiring, kept]) await begin(socket);
    for (const socket of [renewed, expiring]) socket.say(ping(bearer(next.key), { at: 1 }));
    for (const socket of [renewed, expiring])
      await until('it is answered', () => socket.heard.some(({ type }) => type === 'pong'));
    await revokeApiKey(server.db, old.id);
    await until('the one with the old key is closed', () => kept.closed !== null);
    await new Promise((over) => setTimeout(over, FORBIDDEN_MS));
    const value = await maker.record();
    for (const socket of [renewed, expiring]) {
      await until('the event comes', () => socket.heard.length === 3);
      expect(socket.heard.slice(1)).toEqual([
        { type: 'pong', payload: { at: 1 } },
        {
          id: 'events',
          type: 'next',
          payload: { data: { figureRecorded: { figure: expect.objectContaining({ value }) } } },
        },
      ]);
    }
    await revokeApiKey(server.db, next.id);
    for (const socket of [renewed, expiring]) {
      await until('it is closed with its new key', () => socket.closed !== null);
      expect(socket.closed?.code).toBe(4403);
    }
  });

  test('gives what is sent right behind it the new rights, and answers in order', async () => {
    using socket = await connect();
    const { key } = await server.createKey(['WRITE']);
    socket.say(
      subscribe('before', WRITE),
      ping(bearer(key), { at: 1 }),
      { type: 'ping', payload: { at: 2 } },
      subscribe('after', WRITE),
    );
    const answerTo = (id: string) => socket.heard.find((message) => message.id === id && message.type === 'next');
    await until('all is answered', () => answerTo('before') !== undefined && answerTo('after') !== undefined);
    expect(answerTo('before')).toMatchObject({
      payload: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    });
    expect(answerTo('after')).toMatchObject({ payload: { data: { updateSubject: expect.anything() } } });
    expect(socket.heard.filter(({ type }) => type === 'pong').map(({ payload }) => payload)).toEqual([
      { at: 1 },
      { at: 2 },
    ]);
  });

  test('that is null is a ping like any other', async () => {
    using socket = await connect();
    socket.say(ping(null));
    await until('it is answered', () => socket.heard.length === 2);
    expect(socket.heard[1]).toEqual({ type: 'pong', payload: {} });
    expect(socket.closed).toBeNull();
  });

  test.each([
    ['is not known', async () => bearer('mp_unknown'), /not known/],
    ['was revoked', async () => bearer((await revoked()).key), /revoked at 2/],
    [
      'has expired',
      async () => bearer((await server.createKey(['READ'], new Date(Date.now() - 1))).key),
      /expired at 2/,
    ],
    ['comes without Bearer', async () => (await server.createKey(['READ'])).key, /word Bearer is missing/],
    ['is empty', async () => '', /no key in the expected form/],
    ['is no text', async () => 1, /no key in the expected form/],
  ])('closes the socket with 4403 if the key %s, and says so', async (_what, makeKey, reason) => {
    using socket = await connect((await server.createKey(['READ'])).key);
    socket.say(ping(await makeKey()));
    await until('it is closed', () => socket.closed !== null);
    expect(socket.closed).toEqual({ code: 4403, reason: expect.stringMatching(reason) });
    expect(socket.heard).toHaveLength(1);
  });

  test('closes the socket with 4401 before it was acknowledged', async () => {
    using socket = await openRawSocket(server.wsUrl);
    socket.say(ping(bearer((await server.createKey(['READ'])).key)));
    await until('it is closed', () => socket.closed !== null);
    expect(socket.closed?.code).toBe(4401);
  });

  test('is answered after an outage of the database, during which nothing is closed', async () => {
    const [old, next] = [await server.createKey(['READ']), await server.createKey(['READ'])];
    using socket = await connect(old.key);
    await begin(socket);
    await using keys = await makeFailingTable(server.db, 'ApiKey');
    await keys.fail(TOO_MANY_CONNECTIONS);
    socket.say(ping(bearer(next.key)));
    await new Promise((over) => setTimeout(over, 2_000));
    expect([socket.closed, socket.heard.length]).toEqual([null, 1]);
    await keys.heal();
    await until('it is answered', () => socket.heard.length === 2);
    expect(socket.heard[1]).toEqual({ type: 'pong', payload: {} });
  });
});

describe('an open socket whose key is not valid any more', () => {
  test.each([
    ['was revoked', async (id: number) => void (await revokeApiKey(server.db, id)), /revoked at 2/],
    [
      'has expired',
      async (id: number) =>
        void (await server.db.apiKey.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } })),
      /expired at 2/,
    ],
    ['was removed', async (id: number) => void (await server.db.apiKey.delete({ where: { id } })), /not known/],
  ])('writes nothing from the moment that the key %s, and is closed with 4403', async (what, end, reason) => {
    const { id, key } = await server.createKey(['WRITE']);
    using socket = await connect(key);
    const slug = `written-after-key-${what.replaceAll(' ', '-')}`;
    await end(id);
    socket.say(
      subscribe(
        'write',
        `mutation { createSubject(input: {kind: COMPANY, slug: "${slug}", name: "A"}) { subject { slug } } }`,
      ),
    );
    await until('it is closed', () => socket.closed !== null);
    expect(socket.closed).toEqual({ code: 4403, reason: expect.stringMatching(reason) });
    expect(socket.heard).toHaveLength(1);
    expect(await server.db.subject.count({ where: { slug } })).toBe(0);
  });

  test('writes with the key that it has got meanwhile', async () => {
    const [old, next] = [await server.createKey(['WRITE']), await server.createKey(['WRITE'])];
    using socket = await connect(old.key);
    await revokeApiKey(server.db, old.id);
    socket.say(ping(bearer(next.key)), subscribe('write', WRITE));
    await until('it is answered', () => socket.heard.some(({ type }) => type === 'complete'));
    expect(socket.heard.find(({ type }) => type === 'next')).toMatchObject({
      payload: { data: { updateSubject: expect.anything() } },
    });
    expect(socket.closed).toBeNull();
  });
});

async function revoked() {
  const made = await server.createKey(['READ']);
  await revokeApiKey(server.db, made.id);
  return made;
}
