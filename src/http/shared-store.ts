import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { SideConnections } from '../database/handle.ts';
import type { Store } from './clients.ts';

/** Counts what clients spend in the table Budget, for all instances together. It costs a statement for each 100 that are spent. */
export function countInDatabase(connections: SideConnections): Store {
  return (limits) =>
    new RateLimiterPostgres({
      ...limits,
      storeClient: connections,
      storeType: 'client',
      keyPrefix: 'client',
      tableName: 'Budget',
      // By a migration.
      tableCreated: true,
      // A client that has spent its budget is not asked about again until the minute is over.
      inMemoryBlockOnConsumed: limits.points,
    });
}
