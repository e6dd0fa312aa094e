import { type Write, write } from '../changes/log.ts';
import { Prisma, type PrismaClient } from '../database/generated/client.ts';
import type { Tx } from '../database/handle.ts';

/** The first half of the advisory locks that let one writer at a time work on a subject; the second is the subject's id. */
const SUBJECT_LOCK = 0x6d_69_6c;

/** A write under way that holds the lock of every subject it decides by. */
export interface Edit extends Write {
  /** The ids of the subjects in its scope, as they are under the lock. */
  readonly family: readonly number[];
}

/** A query for the ids of subjects. It is asked before the locks are taken, and again under them. */
export type Scope = Prisma.Sql;

/**
 * Runs one write as one transaction that holds the locks of all subjects in its scope: nobody else writes about them until it ends.
 * What was read before may say what is wrong with an input, and nothing else: whatever others can change is read again in here, and decided by then.
 * The order is always the same: lock, read, decide, write, settle, append.
 */
export async function edit<T>(db: PrismaClient, scope: Scope, run: (edit: Edit) => Promise<T>): Promise<T> {
  const wanted = new Set<number>();
  for (;;) {
    try {
      return await write(db, async (open) => run({ ...open, family: await lockScope(open.tx, scope, [...wanted]) }));
    } catch (error) {
      if (!(error instanceof ScopeGrew)) throw error;
      // Each time at least one more is locked from the start, so this ends.
      for (const id of error.ids) wanted.add(id);
    }
  }
}

/** These subjects and no others. */
export function only(ids: readonly number[]): Scope {
  return Prisma.sql`select unnest(${[...ids]}::int[]) as id`;
}

/** These subjects, and the companies that those of them which are brands add up to: whose values a figure takes part in. */
export function withWholes(ids: readonly number[]): Scope {
  return Prisma.sql`
    select unnest(${[...ids]}::int[]) as id
    union
    select whole.id
      from "Subject" part
      join "Subject" whole on whole.id = part."parentId" and whole.kind = 'COMPANY'
     where part.kind = 'BRAND' and part.id = any(${[...ids]}::int[])`;
}

/** A subject and everything above it. It ends also where subjects stand above each other in a circle. */
export function withLineAbove(id: number): Scope {
  return Prisma.sql`
    (with recursive line(id, "parentId") as (
       select id, "parentId" from "Subject" where id = ${id}
       union
       select above.id, above."parentId" from line join "Subject" above on above.id = line."parentId"
     )
     select id from line)`;
}

/** All subjects of several scopes. */
export function together(...scopes: readonly Scope[]): Scope {
  return Prisma.join([...scopes], ' union ');
}

/** The scope became larger between the first look and the locks, by subjects that can no longer be locked in order. */
class ScopeGrew extends Error {
  override readonly name = 'ScopeGrew';
  constructor(readonly ids: readonly number[]) {
    super('Subjects were moved while they were about to be locked.');
  }
}

/**
 * Locks in the order of ids, so that no two writers ever wait for each other, and looks again. Whoever has come into the scope meanwhile is locked as well:
 * at once where the order allows it, else from the start, since waiting for a lower id while holding a higher one is what a circle is made of.
 */
async function lockScope(tx: Tx, scope: Scope, wanted: readonly number[]): Promise<readonly number[]> {
  const held = new Set(await lock(tx, wanted.length === 0 ? scope : together(scope, only(wanted))));
  for (;;) {
    const rows = await tx.$queryRaw<{ id: number }[]>`/* readScope */ select id from (${scope}) scope order by id`;
    const family = rows.map(({ id }) => id);
    const missing = family.filter((id) => !held.has(id));
    const [lowest] = missing;
    if (lowest === undefined) return family;
    if (lowest < Math.max(...held)) throw new ScopeGrew(family);
    for (const id of await lock(tx, only(missing))) held.add(id);
  }
}

async function lock(tx: Tx, scope: Scope): Promise<readonly number[]> {
  const rows = await tx.$queryRaw<{ id: number }[]>`
    /* lockSubjects */
    select id, pg_advisory_xact_lock(${SUBJECT_LOCK}::int, id)::text
      from (select distinct id from (${scope}) scope order by id) subjects`;
  return rows.map(({ id }) => id);
}
