import { asOf, today } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { short, whole } from '../format/number.ts';
import { day, period } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { Change } from '../parts/change.tsx';
import { Tile } from '../parts/tile.tsx';
import { Value } from '../parts/value.tsx';
import type { VehicleMetric } from './choices.ts';
import { type Numbers, RANKS, type Ranks } from './maker-query.ts';
import { text } from './messages.ts';

interface NumberTilesProps {
  readonly numbers: Numbers;
  readonly slug: string;
  readonly metric: VehicleMetric;
}

/** The newest month, its place among the others, the year and the total so far, and the next milestone. */
export function NumberTiles({ numbers, slug, metric }: NumberTilesProps) {
  const t = text.value;
  const m = messages.value;
  const { subject } = numbers;
  if (subject === null) return null;
  const { latest, yearToDate, cumulative, nextMilestone } = subject;
  return (
    <div class="tiles">
      {latest !== null && (
        <Tile name={period(latest.period)} value={<Value of={latest} subject={slug} metric={metric} />}>
          <Change of={latest.monthBefore?.percent} /> {m.monthBefore} · <Change of={latest.yearBefore?.percent} />{' '}
          {m.yearBefore}
          {latest.yearBefore?.acrossBreak === true && <abbr title={m.acrossBreak}>*</abbr>}
        </Tile>
      )}
      <Rank id={subject.id} metric={metric} />
      {yearToDate !== null && (
        <Tile
          name={t.year(yearToDate.periodEnd.slice(0, 4))}
          value={<Value of={yearToDate} subject={slug} metric={metric} />}
        >
          {t.until(day(yearToDate.periodEnd))} · <Change of={yearToDate.yearBefore?.percent} /> {m.yearBefore}
        </Tile>
      )}
      {cumulative !== null && (
        <Tile name={t.toDate} value={<Value of={cumulative} subject={slug} metric={metric} />}>
          {t.until(day(cumulative.periodEnd))}
        </Tile>
      )}
      {nextMilestone !== null && (
        <Tile name={t.next} value={short(nextMilestone.threshold)}>
          {whenOf(nextMilestone)}
        </Tile>
      )}
    </div>
  );
}

/** Its place among the others; nothing if it has none in this metric. */
function Rank({ id, metric }: { readonly id: string; readonly metric: string }) {
  const t = text.value;
  const { data } = useLive(RANKS, { asOf: asOf.value });
  const place = data === null ? null : placeOf(data, id, metric);
  if (place === null) return null;
  const of = whole(place.of);
  return (
    <Tile name={t.rank(period(place.period))} value={whole(place.rank)}>
      {place.isAmongBrands ? t.ofBrands(of) : t.ofAll(of)}
      {place.previousRank !== null && `, ${messages.value.moved(place.previousRank - place.rank)}`}
    </Tile>
  );
}

/** Where it stands in the metric that is shown: among all makers, or if it is a part of another one, among the brands. */
function placeOf({ all, brands }: Ranks, id: string, metric: string) {
  for (const board of [all, brands]) {
    const entry = board.entries.find((one) => one.subject.id === id && one.metric === metric);
    if (entry !== undefined)
      return { ...entry, period: board.period, of: board.entries.length, isAmongBrands: board === brands };
  }
  return null;
}

function whenOf({ earliest, latest }: NonNullable<NonNullable<Numbers['subject']>['nextMilestone']>): string {
  const t = text.value;
  return latest === null ? t.nextNone : t.nextBetween(day(earliest ?? today()), day(latest));
}
