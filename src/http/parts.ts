import type { Readable } from 'node:stream';

/** How many parts a body may have, however small they are: as many as there are words in a long one. */
const MOST_SMALL_PARTS = 4 * 1024;
/** With more of them, how many bytes a part has at least, on average. Each part costs as much as a KiB of a body that comes at once. */
const MEAN_BYTES = 32;
/** How many parts of all bodies together are taken in a turn of the event loop. Node alone would read up to 2 MiB of a connection in one. */
const PARTS_PER_TURN = 1_000;

let inTurn = 0;

/** Whether a body comes in so many tiny parts that it is made to keep the process busy. */
export function isTooFine(parts: number, bytes: number): boolean {
  return parts > MOST_SMALL_PARTS && bytes < parts * MEAN_BYTES;
}

/** Call for each part of a body. When there were many in this turn of the event loop, the rest waits for the next. */
export function takePart(body: Readable): void {
  inTurn += 1;
  if (inTurn === 1) setImmediate(() => (inTurn = 0));
  if (inTurn < PARTS_PER_TURN || body.isPaused()) return;
  body.pause();
  setImmediate(() => {
    // Else it was refused meanwhile.
    if (body.listenerCount('data') > 0) body.resume();
  });
}
