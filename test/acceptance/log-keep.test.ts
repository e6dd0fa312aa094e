import { expect, test, vi } from 'vitest';
import { headOf as headIn, readLogState } from '../../src/changes/log.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { makeMaker } from '../support/makers.ts';
import { startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { ask, refusalOf, send, TRANSPORTS } from './clients.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const FIGURES = `subscription ($after: Cursor) { event: figureRecorded(after: $after) { figure { value } } }`;
const LOG = `query ($after: Cursor) { changes(after: $after) { nodes { cursor } } }`;

test('an instance keeps the log for as long as MILEPOST_LOG_KEEP says: older cursors are CURSOR_EXPIRED, younger ones resume', async () => {
  await using place = await placeDatabase('migrated');
  const { old, young } = await writeLog(place);
  {
    await using product = await startProduct({
      place,
      environment: { MILEPOST_SEED: 'off', MILEPOST_LOG_KEEP: 'forever' },
    });
    expect(await ask(product, LOG, { after: old })).toMatchObject({ changes: { nodes: Array(4).fill({}) } });
    await product.stop();
  }
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off', MILEPOST_LOG_KEEP: '30' } });
  const codeFor = async (after: string) => (await send(product, LOG, { after })).errors?.[0]?.extensions?.code;
  await until('it is cut', async () => (await codeFor(old)) === 'CURSOR_EXPIRED');
  for (const [, subscribe] of TRANSPORTS) {
    await using expired = subscribe(product, FIGURES, { after: old });
    expect(await refusalOf(expired)).toContain('CURSOR_EXPIRED');
    await using resumed = subscribe(product, FIGURES, { after: young });
    expect(await resumed.next()).toEqual({ event: { figure: { value: 4 } } });
  }
});

/** A brand and four figures, of which the first three were written 31 days ago; a cursor between those, and the one after them. */
async function writeLog(place: TestPlace): Promise<{ readonly old: string; readonly young: string }> {
  await using database = await openDatabase({ ...place, databaseConnections: 2 }, createLogger('silent'));
  const db = database.client;
  const maker = await makeMaker(db);
  const cursorNow = async (): Promise<string> => headIn(await readLogState(db)).cursor;
  const old = await cursorNow();
  for (const value of [1, 2, 3]) await maker.record(value);
  const young = await cursorNow();
  await maker.record(4);
  await db.$executeRaw`update "Change" set at = at - interval '31 days' where position <= 4`;
  return { old, young };
}
