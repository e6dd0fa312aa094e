import { type Write, write } from '../../changes/write.ts';
import { Prisma, type PrismaClient } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { readJson } from '../../database/read-json.ts';
import { type Relatives, readScope } from '../catalog/families.ts';

/** The first part of the advisory lock of a subject, which admits one writer at a time; the second part is the subject's id. */
const SUBJECT_LOCK = 0x6d_69_6c;

/** An open write that holds the locks of all subjects on which its decisions depend. */
export interface Edit extends Write {
  /** The subjects of the scope, read under the lock. */
  readonly relatives: Relatives;
}

/** A query for the ids of subjects. It runs before the locks are taken, and again under them. */
export type Scope = Prisma.Sql;

/**
 * Runs one write as one transaction that holds the locks of all subjects in its scope. Nobody else writes about them until it ends.
 * Data read before the lock may only be used to report errors in the input. Everything that others can change is read again under the
 * lock before a decision.
 * The order is always: lock, read, decide, write, derive, append.
 */
export function edit<T>(db: PrismaClient, scope: Scope, run: (edit: Edit) => Promise<T>): Promise<T> {
  const read = async (tx: Tx): Promise<Pick<Edit, 'relatives'>> => ({ relatives: await readScope(tx, scope) });
  return editReading(db, scope, read, run);
}

/** The same with a statement of its own that reads under the lock: everything that the decisions depend on, with the subjects of the scope. */
export async function editReading<T, Read extends Pick<Edit, 'relatives'>>(
  db: PrismaClient,
  scope: Scope,
  read: (tx: Tx) => Promise<Read>,
  run: (edit: Write & Read) => Promise<T>,
): Promise<T> {
  const wanted = new Set<number>();
  for (;;) {
    try {
      return await write(db, async (open) => run({ ...open, ...(await lockScope(open.tx, scope, [...wanted], read)) }));
    } catch (error) {
      if (!(error instanceof ScopeGrew)) throw error;
      // Each attempt locks at least one more subject from the start, so the loop ends.
      for (const id of error.ids) wanted.add(id);
    }
  }
}

/** Exactly these subjects. */
export function only(ids: readonly number[]): Scope {
  return Prisma.sql`select unnest(${[...ids]}::int[]) as id`;
}

/** A subject and everything above it. The union also ends in a cycle. */
export function withAncestors(id: number): Scope {
  return Prisma.sql`
    (with recursive line(id, "parentId") as (
       select id, "parentId" from "Subject" where id = ${id}
       union
       select above.id, above."parentId" from line join "Subject" above on above.id = line."parentId"
     )
     select id from line)`;
}

/** All subjects of several scopes. */
export function mergeScopes(...scopes: readonly Scope[]): Scope {
  return Prisma.join([...scopes], ' union ');
}

/** The scope grew between the first read and the locks, by subjects that can no longer be locked in order. */
class ScopeGrew extends Error {
  override readonly name = 'ScopeGrew';
  constructor(readonly ids: readonly number[]) {
    super('Subjects were moved while they were about to be locked.');
  }
}

/**
 * Locks subjects in the order of their ids, so that writers never deadlock, and reads the scope again.
 * Subjects that were added meanwhile are locked as well: at once if the order allows it, else from the start, because waiting for a lower
 * id while holding a higher one can deadlock.
 */
async function lockScope<Read extends Pick<Edit, 'relatives'>>(
  tx: Tx,
  scope: Scope,
  wanted: readonly number[],
  read: (tx: Tx) => Promise<Read>,
): Promise<Read> {
  const held = new Set(await lock(tx, wanted.length === 0 ? scope : mergeScopes(scope, only(wanted))));
  for (;;) {
    const found = await read(tx);
    const ids = found.relatives.subjects.map(({ id }) => id);
    const missing = ids.filter((id) => !held.has(id));
    const [lowest] = missing;
    if (lowest === undefined) return found;
    if (lowest < Math.max(...held)) throw new ScopeGrew(ids);
    for (const id of await lock(tx, only(missing))) held.add(id);
  }
}

async function lock(tx: Tx, scope: Scope): Promise<readonly number[]> {
  return readJson(
    tx,
    Prisma.sql`
    /* lockSubjects */
    select coalesce(json_agg(id), '[]')::text as json
      from (select id, pg_advisory_xact_lock(${SUBJECT_LOCK}::int, id)
              from (select distinct id from (${scope}) scope order by id) subjects
            offset 0) locked`,
  );
}
