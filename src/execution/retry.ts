import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { Changes } from '../changes/stream.ts';
import { TimedOut } from '../errors.ts';
import { backoffMs } from './backoff.ts';
import type { ErrorPolicy } from './payload.ts';

/** Number of failures for an unknown reason, while the database answers, after which they count as an internal error. */
const TRIES = 3;

/** Retries work after temporary errors, and a few times after errors of unknown cause. Errors of an operation are not retried. */
export interface Retries {
  /** Starts a piece of work that may be repeated for as long as needed. */
  begin(signal: AbortSignal): Retry;
}

export interface Retry {
  /**
   * Waits after a failure until the next attempt, or until the signal aborts. Returns false at once when another attempt will not help.
   */
  waitAfter(error: unknown): Promise<boolean>;
  /** The work succeeded: the next failure counts as the first. */
  succeeded(): void;
}

/** Creates the retries of everything that is done for a push. */
export function createRetries(changes: Changes, errors: ErrorPolicy): Retries {
  const recovery = watchRecovery(changes);
  return {
    begin: (signal) => {
      let failures = 0;
      let faults = 0;
      return {
        waitAfter: async (error) => {
          if (errors.isTemporary(error)) errors.noteDelay(error);
          // A database that does not answer looks like work that takes too long.
          else if (!(error instanceof TimedOut) && errors.describe(error) !== null) return false;
          else if (await recovery.isThere()) {
            faults += 1;
            if (faults >= TRIES) return false;
          }
          failures += 1;
          await pause(backoffMs(failures), signal);
          await recovery.wait(signal);
          return true;
        },
        succeeded: () => {
          failures = 0;
          faults = 0;
        },
      };
    },
  };
}

/** Throws an error of a result that is not the operation's own: a temporary one if there is one, else an unexpected one. */
export function throwServerError({ errors = [] }: ExecutionResult, { describe, isTemporary }: ErrorPolicy): void {
  const error = errors.find(isTemporary) ?? errors.find((each) => describe(each) === null);
  if (error !== undefined) throw error;
}

interface Recovery {
  /** Whether the database answers now. */
  isThere(): Promise<boolean>;
  /** Resolves when the database answers, or the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Probes the database once for all that wait, since there are many. The tail reads the database all the time and logs what is wrong. */
function watchRecovery(changes: Changes): Recovery {
  const waiting = new Set<() => void>();
  let isProbing = false;

  const isThere = (): Promise<boolean> =>
    changes.state().then(
      () => true,
      () => false,
    );
  const probe = async (): Promise<void> => {
    isProbing = true;
    for (let failures = 1; waiting.size > 0 && !(await isThere()); failures += 1) await sleep(backoffMs(failures));
    isProbing = false;
    for (const resolve of waiting) resolve();
  };

  return {
    isThere,
    wait: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const done = (): void => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
        if (!isProbing) void probe();
      }),
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The sleep ends early when the reader leaves.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
