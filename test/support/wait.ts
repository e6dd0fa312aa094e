import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;
const PATIENCE_MS = 15_000;

/** Resolves once the condition holds; fails after 15 s, or as long as is given, naming what was waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const giveUp = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new Error(`Waited ${patienceMs} ms in vain until ${what}.`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** The promise's value; fails after 15 s, naming what was waited for. */
export async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`Waited ${PATIENCE_MS} ms in vain for ${what}.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
    // Stopped is how it should end.
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
