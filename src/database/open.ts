import type { Logger } from '../logger.ts';
import type { Bounds } from './bounds.ts';
import { openEmbedded } from './embedded.ts';
import type { Database } from './handle.ts';
import { openPostgres } from './postgres.ts';

export interface DatabaseOptions {
  /** A Postgres server; without it the embedded database in dataDir is opened. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly databaseConnections: number;
  /** How long is waited for what at a Postgres server; as long as a server may be waited for if not given. */
  readonly bounds?: Bounds;
  /** Whether the embedded database acknowledges a write only when it is on the disk; always, but for tests. */
  readonly sync?: boolean;
  /** Whether the embedded database is made where there is none; it is if not given. */
  readonly create?: boolean;
}

/** Opens the Postgres server of databaseUrl, or the embedded database in dataDir; a StartupError says why it cannot. */
export function openDatabase(options: DatabaseOptions, logger: Logger): Promise<Database> {
  const { databaseUrl: url, databaseConnections: connections, bounds, dataDir, sync, create } = options;
  return url === undefined
    ? openEmbedded(dataDir, { sync, create })
    : openPostgres({ url, connections, bounds }, logger);
}
