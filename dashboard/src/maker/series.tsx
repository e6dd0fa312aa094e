import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { percent, short, shown, whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import { Chart } from '../parts/chart.tsx';
import { Failure } from '../parts/failure.tsx';
import { chooseLength, chosenLength, granularityOf, lengths, type VehicleMetric } from './choices.ts';
import { SERIES } from './maker-query.ts';
import { text } from './messages.ts';
import { PeriodTable } from './period-table.tsx';
import { barsOf } from './series-bars.ts';

const HEIGHT = 280;

interface SeriesChartProps {
  readonly slug: string;
  readonly name: string;
  readonly metric: VehicleMetric;
  readonly publishers: readonly string[];
}

/** A maker's numbers period by period, in the length that the reader chooses, with the newest ones in a table. */
export function SeriesChart({ slug, name, metric, publishers }: SeriesChartProps) {
  const t = text.value;
  const m = messages.value;
  const length = chosenLength();
  const read = useLive(SERIES, { slug, metric, granularity: granularityOf(length), asOf: asOf.value });
  const { data } = read;
  const points = data?.subject?.series.observations ?? [];
  const missing = data?.subject?.series.missing.length ?? 0;
  const bars = barsOf(points);
  const title = t.series(metricName(metric));
  return (
    <section aria-labelledby="series">
      <div class="section-head">
        <h2 id="series">{title}</h2>
        <fieldset class="switch">
          <legend class="hidden">{t.by}</legend>
          {lengths.map((one) => (
            <label key={one}>
              <input type="radio" name="by" checked={one === length} onChange={() => chooseLength(one)} />
              {t.lengths[one]}
            </label>
          ))}
        </fieldset>
      </div>
      <Failure reads={[read]} />
      <p class="quiet">
        {t.seriesNote} {missing > 0 && t.missingPeriods(whole(missing))}
      </p>
      <Chart
        height={HEIGHT}
        label={title}
        isNamed={true}
        title={`${name}: ${title}`}
        publishers={publishers}
        ready={bars.length > 0}
        draw={async (width) => (await import('./draw-series.ts')).drawSeries({ bars, width, height: HEIGHT, short })}
        table={{
          head: [t.period, m.vehicles, t.before, m.yearBefore],
          rows: points.map((point) => [
            period(point.period),
            shown(point),
            percent(point.before?.percent),
            percent(point.yearBefore?.percent),
          ]),
        }}
        data={{
          head: [t.period, m.vehicles, t.least, t.most, `${t.before} (%)`, `${m.yearBefore} (%)`],
          rows: points.map(({ period: of, value, lower, upper, before, yearBefore }) => [
            of,
            value,
            lower,
            upper,
            hundredth(before?.percent),
            hundredth(yearBefore?.percent),
          ]),
        }}
        of={JSON.stringify([bars, title])}
      />
      <PeriodTable points={points} slug={slug} metric={metric} />
    </section>
  );
}

/** A change in percent for programs. */
function hundredth(percent: number | null | undefined): number | null {
  return percent == null ? null : Math.round(percent * 100) / 100;
}
