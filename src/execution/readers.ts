import type { Traces } from './read-notes.ts';

/** Readers indexed by what they read, so that finding those that a change touches is fast, however many there are. */
export interface Readers<Reader> {
  /** Keeps what a reader read last. */
  set(reader: Reader, traces: Traces): void;
  delete(reader: Reader): void;
  /** The readers of any of the traces. */
  of(traces: ReadonlySet<string>): ReadonlySet<Reader>;
}

/** Creates an empty index. */
export function createReaders<Reader>(): Readers<Reader> {
  const read = new Map<Reader, Traces>();
  const byTrace = new Map<string, Set<Reader>>();
  const ofEverything = new Set<Reader>();

  const forget = (reader: Reader): void => {
    const traces = read.get(reader);
    if (traces === undefined) return;
    read.delete(reader);
    ofEverything.delete(reader);
    if (traces === 'everything') return;
    for (const trace of traces) {
      const readers = byTrace.get(trace);
      readers?.delete(reader);
      if (readers?.size === 0) byTrace.delete(trace);
    }
  };

  return {
    set: (reader, traces) => {
      forget(reader);
      read.set(reader, traces);
      if (traces === 'everything') ofEverything.add(reader);
      else for (const trace of traces) byTrace.set(trace, (byTrace.get(trace) ?? new Set()).add(reader));
    },
    delete: forget,
    of: (traces) => {
      const found = new Set(ofEverything);
      for (const trace of traces) for (const reader of byTrace.get(trace) ?? []) found.add(reader);
      return found;
    },
  };
}

/** Whether a change to the first can alter what the second read. */
export function intersects(touched: Traces, read: Traces): boolean {
  if (touched === 'everything' || read === 'everything') return true;
  for (const trace of touched) if (read.has(trace)) return true;
  return false;
}
