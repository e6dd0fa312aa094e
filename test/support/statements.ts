import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { inject, vi } from 'vitest';

/** What each backend's driver is given for a statement. */
type Sent = string | { readonly text?: string; readonly sql?: string; readonly values?: readonly unknown[] };

/** Sent between the statements of others: the read of the log's tail, the wake-up of tails, which follows a write at any time, and the use of keys. */
const APART = /\/\* (readAfter|wakeTails|noteKeyUse) \*\//;

/** The statements that go to the database while the work runs, including BEGIN and COMMIT. */
export async function statementsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const spy = await spyOnDriver();
  try {
    await work();
    return spy.mock.calls.map(([sent]) => textOf(sent as Sent)).filter((text) => !APART.test(text));
  } finally {
    spy.mockRestore();
  }
}

/** The statements that go to a Postgres server while the work runs, with their values. */
export async function sentToServer(
  work: () => Promise<unknown>,
): Promise<readonly { text: string; values: unknown[] }[]> {
  const spy = await spyOnDriver();
  try {
    await work();
    return spy.mock.calls.flatMap(([sent]) => {
      const { text, values = [] } = sent as Exclude<Sent, string>;
      return text === undefined || APART.test(text) ? [] : [{ text, values: [...values] }];
    });
  } finally {
    spy.mockRestore();
  }
}

/** The statements that write to a table. */
export function writesTo(table: string, statements: readonly string[]): readonly string[] {
  const pattern = new RegExp(`\\b(insert into|update|delete from) ("public"\\.)?"${table}"`, 'i');
  return statements.flatMap((text) => pattern.exec(text)?.[1]?.toLowerCase() ?? []);
}

async function spyOnDriver() {
  if (inject('backend') === 'postgres') return vi.spyOn(pg.Client.prototype, 'query' as never);
  // Records what it is given and nothing else. All its statements, also those of transactions, go through one method of the base class.
  const adapter = await new PrismaPGlite({} as PGlite).connect();
  return vi.spyOn(Object.getPrototypeOf(Object.getPrototypeOf(adapter)), 'performIO' as never);
}

function textOf(sent: Sent): string {
  return typeof sent === 'string' ? sent : (sent.text ?? sent.sql ?? '');
}
