/**
 * Timeouts at a Postgres server, in milliseconds; 0 means none.
 * The server's timeouts are shorter than the client's. So the server gives up first, and both sides know the outcome.
 */
export interface Bounds {
  /** Maximum duration of a statement, enforced by the server. */
  readonly statement: number;
  /** Maximum wait of a statement for a lock, enforced by the server. */
  readonly lock: number;
  /** Maximum idle time inside a transaction. Then the server ends it and frees its locks, because its client has fallen silent. */
  readonly idleInTransaction: number;
  /** The client closes a connection without any traffic for this long. */
  readonly silence: number;
  /** Maximum wait of the client for a connection. */
  readonly connection: number;
  /** Maximum duration of a transaction. */
  readonly transaction: number;
}

/**
 * For the server. An instance that falls silent may have several connections that wait for the log's lock.
 * The first one that holds it is ended after 4 s, the second after 8 s, when those that still wait give up. One that got the lock just
 * then is ended after 12 s.
 */
export const SERVING: Bounds = {
  statement: 20_000,
  lock: 8_000,
  idleInTransaction: 4_000,
  silence: 25_000,
  connection: 5_000,
  transaction: 30_000,
};

/** For a command that reads the whole database and that nobody waits for. */
export const VERIFYING: Bounds = {
  statement: 3_600_000,
  lock: 60_000,
  idleInTransaction: 60_000,
  silence: 3_700_000,
  connection: 5_000,
  transaction: 7_200_000,
};

/** For migrations, which may take any time, and for instances that wait until another one has migrated. */
export const MIGRATING: Bounds = { ...VERIFYING, statement: 0, lock: 0, idleInTransaction: 10_000 };
