import { setImmediate as nextTurn } from 'node:timers/promises';

/** So long, in milliseconds, what can wait holds up the event loop in one go, all of it together; a single step may take longer. */
const PIECE_MS = 2;

/** The time until the event loop's next turn. */
interface Turn {
  /** When it was first asked for. */
  readonly began: number;
  readonly over: Promise<void>;
}

let present: Turn | null = null;

/** Waited for between two steps of work that can wait: for nothing while the piece is short, else for the event loop's next turn. */
export async function pause(): Promise<void> {
  const { began, over } = presentTurn();
  if (performance.now() - began >= PIECE_MS) await over;
}

/**
 * Starts a piece of work on each, in order, and resolves once all are settled, whether or not they fail.
 * The first is waited for, because it does what all have in common. Each of the others has until the event loop's next turn before the one after it is started:
 * what takes the thread is done one after the other, with pauses, and what waits for something else is waited for at the same time.
 */
export async function inPieces<Item, Result>(
  items: readonly Item[],
  start: (item: Item) => Promise<Result>,
): Promise<readonly Promise<Result>[]> {
  const started: Promise<Result>[] = [];
  for (const item of items) {
    const { over } = presentTurn();
    const working = start(item);
    const settled = Promise.allSettled([working]);
    started.push(working);
    if (started.length === 1) {
      await settled;
      // What it has read was taken apart in the same turn.
      await over;
    } else {
      await Promise.race([settled, over]);
      await pause();
    }
  }
  await Promise.allSettled(started);
  return started;
}

function presentTurn(): Turn {
  if (present === null) {
    const over = nextTurn().then(() => {
      present = null;
    });
    present = { began: performance.now(), over };
  }
  return present;
}
