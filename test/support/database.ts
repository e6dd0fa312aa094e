import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type Bounds, SERVING } from '../../src/database/bounds.ts';
import type { Database } from '../../src/database/handle.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { present } from '../../src/required.ts';
import { databaseAddress, templateName } from './postgres-address.ts';
import type { Template } from './provided.ts';
import { rememberStart, type StartState } from './start-state.ts';

/** Four for each lane. */
const CONNECTIONS = 20;
/** Tests hold locks and transactions open on purpose, on machines that are busy with other tests. */
const BOUNDS: Bounds = { ...SERVING, lock: 40_000, statement: 60_000, idleInTransaction: 60_000 };

/** Where the test's own database is, as the server's configuration names it; removed when disposed. */
export interface TestPlace extends AsyncDisposable {
  /** Undefined on the embedded backend. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
}

/** An open database of the test's own, closed and removed when disposed. */
export interface TestDatabase extends TestPlace {
  readonly database: Database;
}

/** Opens a database that has the tables and nothing in them. */
export function openTestDatabase(): Promise<TestDatabase> {
  return openReusable('migrated');
}

/** Opens a database that has the seed. */
export function openSeededDatabase(): Promise<TestDatabase> {
  return openReusable('seeded');
}

/** Opens a database without any table. */
export function freshDatabase(): Promise<TestDatabase> {
  return openCopy('empty');
}

/** Makes a database without opening it, for a server process to open; its change log has the template's name. */
export async function placeDatabase(template: Template): Promise<TestPlace> {
  const embedded = inject('backend') === 'embedded';
  const dataDir = await mkdtemp(join(embedded ? inject('copies') : tmpdir(), 'milepost-test-'));
  const removeFolder = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  if (embedded) {
    // Three times as fast as the asynchronous variant.
    cpSync(present(inject('templates')[template]), dataDir, { recursive: true });
    return { databaseUrl: undefined, dataDir, [Symbol.asyncDispose]: removeFolder };
  }
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administrate(`create database ${name} template ${templateName(template)}`);
  return {
    databaseUrl: databaseAddress(inject('serverUrl'), name),
    dataDir,
    [Symbol.asyncDispose]: async () => {
      await administrate(`drop database if exists ${name} with (force)`);
      await removeFolder();
    },
  };
}

/** Embedded databases that no test uses at the moment. A worker runs one file after the other and uses them again. */
const idle: Record<'migrated' | 'seeded', Reusable[]> = { migrated: [], seeded: [] };

interface Reusable extends TestDatabase {
  readonly start: StartState;
}

async function openReusable(template: 'migrated' | 'seeded'): Promise<TestDatabase> {
  // On a server a copy is cheap, and databases that were used again made a few tests fail over connections of earlier tests.
  if (inject('backend') === 'postgres') {
    const copy = await openCopy(template);
    await renameLog(copy.database);
    return copy;
  }
  const reusable = (await takeIdle(template)) ?? (await makeReusable(template));
  await renameLog(reusable.database);
  let closed = false;
  const giveBack = once(async () => {
    if (!closed) idle[template].push(reusable);
  });
  return {
    ...reusable,
    database: {
      ...reusable.database,
      // Closed by the test itself, so it cannot be used again.
      [Symbol.asyncDispose]: once(async () => {
        closed = true;
        await reusable[Symbol.asyncDispose]();
      }),
    },
    [Symbol.asyncDispose]: giveBack,
  };
}

async function takeIdle(template: 'migrated' | 'seeded'): Promise<Reusable | undefined> {
  for (let found = idle[template].pop(); found !== undefined; found = idle[template].pop()) {
    if (await found.start.restore()) return found;
    await found[Symbol.asyncDispose]();
  }
  return undefined;
}

async function makeReusable(template: 'migrated' | 'seeded'): Promise<Reusable> {
  const opened = await openCopy(template);
  return { ...opened, start: await rememberStart(opened.database) };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

async function openCopy(template: Template): Promise<TestDatabase> {
  const place = await placeDatabase(template);
  const { databaseUrl, dataDir } = place;
  const database = await openDatabase(
    // It is removed with the test, so it need not survive a power cut.
    { databaseUrl, dataDir, databaseConnections: CONNECTIONS, bounds: BOUNDS, sync: false },
    createLogger('silent'),
  );
  return {
    database,
    databaseUrl,
    dataDir,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Each log has a name of its own; with a copied name, cursors of one database would be accepted in another. */
async function renameLog(database: Database): Promise<void> {
  await database.client.$executeRaw`/* renameLog */ update "ChangeLog" set name = ${randomBytes(8).toString('hex')}`;
}

async function administrate(sql: string): Promise<void> {
  const admin = new pg.Client(inject('serverUrl'));
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}
