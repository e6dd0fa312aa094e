// For scripts/ as well, which run before anything is installed: plain JavaScript, and Node's own modules alone.
import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';

const READ_AND_WRITE = constants.O_RDWR | constants.O_CREAT;
/** On macOS and the BSDs open(2) takes the lock. Node has no name for it, and hands it on. */
const O_EXLOCK = 0x20;
/** On Windows libuv then opens the file so that nobody else can. */
const UV_FS_O_EXLOCK = 0x10000000;

/** The system, or a program that it lacks, is why a file cannot be locked; the message says what to do. */
export class CannotLock extends Error {}

/**
 * Takes the lock on a file, which it makes where there is none, and says in it who has it.
 * The system keeps the lock with the open file and ends it with its process, however that ends. So a process that stands still, or is
 * busy for minutes, keeps it, and nothing is left of one that was killed. Nobody removes the file: whoever did could have another lock than one who has it open.
 * @param {string} path
 * @returns {{ release(): void, owner?: undefined } | { release?: undefined, owner: string }} the lock, or in words who has it
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

/** Linux has such a lock, and Node no call for it. It belongs to the open file and not to the process that asked for it, so another program can ask on our behalf. */
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

/** For whoever finds it taken; on a full disk it goes without. */
function writeOwner(file) {
  try {
    ftruncateSync(file);
    writeSync(file, `${process.pid}\n${hostname()}\n`, 0);
  } catch {
    // What the file says is only for people.
  }
}

function readOwner(path) {
  try {
    const [pid, host] = readFileSync(path, 'utf8').split('\n');
    if (pid && host) return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  } catch {
    // On Windows nobody else can read it.
  }
  return 'another process';
}
