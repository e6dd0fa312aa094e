import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Maker, makeMaker } from '../support/makers.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const INIT = { type: 'connection_init' };
const ACK = { type: 'connection_ack', payload: { head: expect.stringMatching(/^[-_A-Za-z0-9]{1,64}$/) } };
const QUERY = '{ __typename }';
/** A query that needs the database, and so is not answered at once. */
const READING = '{ sources { totalCount } }';
/** Between two messages: wait for the answer to the first before sending the second. */
const ANSWERED = Symbol('answered');
const TWICE = [4429, 'Too many initialisation requests'] as const;
const EARLY = [4401, 'Unauthorized'] as const;
const EVENTS = 'subscription { figureRecorded { figure { value } } }';
const LIVE = 'subscription { live { __typename } }';

/** One behaviour that the protocol requires of a server. */
interface Behaviour {
  readonly does: string;
  readonly send: readonly unknown[];
  /** All messages of the server. */
  readonly hears?: readonly unknown[];
  /** How the server closes the socket; it stays open when not given. */
  readonly closes?: readonly [code: number, reason: string];
}

/** What clients of the protocol graphql-transport-ws rely on, message by message, in the order of its description (PROTOCOL.md of graphql-ws). */
describe('a WebSocket', () => {
  let server: TestServer;
  let maker: Maker;

  beforeAll(async () => {
    server = await openServer({ maxSubscriptionsPerSocket: 2 });
    maker = await makeMaker(server.db);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const behaviours: readonly Behaviour[] = [
    // ConnectionInit and ConnectionAck
    { does: 'acknowledges a connection_init, with the place where the log ends', send: [INIT], hears: [ACK] },
    { does: 'acknowledges a connection_init with an empty payload', send: [{ ...INIT, payload: {} }], hears: [ACK] },
    { does: 'acknowledges a connection_init whose payload is null', send: [{ ...INIT, payload: null }], hears: [ACK] },
    {
      does: 'closes with 4403 for a key that is not known',
      send: [{ ...INIT, payload: { authorization: 'Bearer mp_unknown' } }],
      closes: [4403, 'The key is not known. See that all of it was copied, and from this server.'],
    },
    {
      does: 'closes with 4429 for a second connection_init',
      send: [INIT, ANSWERED, INIT],
      hears: [ACK],
      closes: TWICE,
    },
    { does: 'closes with 4429 for two at once', send: [INIT, INIT], closes: TWICE },
    { does: 'closes with 4408 when none comes', send: [], closes: [4408, 'Connection initialisation timeout'] },
    // Ping and Pong
    { does: 'answers a ping', send: [{ type: 'ping' }], hears: [{ type: 'pong' }] },
    {
      does: 'answers a ping whose payload is null',
      send: [{ type: 'ping', payload: null }],
      hears: [{ type: 'pong' }],
    },
    {
      does: 'answers a ping with its payload, before and after connection_init',
      send: [{ type: 'ping', payload: { at: 1 } }, ANSWERED, INIT, ANSWERED, { type: 'ping', payload: { at: 2 } }],
      hears: [{ type: 'pong', payload: { at: 1 } }, ACK, { type: 'pong', payload: { at: 2 } }],
    },
    {
      does: 'accepts pongs that it did not ask for',
      send: [{ type: 'pong' }, { type: 'pong', payload: { a: 1 } }, { type: 'pong', payload: null }, { type: 'ping' }],
      hears: [{ type: 'pong' }],
    },
    // Subscribe
    { does: 'closes with 4401 for an operation before connection_init', send: [subscribe('1', QUERY)], closes: EARLY },
    {
      does: 'closes with 4401 for an operation before it was acknowledged',
      send: [INIT, subscribe('1', QUERY)],
      closes: EARLY,
    },
    ...(
      [
        ['subscription', EVENTS, EVENTS],
        ['query of the id of a subscription', EVENTS, QUERY],
        ['query of the id of a query that is not answered yet', READING, READING],
      ] as const
    ).map(([what, first, second]) => ({
      does: `closes with 4409 for a second operation with the same id: a ${what}`,
      send: [INIT, ANSWERED, subscribe('a', first), subscribe('a', second)],
      hears: [ACK],
      closes: [4409, 'Subscriber already exists'] as const,
    })),
    {
      does: 'accepts the id of an operation that the client has completed',
      send: [INIT, ANSWERED, subscribe('a', EVENTS), complete('a'), subscribe('a', QUERY)],
      hears: [ACK, next('a', { __typename: 'Query' }), complete('a')],
    },
    {
      does: 'accepts the id of an operation that it has completed itself',
      send: [INIT, ANSWERED, subscribe('a', QUERY), ANSWERED, subscribe('a', QUERY)],
      hears: [ACK, ...[1, 2].flatMap(() => [next('a', { __typename: 'Query' }), complete('a')])],
    },
    {
      does: 'accepts the id of an operation that was refused',
      send: [INIT, ANSWERED, subscribe('a', '{ nonsense }'), ANSWERED, subscribe('a', QUERY)],
      hears: [ACK, error('a'), next('a', { __typename: 'Query' }), complete('a')],
    },
    {
      does: 'accepts every field of an operation',
      send: [
        INIT,
        ANSWERED,
        {
          id: 'a',
          type: 'subscribe',
          payload: {
            query: 'query A { __typename } query B { head }',
            operationName: 'A',
            variables: {},
            extensions: {},
          },
        },
      ],
      hears: [ACK, next('a', { __typename: 'Query' }), complete('a')],
    },
    {
      does: 'accepts null for every optional field of an operation',
      send: [
        INIT,
        ANSWERED,
        {
          id: 'a',
          type: 'subscribe',
          payload: { query: QUERY, operationName: null, variables: null, extensions: null },
        },
      ],
      hears: [ACK, next('a', { __typename: 'Query' }), complete('a')],
    },
    // Next, Error and Complete from the server
    {
      does: 'answers a query that fails during execution with partial data, and completes it',
      send: [
        INIT,
        ANSWERED,
        subscribe('a', '{ __typename changes(after: "nonsense", first: 1) { nodes { cursor } } }'),
      ],
      hears: [
        ACK,
        {
          id: 'a',
          type: 'next',
          payload: expect.objectContaining({ errors: [expect.objectContaining({ message: expect.any(String) })] }),
        },
        complete('a'),
      ],
    },
    ...(
      [
        ['does not parse', '{ brand('],
        ['is not valid', '{ brand(slug: 1) { slug } }'],
        ['has no operation', 'fragment A on Query { head }'],
        ['subscribes after an invalid place', 'subscription { changes(after: "nonsense") { cursor } }'],
      ] as const
    ).map(([what, query]) => ({
      does: `answers an operation that ${what} with an error and does not complete it`,
      send: [INIT, ANSWERED, subscribe('a', query), ANSWERED, { type: 'ping' }],
      hears: [ACK, error('a'), { type: 'pong' }],
    })),
    // Complete from the client
    {
      does: 'does not answer a query that the client completes first',
      send: [INIT, ANSWERED, subscribe('a', READING), complete('a'), subscribe('b', READING)],
      hears: [ACK, next('b', { sources: { totalCount: 1 } }), complete('b')],
    },
    {
      does: 'accepts the completion of an operation that has ended or never existed',
      send: [INIT, ANSWERED, subscribe('a', QUERY), ANSWERED, complete('a'), complete('never there'), { type: 'ping' }],
      hears: [ACK, next('a', { __typename: 'Query' }), complete('a'), { type: 'pong' }],
    },
    // Invalid messages
    ...(
      [
        ['is not JSON', 'nonsense'],
        ['is empty', ''],
        ['is not an object', [INIT]],
        ['is null', 'null'],
        ['has no type', { id: 'a' }],
        ['has a type that is not a text', { type: 1 }],
        ['has an unknown type', { type: 'start', id: 'a' }],
        ['only a server sends: connection_ack', { type: 'connection_ack' }],
        ['only a server sends: next', next('a', {})],
        ['only a server sends: error', { id: 'a', type: 'error', payload: [{ message: '' }] }],
        ['is a connection_init with a payload that is not an object', { ...INIT, payload: 'key' }],
        ['is a ping with a payload that is not an object', { type: 'ping', payload: [1] }],
        ['completes without an id', { type: 'complete' }],
        ['subscribes without an id', { type: 'subscribe', payload: { query: QUERY } }],
        ['subscribes with an empty id', { ...subscribe('', QUERY) }],
        ['subscribes with an id that is not a text', { ...subscribe('a', QUERY), id: 1 }],
        ['subscribes without a payload', { id: 'a', type: 'subscribe' }],
        ['subscribes without a query', { id: 'a', type: 'subscribe', payload: {} }],
        ['subscribes with a query that is not a text', { id: 'a', type: 'subscribe', payload: { query: {} } }],
        [
          'subscribes with variables that are no object',
          { id: 'a', type: 'subscribe', payload: { query: QUERY, variables: [] } },
        ],
        [
          'subscribes with an operationName that is no text',
          { id: 'a', type: 'subscribe', payload: { query: QUERY, operationName: 1 } },
        ],
        [
          'subscribes with extensions that are no object',
          { id: 'a', type: 'subscribe', payload: { query: QUERY, extensions: 'a' } },
        ],
      ] as const
    ).map(([what, message]) => ({
      does: `closes with 4400 for a message that ${what}`,
      send: [INIT, ANSWERED, message],
      hears: [ACK],
      closes: [4400, 'Invalid message received'] as const,
    })),
  ];

  test.each(behaviours.map((behaviour) => [behaviour.does, behaviour] as const))(
    '%s',
    async (_does, { send, hears = [], closes = null }) => {
      using client = await openRawSocket(server.wsUrl);
      const batches = batchesOf(send);
      for (const [index, batch] of batches.entries()) {
        const before = client.heard.length;
        client.say(...batch);
        // All messages up to the next wait are sent at once.
        if (index < batches.length - 1)
          await until('it is answered', () => client.heard.length > before && isSettled(client.heard));
      }
      await until(
        'all is heard',
        () => client.heard.length >= hears.length && (closes === null || client.closed !== null),
      );
      const isOpen = client.closed === null;
      // The last message shows that nothing else came before it.
      if (isOpen) {
        client.say({ type: 'ping', payload: { last: true } });
        await until('the last is heard', () => client.heard.length > hears.length);
      }
      expect(client.heard).toEqual([...hears, ...(isOpen ? [{ type: 'pong', payload: { last: true } }] : [])]);
      expect(client.closed).toEqual(closes === null ? null : { code: closes[0], reason: closes[1] });
    },
  );

  test.each([
    ['none', '', undefined, [4406, 'Subprotocol not acceptable']],
    ['another one', 'graphql-ws', undefined, [4406, 'Subprotocol not acceptable']],
    ['it among others', 'graphql-ws, graphql-transport-ws', 'graphql-transport-ws', null],
  ] as const)('takes only its own subprotocol: a client that offers %s', async (_what, offered, chosen, closes) => {
    using client = await openRawSocket(server.wsUrl, offered);
    expect(client.protocol).toBe(chosen);
    if (closes === null) client.say({ type: 'ping' });
    await until('it is answered or closed', () => client.heard.length > 0 || client.closed !== null);
    expect(client.closed).toEqual(closes === null ? null : { code: closes[0], reason: closes[1] });
  });

  test('interleaves the operations of a socket, each under its id', async () => {
    using client = await openRawSocket(server.wsUrl);
    client.say(INIT);
    await until('it is acknowledged', () => client.heard.length === 1);
    client.say(subscribe('events', EVENTS), subscribe('live', 'subscription { live { sources { totalCount } } }'));
    await until('the first answer came', () => client.heard.some(({ id }) => id === 'live'));
    await until('both have begun', () => server.subscriptions.groups === 2);
    client.say(subscribe('query', QUERY));
    await until('it is answered', () => client.heard.some(({ id, type }) => id === 'query' && type === 'complete'));
    const value = await maker.record();
    await until('the event came', () => client.heard.some(({ id }) => id === 'events'));
    expect(client.heard.filter(({ id }) => id === 'events')).toEqual([
      next('events', { figureRecorded: { figure: { value } } }),
    ]);
  });

  test('answers a close of the client with the same code, and frees everything it held', async () => {
    const client = await connect(server.wsUrl, {});
    client.say(subscribe('a', EVENTS));
    await until('it is open', () => server.subscriptions.groups === 1);
    client.end(1000);
    await until('it is closed', () => client.closed() !== null);
    expect(client.closed()?.code).toBe(1000);
    await until('nothing is left', () => server.subscriptions.groups === 0);
  });

  test('answers queries, mutations and invalid operations, and accepts an id again once it is free', async () => {
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

  test('pushes nothing for an operation that the client has completed, and frees its id and its place', async () => {
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
  /** All messages of the server. */
  readonly heard: { readonly id?: string; readonly type?: string }[];
  /** Sends a text as it is, anything else as JSON. */
  say(message: unknown): void;
  /** How the server closed it; null while it is open. */
  closed(): { readonly code: number; readonly reason: string } | null;
  end(code?: number): void;
}

/** Opens a socket. With a payload for connection_init, sends it and takes the acknowledgement out of the messages. */
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
  return { heard, say, closed: () => closed, end: (code) => socket.close(code) };
}

/** The messages that are sent at once, before a wait for an answer. */
function batchesOf(send: readonly unknown[]): readonly (readonly unknown[])[] {
  const at = send.indexOf(ANSWERED);
  return at === -1 ? [send] : [send.slice(0, at), ...batchesOf(send.slice(at + 1))];
}

/** Whether every operation with an answer has had its final message. */
function isSettled(heard: readonly { readonly type?: string }[]): boolean {
  return heard.at(-1)?.type !== 'next';
}

function next(id: string, data: object): object {
  return { id, type: 'next', payload: { data } };
}

function error(id: string): object {
  return { id, type: 'error', payload: [expect.objectContaining({ message: expect.any(String) })] };
}

function complete(id: string): object {
  return { id, type: 'complete' };
}

function subscribe(id: string, query: string, variables = {}): object {
  return { type: 'subscribe', id, payload: { query, variables } };
}
