import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { makersOf, silentOf } from '../../dashboard/src/table/makers.ts';
import { type Metric, monthsOf, type Row, reportedIn, rowsOf, toDateOf } from '../../dashboard/src/table/rows.ts';
import { sortRows } from '../../dashboard/src/table/sort-rows.ts';
import { tableCsv } from '../../dashboard/src/table/table-csv.ts';
import type { Board, Maker, Month, MonthsOfMaker } from '../../dashboard/src/table/table-query.ts';

const ALL = ['BRAND', 'COMPANY', 'ALLIANCE'] as const;

test('adds up to the newest month of a year that is not over, and the whole of one that is', () => {
  expect(toDateOf(2026, '2026-07')).toBe('2026-01/2026-07');
  expect(toDateOf(2026, '2026-01')).toBe('2026-01');
  expect(toDateOf(2026, '2026-12')).toBe('2026');
  expect(toDateOf(2025, '2026-07')).toBe('2025');
  expect(toDateOf(2027, '2026-12')).toBe('2027');
});

test('names of a maker the metric of most months, and counts a month that is known in part', () => {
  const months = [
    month('2025-01', { value: 1 }),
    month('2025-02', { value: 2, metric: 'SALES' }),
    month('2025-03', { value: null, lower: 3, metric: 'SALES' }),
    month('2024-12', { value: 4 }),
  ];
  const [row] = rowsOf([maker('nio')], [seriesOf('nio', months)], 2025);
  expect(row?.metric).toBe('SALES');
  expect(row?.months.map((one) => one?.value ?? one?.lower ?? null)).toEqual([1, 2, 3, ...Array(9).fill(null)]);
  expect(row?.before.at(-1)?.value).toBe(4);
  expect(reportedIn(row === undefined ? [] : [row])).toEqual([1, 1, 1, ...Array(9).fill(0)]);
});

test('sorts by a month, what is unknown last in both orders', () => {
  const rows = rowsOf(
    ['a', 'b', 'c', 'd'].map(maker),
    [
      seriesOf('a', [month('2025-03', { value: 10 })]),
      seriesOf('c', [month('2025-03', { value: null, lower: 30 })]),
      seriesOf('d', [month('2025-03', { value: 20 })]),
    ],
    2025,
  );
  expect(orderOf(rows, '2025-03', 'asc')).toEqual(['a', 'd', 'c', 'b']);
  expect(orderOf(rows, '2025-03', 'desc')).toEqual(['c', 'd', 'a', 'b']);
  expect(orderOf(rows, '2025-04', 'desc')).toEqual(['a', 'b', 'c', 'd']);
  expect(orderOf(rows, 'maker', 'desc')).toEqual(['d', 'c', 'b', 'a']);
});

test('leaves out an owner of which nothing more is known than of what it owns', () => {
  const entries = [
    entry(maker('zeekr', 'geely'), { value: 35 }),
    entry({ ...maker('geely'), kind: 'COMPANY' }, { value: null, lower: 35 }),
    entry({ ...maker('gac'), kind: 'COMPANY' }, { value: null, lower: 36 }),
    entry(maker('gac-aion', 'gac'), { value: 35 }),
  ];
  expect(makersOf({ entries }, ALL).map(({ slug }) => slug)).toEqual(['zeekr', 'gac', 'gac-aion']);
  // Without brands it is the only one that says so.
  expect(makersOf({ entries }, ['COMPANY']).map(({ slug }) => slug)).toEqual(['geely', 'gac']);
});

test('names those of whom nothing is known, and not their owners', () => {
  const missing = [{ ...maker('changan'), kind: 'COMPANY' as const }, maker('deepal', 'changan'), maker('neta')];
  expect(silentOf({ missing }, ALL).map(({ slug }) => slug)).toEqual(['deepal', 'neta']);
  expect(silentOf({ missing }, ['COMPANY']).map(({ slug }) => slug)).toEqual(['changan']);
});

test('as CSV it has values that can be added, with what is to be known of them beside', () => {
  const rows = rowsOf(
    [{ ...maker('tesla'), name: 'Tesla, Inc.' }],
    [
      seriesOf('tesla', [
        month('2026-01', { value: 69_129, metric: 'WHOLESALE', revised: true, contradictions: [{ id: '1' }] }),
        month('2026-02', { value: null, lower: 58_599, upper: null, qualifier: 'OVER', method: 'DERIVED' }),
      ]),
    ],
    2026,
  );
  const address = 'https://milepost.example/table?year=2026&find=a,b';
  const csv = tableCsv(rows, { year: 2026, toDate: '2026-01/2026-02', day: '2026-03-01', address });
  expect(csv.split('\r\n').filter((line) => line.startsWith('#'))).toEqual([
    '# Vehicles by maker and month: 2026; as known on 2026-03-01',
    expect.stringMatching(/^# Metric: DELIVERIES;[^,"]*$/),
    expect.stringMatching(/^# Marks: [^,"]*$/),
    '# Source: Milepost https://milepost.example/table?year=2026&find=a%2Cb',
  ]);
  const [read] = parse<Record<string, string>>(csv, { comment: '#', columns: true });
  expect(read).toMatchObject({
    maker: 'Tesla, Inc.',
    slug: 'tesla',
    kind: 'BRAND',
    '2026-01': '69129',
    '2026-01 marks': 'WHOLESALE REVISED CONTRADICTED',
    '2026-02': '',
    '2026-02 marks': 'OVER >=58599 DERIVED',
    '2026-12': '',
    '2026-12 marks': '',
    '2026-01/2026-02': '',
  });
});

function orderOf(rows: readonly Row[], by: string, order: 'asc' | 'desc'): readonly string[] {
  return sortRows(rows, { by, order, year: 2025, nameOf: (row) => row.maker.name }).map((row) => row.maker.slug);
}

function maker(slug: string, owner: unknown = null): Maker {
  const parent = typeof owner === 'string' ? { id: owner } : null;
  return { id: slug, slug, name: slug, nameZh: null, kind: 'BRAND', parent } as Maker;
}

function seriesOf(slug: string, observations: readonly Month[]): MonthsOfMaker {
  return { subject: { id: slug, slug, total: null }, observations: [...observations] } as MonthsOfMaker;
}

function month(period: string, known: Partial<Month> & { metric?: Metric }): Month {
  const exact = { lower: known.value ?? null, upper: known.value ?? null, qualifier: 'EXACT' as const };
  const usual = { metric: 'DELIVERIES', method: 'STATED', revised: false, agreement: 'AGREE', contradictions: [] };
  return { id: period, period, ...usual, ...exact, ...known } as Month;
}

function entry(subject: Maker, known: { value: number | null; lower?: number }): Board['entries'][number] {
  return { metric: 'DELIVERIES', subject, observation: { id: subject.id, lower: known.value, ...known } } as never;
}

test('has the twelve months of a year', () => {
  expect([monthsOf(2025).at(0), monthsOf(2025).at(-1), monthsOf(2025).length]).toEqual(['2025-01', '2025-12', 12]);
});
