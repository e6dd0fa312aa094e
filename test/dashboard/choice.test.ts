import { expect, test } from 'vitest';
import { askFor, readChoice, writeMakers } from '../../dashboard/src/compare/choice.ts';

const read = (query: string) => {
  const choices = new URLSearchParams(query);
  return readChoice((name) => choices.get(name));
};

test('a whole address is read, each maker once, and at most eight', () => {
  expect(read('makers=nio, XPENG,nio&metric=SALES&by=QUARTER&from=2024-01&to=2026-07&scale=log&base=indexed')).toEqual({
    makers: ['nio', 'xpeng'],
    metric: 'SALES',
    by: 'QUARTER',
    from: '2024-01',
    to: '2026-07',
    isLog: true,
    isIndexed: true,
  });
  expect(read('makers=a,b,c,d,e,f,g,h,i').makers).toHaveLength(8);
});

test('what no name can have is left out', () => {
  expect(read('makers=nio%00,%00').makers).toEqual(['nio']);
});

test('what is not understood is as if it were not there', () => {
  const nothing = read('');
  expect(read('metric=HOPE&by=DECADE&from=2024-13&to=soon&scale=x&base=x')).toEqual(nothing);
  expect(nothing).toEqual({
    makers: null,
    metric: null,
    by: 'MONTH',
    from: null,
    to: null,
    isLog: false,
    isIndexed: false,
  });
});

test('nobody is another choice than none', () => {
  expect([read('makers=').makers, read('').makers]).toEqual([[], null]);
});

test('makers that are written are read as they were', () => {
  expect(read(`makers=${writeMakers(['nio', 'li-auto'])}`).makers).toEqual(['nio', 'li-auto']);
});

test.each([
  ['', '2023-07', null],
  ['by=YEAR', '2011-07', null],
  ['to=2020-03', '2017-03', '2020-03'],
  ['from=2024-01', '2024-01', null],
  ['from=all', null, null],
])('%s asks from %s on', (query, from, to) => {
  expect(askFor(read(query), '2026-07-31')).toMatchObject({ from, to });
});

test('without a metric each maker is asked for the first that it has', () => {
  expect(askFor(read(''), '2026-07-31').metrics).toEqual(['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL']);
  expect(askFor(read('metric=EXPORTS'), '2026-07-31').metrics).toEqual(['EXPORTS']);
});
