import { required } from '../../required.ts';
import { type Interval, subtract, sumOf } from '../values/interval.ts';
import { createEntering, type Entering, type OtherBound } from './entering.ts';
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
  /** The first day on which it belongs to the whole. Null: from the start. */
  readonly from: number | null;
  /** The first day on which it no longer does. Null: it still does. */
  readonly until: number | null;
}

/** What bounds a curve besides its own claims. */
export type OtherGround =
  | { readonly kind: 'PARTS' | 'WHOLE'; readonly voices: () => readonly Voice[] }
  | { readonly kind: 'FIRST'; readonly text: string }
  | { readonly kind: 'ANNOUNCED'; readonly milestoneId: number; readonly threshold: number; readonly on: string }
  | { readonly kind: 'DELIVERED'; readonly through: number };

/** Subjects that are parts and wholes of each other, in one metric. */
export interface Family {
  readonly members: readonly Member[];
  readonly wholes: readonly Whole[];
}

export type Curve = Entering<OtherGround>;

interface Span {
  readonly period: string;
  readonly after: number | null;
  readonly through: number;
}

/**
 * What the claims about the subjects of a family amount to, in one metric. Undisputed claims enter first, then what wholes say about parts
 * and parts about wholes, then disputed claims, which these decide, then the other bounds.
 */
export function estimateFamily({ members, wholes }: Family, isWhole: boolean): ReadonlyMap<number, Curve> {
  const curves = new Map(members.map(({ id, elsewhere }) => [id, createEntering<OtherGround>({ isWhole, elsewhere })]));
  const slots = new Map(members.map((member) => [member.id, member.slots]));
  const passes = passesOver(curves, slots, sortUp(wholes));
  const each = (run: (curve: Curve, member: Member) => void): void => {
    for (const member of [...members].sort(bySlug)) run(required(curves, member.id), member);
  };
  each((curve, { id }) => curve.enterUndisputed(required(slots, id).filter(({ isDisputed }) => !isDisputed)));
  passes.run();
  each((curve, { id }) => curve.enterDisputed(required(slots, id).filter(({ isDisputed }) => isDisputed)));
  each((curve, { bounds }) => curve.bound(bounds));
  passes.run();
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

/** Wholes before the wholes that they are parts of. */
function sortUp(wholes: readonly Whole[]): readonly Whole[] {
  const byId = new Map(wholes.map((whole) => [whole.id, whole]));
  const sorted = new Set<Whole>();
  const visit = (whole: Whole): void => {
    if (sorted.has(whole)) return;
    for (const { id } of whole.parts) {
      const part = byId.get(id);
      if (part !== undefined) visit(part);
    }
    sorted.add(whole);
  };
  for (const whole of wholes) visit(whole);
  return [...sorted];
}

/** Bounds go up once, from the parts to the wholes, and down once. */
function passesOver(
  curves: ReadonlyMap<number, Curve>,
  slots: ReadonlyMap<number, readonly SlotClaims[]>,
  wholes: readonly Whole[],
): { run(): void } {
  const spans = spansOf(slots, wholes);
  const boundsAt = (id: number, { after, through }: Span): Interval => required(curves, id).boundsOf(after, through);
  const voicesAt = (ids: readonly number[], span: Span) => () =>
    ids.flatMap((id) => voicesOf(required(curves, id), span));
  const tighten = (id: number, span: Span, bounds: Interval, other: OtherGround): void => {
    const known = boundsAt(id, span);
    const lower = (bounds.lower ?? 0) > (known.lower ?? 0) ? bounds.lower : null;
    const upper = bounds.upper !== null && (known.upper === null || bounds.upper < known.upper) ? bounds.upper : null;
    if (lower === null && upper === null) return;
    const { after, through } = span;
    // Both ways where they meet, so that the network knows the count exactly.
    const isExact = bounds.lower !== null && bounds.lower === bounds.upper;
    required(curves, id).bound([
      { after, through, lower: isExact ? bounds.lower : lower, upper: isExact ? bounds.upper : upper, other },
    ]);
  };
  return {
    run: () => {
      for (const whole of wholes) {
        for (const span of required(spans, whole.id)) {
          const { inside, isWhole } = partsIn(whole, span);
          const sum = sumOf(inside.map((id) => boundsAt(id, span)));
          tighten(
            whole.id,
            span,
            { lower: sum.lower, upper: isWhole ? sum.upper : null },
            {
              kind: 'PARTS',
              voices: voicesAt(inside, span),
            },
          );
        }
      }
      for (const whole of [...wholes].reverse()) {
        for (const span of required(spans, whole.id)) {
          const { inside, isWhole } = partsIn(whole, span);
          const total = boundsAt(whole.id, span);
          for (const id of inside) {
            const others = inside.filter((other) => other !== id);
            const rest = subtract(total, sumOf(others.map((other) => boundsAt(other, span))));
            tighten(
              id,
              span,
              { lower: isWhole ? rest.lower : null, upper: rest.upper },
              {
                kind: 'WHOLE',
                voices: voicesAt([whole.id, ...others], span),
              },
            );
          }
        }
      }
    },
  };
}

/** The parts that count in a span as a whole, and whether they make up all of it. */
function partsIn({ parts, isComplete }: Whole, { after, through }: Span) {
  const first = after === null ? Number.NEGATIVE_INFINITY : after + 1;
  const isInside = ({ from, until }: Part): boolean =>
    (from === null || from <= first) && (until === null || through < until);
  const isOutside = ({ from, until }: Part): boolean =>
    (from !== null && through < from) || (until !== null && until <= first);
  const inside = parts.filter(isInside);
  return {
    inside: inside.map(({ id }) => id),
    // Without any part nothing is known of the whole, and not that it is 0.
    isWhole: isComplete && inside.length > 0 && parts.every((part) => isInside(part) || isOutside(part)),
  };
}

/** The spans at which each whole is compared with its parts: those of which any of them, or any part of a part, is claimed. */
function spansOf(
  slots: ReadonlyMap<number, readonly SlotClaims[]>,
  wholes: readonly Whole[],
): ReadonlyMap<number, readonly Span[]> {
  const spans = new Map<number, readonly Span[]>();
  const of = (id: number): readonly Span[] => spans.get(id) ?? required(slots, id);
  for (const { id, parts } of wholes) {
    const all = [...required(slots, id), ...parts.flatMap((part) => of(part.id))];
    const distinct = [...new Map(all.map((span) => [span.period, span])).values()];
    spans.set(
      id,
      distinct.sort((a, b) => a.through - b.through || (b.after ?? -Infinity) - (a.after ?? -Infinity)),
    );
  }
  return spans;
}

/** The claims from which the bounds of a span follow. */
function voicesOf(curve: Curve, { after, through }: Span): readonly Voice[] {
  const { lowerFrom, upperFrom } = curve.groundsOf(after, through);
  return [...lowerFrom, ...upperFrom].flatMap((ground) => ('voice' in ground ? [ground.voice] : []));
}

function bySlug(a: Member, b: Member): number {
  return a.slug < b.slug ? -1 : 1;
}
