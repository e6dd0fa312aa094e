import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Maker, makeMaker } from '../support/makers.ts';
import { openRawSocket, type RawSocket } from '../support/raw-socket.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { deferred, until } from '../support/wait.ts';

/** An answer of about 100 KiB, and an operation of nearly as much. */
const LARGE = `{ __schema { types { name description fields { name description args { name description } } } } } #${'x'.repeat(60_000)}`;
/** Its errors take about as much. */
const REFUSED = `{ ${Array.from({ length: 25 }, (_, index) => `nonsense${index}${'x'.repeat(800)}`).join(' ')} }`;
/** Needs the database. */
const READING = '{ sources { totalCount } }';
/** The network buffers some MiB on either side, in both directions. */
const SENT_BYTES = 48 * 1024 * 1024;
const NETWORK_BYTES = 24 * 1024 * 1024;
const AT_ONCE_BYTES = 1024 * 1024;
/** How many operations of a socket the server works on at once. */
const MOST_AT_WORK = 10;

describe('a socket', () => {
  let server: TestServer;
  let maker: Maker;
  let authorization: string;

  beforeAll(async () => {
    server = await openServer();
    // Without a key documents are short.
    authorization = `Bearer ${(await server.createKey(['READ'])).key}`;
    maker = await makeMaker(server.db);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const open = async (): Promise<RawSocket> => {
    const client = await openRawSocket(server.wsUrl);
    client.say({ type: 'connection_init', payload: { authorization } });
    await until('it is acknowledged', () => client.heard.length === 1);
    return client;
  };

  test.each<[string, (id: string) => object, string]>([
    ['queries', (id) => subscribe(id, LARGE), 'complete'],
    ['operations that are refused', (id) => subscribe(id, REFUSED), 'error'],
    ['pings', (id) => ({ type: 'ping', payload: { id, more: 'x'.repeat(16_000) } }), 'pong'],
  ])(
    'is not read from while its client does not read, and answers everything once it does: %s',
    { timeout: 120_000 },
    async (_what, messageOf, answer) => {
      using client = await open();
      using other = await open();
      client.socket.pause();
      let sent = 0;
      const taken = (): number => client.socket.bytesWritten - client.socket.writableLength;
      while (client.socket.bytesWritten < SENT_BYTES && client.socket.writableLength < AT_ONCE_BYTES) {
        const before = client.socket.bytesWritten;
        while (client.socket.bytesWritten - before < AT_ONCE_BYTES) {
          sent += 1;
          client.say(messageOf(String(sent)));
        }
        // Other readers are answered meanwhile; and by then the server has handled what has arrived.
        await roundTrips(other, 5);
      }
      expect(taken()).toBeLessThan(NETWORK_BYTES);
      client.socket.resume();
      await until('all is answered', () => countOf(client, answer) === sent, 60_000);
      expect(client.closed).toBeNull();
    },
  );

  test('has at most ten messages of its client worked on, and leaves later ones unread', async () => {
    using client = await open();
    using other = await open();
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
    const answered = (id: string): boolean => client.heard.some((message) => message.id === id);
    for (let id = 1; id < MOST_AT_WORK; id += 1) client.say(subscribe(`held ${id}`, READING));
    client.say(subscribe('tenth', '{ __typename }'));
    await until('the tenth is answered', () => answered('tenth'));
    client.say(
      subscribe(`held ${MOST_AT_WORK}`, READING),
      subscribe('eleventh', '{ __typename }'),
      { type: 'ping', payload: { after: 'the eleventh' } },
      subscribe('gone', READING),
      { id: 'gone', type: 'complete' },
    );
    // They are not answered, even though others are.
    await roundTrips(other, 20);
    expect(client.heard.filter(({ type }) => type === 'next').map(({ id }) => id)).toEqual(['tenth']);
    expect(client.heard.at(-1)).toEqual({ id: 'tenth', type: 'complete' });
    free.resolve();
    await holding;
    await until('the eleventh is answered', () => answered('eleventh'));
    await until('all are answered', () => countOf(client, 'complete') === MOST_AT_WORK + 2);
    expect(client.heard).toContainEqual({ type: 'pong', payload: { after: 'the eleventh' } });
    expect(answered('gone')).toBe(false);
  });

  test('begins all hundred subscriptions that its client sends at once', async () => {
    using client = await open();
    const ids = Array.from({ length: 100 }, (_, index) => String(index));
    client.say(...ids.map((id) => subscribe(id, `subscription { figureRecorded { a${id}: cursor } }`)));
    await until('all have begun', () => server.subscriptions.groups === ids.length);
    await maker.record();
    await until('each has the event', () => countOf(client, 'next') === ids.length);
    expect(new Set(client.heard.map(({ id }) => id))).toEqual(new Set([undefined, ...ids]));
  });
});

async function roundTrips(client: RawSocket, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    const before = client.heard.length;
    client.say(subscribe('a', '{ __typename }'));
    await until('it is answered', () => client.heard.length === before + 2);
  }
}

function countOf({ heard }: RawSocket, type: string): number {
  return heard.filter((message) => message.type === type).length;
}

function subscribe(id: string, query: string): object {
  return { id, type: 'subscribe', payload: { query } };
}
