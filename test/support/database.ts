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
import { databaseAddress, templateName } from './postgres-address.ts';
import type { Template } from './provided.ts';

/** Four for each lane. */
const CONNECTIONS = 20;
/** Tests hold locks and transactions open on purpose, on machines that are busy with other tests. */
const BOUNDS: Bounds = { ...SERVING, lock: 40_000, statement: 60_000, idleInTransaction: 60_000 };

/** Where a database of the test's own is, as the server's configuration names it; gone once disposed. */
export interface TestPlace extends AsyncDisposable {
  /** Undefined on the embedded backend. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
}

/** An open database of the test's own, gone once disposed. */
export interface TestDatabase extends TestPlace {
  readonly database: Database;
}

/** Opens a database that has the tables and nothing in them. */
export function openTestDatabase(): Promise<TestDatabase> {
  return openCopy('migrated');
}

/** Opens a database that has the seed. */
export function openSeededDatabase(): Promise<TestDatabase> {
  return openCopy('seeded');
}

/** Opens a database without any table. */
export function freshDatabase(): Promise<TestDatabase> {
  return openCopy('empty');
}

/** Makes a database without opening it, for a server process to open; its change log has the template's name. */
export async function placeDatabase(template: Template): Promise<TestPlace> {
  const embedded = inject('backend') === 'embedded';
  const dataDir = await mkdtemp(join(embedded ? inject('templates') : tmpdir(), 'milepost-test-'));
  const removeFolder = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  if (embedded) {
    // Three times as fast as its asynchronous twin.
    cpSync(join(inject('templates'), template), dataDir, { recursive: true });
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

async function openCopy(template: Template): Promise<TestDatabase> {
  const place = await placeDatabase(template);
  const { databaseUrl, dataDir } = place;
  const database = await openDatabase(
    // Gone with the test: it may be lost in a power cut.
    { databaseUrl, dataDir, databaseConnections: CONNECTIONS, bounds: BOUNDS, sync: false },
    createLogger('silent'),
  );
  if (template !== 'empty') await renameLog(database);
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

/** A log's name is its database's own; a copied one would let the cursors of one database pass in another. */
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
