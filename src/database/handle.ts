import type { Prisma, PrismaClient } from './generated/client.ts';

/** A database handle for reading; a transaction is one too. */
export type Db = PrismaClient | Prisma.TransactionClient;

/** An open transaction. */
export type Tx = Prisma.TransactionClient;

/** One transaction that runs scripts, on one instance at a time. */
export interface MigrationSession {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  script(sql: string): Promise<void>;
}

/** Five lanes to the same database. On a server each has its own connections, so that work on one lane does not wait for another. */
export interface Lanes {
  /** For the log's tail, keys, wake-ups and health: small statements that everything depends on. */
  readonly log: PrismaClient;
  /** For the events of subscriptions, which can be as large as queries. */
  readonly push: PrismaClient;
  /** For live queries. */
  readonly live: PrismaClient;
  /** For mutations. */
  readonly write: PrismaClient;
  /** For queries. */
  readonly read: PrismaClient;
}

/** What libraries send statements over. */
export interface SideConnections {
  query(statement: {
    readonly name: string;
    readonly text: string;
    readonly values: readonly unknown[];
  }): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The connections of a lane to a server. */
export interface PoolState {
  /** Those that are open, and those of them that do nothing. */
  readonly total: number;
  readonly idle: number;
  /** Number of statements and transactions that wait for a connection. */
  readonly waiting: number;
}

/** An open database, with what Prisma does not offer: notifications, migrations, and the report of a crash. */
export interface Database extends AsyncDisposable {
  readonly backend: 'embedded' | 'postgres';
  readonly lanes: Lanes;
  /** For callers with the database to themselves, or on one lane only. */
  readonly client: PrismaClient;
  /** The connections of each lane; on a server only. */
  readonly pools?: () => Readonly<Record<keyof Lanes, PoolState>>;
  /** Resolves with a description when this process can never use the database again; the embedded database only. */
  readonly lost?: Promise<string>;
  /** Statements of libraries, over connections of their own; on a server only. */
  readonly side?: SideConnections;
  /** A consistent tar of its files, made while it is used; the embedded database only. Throws CopyUnderWay while another one is made. */
  readonly copy?: () => AsyncIterable<Buffer>;
  /** Calls onWake with the payload of each notification on the channel, and without one after each reconnection, until disposed. */
  listen(channel: string, onWake: (payload?: string) => void): Promise<AsyncDisposable>;
  /** Runs the work on one instance at a time. */
  underLock<T>(work: () => Promise<T>): Promise<T>;
  /** Runs the work in one transaction, on one instance at a time. */
  exclusively<T>(work: (session: MigrationSession) => Promise<T>): Promise<T>;
}

/** The database with one of its lanes as the client. */
export function onLane(database: Database, lane: keyof Lanes): Database {
  return { ...database, client: database.lanes[lane] };
}
