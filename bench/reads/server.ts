import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/logger.ts';
import { startServer } from '../../src/server.ts';
import { statementsOf } from '../estimates/statements.ts';
import { startHandWritten } from './hand-written.ts';
import { startMercurius } from './mercurius.ts';
import { startPothos } from './pothos.ts';
import { startProfile } from './profile.ts';
import type { FromServer, Kind, ToServer } from './settings.ts';

const [kind, databaseUrl = ''] = process.argv.slice(2) as [Kind, string];

/** Ends what is noted or profiled, and tells it. */
let finish: () => void = () => undefined;

const url = await start();
process.on('message', ({ type }: ToServer) => {
  if (type === 'usage') tell({ type, cpuMicros: cpuMicros(), peakMb: process.resourceUsage().maxRSS / 1_024 });
  else if (type === 'note') void noteStatements();
  else if (type === 'profile') void profile();
  else finish();
});
// The driver may have gone.
process.on('disconnect', () => process.exit());
tell({ type: 'ready', url });

function start(): Promise<string> {
  switch (kind) {
    case 'milepost-hot':
      return startMilepost({});
    case 'milepost-cold':
      return startMilepost({ MILEPOST_ANSWER_CACHE_MIB: '0' });
    case 'hand-written':
      return startHandWritten(databaseUrl);
    case 'pothos':
      return startPothos(databaseUrl);
    case 'mercurius':
      return startMercurius(databaseUrl);
  }
}

async function startMilepost(variables: Readonly<Record<string, string>>): Promise<string> {
  const config = readConfig({
    ...variables,
    DATABASE_URL: databaseUrl,
    MILEPOST_SEED: 'off',
    MILEPOST_BUDGET: 'off',
    PORT: '0',
  });
  const { address } = await startServer(config, createLogger('error'), () => undefined);
  return `${address}/graphql`;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function noteStatements(): Promise<void> {
  const statements = await statementsOf(async () => {
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    tell({ type: 'noting' });
    await finished;
  });
  tell({ type: 'noted', statements: statements.map(({ text, rows }) => ({ text, rows })) });
}

async function profile(): Promise<void> {
  const stop = await startProfile();
  finish = () => void stop().then((functions) => tell({ type: 'profiled', functions }));
  tell({ type: 'profiling' });
}

function tell(message: FromServer): void {
  process.send?.(message);
}
