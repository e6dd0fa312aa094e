import type { ComponentChildren } from 'preact';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { Failure } from '../parts/failure.tsx';
import type { VehicleMetric } from './choices.ts';
import { CurveChart } from './curve.tsx';
import { type Maker, NUMBERS } from './maker-query.ts';
import { NumberTiles } from './number-tiles.tsx';
import { publisherNames } from './publishers.ts';
import { SeriesChart } from './series.tsx';

interface NumberSectionsProps {
  readonly maker: Maker;
  readonly metric: VehicleMetric;
  readonly underSeries: ComponentChildren;
  readonly underCurve: ComponentChildren;
}

/** The newest numbers of a maker in one metric, how they came about, and what they add up to. */
export function NumberSections({ maker, metric, underSeries, underCurve }: NumberSectionsProps) {
  const { slug } = maker;
  const [name, publishers] = [nameOf(maker), publisherNames(maker.figures.nodes)];
  const read = useLive(NUMBERS, { slug, metric, asOf: asOf.value });
  const { data, failed } = read;
  return (
    <>
      <Failure reads={[read]} />
      {data === null && !failed && (
        <p class="loading-tiles" role="status">
          {messages.value.loading}
        </p>
      )}
      {data !== null && (
        <NumberTiles
          numbers={data}
          slug={slug}
          metric={metric}
          parent={maker.__typename === 'Brand' ? maker.parent : null}
        />
      )}
      <div class="columns">
        <div class="stacked">
          <SeriesChart slug={slug} name={name} metric={metric} publishers={publishers} />
          {underSeries}
        </div>
        <div class="stacked">
          <CurveChart
            name={name}
            publishers={publishers}
            points={data?.subject?.curve.points ?? null}
            milestones={maker.milestones.nodes.filter((one) => one.metric === metric)}
            metric={metric}
          />
          {underCurve}
        </div>
      </div>
    </>
  );
}
