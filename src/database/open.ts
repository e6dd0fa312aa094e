import type { Logger } from '../logger.ts';
import { openEmbedded } from './embedded.ts';
import type { Database } from './handle.ts';
import { openPostgres } from './postgres.ts';

export interface DatabaseOptions {
  /** A Postgres server; without it the embedded database in dataDir is opened. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly databaseConnections: number;
  /** Whether the embedded database acknowledges a write only when it is on the disk; always, but for tests. */
  readonly sync?: boolean;
}

/** Opens the Postgres server of databaseUrl, or the embedded database in dataDir; a StartupError says why it cannot. */
export function openDatabase(options: DatabaseOptions, logger: Logger): Promise<Database> {
  return options.databaseUrl === undefined
    ? openEmbedded(options.dataDir, { sync: options.sync ?? true })
    : openPostgres(options.databaseUrl, options.databaseConnections, logger);
}
