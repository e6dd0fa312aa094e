import { fsyncSync } from 'node:fs';
import { messages, PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** The path of the data folder as Postgres sees it. */
const POSTGRES_PATH = /\/pglite\/data/g;
const COMPLAINT = /(?:FATAL|PANIC): +(.+)|^postgres: (.+)/;
const DETAIL = /DETAIL: +(.+)/;
/** Number of Postgres' last output lines that are kept, for the report of a crash. */
const KEPT_LINES = 50;
/** Postgres' code for a statement during whose execution the server crashed: it may be repeated. */
const CRASH_SHUTDOWN = '57P02';

const SETTINGS = [
  // Checkpoints, which maintenance.ts requests, cut the write-ahead log. min_wal_size of it is kept for reuse.
  'min_wal_size=32MB',
  'max_wal_size=64MB',
  // With its default of 128 MiB an idle server took 410 MB instead of 295. What they do not hold is in the system's own cache of files.
  'shared_buffers=16MB',
];
/** PGlite's fdatasync does nothing, so the method has to be fsync. */
const SYNCED = ['fsync=on', 'wal_sync_method=fsync'];
/** Emscripten's numbers for failed writes; its errors have no other text. */
const ERRNO: Readonly<Record<number, string>> = {
  2: 'Permission denied',
  19: 'Disk quota exceeded',
  29: 'I/O error',
  33: 'Too many open files',
  51: 'No space left on device',
  63: 'Operation not permitted',
  69: 'Read-only file system',
};
/** The parameter among PGlite's defaults that turns syncing off. */
const UNSYNCED = '-F';

/** An embedded Postgres with its data folder. */
export interface Engine {
  readonly pglite: PGlite;
  /** Resolves with the reason if Postgres crashes. After that every statement fails. */
  readonly crashed: Promise<string>;
  /**
   * Writes what is in memory to the files, and ends. After a crash nothing is written, because what is in memory must not reach the
   * files.
   */
  close(): Promise<void>;
}

/** Postgres could not start on its files; the message is its complaint. */
export class EngineRefused extends Error {
  override readonly name = 'EngineRefused';
}

/**
 * Starts the embedded Postgres in its folder, and creates a database if the folder is empty; throws EngineRefused.
 * With `sync` a commit is answered when it is on the disk; only tests turn this off.
 */
export async function startEngine(path: string, sync: boolean): Promise<Engine> {
  const lines: string[] = [];
  const pglite = await PGlite.create({
    fs: sync ? new SyncedFiles(path) : new NodeFS(path),
    startParams: startParams(sync),
    onStderr: (line) => {
      lines.push(line.replaceAll(POSTGRES_PATH, path));
      if (lines.length > KEPT_LINES) lines.shift();
      return false;
    },
  }).catch((error: Error) => {
    throw new EngineRefused(errorLineIn(lines) ?? describeFailure(error), { cause: error });
  });
  const { crashed, hasCrashed } = watchForCrash(pglite, () => errorLineIn(lines));
  return {
    pglite,
    crashed,
    close: async () => {
      if (!hasCrashed()) await pglite.close();
    },
  };
}

function startParams(sync: boolean): string[] {
  const params = PGlite.defaultStartParams.filter((param) => !(sync && param === UNSYNCED));
  return [...params, ...[...SETTINGS, ...(sync ? SYNCED : [])].flatMap((setting) => ['-c', setting])];
}

/** The parts of Emscripten's file system that are needed for syncing. */
interface Modules {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: Stream) => number };
    tryFSOperation<T>(operation: () => T): T;
  };
  readonly FS: { isDir(mode: number): boolean };
}

interface Stream {
  /** Node's file descriptor. */
  readonly nfd: number;
  readonly node: { readonly mode: number };
}

/** NodeFS with the fsync that Emscripten's layer lacks. Without it Postgres is told that a sync succeeded although nothing happened. */
class SyncedFiles extends NodeFS {
  override async init(...[pglite, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pglite, options);
    const addSync = (module: unknown): void => {
      const { NODEFS, FS } = module as Modules;
      NODEFS.stream_ops.fsync = ({ nfd, node }) =>
        NODEFS.tryFSOperation(() => {
          // Windows keeps folder entries safe by itself and has no sync for them.
          if (process.platform !== 'win32' || !FS.isDir(node.mode)) fsyncSync(nfd);
          return 0;
        });
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync] } };
  }
}

/**
 * Postgres panics when it no longer knows the state of the disk, above all after a failed sync. PGlite ignores that and goes on: the next
 * statement never returns and blocks the whole process.
 * So after a crash no statement is passed on.
 */
function watchForCrash(
  pglite: PGlite,
  complaint: () => string | undefined,
): { readonly crashed: Promise<string>; readonly hasCrashed: () => boolean } {
  let reason: string | undefined;
  let tell = (_reason: string): void => undefined;
  const crashed = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const module = pglite.Module;
  for (const name of ['_PostgresMainLoopOnce', '_PostgresMainLongJmp'] as const) {
    const run = module[name];
    module[name] = () => {
      try {
        run();
      } catch (error) {
        // Postgres leaves a failed statement with errors of other types.
        if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
          reason = complaint() ?? error.message;
          tell(reason);
        }
        throw error;
      }
    };
  }
  const execute = pglite.execProtocolRawSync.bind(pglite);
  pglite.execProtocolRawSync = (message) => {
    if (reason !== undefined) throw refusal(reason);
    return execute(message);
  };
  return { crashed, hasCrashed: () => reason !== undefined };
}

function refusal(reason: string): Error {
  const error = new messages.DatabaseError(`The embedded database has stopped: ${reason}`, 0, 'error');
  error.code = CRASH_SHUTDOWN;
  error.severity = 'FATAL';
  return error;
}

function describeFailure(error: Error & { readonly errno?: number }): string {
  return error.message || (ERRNO[error.errno ?? 0] ?? `error ${error.errno}`);
}

/** The last complaint of Postgres before it ended. */
function errorLineIn(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => COMPLAINT.test(line));
  const found = COMPLAINT.exec(lines[at] ?? '');
  if (found === null) return undefined;
  const [, detail] = DETAIL.exec(lines[at + 1] ?? '') ?? [];
  return [found[1] ?? found[2], detail].filter((part) => part !== undefined).join('. ');
}
