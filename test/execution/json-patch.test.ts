import { describe, expect, test } from 'vitest';
import { makePatch } from '../../src/execution/json-patch.ts';

const MANY = 20_000;

describe('a patch of a list', () => {
  const page = Array.from({ length: 100 }, (_, index) => ({
    __typename: 'Row',
    node: { id: `r${index}`, value: index },
  }));
  const fresh = { __typename: 'Row', node: { id: 'new', value: 1 } };

  test('has one operation for a row that comes first', () => {
    expect(makePatch(page, [fresh, ...page])).toEqual([{ op: 'add', path: '/0', value: fresh }]);
  });

  test('has two when the last row leaves the page for it', () => {
    expect(makePatch(page, [fresh, ...page.slice(0, -1)])).toEqual([
      { op: 'remove', path: '/99' },
      { op: 'add', path: '/0', value: fresh },
    ]);
  });

  test('names the new place of a row that has changed as well', () => {
    const changed = page.map((each, index) => (index === 50 ? { ...each, node: { ...each.node, value: -1 } } : each));
    expect(makePatch(page, [fresh, ...changed])).toEqual([
      { op: 'add', path: '/0', value: fresh },
      { op: 'replace', path: '/51/node/value', value: -1 },
    ]);
  });

  test('finds the cell in rows that have no text to tell them apart', () => {
    const table = (changed: number) =>
      Array.from({ length: 20 }, (_, brand) => ({
        months: Array.from({ length: 12 }, (_month, month) => ({
          value: brand === 5 && month === 7 ? changed : month,
        })),
      }));
    expect(makePatch(table(1), table(2))).toEqual([{ op: 'replace', path: '/5/months/7/value', value: 2 }]);
  });

  test('replaces a row as a whole when its parts would take more', () => {
    const [before, after] = [1, 2].map((value) => ({ table: [{ a: value, b: value, c: value, d: value }] }));
    expect(makePatch(before, after)).toEqual([{ op: 'replace', path: '/table/0', value: after?.table[0] }]);
  });

  test('is made without comparing every row with every other', () => {
    const texts = Array.from({ length: MANY }, (_, index) => `text ${index}`);
    const began = performance.now();
    expect(makePatch(texts, ['new', ...texts.slice(0, 10), ...texts.slice(11)])).toHaveLength(2);
    makePatch(texts, texts.toReversed());
    // Each with each would be 400 million comparisons, twice.
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

test.each(['__proto__', 'constructor/prototype'])('there is no patch through %s, which libraries refuse', (way) => {
  const at = (value: number) =>
    JSON.parse(`{"${way.replaceAll('/', '":{"')}":${value}}${way.includes('/') ? '}' : ''}`);
  expect(makePatch(at(1), at(2))).toBeNull();
});
