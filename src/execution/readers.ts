import type { Traces } from './read-notes.ts';

/** Who read what, so that it is known at once whom a change touches, however many there are. */
export interface Readers<Reader> {
  /** Keeps what a reader read last. */
  set(reader: Reader, traces: Traces): void;
  delete(reader: Reader): void;
  /** The readers of any of the traces. */
  of(traces: ReadonlySet<string>): ReadonlySet<Reader>;
}

/** Keeps readers by what they read. */
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

/** Whether a change that touches the one can alter what was read by the other. */
export function meet(touched: Traces, read: Traces): boolean {
  if (touched === 'everything' || read === 'everything') return true;
  for (const trace of touched) if (read.has(trace)) return true;
  return false;
}
