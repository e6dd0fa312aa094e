import { setMaxListeners } from 'node:events';
import { TemporarilyUnavailable, TimedOut } from '../errors.ts';
import type { Asker } from './admission.ts';

/** Runs work whose statements end when the signal aborts. */
export type CancelWith = <T>(signal: AbortSignal, work: () => T) => T;

/** How long operations live: until they are done, nobody waits for them, their time is over, or the process stops. */
export interface Lifetimes extends AsyncDisposable {
  /** Runs a query until it is done or cut off, whichever is first. Throws TimedOut, or TemporarilyUnavailable when nobody waits or the process stops. */
  cutOff<T>(asker: Asker, work: () => Promise<T>): Promise<T>;
  /**
   * Runs what is pushed to readers, until they are all gone. Throws TimedOut, or TemporarilyUnavailable when they are gone, but not before
   * what was cut off has really ended: until then it keeps its turn.
   */
  whileRead<T>(gone: AbortSignal, work: () => Promise<T>): Promise<T>;
  /**
   * Runs a mutation, which is only cut off while it can still be undone: its outcome is always that of its transaction. It goes on when
   * its client has left, since many do not wait for an answer.
   */
  undoLate<T>(work: () => Promise<T>): Promise<T>;
}

/** A batch of a thousand figures takes longer than any query. */
const LONGER_FOR_MUTATIONS = 3;

/** Gives operations this many seconds. */
export function limitLifetimes(seconds: number, cancelWith: CancelWith): Lifetimes {
  const ends = new Set<(reason: Error) => void>();

  const begin = (most: number): { readonly signal: AbortSignal; end(reason: Error): void; over(): void } => {
    const controller = new AbortController();
    // As many as there are statements at once.
    setMaxListeners(0, controller.signal);
    const end = (reason: Error): void => controller.abort(reason);
    const timer = setTimeout(() => end(new TimedOut(seconds)), most * 1_000);
    ends.add(end);
    const over = (): void => {
      clearTimeout(timer);
      ends.delete(end);
    };
    return { signal: controller.signal, end, over };
  };

  const cutOff = async <T>(whenGone: Asker['whenGone'], work: () => Promise<T>): Promise<T> => {
    const { signal, end, over } = begin(seconds);
    const cut = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    cut.catch(() => undefined);
    // At once if nobody waits already.
    whenGone(() => end(new TemporarilyUnavailable()));
    const working = cancelWith(signal, work);
    // What is left of it fails when nobody listens any more.
    working.catch(() => undefined);
    try {
      return await Promise.race([working, cut]);
    } finally {
      over();
    }
  };

  return {
    cutOff: ({ whenGone }, work) => cutOff(whenGone, work),
    whileRead: async <T>(gone: AbortSignal, work: () => Promise<T>) => {
      if (gone.aborted) throw new TemporarilyUnavailable();
      const heard = new AbortController();
      // As many as there are events that are worked on at once.
      setMaxListeners(0, gone);
      const whenGone: Asker['whenGone'] = (listener) =>
        gone.addEventListener('abort', listener, { once: true, signal: heard.signal });
      let working: Promise<unknown> = Promise.resolve();
      const run = (): Promise<T> => {
        const begun = work();
        working = begun;
        return begun;
      };
      try {
        return await cutOff(whenGone, run);
      } finally {
        heard.abort();
        await Promise.allSettled([working]);
      }
    },
    undoLate: async (work) => {
      const { signal, over } = begin(seconds * LONGER_FOR_MUTATIONS);
      try {
        return await cancelWith(signal, work);
      } finally {
        over();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const end of ends) end(new TemporarilyUnavailable());
    },
  };
}
