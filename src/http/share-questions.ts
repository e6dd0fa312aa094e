import { setTimeout as sleep } from 'node:timers/promises';
import DataLoader from 'dataloader';

/** A question that has no answer for so long holds up no other: its connection may be broken. */
const LONGEST_MS = 1_000;

/**
 * Asks the database one question after the other, each for all who want to know something by then; an answer is never older than the wish to know.
 * Node takes in one connection a turn: what thousands of clients need who come back together would be asked for one by one if it were asked for each turn.
 */
export function shareQuestions<Key, Answer>(
  ask: (keys: readonly Key[]) => Promise<readonly Answer[]>,
): (key: Key) => Promise<Answer> {
  let present: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<Key, Answer>(
    (keys) => {
      const answers = ask(keys);
      present = answers.catch(() => undefined);
      return answers;
    },
    {
      cache: false,
      batchScheduleFn: (load) => {
        const stop = new AbortController();
        const late = sleep(LONGEST_MS, undefined, { ref: false, signal: stop.signal }).catch(() => undefined);
        void Promise.race([present, late]).then(() => {
          stop.abort();
          setImmediate(load);
        });
      },
    },
  );
  return (key) => loader.load(key);
}
