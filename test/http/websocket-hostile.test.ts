import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headOf, overSocket } from '../acceptance/clients.ts';
import { createFacts, type Facts } from '../acceptance/facts.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  type Frame,
  openRawSocket,
  PING,
  type RawSocket,
  TEXT,
  textFrame,
} from '../support/raw-socket.ts';
import { until } from '../support/wait.ts';

const INIT = { type: 'connection_init' };
const EVENTS = 'subscription ($after: Cursor) { event: changes(after: $after) { cursor } }';
const DEEP = 20_000;

interface Pushed {
  readonly event: { readonly cursor: string };
}

/** The product in a process of its own. */
describe('whatever a client sends, the process stays up and other clients keep receiving', () => {
  let place: TestPlace;
  let product: Product;
  let facts: Facts;
  let threshold = 0;

  beforeAll(async () => {
    place = await placeDatabase('migrated');
    product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    facts = await createFacts(product);
  });
  afterAll(async () => {
    await product[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  /** Does something while another client is subscribed, which gets what is written afterwards. */
  const whileWatched = async (work: () => Promise<void>): Promise<void> => {
    await using watch = overSocket<Pushed>(product, EVENTS, { after: await headOf(product) });
    const push = async (): Promise<void> => {
      threshold += 1;
      const cursor = await facts.announce(threshold);
      expect((await watch.next()).event.cursor).toBe(cursor);
    };
    await push();
    await work();
    await push();
    expect(product.running).toBe(true);
    expect(product.stdout).not.toContain('Stopping');
  };

  test.each<[string, readonly unknown[], number, string]>([
    [
      'a ping whose payload is nested thousands deep',
      [`{"type":"ping","payload":{"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}}`],
      4400,
      'Message too large',
    ],
    [
      'a ping whose payload is nested as deep as its size allows',
      [`{"type":"ping","payload":{"a":${'['.repeat(8_000)}${']'.repeat(8_000)}}}`],
      4400,
      'Payload nested too deeply',
    ],
    [
      'a connection_init that is nested thousands deep',
      [`{"type":"connection_init","payload":{"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}}`],
      4400,
      'Message too large',
    ],
    [
      'two operations of one id of 200 characters',
      [INIT, subscribe('x'.repeat(200)), subscribe('x'.repeat(200))],
      4400,
      'The id is longer than 128 bytes',
    ],
    [
      'two operations of one long id',
      [INIT, subscribe('é'.repeat(64)), subscribe('é'.repeat(64))],
      4409,
      'Subscriber already exists',
    ],
    ['a ping of a MiB', [INIT, { type: 'ping', payload: { a: 'x'.repeat(1024 * 1024) } }], 4400, 'Message too large'],
    [
      'much before its connection_init',
      Array.from({ length: 10 }, () => ({ type: 'ping', payload: { a: 'x'.repeat(10_000) } })),
      4400,
      'Too much before connection_init',
    ],
  ])('%s', async (_what, messages, code, reason) => {
    await whileWatched(async () => {
      using client = await openRawSocket(product.wsUrl);
      for (const message of messages) {
        const before = client.heard.length;
        client.say(message);
        if (message === INIT) await until('it was acknowledged', () => client.heard.length > before);
      }
      await until('it is closed', () => client.closed !== null);
      expect(client.closed).toEqual({ code, reason });
      // It is the client's fault, so nothing is logged.
      expect(product.complaints).toBe('');
    });
  });

  test('deeply nested variables are an error of their operation alone', async () => {
    await whileWatched(async () => {
      using client = await openInitialised(product);
      const variables = `{"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`;
      const deep = `{"type":"subscribe","id":"deep","payload":{"query":"{ head }","variables":${variables}}}`;
      client.say(deep, subscribe('sound', '{ __typename }'));
      await until('the other is answered', () =>
        client.heard.some(({ id, type }) => id === 'sound' && type === 'complete'),
      );
      await until('it is answered', () => client.heard.some(({ id, type }) => id === 'deep' && type === 'error'));
      expect(client.closed).toBeNull();
    });
  });

  test('any frames, whole or broken, in any order', { timeout: 120_000 }, async () => {
    await whileWatched(async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.boolean(),
          fc.array(hostileFrames, { minLength: 1, maxLength: 8 }),
          fc.constantFrom<End>('end', 'destroy', 'reset', 'wait'),
          async (isInitialised, groups, end) => {
            const client = isInitialised ? await openInitialised(product) : await openRawSocket(product.wsUrl);
            client.send(...groups.flat());
            if (end === 'end') client.socket.end();
            else if (end === 'reset') client.socket.resetAndDestroy();
            // A ping is answered unless the connection is closed, so everything sent before it has been read.
            else if (end === 'wait') {
              const before = client.heard.length;
              client.say({ type: 'ping' });
              await until(
                'it was answered',
                () => client.heard.length > before || client.closed !== null || client.gone,
              );
            }
            client.socket.destroy();
          },
        ),
        { numRuns: 250 },
      );
    });
  });
});

type End = 'end' | 'destroy' | 'reset' | 'wait';

async function openInitialised(product: Product): Promise<RawSocket> {
  const client = await openRawSocket(product.wsUrl);
  client.say(INIT);
  await until('it was acknowledged', () => client.heard.length > 0);
  return client;
}

function subscribe(
  id: unknown,
  query: unknown = 'subscription { changes { cursor } }',
  variables: unknown = {},
): object {
  return { type: 'subscribe', id, payload: { query, variables } };
}

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then', ''];
const anyType = fc.oneof(
  fc.constantFrom('connection_init', 'connection_ack', 'ping', 'pong', 'subscribe', 'next', 'error', 'complete'),
  fc.constantFrom<unknown>(...NAMES, 1, null, [], {}, true),
);
const anyId = fc.oneof(
  fc.constantFrom<unknown>('a', 'b', ...NAMES, 0, -1, 1.5, null, [], {}, true),
  fc.string({ unit: 'binary', maxLength: 140 }),
);
const anyQuery = fc.oneof(
  fc.constantFrom<unknown>(
    '{ head }',
    '{ __proto__ }',
    '{ __proto__: head constructor: head }',
    'query ($__proto__: Int, $constructor: Int) { head }',
    'subscription { changes { cursor } }',
    'subscription { live { __typename } }',
    'subscription { live { __proto__: head } }',
    'subscription ($after: Cursor) { changes(after: $after) { cursor } }',
    'mutation { withdrawFigure(id: "nonsense", reason: "") { cursor } }',
    `{ ${'a{'.repeat(DEEP)}`,
    `{ brands(filter: {a: ${'['.repeat(DEEP)} }) { totalCount } }`,
    'fragment A on Query { ...A } { ...A }',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    '',
    1,
    null,
    {},
  ),
  fc.string({ maxLength: 30 }),
);
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(null, 1, 'text', [], {}),
  fc.dictionary(fc.oneof(fc.constantFrom(...NAMES, 'after', 'authorization'), fc.string()), fc.jsonValue(), {
    maxKeys: 3,
  }),
  fc.constantFrom(...NAMES).map((name) => JSON.parse(`{"${name}":{"${name}":1,"polluted":true}}`)),
);
const anyMessage = fc.oneof(
  fc.record({ type: anyType, id: anyId, payload: anyValue }, { requiredKeys: [] }),
  fc
    .record({ query: anyQuery, variables: anyValue, operationName: anyValue }, { requiredKeys: [] })
    .chain((payload) => anyId.map((id) => ({ type: 'subscribe', id, payload }))),
  fc.jsonValue(),
);
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const opening = fc.constantFrom(TEXT, BINARY);

/** Frames that belong together, as far as such frames do. */
const hostileFrames: fc.Arbitrary<readonly Frame[]> = fc.oneof(
  { weight: 8, arbitrary: anyMessage.map((message) => [textFrame(message ?? null)]) },
  { weight: 1, arbitrary: anyMessage.map((message) => [{ ...textFrame(message ?? null), opcode: BINARY }]) },
  { weight: 1, arbitrary: fc.tuple(opening, anyBytes).map(([opcode, payload]) => [{ opcode, payload }]) },
  {
    weight: 2,
    arbitrary: fc.tuple(anyMessage, opening, fc.nat(50)).map(([message, opcode, at]) => fragments(message, opcode, at)),
  },
  // A message that never ends, or never began.
  { weight: 1, arbitrary: anyBytes.map((payload) => [{ opcode: TEXT, payload, isFinal: false }]) },
  { weight: 1, arbitrary: anyBytes.map((payload) => [{ opcode: CONTINUATION, payload }]) },
  // Control frames: pings of any size, closes with any code, and whatever is not assigned.
  { weight: 1, arbitrary: anyBytes.map((payload) => [{ opcode: PING, payload }]) },
  { weight: 1, arbitrary: anyBytes.map((payload) => [{ opcode: CLOSE, payload }]) },
  { weight: 1, arbitrary: fc.nat(15).chain((opcode) => anyBytes.map((payload) => [{ opcode, payload }])) },
  { weight: 1, arbitrary: anyBytes.map((payload) => [{ opcode: TEXT, payload, isMasked: false }]) },
);

function fragments(message: unknown, opcode: number, at: number): readonly Frame[] {
  const { payload } = textFrame(message ?? null);
  return [
    { opcode, payload: payload.subarray(0, at), isFinal: false },
    { opcode: PING, payload: Buffer.from('between') },
    { opcode: CONTINUATION, payload: payload.subarray(at) },
  ];
}
