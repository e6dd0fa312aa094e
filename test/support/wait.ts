import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;
const TIMEOUT_MS = 15_000;

/** Resolves once the condition holds; fails after 15 s, or as long as is given, naming what was waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const giveUp = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** The promise's value; fails after 15 s, naming what was waited for. */
export async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(TIMEOUT_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`Waited ${TIMEOUT_MS} ms in vain for ${what}.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
    // The abort rejects it, as intended.
    late.catch(() => undefined);
  }
}

/** A promise and the function that resolves it. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
