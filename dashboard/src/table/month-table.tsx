import { useEffect, useRef } from 'preact/hooks';
import { percent } from '../format/number.ts';
import { monthName, period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { useSteady } from '../parts/use-steady.ts';
import { Value } from '../parts/value.tsx';
import { text } from './messages.ts';
import { type Metric, monthsOf, type Row, reportedIn, USUAL } from './rows.ts';
import { SortHeader } from './sort-header.tsx';
import { Sparkline } from './sparkline.tsx';
import type { Month } from './table-query.ts';

/** The maker and the sparkline come before the months. */
const FIRST_MONTH = 2;

interface MonthTableProps {
  readonly year: number;
  /** The newest month that most have reported: from it on nothing is missing yet. */
  readonly newest: string;
  /** What the last column adds up. */
  readonly toDate: string;
  /** Those to show, in their order. */
  readonly rows: readonly Row[];
  /** All of which it is counted how many have reported. */
  readonly all: readonly Row[];
  /** Whether the numbers are still awaited. */
  readonly isAwaited: boolean;
}

/** Makers by the months of a year. It can be sorted by each column. */
export function MonthTable({ year, newest, toDate, rows: sorted, all, isAwaited }: MonthTableProps) {
  const t = text.value;
  const months = monthsOf(year);
  const { rows, hold } = useSteady(sorted, ({ maker }) => maker.id);
  const isWhole = toDate === String(year);
  const box = useNewestInView(`${year} ${isAwaited}`, months.indexOf(newest));
  return (
    <ScrollBox box={box} class="month-box" label={t.title(String(year))}>
      <table class="months" aria-busy={isAwaited}>
        <thead>
          <tr>
            <SortHeader by="maker">{messages.value.maker}</SortHeader>
            <th scope="col" class="trend">
              {t.trend}
            </th>
            {months.map((month) => (
              <SortHeader key={month} by={month} name={period(month)}>
                {monthName(month)}
              </SortHeader>
            ))}
            <SortHeader by="total">{isWhole ? t.total : t.toDate(monthName(toDate.slice(-7)))}</SortHeader>
            <SortHeader by="change">{t.change}</SortHeader>
          </tr>
        </thead>
        <tbody {...hold}>
          {rows.map((row) => (
            <MakerRow key={row.maker.id} row={row} year={year} newest={newest} isAwaited={isAwaited} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t.reported}</th>
            <td class="trend" />
            {reportedIn(all).map((some, index) => (
              <td key={months[index]} class="number">
                {isAwaited || some === 0 ? '' : t.of(some, all.length)}
              </td>
            ))}
            <td colSpan={2} />
          </tr>
        </tfoot>
      </table>
    </ScrollBox>
  );
}

/** Where not all months have room, the newest of the year is in view at first, or else its end. */
function useNewestInView(of: string, newest: number) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const head = newest === -1 ? undefined : current.querySelectorAll<HTMLElement>('thead th')[newest + FIRST_MONTH];
    const end = head === undefined ? current.scrollWidth : head.offsetLeft + head.offsetWidth;
    current.scrollLeft = end - current.clientWidth;
  }, [of]);
  return box;
}

interface MakerRowProps extends Pick<MonthTableProps, 'year' | 'newest' | 'isAwaited'> {
  readonly row: Row;
}

function MakerRow({ row, year, newest, isAwaited }: MakerRowProps) {
  const { maker, metric, total } = row;
  const months = monthsOf(year);
  return (
    <tr>
      <th scope="row">
        <PageLink to={pathOf(maker)}>{nameOf(maker)}</PageLink>
        <Kind of={row} />
      </th>
      <td class="trend">
        <Sparkline row={row} year={year} />
      </td>
      {row.months.map((month, index) => (
        <td key={months[index]} class="number">
          {month !== null && <Cell of={month} slug={maker.slug} usual={metric} />}
          {month === null && !isAwaited && <Missing isYet={(months[index] ?? '') >= newest} />}
        </td>
      ))}
      <td class="number total">
        {total !== null && <Cell of={total} slug={maker.slug} usual={metric} />}
        {total === null && !isAwaited && <Missing isYet={false} />}
      </td>
      <td class="number">{!isAwaited && <Change of={total?.change ?? null} />}</td>
    </tr>
  );
}

/** What is not a brand, and what does not count deliveries. */
function Kind({ of: { maker, metric } }: { readonly of: Row }) {
  const words = [text.value.one[maker.kind], metric === USUAL ? undefined : messages.value.metrics[metric]];
  const shown = words.filter((word) => word !== undefined);
  return shown.length === 0 ? null : <span class="quiet metric"> {shown.join(' · ')}</span>;
}

/** A number, with its metric if it is not that of the row. */
function Cell({ of, slug, usual }: { readonly of: Month; readonly slug: string; readonly usual: Metric }) {
  return (
    <>
      <Value of={of} subject={slug} metric={of.metric} />
      {of.metric !== usual && <span class="quiet metric"> {messages.value.metrics[of.metric] ?? of.metric}</span>}
    </>
  );
}

function Missing({ isYet }: { readonly isYet: boolean }) {
  return (
    <span class="quiet">
      <span aria-hidden="true">{isYet ? '…' : '–'}</span>
      <span class="hidden">{isYet ? text.value.notYet : messages.value.unknown}</span>
    </span>
  );
}

function Change({ of }: { readonly of: { readonly percent: number | null; readonly acrossBreak: boolean } | null }) {
  const value = of?.percent ?? null;
  const direction = value === null || value === 0 ? 'quiet' : value > 0 ? 'up' : 'down';
  return (
    <span class={direction}>
      {percent(value)}
      {of?.acrossBreak === true && <abbr title={messages.value.acrossBreak}>*</abbr>}
    </span>
  );
}
