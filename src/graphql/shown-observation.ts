import { encodeCursor } from '../changes/cursor.ts';
import { slotKey } from '../domain/claims/slot.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import { carried, observationOfEntry, SLOT } from '../domain/estimates/observation-entry.ts';
import { present } from '../required.ts';
import type { Context } from './context.ts';
import { loadObservation, loadSlot } from './histories.ts';
import { formatObservationKey, parseObservationKey } from './observation-id.ts';

/** An observation as the API shows it. */
export interface ShownObservation extends Observed {
  /** The log entry that carries it. Not given: it was read from what is kept, or worked out. */
  readonly entry?: { readonly position: bigint; readonly cursor: string };
}

type Entry = Parameters<typeof observationOfEntry>[0] & { readonly digest: Uint8Array };

/** The observation that an entry of this log carries. Null if it carries none. Throws if it cannot be read. */
export function shownInEntry(log: string, entry: Entry): ShownObservation | null {
  const { position, digest } = entry;
  const observed = observationOfEntry(entry);
  return observed === null
    ? null
    : { ...observed, entry: { position, cursor: encodeCursor({ log, position, digest }) } };
}

/** The key in the id of an observation. What a log entry carries has a key of its own once something else is known. */
export async function loadObservationKey(context: Context, shown: ShownObservation): Promise<string> {
  const { place, period, entry } = shown;
  const key = formatObservationKey({ place, period, position: null });
  if (entry === undefined || isSame(shown, await loadSlot(context, slotKey({ ...place, period: period.text }))))
    return key;
  return formatObservationKey({ place, period, position: entry.position });
}

/** The observation with a key. Null if nothing is known of it, or the log no longer has its entry. */
export async function loadByKey(context: Context, text: string): Promise<ShownObservation | null> {
  const { place, period, position } = present(parseObservationKey(text));
  if (position === null) return loadObservation(context, place, period);
  const select = { position: true, kind: true, digest: true, observation: true, figure: { select: SLOT } } as const;
  const entry = await context.db.change.findUnique({ where: { position, kind: 'FIGURE' }, select });
  const shown = entry === null ? null : shownInEntry(context.changes.log, entry);
  const isIt = shown !== null && formatObservationKey({ ...shown, position }) === text;
  return isIt ? shown : null;
}

function isSame(one: Observed, other: Observed): boolean {
  return JSON.stringify(carried({ observation: one })) === JSON.stringify(carried({ observation: other }));
}
