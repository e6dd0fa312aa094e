import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from '../src/database/file-lock.mjs';

const LOOK_AGAIN_MS = 200;

/** Runs the work while no other process runs work with the same lock file. */
export async function withLock(path, work) {
  let lock = tryLock(path);
  if (lock.release === undefined) console.error(`Waiting for ${lock.owner}, which prepares this folder…`);
  while (lock.release === undefined) {
    await sleep(LOOK_AGAIN_MS);
    lock = tryLock(path);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
