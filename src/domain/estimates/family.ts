import { required } from '../../required.ts';
import { dayAt } from '../values/calendar.ts';
import { type Interval, subtract, sumOf } from '../values/interval.ts';
import { createEntering, type Entering, type OtherBound } from './entering.ts';
import { calendarOf } from './spanned-periods.ts';
import type { Elsewhere, SlotClaims, Voice } from './weighing.ts';

/** A subject of a family, in one metric: its claims and what else is known of its curve. */
export interface Member {
  readonly id: number;
  readonly slug: string;
  readonly slots: readonly SlotClaims[];
  /** What other metrics of the same vehicles say about disputed periods. */
  readonly elsewhere: readonly Elsewhere[];
  /** Bounds from elsewhere, such as the first delivery. They enter after all claims of the family. */
  readonly bounds: readonly OtherBound<OtherGround>[];
}

/** What is counted by a subject because its parts count it: a company's brands, an alliance's members. */
export interface Whole {
  readonly id: number;
  readonly parts: readonly Part[];
  /** Whether the parts make up the whole. If not, each of them is still at most the whole. */
  readonly isComplete: boolean;
}

export interface Part {
  readonly id: number;
  /** The first day of the first month that counts for the whole. Null: all count from the start. */
  readonly from: number | null;
  /** The first day of the first month that no longer does. Null: all still count. */
  readonly until: number | null;
  /** The day on which it became a part, within the first month. Days and weeks before it do not count. Null: it always was. */
  readonly joined: number | null;
}

/** What bounds a curve besides its own claims. */
export type OtherGround =
  | { readonly kind: 'PARTS' | 'WHOLE'; readonly from: readonly CurveSpan[] }
  | { readonly kind: 'FIRST'; readonly text: string }
  | { readonly kind: 'ANNOUNCED'; readonly milestoneId: number; readonly threshold: number; readonly on: string }
  | { readonly kind: 'DELIVERED'; readonly through: number; readonly from: readonly CurveSpan[] };

/** A span of days of a curve, from whose bounds others follow. */
interface CurveSpan {
  readonly curve: Curve;
  readonly after: number | null;
  readonly through: number;
}

/** Subjects that are parts and wholes of each other, in one metric. */
export interface Family {
  readonly members: readonly Member[];
  readonly wholes: readonly Whole[];
}

export type Curve = Entering<OtherGround>;

/** So often bounds go up and down at the end, if they still become tighter. */
const MOST_ROUNDS = 3;

interface Span {
  readonly after: number | null;
  readonly through: number;
}

/**
 * What the claims about the subjects of a family amount to, in one metric. Undisputed claims enter first, then what wholes say about parts
 * and parts about wholes, then disputed claims, which these decide. What the claims that stand then say about wholes and parts, and the
 * other bounds, come last.
 */
export function estimateFamily({ members, wholes }: Family, isWhole: boolean): ReadonlyMap<number, Curve> {
  const curves = new Map(members.map(({ id, elsewhere }) => [id, createEntering<OtherGround>({ isWhole, elsewhere })]));
  const slots = new Map(members.map((member) => [member.id, member.slots]));
  const inOrder = [...members].sort(bySlug);
  const slugs = new Map(members.map(({ id, slug }) => [id, slug]));
  const sorted = sortUp(wholes, slugs);
  const passes = passesOver(curves, spansOf(members, sorted), sorted);
  const each = (run: (curve: Curve, member: Member) => void): void => {
    for (const member of inOrder) run(required(curves, member.id), member);
  };
  each((curve, { id }) => curve.enterUndisputed(required(slots, id).filter(({ isDisputed }) => !isDisputed)));
  passes.run('stated');
  each((curve, { id }) => curve.enterDisputed(required(slots, id).filter(({ isDisputed }) => isDisputed)));
  each((curve) => curve.release());
  // What went down to a part can go up to another whole.
  const settle = (): void => {
    for (let round = 0; round < MOST_ROUNDS && passes.run('stated'); round += 1);
  };
  settle();
  each((curve, { bounds }) => curve.bound(bounds));
  settle();
  passes.run('calendar');
  return curves;
}

/**
 * The same without the parts that are, over any number of steps, wholes of what they are parts of. Only damaged data has such subjects, which
 * verification names.
 */
export function withoutCycles(wholes: readonly Whole[]): readonly Whole[] {
  const byId = new Map(wholes.map((whole) => [whole.id, whole]));
  const isAbove = (id: number, below: number, seen: Set<number>): boolean => {
    if (id === below) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return byId.get(id)?.parts.some((part) => isAbove(part.id, below, seen)) ?? false;
  };
  return wholes.map((whole) => {
    const parts = whole.parts.filter(({ id }) => !isAbove(id, whole.id, new Set()));
    return parts.length === whole.parts.length ? whole : { ...whole, parts, isComplete: false };
  });
}

/** Wholes before the wholes that they are parts of, and else in the order of their names. */
function sortUp(wholes: readonly Whole[], slugs: ReadonlyMap<number, string>): readonly Whole[] {
  const byName = <One extends { readonly id: number }>(some: readonly One[]): readonly One[] =>
    [...some].sort((a, b) => (required(slugs, a.id) < required(slugs, b.id) ? -1 : 1));
  const byId = new Map(byName(wholes).map((whole) => [whole.id, { ...whole, parts: byName(whole.parts) }]));
  const sorted = new Set<Whole>();
  const visit = (whole: Whole): void => {
    if (sorted.has(whole)) return;
    for (const { id } of whole.parts) {
      const part = byId.get(id);
      if (part !== undefined) visit(part);
    }
    sorted.add(whole);
  };
  for (const whole of byId.values()) visit(whole);
  return [...sorted];
}

/** A tighter bound of a subject's curve. */
interface Tighter extends OtherBound<OtherGround> {
  readonly id: number;
}

/** Bounds go up, from the parts to the wholes, and down. Returns whether any bound became tighter. */
function passesOver(
  curves: ReadonlyMap<number, Curve>,
  spans: ReadonlyMap<number, SpansOfWhole>,
  wholes: readonly Whole[],
): { run(over: keyof SpansOfWhole): boolean } {
  const boundsAt = (id: number, { after, through }: Span): Interval => required(curves, id).boundsOf(after, through);
  const spansAt = (ids: readonly number[], { after, through }: Span): readonly CurveSpan[] =>
    ids.map((id) => ({ curve: required(curves, id), after, through }));
  const tighter = (id: number, span: Span, bounds: Interval, other: OtherGround): readonly Tighter[] => {
    const known = boundsAt(id, span);
    const lower = (bounds.lower ?? 0) > (known.lower ?? 0) ? bounds.lower : null;
    const upper = bounds.upper !== null && (known.upper === null || bounds.upper < known.upper) ? bounds.upper : null;
    if (lower === null && upper === null) return [];
    const { after, through } = span;
    // Both ways where they meet, so that the network knows the count exactly.
    const isExact = bounds.lower !== null && bounds.lower === bounds.upper;
    return [
      { id, after, through, lower: isExact ? bounds.lower : lower, upper: isExact ? bounds.upper : upper, other },
    ];
  };
  const goUp = (whole: Whole, span: PartedSpan): readonly Tighter[] => {
    const { inside, isWhole } = span;
    const sum = sumOf(inside.map((id) => boundsAt(id, span)));
    const bounds = { lower: sum.lower, upper: isWhole ? sum.upper : null };
    return tighter(whole.id, span, bounds, { kind: 'PARTS', from: spansAt(inside, span) });
  };
  const goDown = (whole: Whole, span: PartedSpan): readonly Tighter[] => {
    const { inside, isWhole } = span;
    const total = boundsAt(whole.id, span);
    return inside.flatMap((id) => {
      const others = inside.filter((other) => other !== id);
      const rest = subtract(total, sumOf(others.map((other) => boundsAt(other, span))));
      const bounds = { lower: isWhole ? rest.lower : null, upper: rest.upper };
      return tighter(id, span, bounds, { kind: 'WHOLE', from: spansAt([whole.id, ...others], span) });
    });
  };
  /** All bounds are looked up before any of them changes, because the paths between them are found again after each change. */
  const pass = (whole: Whole, over: keyof SpansOfWhole, go: typeof goUp): boolean => {
    const found = required(spans, whole.id)[over].flatMap((span) => go(whole, span));
    for (const { id, ...bound } of found) required(curves, id).bound([bound]);
    return found.length > 0;
  };
  return {
    run: (over) => {
      const up = wholes.map((whole) => pass(whole, over, goUp));
      const down = [...wholes].reverse().map((whole) => pass(whole, over, goDown));
      return [...up, ...down].includes(true);
    },
  };
}

/** A span of a whole. */
interface PartedSpan extends Span {
  /** The parts that count in it. */
  readonly inside: readonly number[];
  /** Whether they make up all of it. */
  readonly isWhole: boolean;
}

function partsIn({ parts, isComplete }: Whole, { after, through }: Span): PartedSpan {
  const first = after === null ? Number.NEGATIVE_INFINITY : after + 1;
  const isOfMonths =
    parts.every(({ joined }) => joined === null) || (isFirstOfMonth(first) && isFirstOfMonth(through + 1));
  const isInside = ({ from, until, joined }: Part): boolean =>
    (from === null || from <= first) &&
    (until === null || through < until) &&
    (joined === null || joined <= through || isOfMonths);
  const isOutside = ({ from, until }: Part): boolean =>
    (from !== null && through < from) || (until !== null && until <= first);
  const inside = parts.filter(isInside);
  return {
    ...{ after, through },
    inside: inside.map(({ id }) => id),
    // Without any part nothing is known of the whole, and not that it is 0.
    isWhole: isComplete && inside.length > 0 && parts.every((part) => isInside(part) || isOutside(part)),
  };
}

function isFirstOfMonth(day: number): boolean {
  return Number.isFinite(day) && dayAt(day).endsWith('-01');
}

/** The spans at which a whole is compared with its parts. */
interface SpansOfWhole {
  /** Those of which any of them, or any part of a part, is claimed, and those to which other bounds apply, such as its first delivery. */
  readonly stated: readonly PartedSpan[];
  /** The calendar between them. Most of it follows from the others. */
  readonly calendar: readonly PartedSpan[];
}

function spansOf(members: readonly Member[], wholes: readonly Whole[]): ReadonlyMap<number, SpansOfWhole> {
  const own = new Map(members.map(({ id, slots, bounds }) => [id, [...slots, ...bounds]]));
  const byId = new Map(wholes.map((whole) => [whole.id, whole]));
  const stated = new Map<number, readonly Span[]>();
  const statedAt = (id: number): readonly Span[] => {
    const known = stated.get(id);
    if (known !== undefined) return known;
    const all = [...required(own, id), ...(byId.get(id)?.parts ?? []).flatMap((part) => statedAt(part.id))];
    const distinct = [...new Map(all.map((span) => [`${span.after}|${span.through}`, span])).values()];
    stated.set(
      id,
      distinct.sort((a, b) => a.through - b.through || (b.after ?? -Infinity) - (a.after ?? -Infinity)),
    );
    return required(stated, id);
  };
  return new Map(
    wholes.map((whole) => {
      const spans = statedAt(whole.id);
      const days = spans.flatMap(({ after, through }) => (after === null ? [through] : [after + 1, through]));
      const calendar = days.length === 0 ? [] : calendarOf({ first: Math.min(...days), last: Math.max(...days) });
      const parted = (some: readonly Span[]): readonly PartedSpan[] => some.map((span) => partsIn(whole, span));
      return [whole.id, { stated: parted(spans), calendar: parted(calendar) }];
    }),
  );
}

/** The claims that bound a curve from elsewhere: those of other subjects, and those that bound these in their turn. */
export function voicesFrom(other: OtherGround): readonly Voice[] {
  const voices = new Set<Voice>();
  const seen = new Map<Curve, Set<string>>();
  const follow = ({ curve, after, through }: CurveSpan): void => {
    const ofCurve = seen.get(curve) ?? new Set();
    if (ofCurve.has(`${after}|${through}`)) return;
    seen.set(curve, ofCurve.add(`${after}|${through}`));
    const { lowerFrom, upperFrom } = curve.groundsOf(after, through);
    for (const ground of [...lowerFrom, ...upperFrom]) {
      if ('voice' in ground) voices.add(ground.voice);
      else if ('from' in ground.other) for (const span of ground.other.from) follow(span);
    }
  };
  if ('from' in other) for (const span of other.from) follow(span);
  return [...voices];
}

function bySlug(a: Member, b: Member): number {
  return a.slug < b.slug ? -1 : 1;
}
