import { expect, test } from 'vitest';
import { groupBy } from '../../../src/domain/values/group.ts';

test('rows are grouped by key, and keep their order', () => {
  const groups = groupBy([3, 1, 4, 1, 5, 9, 2, 6], (row) => (row % 2 === 0 ? 'even' : 'odd'));
  expect([...groups]).toEqual([
    ['odd', [3, 1, 1, 5, 9]],
    ['even', [4, 2, 6]],
  ]);
});
