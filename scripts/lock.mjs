import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between taking an address and answering there, a new owner looks like a dead one; not for this long. */
const SECOND_LOOK_MS = 200;

/**
 * Runs the work while no other process on this machine does so for the same folder.
 * The lock is a socket that the owner listens on and the others hold on to: it ends with its owner, however that ended.
 */
export async function withLock(folder, work) {
  const path = socketPath(folder);
  let server = await listenOn(path);
  if (server === undefined) console.error('Waiting for another process that prepares this folder…');
  for (; server === undefined; server = await listenOn(path)) await ownerGone(path);
  const connections = new Set();
  server.on('connection', (socket) => connections.add(socket.on('error', () => socket.destroy())));
  try {
    return await work();
  } finally {
    server.close();
    for (const socket of connections) socket.destroy();
  }
}

function socketPath(folder) {
  const name = `milepost-prepare-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.lock`);
}

/** The listening server, or undefined when the address is taken. */
function listenOn(path) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

async function ownerGone(path) {
  if (await waitForEnd(path)) return;
  await sleep(SECOND_LOOK_MS);
  if (await waitForEnd(path)) return;
  // Nobody listens: the owner was killed and could not clean up.
  rmSync(path, { force: true });
}

/** Resolves when the owner lets go, with false when there is none. */
function waitForEnd(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('error', (error) => resolve(error.code !== 'ECONNREFUSED'));
    socket.on('close', () => resolve(true)).resume();
  });
}
