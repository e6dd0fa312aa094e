import type { ChangeKind, FigureAction, MilestoneStatus, PrismaClient } from '../database/generated/client.ts';
import { Prisma } from '../database/generated/client.ts';
import type { Tx } from '../database/handle.ts';
import { passToTransaction, readJson } from '../database/read-json.ts';
import { type CursorContent, encodeCursor } from './cursor.ts';
import { clearFailedWrite, isLostRace, noteFailedWrite, saysCannotWrite } from './failed-writes.ts';
import { isFollowed, wakeTails } from './wake.ts';

/** The number of attempts of a write that loses a race for the same row; the second attempt sees the winner's row. */
const WRITE_TRIES = 3;
/** The most entries of a write that are handed to the tail. Of more the transaction would take longer, while all others wait for it. */
const MOST_HANDED = 50;

/** What a write appends to the log. */
export interface NewChange {
  readonly kind: ChangeKind;
  /** The id of what the change is about, in the table of its kind. */
  readonly aboutId: number;
  /** The subject of the change; only a new document has none yet. */
  readonly subjectId?: number;
  /**
   * What the subject was directly below before this write moved it. All changes of the subject in this write are reported there as well.
   */
  readonly wasBelow?: readonly number[];
  /** Other subjects that this change alone is reported to, with everything above them. */
  readonly involved?: readonly number[];
  readonly action?: FigureAction;
  readonly status?: MilestoneStatus;
  readonly statusBefore?: MilestoneStatus | null;
  readonly causedById?: number;
  readonly before?: number | null;
  /** The value of the figure's slot after this write; undefined for changes of other kinds. */
  readonly observation?: object | null;
}

/** An open write: the transaction, and the log to append to as the last step. */
export interface Write {
  readonly tx: Tx;
  /** Appends entries and returns the cursor after the last one. Nothing may be written after this call. */
  append(changes: readonly NewChange[]): Promise<string>;
}

/** The last entry that a write appended. */
interface Appended extends CursorContent {
  /** All that it appended, as the JSON of a LogPart that begins with the entry before; null if nobody follows the log here, or it is much. */
  readonly part: string | null;
}

/** The last entry that was written over each handle. */
const lastEntries = new WeakMap<PrismaClient, CursorContent>();

/** The position of the last entry that this process has written to a log over some handles; 0 for none. */
export function lastWritten(handles: readonly PrismaClient[], log: string): bigint {
  let last = 0n;
  for (const db of handles) {
    const entry = lastEntries.get(db);
    if (entry?.log === log && entry.position > last) last = entry.position;
  }
  return last;
}

/** Two writes can be answered in another order than that of their commits. */
function noteWritten(db: PrismaClient, entry: CursorContent): void {
  const last = lastEntries.get(db);
  if (last?.log !== entry.log || last.position < entry.position) lastEntries.set(db, entry);
}

/** Runs one write as one transaction together with its log entries, and wakes the tails after the commit. */
export async function write<T>(db: PrismaClient, run: (write: Write) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    let end: Appended | null = null;
    const append = async (tx: Tx, changes: readonly NewChange[]): Promise<string> => {
      end = await appendChanges(tx, changes, isFollowed(db));
      return encodeCursor(end);
    };
    try {
      const result = await db.$transaction((tx) => {
        passToTransaction(db, tx);
        return run({ tx, append: (changes) => append(tx, changes) });
      });
      clearFailedWrite(db);
      if (end !== null) announce(db, end);
      return result;
    } catch (error) {
      if (attempt < WRITE_TRIES && isLostRace(error)) continue;
      if (saysCannotWrite(error)) noteFailedWrite(db);
      throw error;
    }
  }
}

/** After the commit. What was appended is handed to the tail of this process, so that it need not be read. */
function announce(db: PrismaClient, { log, position, digest, part }: Appended): void {
  noteWritten(db, { log, position, digest });
  wakeTails(db, position, part);
}

/** The end of the log, with its position as a text and its digest in hexadecimal. */
interface EndRow {
  readonly log: string;
  readonly position: string;
  readonly digest: string;
  readonly part: string | null;
}

/**
 * Appends as the last step of the transaction. The lock is held until the commit, so a reader that sees position n has seen every lower
 * position.
 * A sequence alone is not enough: a lower number can be committed later.
 * The function computes the contents before it takes the lock. Under the lock it extends the digest chain and looks up what each subject
 * is below. No other write can come in between, so the result is the one after all earlier entries.
 */
async function appendChanges(tx: Tx, changes: readonly NewChange[], isRead: boolean): Promise<Appended> {
  // As rows without a place in the log yet: position counts them from 1.
  const entries = JSON.stringify(changes.map((change, index) => ({ ...change, position: index + 1 })));
  const { keys, lines } = linesOf(changes);
  const count = changes.length;
  const end = await readJson<EndRow>(
    tx,
    Prisma.sql`
    /* appendChanges */
    select json_build_object(
             'log', log, 'position', position::text, 'digest', encode(digest, 'hex'),
             'part', case when ${isRead && count <= MOST_HANDED}::boolean then log_entries(position - ${count}::int, ${count + 1}::int) end
           )::text as json
      from append_changes(${entries}::jsonb, ${keys}::int[], ${lines.map(({ key }) => key)}::int[], ${lines.map(({ id }) => id)}::int[])`,
  );
  return { ...end, position: BigInt(end.position), digest: Buffer.from(end.digest, 'hex') };
}

/**
 * The key of the line of each change, null for none, and what each line begins with. Changes of the same subject share a line, which is
 * looked up once; one that involves other subjects has its own.
 */
function linesOf(changes: readonly NewChange[]) {
  const before = new Map<number, number[]>();
  for (const { subjectId, wasBelow = [] } of changes)
    if (subjectId !== undefined) before.set(subjectId, [...(before.get(subjectId) ?? []), ...wasBelow]);
  const starts = new Map<number, readonly number[]>();
  const keys = changes.map(({ subjectId, involved = [] }, index) => {
    if (subjectId === undefined) return null;
    const key = involved.every((id) => id === subjectId) ? subjectId : -1 - index;
    if (!starts.has(key))
      starts.set(
        key,
        [subjectId, ...involved].flatMap((id) => [id, ...(before.get(id) ?? [])]),
      );
    return key;
  });
  return { keys, lines: [...starts].flatMap(([key, ids]) => [...new Set(ids)].map((id) => ({ key, id }))) };
}
