import type { Logger } from '../logger.ts';
import type { Meters } from '../meters.ts';
import type { Bounds } from './bounds.ts';
import { openEmbedded } from './embedded.ts';
import type { Database } from './handle.ts';
import { openPostgres } from './postgres.ts';

export interface DatabaseOptions {
  /** The URL of a Postgres server; without it the embedded database in dataDir is opened. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly databaseConnections: number;
  /** Timeouts at a Postgres server; those for serving if not given. */
  readonly bounds?: Bounds;
  /** Whether the embedded database syncs each write to the disk before it acknowledges it; only tests turn this off. */
  readonly sync?: boolean;
  /** Whether a missing embedded database is created; it is if not given. */
  readonly create?: boolean;
  /** Told of every statement. */
  readonly meters?: Meters | undefined;
}

/** Opens the Postgres server of databaseUrl, or the embedded database in dataDir; throws a StartupError when that fails. */
export function openDatabase(options: DatabaseOptions, logger: Logger): Promise<Database> {
  const { databaseUrl: url, databaseConnections: connections, bounds, dataDir, sync, create, meters } = options;
  return url === undefined
    ? openEmbedded(dataDir, { sync, create, meters })
    : openPostgres({ url, connections, bounds, meters }, logger);
}
