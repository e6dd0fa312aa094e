import type { Prisma, PrismaClient } from './generated/client.ts';

/** The database to read from; a transaction is one too. */
export type Db = PrismaClient | Prisma.TransactionClient;

/** An open transaction. */
export type Tx = Prisma.TransactionClient;

/** A script runner inside one transaction that sees a lock over all instances. */
export interface MigrationSession {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  script(sql: string): Promise<void>;
}

/** Five ways to the same database, each with connections of its own, so that none waits for what goes over another. */
export interface Lanes {
  /** The log's tail, keys, wake-ups and health: small statements that everything hangs on. */
  readonly log: PrismaClient;
  /** The events of subscriptions, which whoever subscribes can make as large as a query. */
  readonly push: PrismaClient;
  /** Live queries. */
  readonly live: PrismaClient;
  /** Mutations. */
  readonly write: PrismaClient;
  /** Queries. */
  readonly read: PrismaClient;
}

/** An open database with the three things that go past Prisma: notifications, migrations, and whether it is there. */
export interface Database extends AsyncDisposable {
  readonly backend: 'embedded' | 'postgres';
  readonly lanes: Lanes;
  /** For whoever has the database to himself, or is on one lane only. */
  readonly client: PrismaClient;
  /** Resolves, with what happened in words, once this process cannot use the database any more, whatever comes; the embedded one only. */
  readonly lost?: Promise<string>;
  /** Calls onWake at each notification on the channel and after each reconnection, until disposed. */
  listen(channel: string, onWake: () => void): Promise<AsyncDisposable>;
  /** Runs work of any kind while no other instance does such work. */
  underLock<T>(work: () => Promise<T>): Promise<T>;
  /** Runs the work in one transaction that no other instance runs at the same time. */
  exclusively<T>(work: (session: MigrationSession) => Promise<T>): Promise<T>;
}

/** The database as it is seen from one of its lanes. */
export function onLane(database: Database, lane: keyof Lanes): Database {
  return { ...database, client: database.lanes[lane] };
}
