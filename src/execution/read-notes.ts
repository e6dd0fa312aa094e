import type { ChangeEntry } from '../changes/log.ts';

/** Names of data that can be read and changed, or everything. The GraphQL layer defines the names; here they are only compared. */
export type Traces = ReadonlySet<string> | 'everything';

/** Tells what an operation read, and what a change touches. This folder only compares the two and does not know their meaning. */
export interface ReadNotes {
  /** A context that notes everything that is read through it. */
  begin(context: object): { readonly context: object; readonly traces: () => Traces };
  /** What a log entry touches. The answer may be different for all who read one of these, or everything. */
  touchedBy(entry: ChangeEntry): Traces;
  /** The present day; answers may depend on it. */
  today(): string;
}
