import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { expect, test } from 'vitest';
import { diffFromDatabase, pgliteFactory } from '../../scripts/schema-diff.ts';
import { ROOT } from '../../src/root.ts';
import { placeDatabase } from '../support/database.ts';

test('the migrations lead to the schema, and a column that is missing is noticed', async () => {
  await using place = await placeDatabase('migrated');
  const { databaseUrl, dataDir } = place;
  const { session, run, close } =
    databaseUrl === undefined ? await openEmbedded(dataDir) : await openServer(databaseUrl);
  try {
    expect(await diffFromDatabase(pgliteFactory(session))).toBeNull();
    await run('alter table "Target" drop column note');
    expect(await diffFromDatabase(pgliteFactory(session))).toMatch(
      /^-- AlterTable\nALTER TABLE "Target" ADD COLUMN +"note" TEXT;\n$/,
    );
  } finally {
    await close();
  }
});

test('the program that writes migrations starts, and says how it is called', () => {
  const program = fileURLToPath(new URL('dist/new-migration.js', ROOT));
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^npm run migrate:new -- <name> /) });
});

interface Session {
  readonly session: PGlite;
  run(sql: string): Promise<unknown>;
  close(): Promise<void>;
}

async function openEmbedded(dataDir: string): Promise<Session> {
  const session = await PGlite.create({ dataDir: `${dataDir}/db` });
  return { session, run: (sql) => session.exec(sql), close: () => session.close() };
}

/** Makes a Postgres server answer as PGlite does: Prisma's Postgres adapter lacks the type "char" and cannot read the catalogs. */
async function openServer(databaseUrl: string): Promise<Session> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const session = { query: (text: string, values: unknown[]) => client.query({ text, values, rowMode: 'array' }) };
  return { session: session as unknown as PGlite, run: (sql) => client.query(sql), close: () => client.end() };
}
