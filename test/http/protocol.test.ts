import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Maker, makeMaker } from '../support/makers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const INIT = { type: 'connection_init' };
const ACK = { type: 'connection_ack', payload: { head: expect.stringMatching(/^[\w-]{1,64}$/) } };
const EVENTS = 'subscription { figureRecorded { figure { value } } }';
const LIVE = 'subscription { live { __typename } }';

/** What clients of the protocol graphql-transport-ws count on, message by message. */
describe('a WebSocket', () => {
  let server: TestServer;
  let maker: Maker;

  beforeAll(async () => {
    server = await openServer({ maxSubscriptionsPerSocket: 2 });
    maker = await makeMaker(server.db);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each<[string, readonly unknown[], number, string]>([
    ['a message that is not JSON', [INIT, 'nonsense'], 4400, 'Invalid message received'],
    ['a message of an unknown type', [INIT, { type: 'start', id: '1' }], 4400, 'Invalid message received'],
    ['a message that only a server sends', [INIT, { type: 'connection_ack' }], 4400, 'Invalid message received'],
    [
      'a subscription without a query',
      [INIT, { type: 'subscribe', id: '1', payload: {} }],
      4400,
      'Invalid message received',
    ],
    ['a subscription before the key', [subscribe('1', EVENTS)], 4401, 'Unauthorized'],
    ['a second connection_init', [INIT, INIT], 4429, 'Too many initialisation requests'],
    [
      'a second operation of an id',
      [INIT, subscribe('a', EVENTS), subscribe('a', EVENTS)],
      4409,
      'Subscriber for a already exists',
    ],
  ])('is closed for %s', async (_what, messages, code, reason) => {
    const client = await connect(server.wsUrl);
    for (const message of messages) {
      client.say(message);
      if (message === INIT) await until('it was answered', () => client.heard.length > 0 || client.closed() !== null);
    }
    await until('it is closed', () => client.closed() !== null);
    expect(client.closed()).toEqual({ code, reason });
  });

  test('answers a ping with a pong of the same payload, also before connection_init', async () => {
    const client = await connect(server.wsUrl);
    client.say({ type: 'ping' });
    client.say({ type: 'ping', payload: { at: 1 } });
    client.say({ type: 'pong' });
    client.say(INIT);
    await until('all are answered', () => client.heard.length === 3);
    expect(client.heard).toEqual([{ type: 'pong' }, { type: 'pong', payload: { at: 1 } }, ACK]);
    client.end();
  });

  test('answers queries, mutations and what is wrong with them, and takes an id again once it is free', async () => {
    const { key } = await server.createKey(['READ', 'WRITE']);
    const client = await connect(server.wsUrl, { authorization: `Bearer ${key}` });
    const ask = async (query: string, variables = {}): Promise<unknown[]> => {
      const before = client.heard.length;
      client.say(subscribe('again', query, variables));
      await until('it is over', () => ['complete', 'error'].includes(String(client.heard.at(-1)?.type)));
      await until('it is all here', () => client.heard.length > before);
      return client.heard.splice(before);
    };
    expect(await ask('query($slug: String!) { brand(slug: $slug) { slug } }', { slug: maker.slug })).toEqual([
      { id: 'again', type: 'next', payload: { data: { brand: { slug: maker.slug } } } },
      { id: 'again', type: 'complete' },
    ]);
    expect(await ask('mutation { withdrawFigure(id: "nonsense", reason: "") { cursor } }')).toEqual([
      { id: 'again', type: 'next', payload: { data: { withdrawFigure: { cursor: null } } } },
      { id: 'again', type: 'complete' },
    ]);
    expect(await ask('{ brand(slug: 1) { slug } }')).toMatchObject([{ id: 'again', type: 'error', payload: [{}] }]);
    expect(await ask('{ brand(')).toMatchObject([{ id: 'again', type: 'error', payload: [{}] }]);
    client.end();
  });

  test('pushes nothing for an operation that the client has completed, whose id and place are free again', async () => {
    const client = await connect(server.wsUrl, {});
    client.say(subscribe('a', EVENTS));
    client.say(subscribe('b', LIVE));
    await until('both are open', () => server.subscriptions.groups === 2);
    client.say(subscribe('c', EVENTS));
    await until('the third is refused', () => client.heard.some(({ id }) => id === 'c'));
    expect(client.heard.find(({ id }) => id === 'c')).toMatchObject({
      id: 'c',
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    });
    client.say({ type: 'complete', id: 'b' });
    client.say({ type: 'complete', id: 'never there' });
    client.say(subscribe('b', EVENTS));
    await until('the live query has ended', () => server.subscriptions.groups === 1);
    client.heard.splice(0);
    const newest = (id: string): unknown => client.heard.findLast((message) => message.id === id);
    let value = 0;
    await until('the new one has begun', async () => {
      value = await maker.record();
      return newest('b') !== undefined;
    });
    await until('both have the last', () =>
      ['a', 'b'].every((id) => JSON.stringify(newest(id) ?? '').includes(String(value))),
    );
    for (const id of ['a', 'b'])
      expect(newest(id)).toEqual({
        id,
        type: 'next',
        payload: { data: { figureRecorded: { figure: { value } } } },
      });
    expect(client.heard.every(({ type }) => type === 'next')).toBe(true);
    client.end();
    await until('everything of it has ended', () => server.subscriptions.groups === 0);
  });

  test('that is closed while its operation begins leaves nothing behind', async () => {
    for (let count = 0; count < 20; count += 1) {
      const client = await connect(server.wsUrl, {});
      client.say(subscribe('a', EVENTS));
      client.say(subscribe('b', LIVE));
      if (count % 2 === 0) client.say({ type: 'complete', id: 'a' });
      client.end();
    }
    await until('nothing is left', () => server.subscriptions.groups === 0 && server.connections.count === 0);
  });

  test('whose client does not answer pings is cut off within 30 s, and one that does is not', {
    timeout: 60_000,
  }, async () => {
    const [silent, lively] = [await connect(server.wsUrl, {}, false), await connect(server.wsUrl, {})];
    const began = Date.now();
    await until('the silent one is cut off', () => silent.closed() !== null, 40_000);
    expect(Date.now() - began).toBeGreaterThan(14_000);
    expect(Date.now() - began).toBeLessThan(33_000);
    expect(silent.closed()?.code).toBe(1006);
    expect(lively.closed()).toBeNull();
    lively.end();
  });
});

interface Client {
  /** Everything that the server said. */
  readonly heard: { readonly id?: string; readonly type?: string }[];
  /** Sends a text as it is, anything else as JSON. */
  say(message: unknown): void;
  /** How the server closed it; null while it is open. */
  closed(): { readonly code: number; readonly reason: string } | null;
  end(): void;
}

/** Opens a socket, and where a payload of connection_init is given sends it and takes the answer out. */
async function connect(url: string, init: object | null = null, autoPong = true): Promise<Client> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { autoPong });
  const heard: Client['heard'] = [];
  let closed: ReturnType<Client['closed']> = null;
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  socket.on('close', (code, reason) => {
    closed = { code, reason: String(reason) };
  });
  await once(socket, 'open');
  const say = (message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  if (init !== null) {
    say({ ...INIT, payload: init });
    await until('it is acknowledged', () => heard.length > 0);
    expect(heard.splice(0)).toEqual([ACK]);
  }
  return { heard, say, closed: () => closed, end: () => socket.close() };
}

function subscribe(id: string, query: string, variables = {}): object {
  return { type: 'subscribe', id, payload: { query, variables } };
}
