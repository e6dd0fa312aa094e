import { asOf, today } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { short, whole } from '../format/number.ts';
import { day, period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { Change } from '../parts/change.tsx';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { Tile } from '../parts/tile.tsx';
import { Value } from '../parts/value.tsx';
import type { VehicleMetric } from './choices.ts';
import { type Linked, type Numbers, RANKS, type Ranks } from './maker-query.ts';
import { text } from './messages.ts';

interface NumberTilesProps {
  readonly numbers: Numbers;
  readonly slug: string;
  readonly metric: VehicleMetric;
  /** The company of a brand, which can have reported more. */
  readonly parent: Linked | null;
}

/** The newest month, its place among the others, the year and the total so far, and the next milestone. */
export function NumberTiles({ numbers, slug, metric, parent }: NumberTilesProps) {
  const t = text.value;
  const m = messages.value;
  const { subject } = numbers;
  if (subject === null) return null;
  const { latest, yearToDate, cumulative, nextMilestone } = subject;
  return (
    <div class="tiles">
      {latest !== null && (
        <Tile name={period(latest.period)} value={<Value of={latest} subject={slug} metric={metric} />}>
          <Against of={latest.monthBefore} words={m.monthBefore} />
          {isKnown(latest.monthBefore) && isKnown(latest.yearBefore) && ' · '}
          <Against of={latest.yearBefore} words={m.yearBefore} />
          {parent !== null && <Newer of={parent} than={latest.period} />}
        </Tile>
      )}
      <Rank id={subject.id} metric={metric} />
      {yearToDate !== null && (
        <Tile
          name={t.year(yearToDate.periodEnd.slice(0, 4))}
          value={<Value of={yearToDate} subject={slug} metric={metric} />}
        >
          {t.until(day(yearToDate.periodEnd))}
          {isKnown(yearToDate.yearBefore) && ' · '}
          <Against of={yearToDate.yearBefore} words={m.yearBefore} />
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

interface Compared {
  readonly percent: number | null;
  readonly acrossBreak?: boolean;
}

function isKnown(change: Compared | null): boolean {
  return change !== null && change.percent !== null;
}

/** A change with what it is compared with; nothing where it is not known. */
function Against({ of, words }: { readonly of: Compared | null; readonly words: string }) {
  if (!isKnown(of)) return null;
  return (
    <>
      <Change of={of?.percent} /> {words}
      {of?.acrossBreak === true && <abbr title={messages.value.acrossBreak}>*</abbr>}
    </>
  );
}

/** Leads to the company of a brand where only the company has reported the newest month. */
function Newer({ of, than }: { readonly of: Linked; readonly than: string }) {
  const { data } = useLive(RANKS, { asOf: asOf.value });
  const isNewer =
    data !== null && data.all.period > than && data.all.entries.some(({ subject }) => subject.id === of.id);
  if (!isNewer) return null;
  return (
    <p>
      {text.value.newer(period(data.all.period))} <PageLink to={pathOf(of)}>{nameOf(of)}</PageLink>
    </p>
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
