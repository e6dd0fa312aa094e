import './table.css';
import { useRef } from 'preact/hooks';
import { asOf, asOfDay, today } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { GraphiqlLink } from '../parts/graphiql-link.tsx';
import { Legend } from '../parts/legend.tsx';
import { useTitle } from '../parts/use-title.ts';
import { choices } from './choices.ts';
import { MakerChooser, YearChooser } from './controls.tsx';
import { makersOf, silentOf } from './makers.ts';
import { text } from './messages.ts';
import { MonthTable } from './month-table.tsx';
import { monthsOf, type Row, reportedIn, rowsOf, toDateOf } from './rows.ts';
import { saveCsv } from './save-file.ts';
import { sortRows } from './sort-rows.ts';
import { tableCsv } from './table-csv.ts';
import { MAKERS, MONTHS } from './table-query.ts';

/** What each maker reported in each month of a year. */
export function TablePage() {
  const t = text.value;
  const { year, kinds, find, by, order } = choices.value;
  const board = useLive(MAKERS, { year: String(year), asOf: asOf.value });
  // While another year is awaited, its makers are taken to be the same ones, so that the table keeps its size.
  const last = useRef(board.data);
  last.current = board.data ?? last.current;
  const known = last.current;
  const makers = known === null ? [] : makersOf(known.leaderboard, kinds);
  const newest = known?.newest.period ?? '';
  const toDate = toDateOf(year, newest);
  const variables = {
    subjects: board.data === null ? [] : makers.map(({ slug }) => slug),
    from: String(year - 1),
    to: String(year),
    toDate,
    asOf: asOf.value,
  };
  const months = useLive(MONTHS, variables);
  const isAwaited = board.data === null || months.data === null;
  const all = rowsOf(makers, isAwaited ? [] : (months.data?.series ?? []), year);
  const sought = find.trim().toLowerCase();
  const found = all.filter(({ maker: { name, nameZh, slug } }) =>
    [name, nameZh ?? '', slug].some((one) => one.toLowerCase().includes(sought)),
  );
  const rows = sortRows(found, { by, order, year, nameOf: ({ maker }) => nameOf(maker) });
  useTitle(t.title(String(year)));
  return (
    <>
      <h1>{t.title(String(year))}</h1>
      <p class="quiet note">{t.note}</p>
      {(board.failed || months.failed) && (
        <p role="alert" class="banner">
          {messages.value.failed}
        </p>
      )}
      {known === null ? (
        <p class="loading" role="status">
          {messages.value.loading}
        </p>
      ) : (
        <>
          <search class="controls">
            <YearChooser first={Number(known.figures.nodes[0]?.period.slice(0, 4) ?? year)} />
            <MakerChooser />
            <Export rows={rows} year={year} toDate={toDate} />
            <GraphiqlLink query={MONTHS} variables={variables} />
          </search>
          {all.length === 0 && !isAwaited && <p>{t.nobody(String(year))}</p>}
          {all.length > 0 && rows.length === 0 && <p role="status">{t.nobodyFound(find)}</p>}
          {rows.length > 0 && <MonthTable {...{ year, newest, toDate, rows, all, isAwaited }} />}
          {!isAwaited && <Coverage rows={all} year={year} newest={newest} />}
          <Silent names={silentOf(known.leaderboard, kinds).map(nameOf)} year={year} />
          <Legend />
        </>
      )}
    </>
  );
}

interface YearOfRows {
  readonly rows: readonly Row[];
  readonly year: number;
}

function Export({ rows, year, toDate }: YearOfRows & { readonly toDate: string }) {
  const t = text.value;
  const csv = tableCsv(rows, { year, toDate, day: asOfDay.value ?? today(), address: location.href });
  return (
    <>
      <CopyButton text={csv} label={t.copyCsv} />
      <button type="button" onClick={() => saveCsv(`milepost-${year}.csv`, csv)}>
        {t.saveCsv}
      </button>
    </>
  );
}

/** In words, how many have reported the newest month that anybody has, and all until then. */
function Coverage({ rows, year, newest }: YearOfRows & { readonly newest: string }) {
  const counts = reportedIn(rows);
  const last = counts.findLastIndex((count, index) => count > 0 && (monthsOf(year)[index] ?? '') <= newest);
  if (last === -1) return null;
  const full = rows.filter(({ months }) => months.slice(0, last + 1).every((month) => month !== null)).length;
  const month = period(monthsOf(year)[last] ?? '');
  return <p class="quiet note">{text.value.coverage(month, counts[last] ?? 0, rows.length, full)}</p>;
}

function Silent({ names, year }: { readonly names: readonly string[]; readonly year: number }) {
  if (names.length === 0) return null;
  return (
    <p class="silent">
      <strong>{text.value.silent(String(year))}</strong> {names.join(', ')}
    </p>
  );
}
