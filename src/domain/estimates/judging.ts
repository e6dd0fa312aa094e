import { type Interval, widthOf } from '../values/interval.ts';
import { parsePeriod, yearAgo } from '../values/period.ts';
import { spanOf } from './spans.ts';
import { areDisputed, compareEvidence, type Elsewhere, type SlotClaims, soften, type Voice } from './weighing.ts';

/** What decided between the values of a slot. */
export type Evidence = 'ONLY' | 'EDITOR' | 'SUMS' | 'ORIGINS' | 'TIER' | 'PRECISION' | 'CLOSENESS' | 'NONE';

/** Which voices of a disputed slot count, if those that fit what other periods say are known. */
export function judge(slot: SlotClaims, fitting: readonly Voice[], isBorneOut: (voice: Voice) => boolean) {
  const possible = soften(fitting.length > 0 ? fitting : slot.voices);
  const without = (winners: readonly Voice[]): readonly Voice[] => {
    const left = possible.filter((voice) => !winners.includes(voice));
    return [...left, ...slot.voices.filter(({ claims }) => !possible.some((voice) => voice.claims === claims))];
  };
  const isDecided = (left: readonly Voice[]): boolean => left.length === 1 && fitting.length > 0;
  if (!areDisputed(possible)) {
    const evidence = isDecided(possible) ? 'SUMS' : evidenceAmong(slot, possible);
    return { winners: possible, others: without(possible), evidence } as const;
  }
  // Where as many origins state each of them, what a source's own percentage or another metric says decides.
  const equal = possible.filter(({ origins }) => origins === (possible[0] as Voice).origins);
  const borneOut = equal.length < 2 ? [] : equal.filter(isBorneOut);
  const candidates = borneOut.length > 0 ? borneOut : possible;
  const winners = [candidates[0] as Voice];
  const evidence = borneOut.length === 1 ? 'SUMS' : evidenceAmong(slot, candidates);
  return { winners, others: without(winners), evidence } as const;
}

/** Whether a source's own percentage, or another metric of an independent origin, bears out a value. */
export function isBorneOut(
  { period, bounds, claims }: Voice,
  elsewhere: readonly Elsewhere[],
  boundsAt: (after: number | null, through: number) => Interval,
): boolean {
  const { lower: value, upper } = bounds;
  if (value === null || value !== upper) return false;
  const origins = new Set(claims.map(({ origin }) => origin));
  if (elsewhere.some((one) => one.period === period && one.value === value && !origins.has(one.origin))) return true;
  const percents = claims.flatMap(({ statedChangePercent }) => statedChangePercent ?? []);
  if (percents.length === 0) return false;
  const parsed = parsePeriod(period);
  const before = parsed === null ? null : yearAgo(parsed);
  if (before === null) return false;
  const span = spanOf(before);
  const base = boundsAt(span.after, span.through);
  if (base.lower === null || base.lower === 0 || base.lower !== base.upper) return false;
  const change = ((value - base.lower) * 100) / base.lower;
  return percents.some((percent) => Math.abs(change - percent) <= halfOfLastPlace(percent));
}

/** Half of the last decimal place to which a percentage is stated. */
function halfOfLastPlace(percent: number): number {
  const [, decimals = ''] = String(percent).split('.');
  return 0.5 * 10 ** -decimals.length + 1e-9;
}

/** Which property of the best of these voices decided; the editors, if they left one voice of several. */
export function evidenceAmong({ isEdited }: SlotClaims, [first, second]: readonly Voice[]): Evidence {
  if (first === undefined || second === undefined) return isEdited ? 'EDITOR' : 'ONLY';
  if (compareEvidence(first, second) === 0) return 'NONE';
  if (first.origins !== second.origins) return 'ORIGINS';
  if (first.tier !== second.tier) return 'TIER';
  // Where a day is not known, nobody knows which is closer.
  if (!Number.isFinite(second.closeness) && widthOf(first.bounds) === widthOf(second.bounds)) return 'NONE';
  return compareEvidence({ ...first, closeness: 0 }, { ...second, closeness: 0 }) === 0 ? 'CLOSENESS' : 'PRECISION';
}
