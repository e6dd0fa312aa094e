import { Prisma, type PrismaClient } from '../database/generated/client.ts';
import type { Lanes } from '../database/handle.ts';
import { readJson } from '../database/read-json.ts';
import { clearFailedWrite, noteFailedWrite, sinceFailedWrite } from './failed-writes.ts';

/** How long after a failed write it is not tried whether writing works again. */
const HOLD_MS = 10_000;

/** What one cheap statement tells of the database. */
export interface Probed {
  /** Whether it takes no writes, as a standby does. */
  readonly isReadOnly: boolean;
  /** The position of the last entry in the log; null if it has none. */
  readonly head: number | null;
}

/** Asks the database whether it answers, takes writes, and how long the log is. */
export function probeDatabase(db: PrismaClient): Promise<Probed> {
  return readJson<Probed>(
    db,
    Prisma.sql`
    /* probeDatabase */
    select json_build_object(
             'isReadOnly', pg_is_in_recovery() or current_setting('transaction_read_only')::boolean,
             'head', (select max(position) from "Change"))::text as json`,
  );
}

/**
 * Whether writing works, as far as can be known without a write: the database takes writes, and the last one did not fail. After a failed one
 * a commit is tried, of some bytes that nobody reads and that are in no table, at most every 10 s.
 */
export async function canWrite({ log, write }: Pick<Lanes, 'log' | 'write'>, { isReadOnly }: Probed): Promise<boolean> {
  if (isReadOnly) return false;
  const failed = sinceFailedWrite(write);
  if (failed === null) return true;
  if (failed < HOLD_MS) return false;
  try {
    await readJson(
      log,
      Prisma.sql`
      /* probeWriting */
      select to_json(pg_logical_emit_message(true, 'milepost', 'probe')::text)::text as json`,
    );
    clearFailedWrite(write);
    return true;
  } catch {
    noteFailedWrite(write);
    return false;
  }
}
