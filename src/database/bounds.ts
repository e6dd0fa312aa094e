/**
 * How long is waited for what at a Postgres server, in milliseconds; 0: without end.
 * What the server bounds is below what the client does, so that it is the server that gives up, and both sides know how it ended.
 */
export interface Bounds {
  /** The server ends a statement after so long. */
  readonly statement: number;
  /** So long a statement waits for a lock that somebody else has. */
  readonly lock: number;
  /** The server ends a transaction in which nothing is asked for so long, and gives its locks back: whoever began it has fallen silent. */
  readonly idleInTransaction: number;
  /** The client gives a connection up over which nothing has come or gone for so long. */
  readonly silence: number;
  /** So long the client waits for a connection. */
  readonly connection: number;
  /** So long a transaction may take. */
  readonly transaction: number;
}

/**
 * For a server that is waited for. An instance that falls silent may have several connections that want the log's lock:
 * the first that has it is ended after 4 s, the second after 8 s, when those that still wait give up; one that got it just then is ended after 12 s.
 */
export const SERVING: Bounds = {
  statement: 20_000,
  lock: 8_000,
  idleInTransaction: 4_000,
  silence: 25_000,
  connection: 5_000,
  transaction: 30_000,
};

/** For a command that goes through the whole database, which nobody else waits for. */
export const PATIENT: Bounds = {
  statement: 3_600_000,
  lock: 60_000,
  idleInTransaction: 60_000,
  silence: 3_700_000,
  connection: 5_000,
  transaction: 7_200_000,
};

/** For migrations, which take as long as they take, and for whoever waits until another instance is done with them. */
export const MIGRATING: Bounds = { ...PATIENT, statement: 0, lock: 0, idleInTransaction: 10_000 };
