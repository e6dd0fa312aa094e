import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import type { Maintenance } from './maintenance.ts';
import { tarEnd, tarHead, tarPadding } from './tar.ts';

/** The folder in the tar, as in the data folder. */
const TOP = 'db';
const CHUNK_BYTES = 256 * 1024;
/** So much is read in one turn of the event loop. With a turn for each file a copy would take minutes while the process is busy. */
const TURN_BYTES = 1024 * 1024;
/** The write-ahead log, which is copied last. */
const LOG = 'pg_wal';
/** Folders whose content is made anew by every start, as Postgres' own pg_basebackup leaves it out. */
const EMPTIED = new Set([
  LOG,
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
/** Files that belong to a process, or that would contradict the label. */
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|backup_manifest|pg_internal\.init(\..*)?|pgsql_tmp.*)$/;
/** Says where recovery has to begin. It is copied after everything that is older than it may say. */
const CONTROL = 'global/pg_control';
const SEGMENT = /^[0-9A-F]{24}$/;

/** A copy is being made already. */
class CopyUnderWay extends Error {
  override readonly name = 'CopyUnderWay';

  constructor() {
    super('Another backup is being made; wait until it is done.');
  }
}

/** Makes copies of an embedded database while it is used. */
export interface Copier {
  /** A tar of the files, consistent at the moment when its reading ends. Throws CopyUnderWay while another one is read. */
  copy(): AsyncIterable<Buffer>;
}

/**
 * Copies as Postgres' own pg_basebackup does: the files while they change, then the write-ahead log from the copy's begin to its end.
 * A start on the copy replays that log, which brings every file to the copy's end, also one that was read while it was written.
 * Statements wait only for the checkpoint at the begin. Until the end there are no others, because a checkpoint would remove the log.
 */
export function copyOnline(pglite: PGlite, folder: string, maintenance: Maintenance): Copier {
  let isUnderWay = false;
  return {
    copy: async function* () {
      if (isUnderWay) throw new CopyUnderWay();
      isUnderWay = true;
      const resume = await maintenance.pauseCheckpoints();
      try {
        const first = await begin(pglite);
        let last: Awaited<ReturnType<typeof end>> | undefined;
        try {
          yield* inTurns(copyFiles(folder));
        } finally {
          // Also when the reader has left: without an end Postgres would refuse the next begin.
          last = await end(pglite);
        }
        yield* inTurns(copyText('backup_label', last.label));
        yield* inTurns(copyLog(folder, first, last.segment));
        yield tarEnd();
      } finally {
        resume();
        isUnderWay = false;
      }
    },
  };
}

/** Returns the name of the log's segment that recovery begins in. */
async function begin(pglite: PGlite): Promise<string> {
  const { rows } = await pglite.query<{ segment: string }>(
    `/* beginCopy */ select pg_walfile_name(pg_backup_start('milepost', true)) as segment`,
  );
  return (rows[0] as { segment: string }).segment;
}

interface CopyEnd {
  /** What the file backup_label of the copy has to say. */
  readonly label: string;
  /** The name of the log's last segment that recovery needs. */
  readonly segment: string;
}

async function end(pglite: PGlite): Promise<CopyEnd> {
  const { rows } = await pglite.query<CopyEnd>(
    '/* endCopy */ select labelfile as label, pg_walfile_name(lsn) as segment from pg_backup_stop(false)',
  );
  return rows[0] as CopyEnd;
}

/** Joins short parts. Whoever takes them lets others have a turn in between. */
function* inTurns(parts: Iterable<Buffer>): Generator<Buffer> {
  let turn: Buffer[] = [];
  let bytes = 0;
  for (const part of parts) {
    turn.push(part);
    bytes += part.length;
    if (bytes < TURN_BYTES) continue;
    yield Buffer.concat(turn);
    turn = [];
    bytes = 0;
  }
  yield Buffer.concat(turn);
}

function* copyFiles(folder: string): Generator<Buffer> {
  yield tarHead({ name: TOP, kind: 'folder', size: 0 });
  yield* copyFolder(folder, '');
  for (const name of ['archive_status', 'summaries'])
    yield tarHead({ name: `${TOP}/${LOG}/${name}`, kind: 'folder', size: 0 });
  yield* copyFile(folder, CONTROL);
}

function* copyFolder(folder: string, below: string): Generator<Buffer> {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (LEFT_OUT.test(entry.name) || path === CONTROL) continue;
    if (entry.isFile()) yield* copyFile(folder, path);
    if (!entry.isDirectory()) continue;
    yield tarHead({ name: `${TOP}/${path}`, kind: 'folder', size: 0 });
    if (!EMPTIED.has(path)) yield* copyFolder(folder, path);
  }
}

function* copyLog(folder: string, first: string, last: string): Generator<Buffer> {
  const names = readdirSync(join(folder, LOG)).filter((name) => SEGMENT.test(name) && name >= first && name <= last);
  if (!names.includes(first) || !names.includes(last))
    throw new Error('A part of the write-ahead log was removed meanwhile.');
  for (const name of names.sort()) yield* copyFile(folder, `${LOG}/${name}`);
}

function* copyText(path: string, text: string): Generator<Buffer> {
  const content = Buffer.from(text);
  yield tarHead({ name: `${TOP}/${path}`, kind: 'file', size: content.length });
  yield Buffer.concat([content, tarPadding(content.length)]);
}

/** A file of the size that it has at the begin. One that was removed meanwhile is left out: the log says so too. */
function* copyFile(folder: string, path: string): Generator<Buffer> {
  const file = openIfThere(join(folder, path));
  if (file === null) return;
  try {
    const { size } = fstatSync(file);
    yield tarHead({ name: `${TOP}/${path}`, kind: 'file', size });
    for (let at = 0; at < size; ) {
      const chunk = readChunk(file, at, Math.min(CHUNK_BYTES, size - at));
      at += chunk.length;
      yield chunk;
    }
    yield tarPadding(size);
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** At most so many bytes; zeros for those of a file that became shorter, which the log says too. */
function readChunk(file: number, at: number, length: number): Buffer {
  const chunk = Buffer.allocUnsafe(length);
  const bytesRead = readSync(file, chunk, 0, length, at);
  return bytesRead === 0 ? chunk.fill(0) : chunk.subarray(0, bytesRead);
}
