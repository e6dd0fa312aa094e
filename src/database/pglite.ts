import { fsyncSync } from 'node:fs';
import { messages, PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** Where Postgres believes that its files are. */
const POSTGRES_PATH = /\/pglite\/data/g;
const COMPLAINT = /(?:FATAL|PANIC): +(.+)|^postgres: (.+)/;
const DETAIL = /DETAIL: +(.+)/;
/** Of what Postgres says so many lines are kept, to quote from when it breaks down. */
const KEPT_LINES = 50;
/** Postgres' code for a statement whose server broke down: the same may be tried again. */
const CRASH_SHUTDOWN = '57P02';

const SETTINGS = [
  // The write-ahead log is cut back at checkpoints, which upkeep.ts asks for; so much of it is kept to be written over.
  'min_wal_size=32MB',
  'max_wal_size=64MB',
];
/** Its fdatasync does nothing, so the method has to be fsync. */
const SYNCED = ['fsync=on', 'wal_sync_method=fsync'];
/** Emscripten's numbers of what a disk can have against a write; its errors say nothing else. */
const ERRNO: Readonly<Record<number, string>> = {
  2: 'Permission denied',
  19: 'Disk quota exceeded',
  29: 'I/O error',
  33: 'Too many open files',
  51: 'No space left on device',
  63: 'Operation not permitted',
  69: 'Read-only file system',
};
/** Among PGlite's own parameters; no syncing. */
const UNSYNCED = '-F';

/** An embedded Postgres on its folder. */
export interface Engine {
  readonly pglite: PGlite;
  /** Resolves, with the reason, if it breaks down in the midst of its work. From then on every statement fails. */
  readonly crashed: Promise<string>;
  /** Writes what it still has in memory and ends; after a crash, when what is in memory must not reach the files, only the latter. */
  close(): Promise<void>;
}

/** Postgres could not start on its files; the message is what it complained about. */
export class EngineRefused extends Error {
  override readonly name = 'EngineRefused';
}

/**
 * Starts the embedded Postgres on a folder of its own, in which it makes a database if it is empty; throws EngineRefused.
 * With `sync` a commit is answered when it is on the disk; tests alone do without.
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
    throw new EngineRefused(complaintIn(lines) ?? describeFailure(error), { cause: error });
  });
  const { crashed, hasCrashed } = watchForCrash(pglite, () => complaintIn(lines));
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

/** The parts of Emscripten's file system that syncing needs. */
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

/** Node's files, with the sync that Emscripten's layer over them lacks: without it Postgres is told that all went well, and nothing happens. */
class SyncedFiles extends NodeFS {
  override async init(...[pglite, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pglite, options);
    const addSync = (module: unknown): void => {
      const { NODEFS, FS } = module as Modules;
      NODEFS.stream_ops.fsync = ({ nfd, node }) =>
        NODEFS.tryFSOperation(() => {
          // Windows keeps the entries of a folder by itself, and has no sync for them.
          if (process.platform !== 'win32' || !FS.isDir(node.mode)) fsyncSync(nfd);
          return 0;
        });
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync] } };
  }
}

/**
 * Postgres ends itself when it cannot know any more what is on the disk, above all after a failed sync. PGlite passes over that and goes on:
 * the next statement never returns, and takes the whole process with it. So from then on nothing is let through to it.
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
        // Others are how it leaves a statement that failed.
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

/** The last thing that Postgres complained about before it ended. */
function complaintIn(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => COMPLAINT.test(line));
  const found = COMPLAINT.exec(lines[at] ?? '');
  if (found === null) return undefined;
  const [, detail] = DETAIL.exec(lines[at + 1] ?? '') ?? [];
  return [found[1] ?? found[2], detail].filter((part) => part !== undefined).join('. ');
}
