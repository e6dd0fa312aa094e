import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvOf } from '../../dashboard/src/table/csv.ts';

test('quotes commas, quotes and line ends, and nothing else', () => {
  const rows = [
    ['Li Auto', 1234.5, null],
    ['Tesla, Inc.', 'the "best"', 'two\nlines'],
  ];
  expect(csvOf(rows)).toBe('Li Auto,1234.5,\r\n"Tesla, Inc.","the ""best""","two\nlines"\r\n');
});

test('a name that a spreadsheet would run is none', () => {
  expect(csvOf([['=1+1', -5, '@SUM(A1)']])).toBe("'=1+1,-5,'@SUM(A1)\r\n");
});

test('any other text comes back from a reader as it was', () => {
  const cell = fc
    .string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', '蔚', "'") })
    .filter((text) => !text.startsWith('\r'));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), (rows) => {
      expect(parse(csvOf(rows), { record_delimiter: '\r\n' })).toEqual(rows);
    }),
  );
});
