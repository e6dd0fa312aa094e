import { expect, inject, test } from 'vitest';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { placeDatabase } from '../support/database.ts';
import { makeMaker } from '../support/makers.ts';
import { type Product, startProduct } from '../support/product.ts';
import { openProxy } from '../support/proxy.ts';
import { openRawSocket, type RawSocket } from '../support/raw-socket.ts';
import { openServer } from '../support/server.ts';
import { deferred, until } from '../support/wait.ts';

const INIT = { type: 'connection_init' };
const ACK = { type: 'connection_ack', payload: { head: expect.any(String) } };
const LATER = { code: 1013, reason: 'The server cannot answer right now' };

test('a client that was cut off before its first event gets that event after the acknowledged place', async () => {
  await using server = await openServer();
  const maker = await makeMaker(server.db);
  const head = await server.head();
  const values: number[] = [];
  {
    using first = await openRawSocket(server.wsUrl);
    first.say(INIT);
    await until('it is acknowledged', () => first.heard.length === 1);
    expect(first.heard).toEqual([{ type: 'connection_ack', payload: { head } }]);
    first.say(subscribe('a', 'subscription { figureRecorded { cursor } }'));
    await until('it has begun', () => server.subscriptions.groups === 1);
  }
  await until('it is gone', () => server.connections.count === 0);
  for (let count = 0; count < 3; count += 1) values.push(await maker.record());
  using again = await openRawSocket(server.wsUrl);
  again.say(INIT);
  await until('it is acknowledged', () => again.heard.length === 1);
  again.say(subscribe('a', `subscription { figureRecorded(after: "${head}") { figure { value } } }`));
  await until('all came', () => again.heard.length === 1 + values.length);
  expect(again.heard.slice(1).map(({ payload }) => payload)).toEqual(
    values.map((value) => ({ data: { figureRecorded: { figure: { value } } } })),
  );
});

test('a socket is not closed for an operation that its client completed during an outage', async () => {
  await using server = await openServer({ maxWaitMs: 500 });
  const maker = await makeMaker(server.db);
  using client = await openRawSocket(server.wsUrl);
  using other = await openRawSocket(server.wsUrl);
  for (const each of [client, other]) each.say(INIT);
  await until('they are acknowledged', () => [client, other].every(({ heard }) => heard.length === 1));
  client.say(subscribe('a', 'subscription { figureRecorded { figure { value } } }'));
  await until('it has begun', () => server.subscriptions.groups === 1);
  const [taken, free] = [deferred(), deferred()];
  const holding = server.db.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe('/* hold */ lock table "ChangeLog"');
      taken.resolve();
      await free.promise;
    },
    { timeout: 60_000 },
  );
  await taken.promise;
  client.say(subscribe('b', 'subscription { changes { cursor } }'), { id: 'b', type: 'complete' }, { type: 'ping' });
  await until('it is heard', () => client.heard.length === 2);
  // Later clients have also waited too long once the first one has.
  other.say(subscribe('b', 'subscription { changes { cursor } }'));
  await until('the other one is sent away', () => other.closed !== null);
  free.resolve();
  await holding;
  const value = await maker.record();
  await until('the first operation goes on, or not', () => client.heard.length > 2 || client.closed !== null);
  expect(other.closed).toEqual(LATER);
  expect(client.heard.slice(2)).toEqual([
    { id: 'a', type: 'next', payload: { data: { figureRecorded: { figure: { value } } } } },
  ]);
});

test('clients that connect at once share the lookups of their key and of the head of the log', async () => {
  await using server = await openServer();
  const { key } = await server.createKey(['READ']);
  const asked = countQuestions(server.db);
  const [taken, free] = [deferred(), deferred()];
  const holding = server.db.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe('/* holdAll */ lock table "ApiKey", "ChangeLog"');
      taken.resolve();
      await free.promise;
    },
    { timeout: 60_000 },
  );
  await taken.promise;
  const clients = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const client = await openRawSocket(server.wsUrl);
      client.say({ ...INIT, payload: { authorization: `Bearer ${key}` } });
      return client;
    }),
  );
  await until('the first questions are asked', () => asked.keys > 0 && asked.heads > 0);
  free.resolve();
  await holding;
  await until('all are acknowledged', () => clients.every(({ heard }) => heard.length === 1));
  expect(clients.every(({ heard }) => heard[0]?.type === 'connection_ack')).toBe(true);
  // One for the first client, one for all that came during it, and some more for a slow machine.
  expect(asked.keys).toBeLessThanOrEqual(10);
  expect(asked.heads).toBeLessThanOrEqual(10);
  for (const client of clients) client[Symbol.dispose]();
});

/** Counts from now on how often the database is asked for keys and for the head of the log. */
function countQuestions(db: PrismaClient): { readonly keys: number; readonly heads: number } {
  const asked = { keys: 0, heads: 0 };
  const [queryRaw, findMany] = [db.$queryRaw.bind(db), db.apiKey.findMany.bind(db.apiKey)];
  const countHead = (...query: Parameters<typeof queryRaw>) => {
    if (String(query[0]).includes('readLogState')) asked.heads += 1;
    return queryRaw(...query);
  };
  const countKeys = (...query: Parameters<typeof findMany>) => {
    if (JSON.stringify(query[0]).includes('hash')) asked.keys += 1;
    return findMany(...query);
  };
  Object.assign(db, { $queryRaw: countHead });
  Object.assign(db.apiKey, { findMany: countKeys });
  return asked;
}

/** Takes the database away from a running product, and gives it back. */
interface Outage extends AsyncDisposable {
  readonly address: Pick<Product, 'wsUrl' | 'url' | 'adminKey'>;
  begin(): Promise<void>;
  end(): Promise<void>;
}

test('a client that connects or subscribes while the database is away waits, and is told to come back later after 10 s', async () => {
  await using outage = await (inject('backend') === 'postgres' ? refusing() : hanging());
  const { address } = outage;
  const withKey = { ...INIT, payload: { authorization: `Bearer ${address.adminKey}` } };
  const open = async (init: object): Promise<RawSocket> => {
    const client = await openRawSocket(address.wsUrl);
    client.say(init);
    return client;
  };
  using idle = await open(INIT);
  using subscribing = await open(INIT);
  await until('they are acknowledged', () => [idle, subscribing].every(({ heard }) => heard.length === 1));

  await outage.begin();
  const began = performance.now();
  using anonymous = await open(INIT);
  using known = await open(withKey);
  const ended = [anonymous, known];
  // A hanging database delays statements, whose own bounds are tested elsewhere.
  if (inject('backend') === 'postgres') {
    subscribing.say(subscribe('a', 'subscription { changes { cursor } }'));
    ended.push(subscribing);
  }
  await until('they are told', () => [anonymous, known].every(({ closed }) => closed !== null), 20_000);
  expect(performance.now() - began).toBeGreaterThan(9_900);
  await until('all are told', () => ended.every(({ closed }) => closed !== null), 20_000);
  for (const { closed } of ended) expect(closed).toEqual(LATER);
  for (const { heard } of [anonymous, known]) expect(heard).toEqual([]);
  // An idle client is not disturbed.
  expect(idle.closed).toBeNull();

  using waiting = await open(INIT);
  using waitingWithKey = await open(withKey);
  await outage.end();
  await until('they are acknowledged', () => [waiting, waitingWithKey].every(({ heard }) => heard.length === 1));
  for (const { heard } of [waiting, waitingWithKey]) expect(heard).toEqual([ACK]);
});

/** A product whose database server goes away. */
async function refusing(): Promise<Outage> {
  const place = await placeDatabase('migrated');
  const proxy = await openProxy(place.databaseUrl ?? '');
  const product = await startProduct({
    place: { ...place, databaseUrl: proxy.databaseUrl },
    environment: { MILEPOST_SEED: 'off' },
  });
  return {
    address: product,
    begin: () => proxy.refuse(),
    end: () => proxy.accept(),
    [Symbol.asyncDispose]: async () => {
      expect(await product.stop()).toEqual({ code: 0, signal: null });
      await proxy[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** A server whose database does not answer, because the test holds it exclusively. */
async function hanging(): Promise<Outage> {
  const server = await openServer();
  const { key } = await server.createKey(['READ']);
  const [taken, free] = [deferred(), deferred()];
  let holding: Promise<void> | undefined;
  return {
    address: { wsUrl: server.wsUrl, url: server.url, adminKey: key },
    begin: () => {
      holding = server.db.$transaction(
        async () => {
          taken.resolve();
          await free.promise;
        },
        { timeout: 60_000 },
      );
      return taken.promise;
    },
    end: async () => free.resolve(),
    [Symbol.asyncDispose]: async () => {
      free.resolve();
      await holding;
      await server[Symbol.asyncDispose]();
    },
  };
}

function subscribe(id: string, query: string): object {
  return { id, type: 'subscribe', payload: { query } };
}
