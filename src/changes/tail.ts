import type { Database } from '../database/handle.ts';
import type { Logger } from '../logger.ts';
import { type ChangeEntry, readAfter, readLogState } from './log.ts';
import { WAKE_CHANNEL } from './wake.ts';

/** The backstop for wake-ups that got lost. */
const POLL_MS = 1_000;
const BATCH = 500;

/** Receives every entry behind the tail's position, in order. */
export type TailListener = (entries: readonly ChangeEntry[]) => void;

/** The one reader of the log's end in this process. */
export interface Tail extends AsyncDisposable {
  readonly log: string;
  /** The last entry handed to the listeners. */
  readonly position: bigint;
  /** Whether the last read of the log succeeded. */
  readonly running: boolean;
  /** Adds a listener; it sees all entries behind the present position. */
  listen(listener: TailListener): Disposable;
}

/** Starts to follow the log's end: woken by notifications, at the latest by a poll each second. */
export async function startTail(database: Database, logger: Logger): Promise<Tail> {
  const db = database.client;
  const { log, head } = await readLogState(db);
  const listeners = new Set<TailListener>();
  let position = head;
  let running = true;
  let stopped = false;
  let reading: Promise<void> | undefined;
  let wokenMeanwhile = false;

  const wake = (): void => {
    wokenMeanwhile = true;
    if (reading === undefined && !stopped) {
      reading = readOn().finally(() => {
        reading = undefined;
        if (wokenMeanwhile) wake();
      });
    }
  };

  const readOn = async (): Promise<void> => {
    try {
      while (!stopped) {
        wokenMeanwhile = false;
        const entries = await readAfter(db, log, position, BATCH);
        running = true;
        const last = entries.at(-1);
        if (last === undefined) return;
        position = last.position;
        for (const listener of [...listeners]) listener(entries);
      }
    } catch (error) {
      if (running && !stopped) logger.error({ err: error }, 'the change log cannot be read; trying again each second');
      running = false;
      wokenMeanwhile = false;
    }
  };

  const listening = await database.listen(WAKE_CHANNEL, wake);
  const poll = setInterval(wake, POLL_MS);
  poll.unref();
  wake();

  return {
    log,
    get position() {
      return position;
    },
    get running() {
      return running && !stopped;
    },
    listen: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearInterval(poll);
      await listening[Symbol.asyncDispose]();
      await reading;
    },
  };
}
