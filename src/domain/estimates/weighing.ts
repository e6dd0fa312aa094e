import type { Metric } from '../../database/generated/client.ts';
import { groupBy } from '../values/group.ts';
import { boundsOf, type Interval, isInside, overlaps, type Qualifier, widthOf } from '../values/interval.ts';

/** An exact value with fewer significant digits is not taken as rounded. */
const SIGNIFICANT = 3;

/** A claim about the number of units in a span of days, with what decides between it and others. Days are serial numbers. */
export interface SpanClaim {
  readonly id: number;
  readonly subjectId: number;
  readonly metric: Metric;
  /** The canonical text of its period. */
  readonly period: string;
  /** The day before its first day. Null for a count from the start. */
  readonly after: number | null;
  /** Its last day. */
  readonly through: number;
  readonly value: number | null;
  readonly bounds: Interval;
  readonly qualifier: Qualifier;
  readonly rank: 'PREFERRED' | 'NORMAL' | 'DEPRECATED';
  /** The slug of the publisher that first said so. */
  readonly origin: string;
  readonly publisher: { readonly slug: string; readonly name: string };
  /** From 1, the maker itself, to 4, the general press. */
  readonly tier: number;
  readonly title: string;
  /** The day of publication. Null if it is not known. */
  readonly publishedOn: number | null;
  readonly statedChangePercent: number | null;
}

/** The claims of one slot that state the same bounds. */
export interface Voice {
  readonly period: string;
  readonly after: number | null;
  readonly through: number;
  readonly bounds: Interval;
  /** Whether these are the bounds of an exact value that was taken as rounded. */
  readonly isRounded: boolean;
  /** The best first. */
  readonly claims: readonly SpanClaim[];
  /** How many independent origins state it. */
  readonly origins: number;
  readonly tier: number;
  /** The days from the period's end to the nearest publication. Infinite if no day is known. */
  readonly closeness: number;
}

/** The claims about one period that count, by what they state, the best first. */
export interface SlotClaims {
  readonly period: string;
  readonly after: number | null;
  readonly through: number;
  readonly voices: readonly Voice[];
  /** Whether two of them cannot both be true as they are stated. */
  readonly isDisputed: boolean;
  /** Whether editors preferred or deprecated claims, so that others do not count. */
  readonly isEdited: boolean;
}

/** What another metric of the same vehicles says about a period. */
export interface Elsewhere {
  readonly period: string;
  readonly value: number;
  readonly origin: string;
}

/** Groups claims by period. Deprecated ones never count; where some are preferred, only those do. */
export function slotsOf(claims: readonly SpanClaim[]): readonly SlotClaims[] {
  return [...groupBy(claims, ({ period }) => period).values()].flatMap((ofSlot) => {
    const counting = ofSlot.filter(({ rank }) => rank !== 'DEPRECATED');
    const preferred = counting.filter(({ rank }) => rank === 'PREFERRED');
    const voices = voicesOf(preferred.length > 0 ? preferred : counting);
    const [best] = voices;
    if (best === undefined) return [];
    const { period, after, through } = best;
    const isEdited = (preferred.length > 0 ? preferred.length : counting.length) < ofSlot.length;
    return [{ period, after, through, voices, isDisputed: areDisputed(voices), isEdited }];
  });
}

/**
 * A total order, the better first: more independent origins, the lower tier, narrower bounds, published closer to the period's end; last,
 * what the claims themselves hold, the earlier and shorter period first. The order of recording plays no part.
 */
export function compareVoices(a: Voice, b: Voice): number {
  return compareEvidence(a, b) || a.through - b.through || compareStarts(a, b) || compare(textOf(a), textOf(b));
}

/** The shorter period comes first, a count from the start last. */
function compareStarts(a: Voice, b: Voice): number {
  return compare(b.after ?? Number.NEGATIVE_INFINITY, a.after ?? Number.NEGATIVE_INFINITY);
}

/** The same order as far as it is evidence. */
export function compareEvidence(a: Voice, b: Voice): number {
  return b.origins - a.origins || a.tier - b.tier || compare(widthOf(a.bounds), widthOf(b.bounds)) || closer(a, b);
}

function closer(a: Voice, b: Voice): number {
  return compare(a.closeness, b.closeness);
}

/**
 * The same claims, taken as rounded. Null unless they state an exact value of at least three significant digits that ends in two or more
 * zeros: 30,000 would stand for anything from 25,000 to 35,000.
 */
export function asRounded(voice: Voice): Voice | null {
  const { lower, upper } = voice.bounds;
  const isRound = lower !== null && lower === upper && lower > 0 && lower % 100 === 0;
  const digits = isRound ? String(lower).replace(/0+$/, '').length : 0;
  return digits >= SIGNIFICANT ? { ...voice, bounds: boundsOf('ABOUT', lower), isRounded: true } : null;
}

/** The same voices; a round value beside a more precise one that rounds to it is taken as rounded. */
export function soften(voices: readonly Voice[]): readonly Voice[] {
  return voices
    .map((voice) => {
      const rounded = asRounded(voice);
      return rounded !== null && voices.some(({ bounds }) => isPreciseOf(bounds, voice, rounded)) ? rounded : voice;
    })
    .sort(compareVoices);
}

/** Whether two of the voices cannot both be true. */
export function areDisputed(voices: readonly Voice[]): boolean {
  return voices.some((a, index) => voices.slice(index + 1).some((b) => !overlaps(a.bounds, b.bounds)));
}

function voicesOf(claims: readonly SpanClaim[]): readonly Voice[] {
  return [...groupBy(claims, ({ bounds: { lower, upper } }) => `${lower}|${upper}`).values()]
    .map(voiceOf)
    .sort(compareVoices);
}

function isPreciseOf(bounds: Interval, voice: Voice, rounded: Voice): boolean {
  return isInside(bounds, rounded.bounds) && !overlaps(bounds, voice.bounds);
}

function voiceOf(claims: readonly SpanClaim[]): Voice {
  const sorted = claims.length === 1 ? claims : [...claims].sort(compareWithin);
  const [best] = sorted as readonly [SpanClaim];
  const { period, after, through, bounds } = best;
  const isAlone = claims.length === 1;
  return {
    period,
    after,
    through,
    bounds,
    isRounded: false,
    claims: sorted,
    origins: isAlone ? 1 : new Set(claims.map(({ origin }) => origin)).size,
    tier: isAlone ? best.tier : Math.min(...claims.map(({ tier }) => tier)),
    closeness: isAlone ? closenessOf(best) : Math.min(...claims.map(closenessOf)),
  };
}

function closenessOf({ publishedOn, through }: SpanClaim): number {
  return publishedOn === null ? Number.POSITIVE_INFINITY : Math.abs(publishedOn - through);
}

/** The order among claims that state the same. */
function compareWithin(a: SpanClaim, b: SpanClaim): number {
  return a.tier - b.tier || compare(closenessOf(a), closenessOf(b)) || compare(contentOf(a), contentOf(b));
}

function textOf({ claims: [best] }: Voice): string {
  return best === undefined ? '' : contentOf(best);
}

function contentOf({ publisher, title, value, bounds }: SpanClaim): string {
  return JSON.stringify([publisher.slug, title, value, bounds.lower, bounds.upper]);
}

/** Not by subtraction: the difference of two infinities is NaN. */
function compare<Value extends number | string>(a: Value, b: Value): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
