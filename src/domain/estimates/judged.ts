import { overlaps } from '../values/interval.ts';
import type { Period } from '../values/period.ts';
import type { MetricHistory } from './history.ts';
import { observationOf } from './observation.ts';
import { type SpanClaim, soften, type Voice } from './weighing.ts';

/** The claims about exactly one period that do not stand as they were made. */
export interface Judged {
  /** Exact values that were taken as rounded. */
  readonly rounded: readonly SpanClaim[];
  /** Claims that contradict what counts. */
  readonly setAside: readonly SpanClaim[];
}

/** What became of the claims about a period. */
export function judgedIn(history: MetricHistory, period: Period): Judged {
  const slot = history.slots.get(period.text);
  if (slot === undefined) return { rounded: [], setAside: [] };
  const { curve } = history;
  const standing = curve === null ? soften(slot.voices) : (curve.entered.get(period.text) ?? []);
  const aside =
    curve === null
      ? againstBest(standing, observationOf(history, period)?.bestId ?? null)
      : curve.setAside.map(({ voice }) => voice).filter((voice) => voice.period === period.text);
  return {
    rounded: claimsOf(standing.filter(({ isRounded }) => isRounded)),
    setAside: claimsOf(aside),
  };
}

/** Of what does not add up over time nothing is set aside, but what cannot be true together with the best claim does not count. */
function againstBest(voices: readonly Voice[], bestId: number | null): readonly Voice[] {
  const best = voices.find(({ claims }) => claims.some(({ id }) => id === bestId));
  return best === undefined ? [] : voices.filter(({ bounds }) => !overlaps(bounds, best.bounds));
}

function claimsOf(voices: readonly Voice[]): readonly SpanClaim[] {
  return voices.flatMap(({ claims }) => claims);
}
