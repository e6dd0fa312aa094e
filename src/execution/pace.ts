import { setImmediate as nextTurn } from 'node:timers/promises';

/** Maximum time, in milliseconds, that all work of low priority takes in one turn of the event loop. A single step may take longer. */
const PIECE_MS = 2;

/** The time until the event loop's next turn. */
interface Turn {
  /** When it was first asked for. */
  readonly began: number;
  readonly over: Promise<void>;
}

let current: Turn | null = null;

/** Call between two steps of work of low priority. It waits for the event loop's next turn if the time of this turn is used up. */
export async function pause(): Promise<void> {
  const { began, over } = currentTurn();
  if (performance.now() - began >= PIECE_MS) await over;
}

/**
 * Starts work on each item in order, and resolves when all of it has ended, whether or not it failed.
 * The first is awaited, because it does the part that all have in common. Each next item starts when the one before has ended, or in the
 * event loop's next turn.
 * So CPU work runs one item at a time, with pauses, and waiting for the database is done in parallel.
 */
export async function inPieces<Item, Result>(
  items: readonly Item[],
  start: (item: Item) => Promise<Result>,
): Promise<readonly Promise<Result>[]> {
  const started: Promise<Result>[] = [];
  for (const item of items) {
    const { over } = currentTurn();
    const working = start(item);
    const settled = Promise.allSettled([working]);
    started.push(working);
    if (started.length === 1) {
      await settled;
      // The result that it read was deserialised in the same turn.
      await over;
    } else {
      await Promise.race([settled, over]);
      await pause();
    }
  }
  await Promise.allSettled(started);
  return started;
}

function currentTurn(): Turn {
  if (current === null) {
    const over = nextTurn().then(() => {
      current = null;
    });
    current = { began: performance.now(), over };
  }
  return current;
}
