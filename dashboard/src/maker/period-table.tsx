import { period } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { Change } from '../parts/change.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { Value } from '../parts/value.tsx';
import type { VehicleMetric } from './choices.ts';
import type { SeriesPoint } from './maker-query.ts';
import { text } from './messages.ts';

/** How many periods it shows. */
const SHOWN = 12;

interface PeriodTableProps {
  readonly points: readonly SeriesPoint[];
  readonly slug: string;
  readonly metric: VehicleMetric;
}

/** The newest periods, each with its changes and its sources. */
export function PeriodTable({ points, slug, metric }: PeriodTableProps) {
  const t = text.value;
  const m = messages.value;
  const newest = points.slice(-SHOWN).reverse();
  if (newest.length === 0) return null;
  return (
    <ScrollBox label={t.newestPeriods}>
      <table class="periods">
        <TableHead columns={[t.period, { number: m.vehicles }, { number: t.before }, { number: m.yearBefore }]} />
        <tbody>
          {newest.map((point) => (
            <tr key={point.id}>
              <th scope="row">{period(point.period)}</th>
              <td class="number">
                <Value of={point} subject={slug} metric={metric} />
              </td>
              <td class="number">
                <Change of={point.before?.percent} />
              </td>
              <td class="number">
                <Change of={point.yearBefore?.percent} />
                {point.yearBefore?.acrossBreak === true && <abbr title={m.acrossBreak}>*</abbr>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
