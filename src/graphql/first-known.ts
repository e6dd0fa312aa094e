import type { Metric } from '../database/generated/client.ts';
import { firstKnown, firstKnownOfEach } from '../domain/boards/metric-choice.ts';
import { type SeriesRange, type SubjectSeries, seriesOf } from '../domain/boards/series.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import type { Period } from '../domain/values/period.ts';
import type { Context } from './context.ts';
import { loadKnown, loadObservation, type Place } from './histories.ts';
import type { AskedOfSeries } from './kept-series.ts';

/** A subject in a scope, with the metrics of which the first is taken that it has. */
interface Choice extends Omit<Place, 'metric'> {
  readonly metrics: readonly [Metric, ...Metric[]];
}

/** What is known of a period in the first of the metrics that the subject has. Null if nothing is. */
export async function loadFirstKnown(
  context: Context,
  { metrics, ...place }: Choice,
  period: Period,
): Promise<Observed | null> {
  return firstKnown(await Promise.all(metrics.map((metric) => loadObservation(context, { ...place, metric }, period))));
}

/** The observations of every period of a range, of each in the first of the metrics that the subject has. */
export async function loadSeries(
  context: Context,
  { metrics, ...place }: Choice,
  range: SeriesRange,
  asked?: AskedOfSeries,
): Promise<SubjectSeries> {
  const known = await Promise.all(metrics.map((metric) => loadKnown(context, { ...place, metric }, range, asked)));
  return seriesOf({ subjectId: place.subjectId, metric: metrics[0] }, range, firstKnownOfEach(known));
}
