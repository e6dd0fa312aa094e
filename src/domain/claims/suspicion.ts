import { required } from '../../required.ts';
import { dayAt } from '../values/calendar.ts';
import { isAdditive, unitOf } from '../values/metric.ts';
import { monthsIn } from '../values/period.ts';
import { type ClashFinder, clashFinder } from './clashes.ts';
import { type BatchValue, collectSeries, firstDayOf, type Series, seriesKey, widestOf } from './known-series.ts';
import type { Known, SubjectFacts } from './near-claims.ts';
import { type Comparison, compareWithNear, directionOf, writeComparisons } from './pace.ts';
import { slotKey } from './slot.ts';
import { daysIn, isPeriod, nameOf, numberOf, type Stated } from './stated.ts';
import { timelineOf } from './timeline.ts';
import { compareTotal } from './totals.ts';

/**
 * The most vehicles that the world has built in a year, 2017, by the statistics of OICA, the makers' international organization. It is the
 * measure for a first value, of which nothing else is known.
 */
const WORLD_IN_YEAR = 97_302_534;
/** A first total may be what the world builds in this time, 778 million. No maker has built more: General Motors built 500 million from 1908 to 2015. */
const WORLD_YEARS = 8;
/** The same for the total of a market. */
const WORLD_YEARS_OF_MARKET = 100;

/** For each questioned value of a batch, why it is implausible: a message that says with what it was compared. Null if it is not. */
export function suspicionsOf<V extends BatchValue>(
  batch: readonly V[],
  questioned: readonly V[],
  known: Known,
): ReadonlyMap<V, string | null> {
  const series = collectSeries(batch, known);
  const clashes = clashFinder(series, known.links);
  return new Map(
    questioned.map((sent) => {
      const subject = known.subjects.get(sent.value.subjectId);
      return [sent, suspicionOf(sent, required(series, seriesKey(sent.value)), subject, clashes)];
    }),
  );
}

function suspicionOf(
  sent: BatchValue,
  series: Series,
  subject: SubjectFacts | undefined,
  clashes: ClashFinder,
): string | null {
  const { value } = sent;
  const comparisons = comparisonsOf(sent, series);
  const isFirst = comparisons.length === 0 || series.ordered.every(({ recorded }) => recorded === null);
  const pace = comparePace(value, comparisons) ?? (isFirst ? compareWithWorld(value, subject) : null);
  const reasons = [beforeFirst(value, subject), clashes(value), pace].filter((reason) => reason !== null);
  if (reasons.length === 0) return null;
  return `${reasons.join(' ')} ${pace === null ? 'If it is right' : 'Is the unit right? If so'}, send acknowledgeOutlier: true.`;
}

function beforeFirst(value: Stated, subject: SubjectFacts | undefined): string | null {
  const first = firstDayOf(subject);
  if (value.metric !== 'DELIVERIES' && value.metric !== 'SALES') return null;
  if (first === null || value.end >= first || value.lower === 0) return null;
  const what = subject?.firstDeliveryOn == null ? 'launch' : 'first delivery';
  return `${nameOf(value)} is before the ${what}, on ${dayAt(first)} at the earliest.`;
}

/** A value 20 times above or below the pace around it; null if it is neither. */
function comparePace(value: Stated, comparisons: readonly Comparison[]): string | null {
  if (directionOf(comparisons) === 0) return null;
  const limits = [...new Set(comparisons.map(({ limit }) => limit))].join(', ');
  return `${numberOf(value)} is ${writeComparisons(comparisons)} (${limits}).`;
}

function comparisonsOf({ value, claimKey }: BatchValue, series: Series): readonly Comparison[] {
  const slot = required(series.slots, slotKey(value));
  const twin = widestOf(slot, claimKey);
  if (!isPeriod(value)) return compareTotal(value, twin, series);
  const inSlot = twin !== null && isPeriod(twin) ? [twin] : [];
  const measures = { amounts: [timelineOf(inSlot), ...series.paces], except: [slot.all] };
  return compareWithNear(value, measures, !isAdditive(value.metric));
}

/** A first value above what the whole world builds; null if it is not. */
function compareWithWorld(value: Stated, subject: SubjectFacts | undefined): string | null {
  if (unitOf(value.metric) !== 'VEHICLES') return null;
  const { share, time } = timeOf(value, subject);
  const most = Math.floor(WORLD_IN_YEAR * share);
  if (value.low <= most) return null;
  const what = `${numberOf(value)} vehicles ${isPeriod(value) ? `in ${value.period}` : `to ${dayAt(value.end)}`}`;
  return `${what} are more than the ${most} that the whole world builds in ${time} at its best (${WORLD_IN_YEAR} in 2017).`;
}

/** The time that a first value may take the world, in years and as a text. */
function timeOf(value: Stated, subject: SubjectFacts | undefined): { readonly share: number; readonly time: string } {
  if (!isPeriod(value)) {
    const years = subject?.kind === 'MARKET' ? WORLD_YEARS_OF_MARKET : WORLD_YEARS;
    return { share: years, time: `${years} years` };
  }
  const months = monthsIn(dayAt(value.start), dayAt(value.end));
  const [count, unit, inYear] = months === null ? [daysIn(value), 'day', 365] : [months, 'month', 12];
  return { share: count / inYear, time: `${count} ${unit}${count === 1 ? '' : 's'}` };
}
