import { createHash } from 'node:crypto';
import { mkdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../errors.ts';

/** The longest socket path every system takes is 104 bytes. */
const LONGEST_SOCKET_PATH = 100;
/** Between taking the path and answering there a new owner looks dead; not for this long. */
const SECOND_LOOK_MS = 50;
/** Removing a dead owner's socket takes a fraction of this; whoever seems to need longer has died over it. */
const REMOVAL_MS = 2_000;

/**
 * Takes a data folder for this process, until disposed; a StartupError names the process that has it already.
 * The lock is a socket somebody listens on: unlike a file with a process id it is gone with its owner, however that ended.
 */
export async function lockDataFolder(dataDir: string): Promise<AsyncDisposable> {
  const path = socketPath(await realpath(dataDir));
  for (;;) {
    const server = await listenOn(path);
    if (server !== 'taken') {
      return { [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) };
    }
    const owner = await askOwner(path);
    if (owner !== 'dead' && owner !== 'gone') {
      throw new StartupError(
        `The data folder ${resolve(dataDir)} is in use by process ${owner}. Stop that process, or choose another folder with MILEPOST_DATA_DIR.`,
      );
    }
    if (owner === 'dead') await removeDead(path);
  }
}

function socketPath(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\milepost-${name}`;
  const path = join(folder, 'lock');
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH ? path : join(tmpdir(), `milepost-${name}.lock`);
}

/** Removes the socket of an owner that is gone. One process at a time looks and removes, or it would remove the socket of one that was quicker. */
async function removeDead(path: string): Promise<void> {
  // A pipe of Windows goes with its owner.
  const turn = process.platform === 'win32' ? undefined : await takeTurn(`${path}.removal`);
  if (turn === undefined) {
    await sleep(SECOND_LOOK_MS);
    return;
  }
  try {
    if ((await askOwner(path)) !== 'dead') return;
    await sleep(SECOND_LOOK_MS);
    if ((await askOwner(path)) === 'dead') await rm(path, { force: true });
  } finally {
    await rmdir(turn);
  }
}

/** The folder whose making is the turn; undefined when it is somebody else's. */
async function takeTurn(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const made = (await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now();
    // It may be gone by now, which is as well.
    if (Date.now() - made > REMOVAL_MS) await rmdir(folder).catch(() => undefined);
    return undefined;
  }
}

function listenOn(path: string): Promise<Server | 'taken'> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end(String(process.pid)).on('error', () => socket.destroy()));
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve('taken') : reject(error),
    );
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** The owner's process id; `dead` when its socket is all that is left, `gone` when that is not there either. */
function askOwner(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let answer = '';
    socket.setEncoding('utf8').setTimeout(2_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      // A silent owner is still an owner.
      resolve(error.code === 'ECONNREFUSED' ? 'dead' : error.code === 'ENOENT' ? 'gone' : 'unknown'),
    );
  });
}
