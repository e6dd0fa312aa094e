import type { Db } from '../../database/handle.ts';
import { required } from '../../required.ts';
import type { Problems } from '../values/problems.ts';
import { type Known, readKnown } from './near-claims.ts';
import type { Slot } from './slot.ts';
import { type Stated, statedOf } from './stated.ts';
import { suspicionsOf } from './suspicion.ts';

/** A value that is about to be written. */
export interface Candidate {
  readonly data: Omit<Slot, 'withinId'> & {
    readonly withinId?: number | null;
    readonly periodStart?: Date | string | null;
    readonly periodEnd: Date | string;
    readonly value?: number | null;
    readonly lower?: number | null;
    readonly upper?: number | null;
    /** The source and the slot: the same claim twice does not bear itself out. */
    readonly claimKey: string;
  };
  readonly problems: Problems;
  /** Whether the sender confirmed an unusual magnitude. */
  readonly acknowledged: boolean;
}

/**
 * Notes SUSPECT_MAGNITUDE for values that are implausible beside what is recorded and what is in the same batch: 20 times above or below
 * the pace around them, before the start of their subject, below a total of an earlier day, or a part above its whole. The order of the
 * batch does not matter. An acknowledgement clears a value, and a 0 is never suspect.
 * `replaced` are figures that the batch replaces; they are no measure.
 */
export async function noteImplausible(
  db: Db,
  candidates: readonly Candidate[],
  replaced: readonly number[] = [],
): Promise<void> {
  const questioned = questionedIn(candidates);
  if (questioned.length > 0) noteImplausibleBeside(await readKnown(db, questioned, replaced), candidates);
}

/** The values that are compared with others. */
export function questionedIn(candidates: readonly Candidate[]): readonly Stated[] {
  return candidates.flatMap((candidate) => (candidate.acknowledged ? [] : (statedIn(candidate) ?? [])));
}

/** The same beside what is known of all questioned values. */
export function noteImplausibleBeside(known: Known, candidates: readonly Candidate[]): void {
  const stated = candidates.flatMap((candidate) => {
    const value = statedIn(candidate);
    return value === null ? [] : [{ candidate, claimKey: candidate.data.claimKey, value }];
  });
  const suspects = stated.filter(({ candidate }) => !candidate.acknowledged);
  if (suspects.length === 0) return;
  const suspicions = suspicionsOf(stated, suspects, known);
  for (const suspect of suspects) {
    const suspicion = required(suspicions, suspect);
    const { data, problems } = suspect.candidate;
    if (suspicion !== null) problems.add('SUSPECT_MAGNITUDE', data.value == null ? 'lower' : 'value', suspicion);
  }
}

function statedIn({ data }: Candidate): Stated | null {
  const { subjectId, metric, period, withinId = null, periodStart = null, periodEnd } = data;
  const [value, lower, upper] = [data.value ?? null, data.lower ?? null, data.upper ?? null];
  return statedOf({
    ...{ subjectId, metric, period, withinId, lower, upper },
    periodStart: periodStart === null ? null : new Date(periodStart),
    periodEnd: new Date(periodEnd),
    low: value ?? lower ?? upper,
    high: value ?? upper ?? lower,
  });
}
