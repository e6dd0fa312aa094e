import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { chartCsv } from '../../dashboard/src/parts/chart-csv.ts';
import { fileName } from '../../dashboard/src/parts/save-file.ts';
import { wrapText } from '../../dashboard/src/parts/wrap-text.ts';

const WIDE = 10;
const measure = (text: string): number => text.length;

test('a file of data has plain numbers, and its source in each row', () => {
  const head = ['Maker', 'Months', 'Share'];
  const rows = [
    ['NIO, "the" brand\nof blue', '1,234,567.5', '+4.1%'],
    ['蔚来', 12, null],
  ];
  const csv = chartCsv({ head, rows }, 'Source', 'Source: CnEVPost');
  expect(parse(csv, { bom: true })).toEqual([
    ['Maker', 'Months', 'Share', 'Source'],
    ['NIO, "the" brand\nof blue', '1234567.5', '+4.1%', 'Source: CnEVPost'],
    ['蔚来', '12', '', 'Source: CnEVPost'],
  ]);
});

test('lines of a picture break at spaces and in addresses, and Chinese anywhere, without losing anything', () => {
  expect(wrapText('one two three four', WIDE, measure)).toEqual(['one two', 'three four']);
  expect(wrapText('a.b/compare?makers=nio', WIDE, measure)).toEqual(['a.b/', 'compare?', 'makers=nio']);
  expect(wrapText('来源来源来源来源来源来源', WIDE, measure)).toEqual(['来源来源来源来源来源', '来源']);
  expect(wrapText('', WIDE, measure)).toEqual([]);
});

test('a file is named after its title and its day', () => {
  expect(fileName('Deliveries by month: NIO, XPENG', '2026-07-31', 'svg')).toBe(
    'milepost-deliveries-by-month-nio-xpeng-2026-07-31.svg',
  );
  expect(fileName('百万之路', '2026-07-31', 'png')).toBe('milepost-百万之路-2026-07-31.png');
});
