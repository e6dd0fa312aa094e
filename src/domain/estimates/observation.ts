import type { Qualifier } from '../../database/generated/client.ts';
import { present, required } from '../../required.ts';
import { addDays, type Day, dayAt, LAST_DAY } from '../values/calendar.ts';
import { type Interval, isInside, overlaps, sumOf, widthOf } from '../values/interval.ts';
import { type Period, parsePeriod, periodFromDays, tilingsOf, toDate } from '../values/period.ts';
import { explain, explainOthers } from './explanation.ts';
import type { Curve } from './family.ts';
import type { MetricHistory } from './history.ts';
import { type Evidence, evidenceAmong } from './judging.ts';
import { keptPeriods } from './kept-periods.ts';
import { knownDaysOf } from './known-days.ts';
import { missingIn } from './missing.ts';
import { spanOf } from './spans.ts';
import { statedTilesOf } from './stated-tiles.ts';
import { areDisputed, type SlotClaims, soften, type Voice } from './weighing.ts';

/** What is known of a slot. */
export interface Estimate extends Interval {
  readonly value: number | null;
  /** Null only where nothing is known. */
  readonly qualifier: Qualifier | null;
  readonly method: 'ASSERTED' | 'DERIVED';
  /** The figure of the claim that gives the value. Null if it follows from others. */
  readonly bestId: number | null;
  readonly agreement: 'SOLE' | 'AGREES' | 'CONFLICTS';
  /** What decided between the claims about the slot. Null if there are none. */
  readonly decidedBy: Evidence | null;
  /** How many independent origins state the value. */
  readonly origins: number;
  /** In short, why this value. Empty if it follows from others. */
  readonly resolution: string;
  /** Whether any of its claims was restated or withdrawn. */
  readonly revised: boolean;
  /** The periods without which nothing more can be said. */
  readonly missing: readonly string[];
}

/** What is known of a slot, with its place. */
export interface Observed extends Estimate {
  readonly place: Pick<MetricHistory, 'subjectId' | 'metric' | 'withinId' | 'asOf'>;
  readonly period: Period;
}

/** What is known of a period. Null if nothing is. */
export function observationOf(history: MetricHistory, period: Period): Observed | null {
  let known = observed.get(history);
  if (known === undefined) {
    const { subjectId, metric, withinId, asOf } = history;
    known = { place: { subjectId, metric, withinId, asOf }, byPeriod: new Map() };
    observed.set(history, known);
  }
  const before = known.byPeriod.get(period.text);
  if (before !== undefined) return before;
  const estimate = estimateOf(history, period);
  const result = estimate === null ? null : placed(estimate, known.place, period);
  known.byPeriod.set(period.text, result);
  return result;
}

/** Field by field: there are thousands of them in a write, and copies by rest and spread take several times as long. */
function placed(estimate: Estimate, place: Observed['place'], period: Period): Observed {
  return {
    value: estimate.value,
    lower: estimate.lower,
    upper: estimate.upper,
    qualifier: estimate.qualifier,
    method: estimate.method,
    bestId: estimate.bestId,
    agreement: estimate.agreement,
    decidedBy: estimate.decidedBy,
    origins: estimate.origins,
    resolution: estimate.resolution,
    revised: estimate.revised,
    missing: estimate.missing,
    place,
    period,
  };
}

/** What a subject is ranked by in a period. */
export interface Extent extends Interval {
  /** The value, or else its lower bound. */
  readonly size: number;
  /** Whether it has a value, or there are claims about it. Otherwise its bound follows from others. */
  readonly isStated: boolean;
}

/** The value of a period, or else its lower bound. Null if not even that is known. It costs less than all that is known of it. */
export function extentIn(history: MetricHistory, period: Period): Extent | null {
  if (history.curve === null || history.slots.has(period.text)) {
    const claimed = observationOf(history, period);
    return claimed === null ? null : extentOf(claimed, claimed.value, claimed.decidedBy !== null);
  }
  if (!touchesKnown(history, period)) return null;
  const { after, through } = spanOf(period);
  const bounds = history.curve.boundsOf(after, through);
  const value = isExact(bounds) ? bounds.lower : (sumOfParts(history, period, bounds)?.value ?? null);
  return extentOf(bounds, value, false);
}

function extentOf({ lower, upper }: Interval, value: number | null, isClaimed: boolean): Extent | null {
  const size = value ?? positive(lower);
  return size === null ? null : { size, lower, upper, isStated: value !== null || isClaimed };
}

function positive(bound: number | null): number | null {
  return bound !== null && bound > 0 ? bound : null;
}

/** The newest total to date that is kept, until a day, of those that suit. Null if there is none. */
export function latestTotalOf(
  history: MetricHistory,
  until: Day = LAST_DAY,
  suits: (observed: Observed) => boolean = () => true,
): Observed | null {
  const totals = keptPeriods(history).filter(({ after, period: { end } }) => after === null && end <= until);
  for (const { period } of totals.sort((a, b) => b.through - a.through)) {
    const observed = observationOf(history, period);
    if (observed !== null && suits(observed)) return observed;
  }
  return null;
}

/** It never goes stale, because a history never changes. Shared parts are asked for many times. */
const observed = new WeakMap<
  MetricHistory,
  { readonly place: Observed['place']; readonly byPeriod: Map<string, Observed | null> }
>();

function estimateOf(history: MetricHistory, period: Period): Estimate | null {
  const slot = history.slots.get(period.text);
  const { curve } = history;
  if (curve === null) return slot === undefined ? null : estimateAlone(history, slot);
  if (slot === undefined && !touchesKnown(history, period)) return null;
  const { after, through } = spanOf(period);
  const counted = curve.boundsOf(after, through);
  if (slot === undefined)
    return counted.lower === 0 && counted.upper === null ? null : derive(history, period, counted);
  const entered = curve.entered.get(period.text) ?? [];
  const best = bestOf(entered);
  const stated = best?.claims[0]?.value ?? null;
  const bounds = stated !== null && isSameHundredth(stated, counted) ? { lower: stated, upper: stated } : counted;
  const value = isPossible(stated, bounds) ? stated : isExact(bounds) ? bounds.lower : null;
  const isAsserted = best !== null && value === stated;
  const decidedBy = isAsserted ? decidedIn(curve, slot, entered, best) : 'SUMS';
  const [claim] = isAsserted ? best.claims : [];
  const hasDissent = curve.setAside.some(({ voice }) => voice.period === period.text);
  return {
    lower: bounds.lower,
    upper: bounds.upper,
    value,
    qualifier: qualifierOf(bounds, isAsserted && !best.isRounded ? claim?.qualifier : undefined, value),
    method: isAsserted ? 'ASSERTED' : 'DERIVED',
    bestId: claim?.id ?? null,
    agreement: agreementOf(slot, hasDissent),
    decidedBy,
    origins: isAsserted ? best.origins : 0,
    resolution: isAsserted ? explain(slot, best, decidedBy) : explainOthers(slot, best),
    revised: history.revised.has(period.text),
    missing: [],
  };
}

/** What decided between the claims of a slot. If the one that ranks first was set aside, what others say did. */
function decidedIn(curve: Curve, slot: SlotClaims, [leader]: readonly Voice[], best: Voice): Evidence {
  if (leader !== best) return 'PRECISION';
  const isFirst = slot.voices[0]?.claims === leader?.claims;
  return isFirst || slot.isDisputed ? required(curve.decided, slot.period) : 'SUMS';
}

/** Whether a value is a known count, which networks round to hundredths. */
function isSameHundredth(value: number, bounds: Interval): boolean {
  return isExact(bounds) && Math.round(value * 100) === Math.round((bounds.lower ?? 0) * 100);
}

/** Whether anything is known of its days. A total to date counts also if it ends after the known days, or the day before them. */
function touchesKnown({ known, days, announcedDays: [announced] }: MetricHistory, period: Period): boolean {
  const { after, through } = spanOf(period);
  if (after === null && announced !== undefined && announced <= through) return true;
  if (after === null && known !== null && through === known.first - 1) return days.includes(through);
  return known !== null && known.first <= through && (after === null || after < known.last);
}

/** A period about which there are no claims. */
function derive(history: MetricHistory, period: Period, bounds: Interval & { readonly lower: number }): Estimate {
  const sum = isExact(bounds) ? null : sumOfParts(history, period, bounds);
  const value = isExact(bounds) ? bounds.lower : (sum?.value ?? null);
  return {
    lower: bounds.lower,
    upper: bounds.upper,
    value,
    qualifier: qualifierOf(bounds, sum?.qualifier, value),
    method: 'DERIVED',
    bestId: null,
    agreement: 'SOLE',
    decidedBy: null,
    origins: 0,
    resolution: '',
    revised: false,
    missing: isExact(bounds) ? [] : missingIn(history, period).map(({ text }) => text),
  };
}

/** A slot of what does not add up over time: its own claims alone. */
function estimateAlone(history: MetricHistory, slot: SlotClaims): Estimate {
  const voices = soften(slot.voices);
  const best = bestOf(voices) as Voice;
  const [claim] = best.claims;
  const decidedBy = best === voices[0] ? evidenceAmong(slot, voices) : 'PRECISION';
  return {
    ...best.bounds,
    value: claim?.value ?? null,
    qualifier: claim?.qualifier ?? 'EXACT',
    method: 'ASSERTED',
    bestId: claim?.id ?? null,
    agreement: agreementOf(slot, areDisputed(voices)),
    decidedBy,
    origins: best.origins,
    resolution: explain(slot, best, decidedBy),
    revised: history.revised.has(slot.period),
    missing: [],
  };
}

/** The first, or the narrowest of those that are more precise within its bounds. */
function bestOf([leader, ...others]: readonly Voice[]): Voice | null {
  if (leader === undefined) return null;
  return others.reduce((best, voice) => {
    const isFiner = isInside(voice.bounds, leader.bounds) && widthOf(voice.bounds) < widthOf(best.bounds);
    return isFiner ? voice : best;
  }, leader);
}

function agreementOf({ voices }: SlotClaims, hasDissent: boolean): Estimate['agreement'] {
  if (hasDissent) return 'CONFLICTS';
  return voices.reduce((count, { claims }) => count + claims.length, 0) === 1 ? 'SOLE' : 'AGREES';
}

/**
 * The sum of the values of periods that tile a longer one, or of the parts of a whole, if each of them has one. They say more than the
 * bounds where some are only stated approximately.
 */
function sumOfParts(
  history: MetricHistory,
  period: Period,
  bounds: Interval,
): Pick<Estimate, 'value' | 'qualifier'> | null {
  for (const tiles of tilesOf(history, period)) {
    const sum = sumOfValues(tiles.map((tile) => observationOf(history, tile)));
    if (sum !== null && isPossible(sum.value, bounds)) return sum;
  }
  if (history.parts.length === 0) return null;
  const sum = sumOfValues(history.parts.map((part) => observationOf(part, period)));
  return sum !== null && isPossible(sum.value, bounds) ? sum : null;
}

/** The ways to tile a period; one to date from the newest stated total before its end. Last, what is stated. */
function* tilesOf(history: MetricHistory, period: Period): Iterable<readonly Period[]> {
  const days = knownDaysOf(history);
  if (days === null) return;
  const span = spanOf(period);
  const total = history.totalDays.findLast((day) => day < span.through);
  if (period.start !== null) yield* tilingsOf(period, days);
  else if (total !== undefined) yield [toDate(dayAt(total)), periodFromDays(addDays(dayAt(total), 1), period.end)];
  const stated = statedTilesOf(history, span);
  if (stated !== null) yield stated.map((text) => present(parsePeriod(text)));
}

/** Value, bounds and qualifier of a sum of what is known apart. */
export function sumOfBounds(parts: readonly Estimate[]): Pick<Estimate, 'value' | 'lower' | 'upper' | 'qualifier'> {
  const bounds = sumOf(parts);
  const sum = sumOfValues(parts);
  const value = isExact(bounds) ? bounds.lower : (sum?.value ?? null);
  return { ...bounds, value, qualifier: qualifierOf(bounds, sum?.qualifier, value) };
}

function sumOfValues(parts: readonly (Estimate | null)[]): Pick<Estimate, 'value' | 'qualifier'> | null {
  let value = 0;
  for (const part of parts) {
    if (part === null || part.value === null) return null;
    value += part.value;
  }
  const areClose = parts.every((part) => part?.qualifier === 'EXACT' || part?.qualifier === 'ABOUT');
  return { value, qualifier: areClose ? 'ABOUT' : 'BETWEEN' };
}

/** How exactly a value is known, by its bounds. Between two of them, as it is stated. */
function qualifierOf(
  { lower, upper }: Interval,
  stated: Qualifier | null | undefined,
  value: number | null,
): Qualifier {
  if (lower !== null && lower === upper) return 'EXACT';
  if (upper === null) return 'OVER';
  if (lower === null || lower === 0) return stated === 'ABOUT' || stated === 'BETWEEN' ? stated : 'UNDER';
  return value !== null && stated === 'ABOUT' ? 'ABOUT' : 'BETWEEN';
}

function isPossible(value: number | null, bounds: Interval): boolean {
  return value !== null && overlaps({ lower: value, upper: value }, bounds);
}

function isExact({ lower, upper }: Interval): boolean {
  return lower !== null && lower === upper;
}
