import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { TestPlace } from './database.ts';
import { databaseAddress } from './postgres-address.ts';

/** Copies a database, as a backup or a standby does. The embedded one must be closed; connections to a Postgres database break. */
export async function copyPlace({ databaseUrl, dataDir }: TestPlace): Promise<TestPlace> {
  const copy = await mkdtemp(join(tmpdir(), 'milepost-copy-'));
  const removeFolder = (): Promise<void> => rm(copy, { recursive: true, force: true });
  if (databaseUrl === undefined) {
    cpSync(dataDir, copy, { recursive: true });
    return { databaseUrl, dataDir: copy, [Symbol.asyncDispose]: removeFolder };
  }
  const name = `copy_${randomBytes(8).toString('hex')}`;
  await administrate(async (run) => {
    await closeToAll(run, nameOf(databaseUrl));
    await run(`create database ${name} template ${nameOf(databaseUrl)}`);
    await run(`alter database ${nameOf(databaseUrl)} allow_connections true`);
  });
  return {
    databaseUrl: databaseAddress(inject('serverUrl'), name),
    dataDir: copy,
    [Symbol.asyncDispose]: async () => {
      await administrate((run) => run(`drop database if exists ${name} with (force)`));
      await removeFolder();
    },
  };
}

/** Replaces a database by another at the same address while its users keep trying; the old content is lost. */
export async function replacePlace({ databaseUrl }: TestPlace, by: TestPlace): Promise<void> {
  const [name, other] = [nameOf(databaseUrl), nameOf(by.databaseUrl)];
  await administrate(async (run) => {
    await closeToAll(run, name);
    await closeToAll(run, other);
    await run(`drop database ${name}`);
    await run(`alter database ${other} rename to ${name}`);
    await run(`alter database ${name} allow_connections true`);
  });
}

function nameOf(databaseUrl = ''): string {
  return new URL(databaseUrl).pathname.slice(1);
}

async function closeToAll(run: Run, name: string): Promise<void> {
  await run(`alter database ${name} allow_connections false`);
  await run(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
}

type Run = (sql: string) => Promise<unknown>;

async function administrate(work: (run: Run) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client(inject('serverUrl'));
  await admin.connect();
  try {
    await work((sql) => admin.query(sql));
  } finally {
    await admin.end();
  }
}
