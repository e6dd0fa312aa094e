import { once } from 'node:events';
import { connect } from 'node:net';
import pg from 'pg';
import { expect, inject, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { placeDatabase } from '../support/database.ts';
import { type Product, runProduct, startProduct } from '../support/product.ts';
import { soon, until } from '../support/wait.ts';
import { headOf, overEvents, overSocket, send } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const WITHOUT_SEED = { MILEPOST_SEED: 'off' };
const CLEAN = { code: 0, signal: null };
/** A process without a clean end is killed by its supervisor, usually after 10 s. */
const STOPPED_MS = 8_000;

const FIGURES = `subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor } }`;

interface Pushed {
  readonly event: { readonly cursor: string };
}

test('on SIGTERM it closes all connections so that clients reconnect, and ends in time with 0, however the clients behave', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: WITHOUT_SEED });
  const { record } = await createFacts(product);
  const after = await headOf(product);
  await using socket = overSocket<Pushed>(product, FIGURES, { after });
  await using events = overEvents<Pushed>(product, FIGURES, { after });
  await using quiet = overSocket<Pushed>(product, FIGURES);
  await using _stubborn = await connectStubbornly(product);
  const first = await record('2025-01', 1);
  for (const watch of [socket, events]) expect((await watch.next()).event.cursor).toBe(first);
  // This one may or may not arrive before the end; with its cursor nobody misses it.
  await record('2025-02', 2);

  const began = performance.now();
  const stopped = product.stop('SIGTERM');
  expect(await soon('the end', socket.ended)).toMatchObject({ by: 'close', code: 1012 });
  expect(await soon('the end', quiet.ended)).toMatchObject({ by: 'close', code: 1012 });
  // Not completed: that would tell a client that the subscription is over.
  expect(await soon('the end', events.ended)).toMatchObject({ by: 'broken stream' });
  expect(await stopped).toEqual(CLEAN);
  expect(performance.now() - began).toBeLessThan(STOPPED_MS);
  expect(product.stdout).toContain('Stopping (SIGTERM)…');
  expect(product.complaints).toBe('');
  await expect(send(product, '{ head }')).rejects.toThrow();
});

test('on SIGINT right after the line that says it is ready it ends with 0', async () => {
  await using place = await placeDatabase('migrated');
  await using product = runProduct({ place, environment: WITHOUT_SEED });
  await product.printed((stdout) => stdout.includes('ready'));
  expect(await product.stop('SIGINT')).toEqual(CLEAN);
});

test('a second signal ends it at once', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: { ...WITHOUT_SEED, MILEPOST_DRAIN_SECONDS: '30' } });
  const watches = Array.from({ length: 60 }, () => overSocket(product, FIGURES));
  await until('they are connected', async () => (await send(product, '{ head }')).status === 200);
  product.signal('SIGTERM');
  await until('it stops', () => product.stdout.includes('Stopping'));
  // A second signal within half a second counts as the same one: npm repeats what the terminal has already sent.
  await until('half a second is over', async () => {
    product.signal('SIGTERM');
    return !product.running;
  });
  expect((await product.ended).code).toBe(1);
  for (const watch of watches) await watch.close();
});

if (inject('backend') === 'postgres') {
  test('a write that is under way when it stops is still answered', async () => {
    await using place = await placeDatabase('migrated');
    await using product = await startProduct({ place, environment: WITHOUT_SEED });
    const { record } = await createFacts(product);
    const blocker = new pg.Client(place.databaseUrl);
    await blocker.connect();
    try {
      // Blocks every write right before its end.
      await blocker.query('begin');
      await blocker.query('lock table "Change" in exclusive mode');
      const recorded = record('2025-01', 1);
      await until('the write waits', async () => {
        const { rowCount } = await blocker.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rowCount === 1;
      });
      product.signal('SIGTERM');
      await until('it stops', () => product.stdout.includes('Stopping'));
      await until('it takes nothing new', async () => !(await isAnswered(product)));
      await blocker.query('rollback');
      expect(await recorded).toEqual(expect.any(String));
    } finally {
      await blocker.end();
    }
    expect(await soon('the end', product.ended)).toEqual(CLEAN);
  });
}

/** One client never answers the close of its socket, one sends nothing on its connection, and one stops within a request. */
async function connectStubbornly(product: Product): Promise<AsyncDisposable> {
  const silent = new WebSocket(product.wsUrl, 'graphql-transport-ws');
  await once(silent, 'open');
  silent.pause();
  const idle = connect(product.port, '127.0.0.1');
  const halfway = connect(product.port, '127.0.0.1');
  for (const connection of [idle, halfway]) {
    await once(connection, 'connect');
    connection.on('error', () => undefined);
  }
  halfway.write('POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
  return {
    [Symbol.asyncDispose]: async () => {
      silent.terminate();
      idle.destroy();
      halfway.destroy();
    },
  };
}

async function isAnswered(product: Product): Promise<boolean> {
  return send(product, '{ head }').then(
    () => true,
    () => false,
  );
}
