// Plain JavaScript with Node's own modules only, because scripts/ uses it before anything is installed.
import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';

const READ_AND_WRITE = constants.O_RDWR | constants.O_CREAT;
/** On macOS and the BSDs open(2) takes the lock. Node has no constant for this flag, but passes it on. */
const O_EXLOCK = 0x20;
/** On Windows this flag makes libuv open the file exclusively. */
const UV_FS_O_EXLOCK = 0x10000000;

/** A file cannot be locked because of the system, or because a program is missing; the message says what to do. */
export class CannotLock extends Error {}

/**
 * Takes the lock on a file, and writes the owner into it. The file is created if it is missing.
 * The system ties the lock to the open file and frees it when the process ends, however it ends. So a process that is suspended
 * or busy for minutes keeps the lock, and a killed one leaves nothing.
 * The file is never removed: otherwise two processes could hold locks on different files of the same name.
 * @param {string} path
 * @returns {{ release(): void, owner?: undefined } | { release?: undefined, owner: string }} the lock, or a description of its owner
 */
export function tryLock(path) {
  const file = openExclusively(path);
  if (file === undefined) return { owner: readOwner(path) };
  writeOwner(file);
  return { release: () => closeSync(file) };
}

function openExclusively(path) {
  if (process.platform === 'linux' || process.platform === 'android') return openAndLock(path);
  const flags = process.platform === 'win32' ? UV_FS_O_EXLOCK : O_EXLOCK | constants.O_NONBLOCK;
  try {
    return openSync(path, READ_AND_WRITE | flags);
  } catch (error) {
    if (['EAGAIN', 'EBUSY'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Linux has such a lock, but Node has no call for it. The lock belongs to the open file, not to a process, so another program can take it for us. */
function openAndLock(path) {
  const file = openSync(path, READ_AND_WRITE);
  const { error, status, stderr } = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file],
  });
  if (status === 0) return file;
  closeSync(file);
  const complaint = error === undefined ? String(stderr).trim() : error.message;
  if (status === 1 && complaint === '') return undefined;
  throw new CannotLock(
    `The file ${path} cannot be locked; that takes the program flock of util-linux or BusyBox. ${complaint}`,
  );
}

/** For the message of a process that finds the lock taken; a full disk is no error. */
function writeOwner(file) {
  try {
    ftruncateSync(file);
    writeSync(file, `${process.pid}\n${hostname()}\n`, 0);
  } catch {
    // The content is only for people.
  }
}

function readOwner(path) {
  try {
    const [pid, host] = readFileSync(path, 'utf8').split('\n');
    if (pid && host) return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  } catch {
    // On Windows other processes cannot read it.
  }
  return 'another process';
}
