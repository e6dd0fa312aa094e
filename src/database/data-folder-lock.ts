import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StartupError } from '../errors.ts';

/** The longest socket path every system takes is 104 bytes. */
const LONGEST_SOCKET_PATH = 100;

/**
 * Takes a data folder for this process, until disposed; a StartupError names the process that has it already.
 * The lock is a socket somebody listens on: unlike a file with a process id it is gone with its owner, however that ended.
 */
export async function lockDataFolder(dataDir: string): Promise<AsyncDisposable> {
  const path = socketPath(dataDir);
  let server = await listenOn(path);
  if (server === 'taken') {
    const owner = await askOwner(path);
    if (owner !== 'nobody') {
      throw new StartupError(
        `The data folder ${resolve(dataDir)} is in use by process ${owner}. Stop that process, or choose another folder with MILEPOST_DATA_DIR.`,
      );
    }
    await rm(path, { force: true });
    server = await listenOn(path);
    if (server === 'taken') throw new StartupError(`The data folder ${resolve(dataDir)} is in use by another process.`);
  }
  const held = server;
  return { [Symbol.asyncDispose]: () => new Promise<void>((done) => held.close(() => done())) };
}

function socketPath(dataDir: string): string {
  const folder = resolve(dataDir);
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\milepost-${name}`;
  const path = join(folder, 'lock');
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH ? path : join(tmpdir(), `milepost-${name}.lock`);
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
      // A refused connection is a socket file whose owner is gone; a silent owner is still an owner.
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'nobody' : 'unknown'),
    );
  });
}
