import type { ChangeEntry } from '../changes/log.ts';

/** What can be read and be changed, by names that the room gives them which knows what is there; or simply everything. */
export type Traces = ReadonlySet<string> | 'everything';

/** Tells what an operation read, and what a change touches of that. This room compares them and knows nothing of what they are about. */
export interface ReadNotes {
  /** A context in which everything that is read is noted. */
  begin(context: object): { readonly context: object; readonly traces: () => Traces };
  /** What an entry touches: whoever read one of these, or everything, can have another answer now. */
  touchedBy(entry: ChangeEntry): Traces;
  /** The day it is, on which answers may depend. */
  today(): string;
}
