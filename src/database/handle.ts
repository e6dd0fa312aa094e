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

/** An open database with the three things that go past Prisma: notifications, migrations, and whether it is there. */
export interface Database extends AsyncDisposable {
  readonly backend: 'embedded' | 'postgres';
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
