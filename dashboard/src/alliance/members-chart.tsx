import { short, whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import { Chart } from '../parts/chart.tsx';
import { COLOURS } from '../parts/palette.ts';
import type { Member } from './alliance-query.ts';
import { text } from './messages.ts';
import { type StackedMonth, segmentsOf } from './stack.ts';

const HEIGHT = 300;

interface MembersChartProps {
  readonly months: readonly StackedMonth[];
  readonly members: readonly Member[];
}

/** The members on each other month by month, with what of the total no known member accounts for. */
export function MembersChart({ months, members }: MembersChartProps) {
  const t = text.value;
  const segments = segmentsOf(months);
  // Only those of whom something is known have a colour.
  const shown = members.filter(({ brand }) => segments.some(({ part }) => part === brand.slug));
  const names = new Map(shown.map(({ brand }) => [brand.slug, nameOf(brand)]));
  const withParts = months.filter(({ parts }) => parts.length > 0).length;
  const most = Math.max(0, ...months.map(({ parts }) => parts.length));
  const coverage = t.coverageNote(whole(months.length), whole(withParts), whole(most), whole(members.length));
  return (
    <section aria-labelledby="stack">
      <h2 id="stack">{t.stack}</h2>
      <p class="quiet">{coverage}</p>
      <ul class="stack-legend">
        {[...names.values()].map((name, index) => (
          <li key={name}>
            <span class="swatch" aria-hidden="true" style={{ background: COLOURS[index] }} />
            {name}
          </li>
        ))}
        <li>
          <span class="swatch rest" aria-hidden="true" />
          {t.rest}
        </li>
      </ul>
      <Chart
        height={HEIGHT}
        label={`${t.stack}. ${coverage}`}
        ready={segments.length > 0}
        draw={async (width) =>
          (await import('./draw-stack.ts')).drawStack({ segments, names, width, height: HEIGHT, short })
        }
        table={{
          head: [t.period, t.total, ...names.values(), t.known],
          rows: months.map((month) => [
            period(month.period),
            month.total === null ? '–' : whole(month.total),
            ...[...names.keys()].map((slug) => numberOf(month, slug)),
            t.coverage(whole(month.parts.length), whole(month.memberCount)),
          ]),
        }}
        of={JSON.stringify([segments, [...names.values()], t.stack])}
      />
    </section>
  );
}

function numberOf({ parts }: StackedMonth, slug: string): string {
  const value = parts.find((part) => part.slug === slug)?.value;
  return value === undefined ? '–' : whole(value);
}
