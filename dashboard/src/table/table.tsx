import './table.css';
import type { VariablesOf } from 'gql.tada';
import { useRef } from 'preact/hooks';
import { asOf, asOfDay, today } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { UTF8_MARK } from '../format/csv.ts';
import { period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Failure } from '../parts/failure.tsx';
import { GraphiqlLink } from '../parts/graphiql-link.tsx';
import { Legend } from '../parts/legend.tsx';
import { Loading } from '../parts/loading.tsx';
import { saveFile } from '../parts/save-file.ts';
import { useTitle } from '../parts/use-title.ts';
import { choices } from './choices.ts';
import { MakerChooser, YearChooser } from './controls.tsx';
import { makersOf, silentOf } from './makers.ts';
import { text } from './messages.ts';
import { MonthTable } from './month-table.tsx';
import { monthsOf, type Row, reportedIn, rowsOf, toDateOf } from './rows.ts';
import { sortRows } from './sort-rows.ts';
import { tableCsv } from './table-csv.ts';
import { MAKERS, type Maker, type Makers, MONTHS, type MonthsOfMaker } from './table-query.ts';

/** What each maker reported in each month of a year. */
export function TablePage() {
  const t = text.value;
  const { year } = choices.value;
  const read = useLive(MAKERS, { year: String(year), asOf: asOf.value });
  const { data } = read;
  // While another year is awaited, its makers are taken to be the same ones, so that the table keeps its size.
  const last = useRef(data);
  last.current = data ?? last.current;
  useTitle(t.title(String(year)));
  return (
    <>
      <h1>{t.title(String(year))}</h1>
      <p class="quiet note">{t.note}</p>
      <Failure reads={[read]} />
      {last.current !== null && <TableOfYear makers={last.current} isOld={data === null} />}
      {last.current === null && !read.failed && <Loading />}
    </>
  );
}

interface TableOfYearProps {
  readonly makers: Makers;
  /** Whether they are those of another year, because this one's are awaited. */
  readonly isOld: boolean;
}

function TableOfYear({ makers, isOld }: TableOfYearProps) {
  const t = text.value;
  const { year, kinds, find, by, order } = choices.value;
  const toDate = toDateOf(year, makers.newest.period);
  // All of them, whatever is chosen, and in an order that does not follow the numbers: the same is then not asked for twice.
  const subjects = makers.leaderboard.entries.map(({ subject }) => subject.slug).sort();
  const variables = { subjects, from: String(year - 1), to: String(year), toDate, asOf: asOf.value };
  const { series, read } = useSeries(variables, isOld);
  const all = rowsOf(makersOf(makers.leaderboard, kinds), series ?? [], year);
  const found = all.filter(({ maker }) => isNamed(maker, find));
  const rows = sortRows(found, { by, order, year, nameOf: ({ maker }) => nameOf(maker) });
  const isAwaited = series === null;
  const shared = { rows, year, toDate, newest: makers.newest.period };
  return (
    <>
      <Failure reads={[read]} />
      <search class="controls">
        <YearChooser first={Number(makers.figures.nodes[0]?.period.slice(0, 4) ?? year)} />
        <MakerChooser />
        <div class="exports" inert={isAwaited}>
          <Export {...shared} />
          <GraphiqlLink query={MONTHS} variables={{ ...variables, subjects: rows.map(({ maker }) => maker.slug) }} />
        </div>
      </search>
      {all.length === 0 && !isAwaited && <p>{t.nobody(String(year))}</p>}
      {all.length > 0 && rows.length === 0 && <p role="status">{t.nobodyFound(find)}</p>}
      {rows.length > 0 && <MonthTable {...shared} all={all} isAwaited={isAwaited} />}
      {!isAwaited && <Coverage {...shared} rows={all} />}
      {!isOld && <Silent names={silentOf(makers.leaderboard, kinds).map(nameOf)} year={year} />}
      <Legend />
    </>
  );
}

/** The months of makers; null while they are awaited. When a maker joins them, those of the others stay. */
function useSeries(variables: VariablesOf<typeof MONTHS>, isOld: boolean) {
  const asked = useRef(variables);
  if (!isOld) asked.current = variables;
  const read = useLive(MONTHS, asked.current);
  const { data } = read;
  const of = `${asked.current.to} ${asked.current.asOf}`;
  const last = useRef<{ readonly of: string; readonly series: readonly MonthsOfMaker[] } | null>(null);
  if (data !== null) last.current = { of, series: data.series };
  return { series: !isOld && last.current?.of === of ? last.current.series : null, read };
}

/** Whether a maker has a text in one of its names. */
function isNamed({ name, nameZh, slug }: Maker, find: string): boolean {
  const sought = find.trim().toLowerCase();
  return [name, nameZh ?? '', slug].some((one) => one.toLowerCase().includes(sought));
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
      <button
        type="button"
        onClick={() => saveFile(`milepost-${year}.csv`, new Blob([UTF8_MARK, csv], { type: 'text/csv;charset=utf-8' }))}
      >
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
