import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test, vi } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { type CommandEnd, milepost, milepostProcess } from '../support/command.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { runProduct, startProduct } from '../support/product.ts';
import { startSlowedClock } from '../support/slowed-clock.ts';
import { soon, until } from '../support/wait.ts';
import { overEvents, overSocket, send } from './clients.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const CREATED = /^Key (\d+), shown this once: (mp_[\w-]{32})\n$/;
/** The promise, measured in the server's own time: on a busy machine its answers are late as well. */
const REVOKED_MS = 5_000;
const INSTANT = expect.stringMatching(/^2\d{3}-\S+Z$/);
const QUIET = 'subscription { changes(filter: { subjects: [] }) { cursor } }';
const WRITE = 'mutation { createSubject(input: { kind: BRAND, slug: "aurora", name: "Aurora" }) { cursor } }';

test('keys are created with a scope, a label and an end, listed without their text, and revoked', async () => {
  await using place = await placeDatabase('migrated');
  expect(await milepost(place, 'keys', 'list')).toEqual({ code: 0, stdout: 'No keys yet.\n', stderr: '' });
  const written = await create(place, '--label', 'our importer', '--scope', 'write');
  const reading = await create(place, '--label', ' a reader ', '--expires', '2099-12-31');
  const managing = await create(place, '--label', 'all', '--scope', 'read', '--scope', 'admin');
  const list = await milepostProcess(place, 'keys', 'list');
  expect({ ...list, stdout: linesOf(list) }).toEqual({
    code: 0,
    stdout: [
      ['number', 'label', 'scopes', 'created', 'expires', 'last use', 'state'],
      [written.id, 'our importer', 'read+write', INSTANT, 'never', 'never', 'valid'],
      [reading.id, 'a reader', 'read', INSTANT, '2099-12-31T00:00:00.000Z', 'never', 'valid'],
      [managing.id, 'all', 'read+write+admin', INSTANT, 'never', 'never', 'valid'],
    ],
    stderr: '',
  });

  expect(await milepostProcess(place, 'keys', 'revoke', written.id)).toEqual({
    code: 0,
    stdout: `Key ${written.id} is revoked; its connections end within 5 s.\n`,
    stderr: '',
  });
  expect(linesOf(await milepost(place, 'keys', 'list'))[1]?.at(-1)).toMatch(/^revoked 2\d{3}-\S+Z$/);
  const again = await milepost(place, 'keys', 'revoke', written.id);
  expect(again).toEqual({ code: 1, stdout: '', stderr: 'The key is revoked already.\n' });
  const unknown = await milepost(place, 'keys', 'revoke', '999');
  expect(unknown).toEqual({ code: 1, stdout: '', stderr: 'There is no such key.\n' });
  const tooLong = await milepost(place, 'keys', 'create', '--label', 'a'.repeat(201));
  expect(tooLong).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('at most 200') });

  await using database = await openDatabase({ ...place, databaseConnections: 1 }, createLogger('silent'));
  const rows = JSON.stringify(await database.client.apiKey.findMany());
  for (const { key } of [written, reading]) expect(rows).not.toContain(key.slice('mp_'.length));
});

test('keys are managed while the server runs, and take effect at once', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  const { code, stdout, stderr } = await milepostProcess(
    place,
    'keys',
    'create',
    '--label',
    'late',
    '--scope',
    'write',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, id = '', key = ''] = CREATED.exec(stdout) ?? [];
  expect(await send(product, WRITE, {}, key)).toMatchObject({
    data: { createSubject: { cursor: expect.any(String) } },
  });
  const lineOf = async () => linesOf(await milepost(place, 'keys', 'list')).find(([number]) => number === id);
  await until('the list shows the last use', async () => (await lineOf())?.[5] !== 'never');
  expect(await lineOf()).toEqual([id, 'late', 'read+write', INSTANT, 'never', INSTANT, 'valid']);

  const viewer = { ...product, adminKey: key };
  await using socket = overSocket(viewer, QUIET);
  await until('the server answers after it', async () => (await send(product, '{ head }')).status === 200);
  expect((await milepostProcess(place, 'keys', 'revoke', id)).code).toBe(0);
  expect(await send(product, '{ head }', {}, key)).toMatchObject({
    status: 401,
    errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'KEY_REVOKED' } }],
  });
  expect(await soon('the end of the socket', socket.ended)).toMatchObject({ by: 'close', code: 4403 });
  const again = await milepost(place, 'keys', 'revoke', id);
  expect(again).toEqual({ code: 1, stdout: '', stderr: 'The key is revoked already.\n' });
});

describe.runIf(inject('backend') === 'embedded')('the socket in the data folder', () => {
  test('is for the owner alone, and is gone with the server', async () => {
    await using place = await placeDatabase('migrated');
    await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    const path = join(place.dataDir, 'db.socket');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await product.stop()).code).toBe(0);
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('that a server left when it was killed is in nobody’s way', async () => {
    await using place = await placeDatabase('migrated');
    await using killed = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    await killed.kill();
    expect((await stat(join(place.dataDir, 'db.socket'))).isSocket()).toBe(true);
    const { id } = await create(place, '--label', 'meanwhile');
    await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    expect(linesOf(await milepostProcess(place, 'keys', 'list')).map(([number]) => number)).toContain(id);
    expect(product.running).toBe(true);
  });

  test('waits for a server that is starting', async () => {
    await using place = await placeDatabase('migrated');
    const product = runProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    try {
      const { code, stderr } = await milepost(place, 'keys', 'create', '--label', 'early');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    } finally {
      await product[Symbol.asyncDispose]();
    }
  });

  test.runIf(process.platform === 'linux')('works in a folder whose path is too long for one', async () => {
    await using place = await placeDatabase('migrated');
    const dataDir = join(place.dataDir, 'deep'.repeat(30));
    await mkdir(dataDir);
    for (const name of ['db', 'db.lock']) await rename(join(place.dataDir, name), join(dataDir, name)).catch(ignore);
    const deep = { ...place, dataDir };
    await using product = await startProduct({ place: deep, environment: { MILEPOST_SEED: 'off' } });
    const { id } = await create(deep, '--label', 'deep down');
    expect(linesOf(await milepost(deep, 'keys', 'list')).map(([number]) => number)).toContain(id);
    expect((await product.stop()).code).toBe(0);
    expect(linesOf(await milepost(deep, 'keys', 'list')).map(([number]) => number)).toContain(id);
  });

  test('that cannot be made is done without, and that is said', async () => {
    await using place = await placeDatabase('migrated');
    await mkdir(join(place.dataDir, 'db.socket'));
    await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    expect(product.stderr).toContain('commands cannot reach this server while it runs');
    const { code, stderr } = await milepost(place, 'keys', 'list');
    expect(code).toBe(1);
    expect(stderr).toContain('is in use by process');
    expect(stderr).toContain('It takes no commands at');
  });
});

test('a key allows what its scopes say, until it is revoked', async () => {
  await using place = await placeDatabase('migrated');
  const writing = await create(place, '--label', 'writes', '--scope', 'write');
  const reading = await create(place, '--label', 'reads');
  const ended = await create(place, '--label', 'ended', '--scope', 'write');
  expect((await milepost(place, 'keys', 'revoke', ended.id)).code).toBe(0);
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  expect(await send(product, WRITE, {}, ended.key)).toMatchObject({ status: 401 });
  expect(await send(product, WRITE, {}, reading.key)).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
  expect(await send(product, '{ head }', {}, reading.key)).toMatchObject({ data: { head: expect.any(String) } });
  expect(await send(product, WRITE, {}, writing.key)).toMatchObject({
    data: { createSubject: { cursor: expect.any(String) } },
  });
});

test.runIf(inject('backend') === 'postgres')(
  'revoking a key ends its quiet subscriptions within 5 s, over both transports, and only those',
  async () => {
    await using place = await placeDatabase('migrated');
    const { id, key } = await create(place, '--label', 'a viewer');
    await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    const viewer = { ...product, adminKey: key };
    await using socket = overSocket(viewer, QUIET);
    await using stream = overEvents(viewer, QUIET);
    await using other = overSocket(product, QUIET);
    let hasEnded = false;
    void other.ended.then(() => {
      hasEnded = true;
    });
    await until('the server answers after them', async () => (await send(product, '{ head }')).status === 200);
    expect((await milepostProcess(place, 'keys', 'revoke', id)).code).toBe(0);
    using clock = startSlowedClock(() => send(product, '{ head }'));
    expect(await soon('the end of the socket', socket.ended)).toMatchObject({ by: 'close', code: 4403 });
    expect(await soon('the end of the stream', stream.ended)).toMatchObject({ by: 'broken stream' });
    expect(clock.now).toBeLessThan(REVOKED_MS);
    expect(hasEnded).toBe(false);
  },
);

/** The columns of each line. */
function linesOf({ stdout }: CommandEnd): readonly (readonly string[])[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
}

function ignore(): void {
  // A template need not have a lock file.
}

/** Creates a key by the command. */
async function create(place: TestPlace, ...args: string[]): Promise<{ readonly id: string; readonly key: string }> {
  const { code, stdout, stderr } = await milepost(place, 'keys', 'create', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, id = '', key = ''] = CREATED.exec(stdout) ?? [];
  expect(stdout).toMatch(CREATED);
  return { id, key };
}
