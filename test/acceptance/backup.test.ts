import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { interruptedMilepost, milepost, milepostProcess } from '../support/command.ts';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { headOf, refusalOf, send, TRANSPORTS } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const CHANGES = 'subscription ($after: Cursor) { event: changes(after: $after) { cursor } }';
/** How long a write may wait because of a backup, on a machine that is busy with other tests. */
const LONGEST_WAIT_MS = 5_000;
const PAUSE_MS = 100;
const VERIFIED = /^Verified \d+ figures, (\d+) entries of the log, .+: all are as they should be\.$/m;

interface Pushed {
  readonly event: { readonly cursor: string };
}

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-backup-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a backup that is made while four clients write is consistent, complete and closed to others, and writes hardly wait for it', async () => {
  await using place = await placeDatabase('seeded');
  await using server = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  const facts = await createFacts(server);
  const before = await facts.announce(1);
  let isOver = false;
  let longestMs = 0;
  let threshold = 1;
  const writer = async (): Promise<void> => {
    while (!isOver) {
      threshold += 1;
      const began = performance.now();
      await facts.announce(threshold);
      longestMs = Math.max(longestMs, performance.now() - began);
      // Not as fast as it can, which takes the whole processor.
      await sleep(PAUSE_MS);
    }
  };
  const writers = Promise.all(Array.from({ length: 4 }, writer));
  // A statement that fails ends its transaction, and must not end the copy.
  const failing = (async () => {
    while (!isOver) {
      await facts.announce(1, 'nobody').catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  })();
  await sleep(200);
  const file = newFile();
  const written = threshold;
  const made = await milepostProcess(place, 'backup', file);
  const writtenMeanwhile = threshold - written;
  isOver = true;
  await Promise.all([writers, failing]);
  expect(made).toEqual({ code: 0, stdout: expect.stringContaining(`The backup is in ${file} (`), stderr: '' });
  expect(writtenMeanwhile).toBeGreaterThan(0);
  expect(longestMs).toBeLessThan(LONGEST_WAIT_MS);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).filter((name) => name.includes('unfinished'))).toEqual([]);
  // Nothing of the backup is left in the way of the next one, nor of the server.
  expect((await milepost(place, 'backup', newFile())).code).toBe(0);
  const lost = await facts.announce(threshold + 1);

  const dataDir = newFolder();
  const restored = await milepostProcess({ databaseUrl: undefined, dataDir }, 'restore', file);
  expect(restored).toEqual({ code: 0, stdout: expect.stringMatching(VERIFIED), stderr: '' });
  expect(restored.stdout).toContain(`Restored into ${dataDir}. Start the server.\n`);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  await server.stop();
  await expectCursors({ databaseUrl: undefined, dataDir }, before, lost);
});

test('a backup needs no server, and one that is restored over a database keeps that beside it', async () => {
  await using place = await placeDatabase('migrated');
  const made = await milepost(place, 'keys', 'create', '--label', 'revoked later', '--scope', 'write');
  const [, id = ''] = /^Key (\d+)/.exec(made.stdout) ?? [];
  const file = newFile();
  expect((await milepost(place, 'backup', file)).code).toBe(0);
  const known = await milepost(place, 'keys', 'create', '--label', 'made after the backup');
  expect(known.code).toBe(0);
  expect((await milepost(place, 'keys', 'revoke', id)).code).toBe(0);

  const refused = await milepost(place, 'restore', file);
  expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^There is a database in .+ already\. Name an empty folder .+--force/);
  expect((await milepost(place, 'keys', 'list')).stdout).toContain('made after the backup');

  const forced = await milepost(place, 'restore', '--force', file);
  expect({ code: forced.code, stderr: forced.stderr }).toEqual({ code: 0, stderr: '' });
  expect(forced.stdout).toMatch(
    /^These keys are valid in it, also those that were revoked after the backup; .+:\n {2}\d+\trevoked later\tread\+write\texpires never$/m,
  );
  const [, aside = ''] = /the database before it is (db\.before-\d{14}) there/.exec(forced.stdout) ?? [];
  expect((await milepost(place, 'keys', 'list')).stdout).not.toContain('made after the backup');
  expect(await readdir(join(place.dataDir, aside))).toContain('PG_VERSION');
});

test.each([
  ['first', 'kill:1', 'made after the backup', 0],
  ['second', 'kill:2', 'No keys yet.', 1],
] as const)(
  'a restore over a database that is killed after its %s rename leaves one of the two, which the next command finds',
  async (_nth, interrupt, listed, kept) => {
    await using place = await placeDatabase('migrated');
    const file = await backUpThenMakeKey(place);
    expect((await interruptedMilepost(place, interrupt, 'restore', '--force', file)).code).toBeNull();
    const { code, stdout } = await milepost(place, 'keys', 'list');
    expect(code).toBe(0);
    expect(stdout).toContain(listed);
    const names = await readdir(place.dataDir);
    expect(names).not.toContain('db.ready');
    expect(names.filter((name) => name.startsWith('db.before-'))).toHaveLength(kept);
  },
);

test('a restore over a database that cannot give its place to the new one leaves everything as it was, and says so', async () => {
  await using place = await placeDatabase('migrated');
  const file = await backUpThenMakeKey(place);
  const names = await readdir(place.dataDir);
  const { code, stderr } = await interruptedMilepost(place, 'fail:3', 'restore', '--force', file);
  expect(code).toBe(1);
  expect(stderr).toContain('EBUSY: the folder is in use');
  expect(stderr).toContain('Nothing in it was changed.');
  expect(await readdir(place.dataDir)).toEqual(names);
  expect((await milepost(place, 'keys', 'list')).stdout).toContain('made after the backup');
});

test('a backup overwrites no file, and no server that runs is restored over', async () => {
  await using place = await placeDatabase('migrated');
  await using server = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  const file = newFile();
  await writeFile(file, 'kept');
  const refused = await milepost(place, 'backup', file);
  expect(refused).toEqual({ code: 1, stdout: '', stderr: `There is a file ${file} already. Name another.\n` });
  expect(await readFile(file, 'utf8')).toBe('kept');
  const nowhere = await milepost(place, 'backup', join(folder, 'none', 'file'));
  expect({ ...nowhere, stderr: nowhere.stderr.slice(0, 9) }).toEqual({ code: 1, stdout: '', stderr: 'The file ' });

  const good = newFile();
  expect((await milepost(place, 'backup', good)).code).toBe(0);
  const running = await milepost(place, 'restore', '--force', good);
  expect({ code: running.code, stdout: running.stdout }).toEqual({ code: 1, stdout: '' });
  expect(running.stderr).toContain(`is in use by process ${server.pid}. Stop that process`);
  expect((await send(server, '{ head }')).errors).toBeUndefined();
});

test('a backup that is damaged, cut off or none is refused, and leaves nothing behind', async () => {
  await using place = await placeDatabase('migrated');
  const file = newFile();
  expect((await milepost(place, 'backup', file)).code).toBe(0);
  const bytes = await readFile(file);
  const damaged = Buffer.from(bytes);
  damaged[bytes.length >> 1] = (damaged[bytes.length >> 1] ?? 0) ^ 0xff;
  for (const [content, complaint] of [
    [damaged, 'The backup cannot be read: '],
    [bytes.subarray(0, bytes.length - 1_000), 'The backup cannot be read: '],
    [randomBytes(1_000), 'is no backup of an embedded database'],
    [Buffer.from('PGDMP and more'), 'For one of a Postgres server set DATABASE_URL'],
  ] as const) {
    const bad = newFile();
    await writeFile(bad, content);
    const dataDir = newFolder();
    const { code, stdout, stderr } = await milepost({ databaseUrl: undefined, dataDir }, 'restore', bad);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(complaint);
    expect((await readdir(dataDir).catch(() => [])).filter((name) => name !== 'db.lock')).toEqual([]);
  }
  const missing = await milepost(place, 'restore', newFile());
  expect(missing.stderr).toContain('The backup cannot be read: ENOENT');
});

test('a server whose folder has a path that is too long for a socket is backed up as well', async () => {
  await using place = await placeDatabase('migrated');
  const file = newFile();
  expect((await milepost(place, 'backup', file)).code).toBe(0);
  const long = { databaseUrl: undefined, dataDir: join(folder, 'long'.repeat(40)) };
  expect((await milepost(long, 'restore', file)).code).toBe(0);
  await using server = await startProduct({ place: long, environment: { MILEPOST_SEED: 'off' } });
  expect(server.complaints).toBe('');
  expect((await milepost(long, 'backup', newFile())).code).toBe(0);
  expect((await stat(join(long.dataDir, 'db.socket'))).mode & 0o777).toBe(0o600);
  // A killed server leaves its socket; neither the next command nor the next server minds.
  await server.kill();
  expect((await milepost(long, 'backup', newFile())).code).toBe(0);
  await using next = await startProduct({ place: long, environment: { MILEPOST_SEED: 'off' } });
  expect((await milepost(long, 'backup', newFile())).code).toBe(0);
  expect((await next.stop()).code).toBe(0);
  expect(await readdir(long.dataDir)).not.toContain('db.socket');
});

test('a server says that its data folder is open to others', async () => {
  await using place = await placeDatabase('migrated');
  await chmod(place.dataDir, 0o755);
  await using server = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  expect(server.stderr).toContain('the data folder is open to other users of this machine');
});

/** What was before the backup is still a place to continue after; what came after it is none, also when the log has grown past it. */
async function expectCursors(
  place: Parameters<typeof startProduct>[0]['place'],
  before: string,
  lost: string,
): Promise<void> {
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  await expectCursorsOf(product, before, lost);
  const facts = await createFacts(product);
  for (let more = 1; more <= 3; more += 1) await facts.announce(more);
  await expectCursorsOf(product, before, lost);
}

async function expectCursorsOf(product: Product, before: string, lost: string): Promise<void> {
  const head = await headOf(product);
  for (const [, subscribe] of TRANSPORTS) {
    await using watch = subscribe<Pushed>(product, CHANGES, { after: before });
    let cursor = before;
    while (cursor !== head) cursor = (await watch.next()).event.cursor;
    await using refused = subscribe(product, CHANGES, { after: lost });
    expect(await refusalOf(refused)).toContain('CURSOR_INVALID');
  }
}

async function backUpThenMakeKey(place: Parameters<typeof milepost>[0]): Promise<string> {
  const file = newFile();
  expect((await milepost(place, 'backup', file)).code).toBe(0);
  expect((await milepost(place, 'keys', 'create', '--label', 'made after the backup')).code).toBe(0);
  return file;
}

function newFile(): string {
  count += 1;
  return join(folder, `${count}.tar.gz`);
}

function newFolder(): string {
  count += 1;
  return join(folder, `data-${count}`);
}
