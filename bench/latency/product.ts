import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { MIGRATIONS } from '../../src/root.ts';
import type { Postgres } from '../fanout/postgres.ts';
import { heard, startPart } from '../fanout/processes.ts';
import type { FromClients, FromServer, ToClients, ToServer } from '../fanout/settings.ts';
import { NODE_FLAGS } from '../node-flags.ts';
import { readCommits } from './commits.ts';
import { createWriters, type Writers } from './writers.ts';

/** CPU time that processes have used so far, in microseconds. */
interface Used {
  readonly server: number;
  readonly readers: number;
}

/** The product over its own database, with readers and writers: the server and the readers are processes, this one writes. */
export interface Product extends Writers, AsyncDisposable {
  open(readers: number): Promise<void>;
  /** How many events all readers together have received. */
  received(): Promise<number>;
  /** The times from commit to receipt since the last call, sorted, in milliseconds; of one reader in twenty. */
  latencies(): Promise<readonly number[]>;
  usage(): Promise<Used>;
}

/** Starts the product over an empty database. */
export async function startProduct(postgres: Postgres, name: string): Promise<Product> {
  const databaseUrl = await postgres.createDatabase(name);
  const database = await openDatabase({ databaseUrl, dataDir: '', databaseConnections: 5 }, createLogger('error'));
  await migrate(database, MIGRATIONS);
  const server = startPart('server', ['milepost', databaseUrl], NODE_FLAGS);
  const { url } = await heard<FromServer, 'ready'>(server, 'ready');
  const clients = startPart('clients', [url, 'milepost']);
  const writers = await createWriters(database.client, url.replace('ws', 'http'));
  const toServer = (message: ToServer): boolean => server.send(message);
  const toClients = (message: ToClients): boolean => clients.send(message);
  const report = async () => {
    toClients({ type: 'report' });
    return heard<FromClients, 'received'>(clients, 'received');
  };
  return {
    ...writers,
    open: async (count) => {
      toClients({ type: 'open', count, transport: 'WebSocket', reading: true });
      await heard<FromClients, 'opened'>(clients, 'opened');
      // The last ones may not be subscribed yet.
      await sleep(2_000);
    },
    received: async () => (await report()).messages,
    latencies: async () => {
      toClients({ type: 'arrivals' });
      const { arrivals } = await heard<FromClients, 'arrivals'>(clients, 'arrivals');
      const commits = await readCommits(database.client);
      return arrivals
        .flatMap(({ value, at }) => {
          const committedAt = commits.get(value);
          return committedAt === undefined ? [] : [at - committedAt];
        })
        .sort((a, b) => a - b);
    },
    usage: async () => {
      toServer({ type: 'usage', collect: false });
      const { cpuMicros } = await heard<FromServer, 'usage'>(server, 'usage');
      return { server: cpuMicros, readers: (await report()).cpuMicros };
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of [clients, server]) child.kill('SIGKILL');
      await database[Symbol.asyncDispose]();
    },
  };
}
