import { short, shown, whole } from '../format/number.ts';
import { day } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { countOf } from '../i18n/metric-name.ts';
import { Chart } from '../parts/chart.tsx';
import { curveDots, curvePoints } from './curve-points.ts';
import type { Numbers, Reached } from './maker-query.ts';
import { text } from './messages.ts';

const HEIGHT = 280;

interface CurveChartProps {
  readonly name: string;
  readonly publishers: readonly string[];
  /** Null while they are awaited. */
  readonly points: NonNullable<Numbers['subject']>['curve']['points'] | null;
  readonly milestones: readonly Reached[];
  readonly metric: string;
}

/** What was counted to date, with the milestones on it. */
export function CurveChart({ name, publishers, points, milestones, metric }: CurveChartProps) {
  const t = text.value;
  const lines = curvePoints(points ?? []);
  const dots = curveDots(milestones);
  if (points !== null && lines.length === 0) return null;
  return (
    <section aria-labelledby="curve">
      <h2 id="curve">{t.curve}</h2>
      <p class="quiet">{t.curveNote}</p>
      <Chart
        height={HEIGHT}
        label={`${t.curve}: ${countOf(whole(lines.at(-1)?.lower ?? 0), metric)}`}
        isNamed={true}
        title={`${name}: ${t.curve}`}
        publishers={publishers}
        ready={lines.length > 0}
        draw={async (width) =>
          (await import('./draw-curve.ts')).drawCurve({ points: lines, dots, width, height: HEIGHT, short })
        }
        table={{
          head: [t.date, messages.value.vehicles],
          rows: (points ?? []).map((point) => [day(point.on), shown({ ...point, qualifier: null })]),
        }}
        data={{
          head: [t.date, messages.value.vehicles, t.least, t.most],
          rows: (points ?? []).map(({ on, value, lower, upper }) => [on, value, lower, upper]),
        }}
        of={JSON.stringify([lines, dots, t.curve])}
      />
    </section>
  );
}
