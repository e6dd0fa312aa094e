import type { Aimed } from './target-query.ts';

/** How much of the bar is left free behind the largest number on it. */
const MARGIN = 1.06;

interface Range {
  readonly lower: number;
  readonly upper: number;
}

/** What a bullet bar shows, all in the unit of the metric. */
export interface BulletNumbers {
  /** What is reached for certain, and what is possible at most. */
  readonly reached: Range | null;
  /** From where the target is met, and the end of its range. */
  readonly aim: Range;
  /** What should be reached by the day of the newest data. */
  readonly due: number | null;
  readonly projected: (Range & { readonly value: number }) | null;
}

type Targeted = Pick<Aimed, 'value' | 'lower' | 'upper' | 'growthMinPercent' | 'growthMaxPercent'> & {
  readonly progress: Pick<Aimed['progress'], 'achieved' | 'lower' | 'upper' | 'ratio' | 'paceIndex' | 'projected'>;
};

/** The numbers of a target's bar. Null if nothing can be drawn: of a growth whose base is not known. */
export function bulletNumbers(target: Targeted): BulletNumbers | null {
  const { achieved, lower, upper, paceIndex, projected } = target.progress;
  const aim = aimOf(target);
  if (aim === null) return null;
  const least = achieved ?? lower;
  return {
    reached: least === null ? null : { lower: lower ?? least, upper: Math.max(upper ?? least, least) },
    aim,
    // Reached divided by what should be is the pace, so that this holds of numbers and of growth.
    due: achieved === null || paceIndex === null || paceIndex === 0 ? null : achieved / paceIndex,
    projected:
      projected === null
        ? null
        : {
            value: projected.value,
            lower: projected.lower ?? projected.value,
            upper: projected.upper ?? projected.value,
          },
  };
}

/** The number at the end of the bar: a little more than the largest one on it. */
export function bulletEnd({ reached, aim, due, projected }: BulletNumbers): number {
  return Math.max(reached?.upper ?? 0, aim.upper, due ?? 0, projected?.upper ?? 0) * MARGIN;
}

function aimOf({ value, lower, upper, growthMinPercent, growthMaxPercent, progress }: Targeted): Range | null {
  if (value !== null) return { lower: value, upper: value };
  if (lower !== null) return { lower, upper: upper ?? lower };
  const { achieved, ratio } = progress;
  if (achieved === null || ratio === null || ratio === 0 || growthMinPercent === null) return null;
  const least = achieved / ratio;
  const most = (least * (100 + (growthMaxPercent ?? growthMinPercent))) / (100 + growthMinPercent);
  return { lower: least, upper: most };
}
