import { setTimeout as sleep } from 'node:timers/promises';
import DataLoader from 'dataloader';

/** A query that takes longer than this no longer delays the next one: its connection may be broken. */
const LONGEST_MS = 1_000;

/**
 * Runs one database query at a time, each for all keys that are asked for by then. An answer is never older than its question.
 * Node accepts one connection per turn of the event loop. With one query per turn, thousands of clients that reconnect together would
 * each cause a query.
 */
export function batchLookups<Key, Answer>(
  ask: (keys: readonly Key[]) => Promise<readonly Answer[]>,
): (key: Key) => Promise<Answer> {
  let running: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<Key, Answer>(
    (keys) => {
      const answers = ask(keys);
      running = answers.catch(() => undefined);
      return answers;
    },
    {
      cache: false,
      batchScheduleFn: (load) => {
        const stop = new AbortController();
        const late = sleep(LONGEST_MS, undefined, { ref: false, signal: stop.signal }).catch(() => undefined);
        void Promise.race([running, late]).then(() => {
          stop.abort();
          setImmediate(load);
        });
      },
    },
  );
  return (key) => loader.load(key);
}
