import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { placeDatabase } from '../support/database.ts';
import { startProduct } from '../support/product.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { soon, until } from '../support/wait.ts';
import { headOf, overEvents, overSocket } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const CHANGES = 'subscription ($after: Cursor) { event: changes(after: $after) { cursor } }';
const WITHOUT_SEED = { MILEPOST_SEED: 'off' };

interface Pushed {
  readonly event: { readonly cursor: string };
}

/** Faults that any part of the program could have. */
const FAULTS = `
  Promise.reject(new Error('rejected'));
  Promise.reject();
  setImmediate(() => { throw new Error('thrown') });
`;

test('unhandled faults are logged, all clients are let go, and the process ends with 1', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: { ...WITHOUT_SEED, NODE_OPTIONS: onSignal(FAULTS) } });
  const facts = await createFacts(product);
  const after = await headOf(product);
  await using socket = overSocket<Pushed>(product, CHANGES, { after });
  await using events = overEvents<Pushed>(product, CHANGES, { after });
  const cursor = await facts.announce(1);
  for (const watch of [socket, events]) expect((await watch.next()).event.cursor).toBe(cursor);
  product.signal('SIGUSR2');
  expect(await soon('the end', socket.ended)).toMatchObject({ by: 'close', code: 1012 });
  // Not completed: that would tell a client that the subscription is over.
  expect(await soon('the end', events.ended)).toMatchObject({ by: 'broken stream' });
  expect(await soon('the end', product.ended)).toEqual({ code: 1, signal: null });
  expect(product.stdout).toContain('Stopping (an uncaught error)…');
  const logged = product.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; err?: { message: string } });
  expect(new Set(logged.map(({ msg }) => msg))).toEqual(new Set(['uncaught error; the server stops']));
  expect(logged.map(({ err }) => err?.message)).toEqual(['rejected', expect.any(String), 'thrown']);
});

test('all clients are also let go when its output can no longer be written', async () => {
  await using place = await placeDatabase('migrated');
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: tmpdir(),
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      MILEPOST_DATA_DIR: place.dataDir,
      ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
      MILEPOST_DRAIN_SECONDS: '1',
      ...WITHOUT_SEED,
      NODE_OPTIONS: onSignal(FAULTS),
    },
    // Standard error goes to a disk that is full.
    stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
  });
  try {
    const ended = once(child, 'exit');
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until('it is ready', () => child.exitCode !== null || said.includes('Milepost is ready'), 60_000);
    const [, address = ''] = /ready on (\S+)/.exec(said) ?? [];
    // Nobody reads its output any more.
    child.stdout?.destroy();
    using client = await openRawSocket(`${address.replace('http', 'ws')}/graphql`);
    client.say({ type: 'connection_init' });
    await until('it is acknowledged', () => client.heard.length === 1);
    child.kill('SIGUSR2');
    await until('it is closed', () => client.gone);
    expect(client.closed).toMatchObject({ code: 1012 });
    expect(await soon('the end', ended)).toEqual([1, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

/** An option of Node's that makes it do something on SIGUSR2. */
function onSignal(code: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${code} })`)}`;
}
