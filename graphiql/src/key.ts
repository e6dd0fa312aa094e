import { useSyncExternalStore } from 'react';

const KEPT = 'milepost.key';

const listeners = new Set<() => void>();

/**
 * The key that is sent with every operation of every tab; empty for none. It is kept in the session of the browser's tab: a reload has it
 * still, and once the tab is closed it is gone. It is never written to the disk, where everyone who uses the machine later would find it.
 */
function readKey(): string {
  return sessionStorage.getItem(KEPT) ?? '';
}

export function keepKey(key: string): void {
  if (key === '') sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, key);
  for (const listener of listeners) listener();
}

/** The headers that send the key. */
export function keyHeaders(): Readonly<Record<string, string>> {
  const key = readKey();
  return key === '' ? {} : { authorization: `Bearer ${key}` };
}

export function useKey(): string {
  return useSyncExternalStore(listen, readKey);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
