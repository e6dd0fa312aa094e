import { uncancelled } from '../database/cancel.ts';
import { Prisma, type PrismaClient } from '../database/generated/client.ts';
import { readText } from '../database/read-json.ts';

/** The channel of the notification that the log has grown. Its payload is the position of the newest entry, as a hint. */
export const WAKE_CHANNEL = 'milepost_changes';

/** Called with the position of the last entry of a write, and if known with all that it appended, as the JSON of a LogPart. */
export type OnWrite = (position: bigint, appended: string | null) => void;

/** The newest position to notify of, null for none, and whether a notification is under way. */
type Notifier = { running: boolean; next: bigint | null };

const notifiers = new WeakMap<PrismaClient, Notifier>();
const wakeUpLanes = new WeakMap<PrismaClient, PrismaClient>();
const listeners = new WeakMap<PrismaClient, Set<OnWrite>>();

/** Sends the wake-ups for writes on one lane over another lane, so that they do not queue with the next writes. */
export function sendWakeUpsOver(lane: PrismaClient, writers: PrismaClient): void {
  wakeUpLanes.set(writers, lane);
}

/**
 * Calls back right after each write of this process over some handles, which is a round trip or two before the notification. Returns a
 * function that ends it.
 */
export function onWrites(writers: readonly PrismaClient[], listener: OnWrite): () => void {
  for (const db of writers) listeners.set(db, (listeners.get(db) ?? new Set()).add(listener));
  return () => {
    for (const db of writers) listeners.get(db)?.delete(listener);
  };
}

/** Whether somebody in this process wants to know of each write over a handle. */
export function isFollowed(writers: PrismaClient): boolean {
  return (listeners.get(writers)?.size ?? 0) > 0;
}

/**
 * Tells this process, and notifies every instance, that the log has grown up to a position. Call it after the commit: a notification
 * inside the transaction takes a server-wide lock.
 * Calls that arrive during a notification are combined into one more notification. It is for all who wrote, and so is what is read for it.
 */
export function wakeTails(writers: PrismaClient, position: bigint, appended: string | null): void {
  uncancelled(() => wakeAll(writers, position, appended));
}

function wakeAll(writers: PrismaClient, position: bigint, appended: string | null): void {
  for (const listener of listeners.get(writers) ?? []) listener(position, appended);
  const db = wakeUpLanes.get(writers) ?? writers;
  const notifier = notifiers.get(db) ?? { running: false, next: null };
  notifiers.set(db, notifier);
  if (notifier.next === null || notifier.next < position) notifier.next = position;
  if (notifier.running) return;
  notifier.running = true;
  // After what this process itself has to read for its subscribers, so that it does not wait for this.
  setImmediate(() => void notify(db, notifier));
}

/** The position that a notification names; null if it names none, as of instances before this version. */
export function positionIn(payload: string): bigint | null {
  return /^\d{1,19}$/.test(payload) ? BigInt(payload) : null;
}

async function notify(db: PrismaClient, notifier: Notifier): Promise<void> {
  while (notifier.next !== null) {
    const payload = String(notifier.next);
    notifier.next = null;
    // If a wake-up is lost, the tail's poll finds the entries.
    const statement = Prisma.sql`/* wakeTails */ select pg_notify(${WAKE_CHANNEL}, ${payload})::text as json`;
    await readText(db, statement).catch(() => undefined);
  }
  notifier.running = false;
}
