import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { expect, test } from 'vitest';
import { diffFromDatabase, pgliteFactory } from '../../scripts/schema-diff.ts';
import { placeDatabase } from '../support/database.ts';

test('the migrations lead to the schema', async () => {
  await using place = await placeDatabase('migrated');
  const { databaseUrl, dataDir } = place;
  const { session, close } = databaseUrl === undefined ? await openEmbedded(dataDir) : await openServer(databaseUrl);
  try {
    expect(await diffFromDatabase(pgliteFactory(session))).toBeNull();
  } finally {
    await close();
  }
});

interface Session {
  readonly session: PGlite;
  close(): Promise<void>;
}

async function openEmbedded(dataDir: string): Promise<Session> {
  const session = await PGlite.create({ dataDir: `${dataDir}/db` });
  return { session, close: () => session.close() };
}

/** A server that answers as PGlite does: Prisma's own adapter for servers cannot read the catalogs, as it lacks the type "char". */
async function openServer(databaseUrl: string): Promise<Session> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const session = { query: (text: string, values: unknown[]) => client.query({ text, values, rowMode: 'array' }) };
  return { session: session as unknown as PGlite, close: () => client.end() };
}
