import type { PrismaClient } from '../database/generated/client.ts';

/** The channel of the notification that the log has grown; its payload is empty. */
export const WAKE_CHANNEL = 'milepost_changes';

type Notifier = { running: boolean; again: boolean };

const notifiers = new WeakMap<PrismaClient, Notifier>();
const wakeUpLanes = new WeakMap<PrismaClient, PrismaClient>();

/** Sends the wake-ups for writes on one lane over another lane, so that they do not queue with the next writes. */
export function sendWakeUpsOver(lane: PrismaClient, writers: PrismaClient): void {
  wakeUpLanes.set(writers, lane);
}

/**
 * Notifies every instance that the log has grown. Call it after the commit: a notification inside the transaction takes a server-wide
 * lock.
 * Calls that arrive during a notification are combined into one more notification.
 */
export function wakeTails(writers: PrismaClient): void {
  const db = wakeUpLanes.get(writers) ?? writers;
  const notifier = notifiers.get(db) ?? { running: false, again: false };
  notifiers.set(db, notifier);
  notifier.again = true;
  if (!notifier.running) void notify(db, notifier);
}

async function notify(db: PrismaClient, notifier: Notifier): Promise<void> {
  notifier.running = true;
  while (notifier.again) {
    notifier.again = false;
    // If a wake-up is lost, the tail's poll finds the entries.
    await db.$queryRaw`/* wakeTails */ select pg_notify(${WAKE_CHANNEL}, '')::text`.catch(() => undefined);
  }
  notifier.running = false;
}
