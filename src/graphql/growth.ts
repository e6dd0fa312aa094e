import { baseOf, type GrowthOver, growthSince, type Over } from '../domain/boards/series.ts';
import { liesBetween } from '../domain/claims/breaks.ts';
import { isCurrent } from '../domain/claims/figure-input.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import type { Metric } from '../domain/values/metric.ts';
import type { Period } from '../domain/values/period.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { loadBreaks, loadFigures, loadObservation, withRanksAt } from './histories.ts';
import { keptAlready } from './kept-series.ts';

/** Growth, and what it is between. */
export interface ShownGrowth extends GrowthOver {
  readonly observed: Observed;
  readonly before: Observed;
  readonly over: Over;
}

export const Growth = builder.objectRef<ShownGrowth>('Growth').implement({
  description: 'A change in percent, with its bounds. Computed from two observations.',
  fields: (t) => ({
    percent: t.exposeFloat('percent', {
      nullable: true,
      description: 'The change in percent. Null if only bounds are known.',
    }),
    lower: t.exposeFloat('lower', {
      nullable: true,
      description: 'The lowest change that the bounds allow, in percent. Null: not bounded.',
    }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description: 'The highest change that the bounds allow, in percent. Null: not bounded.',
    }),
    base: t.exposeFloat('base', {
      nullable: true,
      description: 'The value of the earlier period, in the unit of the metric.',
    }),
    stated: t.float({
      nullable: true,
      description:
        'The change on the year before as a source itself states it, in percent: that of the best claim about the later period, or else of the first other one that states any. Never computed. Null if none does, and for a change on the period before.',
      resolve: ({ observed, over }, _args, context) =>
        over === 'YEAR_AGO' ? loadStatedChange(context, observed) : null,
    }),
    acrossBreak: t.boolean({
      description:
        'Whether a redefined series begins after the first day of the earlier period and until the end of the later one, so that the two values do not count the same: see `Figure.breaks`. Also that of a part or a whole from whose claims one of them follows. And whether the earlier value is in another metric.',
      resolve: (growth, _args, context) => isAcrossBreak(context, growth),
    }),
  }),
});

/**
 * The change of an observation on an earlier period, in its own metric, or else against the first of the others in which there is one. Null
 * if one of the two values is not known, or the earlier one is 0.
 */
export function loadGrowth(
  context: Context,
  observed: Observed,
  over: Over,
  others: readonly Metric[],
): ShownGrowth | null | Promise<ShownGrowth | null> {
  const base = baseOf(observed.period, over);
  if (base === null) return null;
  // At once for what was read with its series: promises for hundreds of observations take longer than all the rest.
  const before = observed.place.asOf === null ? keptAlready(context, observed.place, base) : undefined;
  const growth = before === undefined ? null : growthSince(observed, before);
  if (before && growth !== null) return { ...growth, observed, before, over };
  const metrics = [...new Set([observed.place.metric, ...others])].slice(before === undefined ? 0 : 1);
  return metrics.length === 0 ? null : findGrowth(context, observed, over, base, metrics);
}

async function findGrowth(
  context: Context,
  observed: Observed,
  over: Over,
  base: Period,
  metrics: readonly Metric[],
): Promise<ShownGrowth | null> {
  for (const metric of metrics) {
    const before = await loadObservation(context, { ...observed.place, metric }, base);
    const growth = growthSince(observed, before);
    if (growth !== null && before !== null) return { ...growth, observed, before, over };
  }
  return null;
}

async function isAcrossBreak(context: Context, { observed, before }: ShownGrowth): Promise<boolean> {
  if (before.place.metric !== observed.place.metric) return true;
  const breaks = await Promise.all([before, observed].map((one) => loadBreaks(context, one)));
  return liesBetween(breaks.flat(), before.period, observed.period);
}

/** What the sources of the claims about an observation state as the change on the year before. */
async function loadStatedChange(context: Context, { place, period, bestId }: Observed): Promise<number | null> {
  const { asOf, ...slot } = place;
  const figures = await loadFigures(context, { ...slot, period: period.text });
  const current = await withRanksAt(
    context,
    figures.filter((figure) => isCurrent(figure, asOf)),
    asOf,
  );
  const counting = current.filter(({ id, rank }) => id === bestId || rank !== 'DEPRECATED');
  const best = counting.find(({ id }) => id === bestId);
  return (
    best?.statedChangePercent ?? counting.find((one) => one.statedChangePercent !== null)?.statedChangePercent ?? null
  );
}
