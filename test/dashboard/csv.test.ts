import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvOf } from '../../dashboard/src/format/csv.ts';

test('quotes commas, quotes and line ends, and nothing else', () => {
  const rows = [
    ['Li Auto', 1234.5, null],
    ['Tesla, Inc.', 'the "best"', 'two\nlines'],
  ];
  expect(csvOf(rows)).toBe('Li Auto,1234.5,\r\n"Tesla, Inc.","the ""best""","two\nlines"\r\n');
});

test.each(['=1+1', '+cmd|x', '-2+3', '@SUM(A1)', '\t=1'])('%j is no formula for a spreadsheet', (text) => {
  expect(parse(csvOf([[text]]))).toEqual([[`'${text}`]]);
});

test.each(['-5', '+4.1%', '-11 %', '–', '# a note'])('%s stays as it is', (text) => {
  expect(csvOf([[text]])).toBe(`${text}\r\n`);
});

test('any text comes back from a reader as it was, with an apostrophe before what would be a formula', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', '蔚', "'") });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), (rows) => {
      const kept = rows.map((row) => row.map((text) => (text.startsWith('\r') ? `'${text}` : text)));
      expect(parse(csvOf(rows), { record_delimiter: '\r\n' })).toEqual(kept);
    }),
  );
});
