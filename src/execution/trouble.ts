import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { Changes } from '../changes/stream.ts';
import { pauseAfter } from './patience.ts';
import type { ErrorPolicy } from './payload.ts';

/** What fails though the database answers, and for no reason that is known, is tried so often before it counts as a fault of ours. */
const TRIES = 3;

/** Tells trouble that passes, which is waited for as long as it lasts, from faults of ours and from what is wrong with an operation. */
export interface Trouble {
  /** One thing that is to be done, however long it takes. */
  begin(signal: AbortSignal): Effort;
}

export interface Effort {
  /** Waits, after a failure, until it may be tried again, or the signal aborts. False, at once, when trying again will not help. */
  outlasts(error: unknown): Promise<boolean>;
  /** It was done: the next failure is the first of another thing. */
  done(): void;
}

/** Watches over everything that is done for a push. */
export function watchTrouble(changes: Changes, errors: ErrorPolicy): Trouble {
  const recovery = watchRecovery(changes);
  return {
    begin: (signal) => {
      let failures = 0;
      let faults = 0;
      return {
        outlasts: async (error) => {
          if (errors.isTemporary(error)) errors.noteDelay(error);
          else if (errors.describe(error) !== null) return false;
          else if (await recovery.isThere()) {
            faults += 1;
            if (faults >= TRIES) return false;
          }
          failures += 1;
          await pause(pauseAfter(failures), signal);
          await recovery.wait(signal);
          return true;
        },
        done: () => {
          failures = 0;
          faults = 0;
        },
      };
    },
  };
}

/** Throws the error of a result that is none of the operation's own: one that passes, if any does, else a fault. */
export function throwIfUnsound({ errors = [] }: ExecutionResult, { describe, isTemporary }: ErrorPolicy): void {
  const error = errors.find(isTemporary) ?? errors.find((each) => describe(each) === null);
  if (error !== undefined) throw error;
}

interface Recovery {
  /** Whether the database answers now. */
  isThere(): Promise<boolean>;
  /** Resolves once it answers, or the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Looks for the database once for all who wait for it: there are many. What is wrong with it is logged by the tail, which reads it all the time. */
function watchRecovery(changes: Changes): Recovery {
  const waiting = new Set<() => void>();
  let isLooking = false;

  const isThere = (): Promise<boolean> =>
    changes.state().then(
      () => true,
      () => false,
    );
  const look = async (): Promise<void> => {
    isLooking = true;
    for (let failures = 1; waiting.size > 0 && !(await isThere()); failures += 1) await sleep(pauseAfter(failures));
    isLooking = false;
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
        if (!isLooking) void look();
      }),
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Whoever goes away while it waits has nothing more to wait for.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
