import type { PrismaClient } from '../database/generated/client.ts';
import { noteKeyUse } from '../domain/keys/api-key.ts';

/** A key's last use is written at most so often, because it would otherwise cost a write for each read. */
const WRITTEN_EVERY_MS = 60_000;
/** How long uses are collected before they are written together. */
const COLLECTED_MS = 2_000;

/** Notes which keys are used. */
export interface KeyUses extends AsyncDisposable {
  /** Costs the caller nothing: the use is written later, with those of other keys, or not if the database cannot take it. */
  note(keyId: number): void;
}

/** Writes the last use of keys to the database; what was collected is written when it is disposed. */
export function recordKeyUses(db: PrismaClient): KeyUses {
  const writtenAt = new Map<number, number>();
  let collected = new Set<number>();
  let timer: NodeJS.Timeout | undefined;

  const write = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const ids = [...collected];
    collected = new Set();
    if (ids.length === 0) return;
    // A failed write is tried again with the next use after a minute, so an outage is not made worse.
    for (const id of ids) writtenAt.set(id, performance.now());
    await noteKeyUse(db, ids, WRITTEN_EVERY_MS).catch(() => undefined);
  };

  return {
    note: (keyId) => {
      if (performance.now() - (writtenAt.get(keyId) ?? Number.NEGATIVE_INFINITY) < WRITTEN_EVERY_MS) return;
      collected.add(keyId);
      timer ??= setTimeout(write, COLLECTED_MS).unref();
    },
    [Symbol.asyncDispose]: write,
  };
}
