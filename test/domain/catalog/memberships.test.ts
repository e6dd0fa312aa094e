import { expect, test } from 'vitest';
import { firstDay, isMemberOn } from '../../../src/domain/catalog/memberships.ts';

test.each([
  ['a day that is known, on that day', '2025-09-15', null, '2025-09-15', true],
  ['a day that is known, on the day before', '2025-09-15', null, '2025-09-14', false],
  ['a month, on its first day', '2025-09', null, '2025-09-01', true],
  ['a month, on the day before', '2025-09', null, '2025-08-31', false],
  ['a year, on its first day', '2025', null, '2025-01-01', true],
  ['a day that is not known, on any day', null, null, '1950-01-01', true],
])('a brand that joined on %s', (_when, joinedOn, leftOn, day, isMember) => {
  expect(isMemberOn({ joinedOn, leftOn }, day)).toBe(isMember);
});

test.each([
  ['a day, no longer on that day', '2025-10-31', '2025-10-31', false],
  ['a day, still on the day before', '2025-10-31', '2025-10-30', true],
  ['a month, no longer on its first day', '2025-10', '2025-10-01', false],
  ['a month, still on the day before', '2025-10', '2025-09-30', true],
])('a brand that joined on an unknown day and left on %s', (_when, leftOn, day, isMember) => {
  expect(isMemberOn({ joinedOn: null, leftOn }, day)).toBe(isMember);
});

test('a partial date begins on the first day of its month or year', () => {
  expect(['2025-09-15', '2025-09', '2025'].map(firstDay)).toEqual(['2025-09-15', '2025-09-01', '2025-01-01']);
});
