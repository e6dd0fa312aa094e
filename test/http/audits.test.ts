import { serverAudits } from 'graphql-http';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/logger.ts';
import { startServer } from '../../src/server.ts';
import { placeDatabase } from '../support/database.ts';

const place = await placeDatabase('migrated');
const config = readConfig({
  PORT: '0',
  MILEPOST_SEED: 'off',
  MILEPOST_DATA_DIR: place.dataDir,
  DATABASE_URL: place.databaseUrl,
  MILEPOST_DATABASE_CONNECTIONS: '5',
});
const server = await startServer(config, createLogger('silent'), () => undefined);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const audits = serverAudits({ url: `${server.address}/graphql`, fetchFn: fetch });

test('all audits of GraphQL over HTTP are here', () => {
  expect(audits.length).toBeGreaterThan(50);
});

test.each(audits)('$id: $name', async ({ name, fn }) => {
  const result = await fn();
  const said = result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`;
  // What a server MAY do is its own choice.
  if (!name.startsWith('MAY ')) expect(said).toBe('ok');
  else expect(result.status).not.toBe('error');
});
