import type { PrismaClient } from '../database/generated/client.ts';

/** The channel of the empty notification that says: the log has grown. */
export const WAKE_CHANNEL = 'milepost_changes';

type Notifier = { running: boolean; again: boolean };

const notifiers = new WeakMap<PrismaClient, Notifier>();
const ways = new WeakMap<PrismaClient, PrismaClient>();

/** Sends the wake-ups of what is written over one lane by way of another, where they do not stand in line with the writes that come next. */
export function sendWakeUpsOver(way: PrismaClient, writers: PrismaClient): void {
  ways.set(writers, way);
}

/**
 * Tells every instance that the log has grown. Called after the commit: inside the transaction it would take a lock over the whole server.
 * While one notification is under way, all that come meanwhile become one more.
 */
export function wakeTails(writers: PrismaClient): void {
  const db = ways.get(writers) ?? writers;
  const notifier = notifiers.get(db) ?? { running: false, again: false };
  notifiers.set(db, notifier);
  notifier.again = true;
  if (!notifier.running) void notify(db, notifier);
}

async function notify(db: PrismaClient, notifier: Notifier): Promise<void> {
  notifier.running = true;
  while (notifier.again) {
    notifier.again = false;
    // A lost wake-up is made good by the tail's poll.
    await db.$queryRaw`/* wakeTails */ select pg_notify(${WAKE_CHANNEL}, '')::text`.catch(() => undefined);
  }
  notifier.running = false;
}
