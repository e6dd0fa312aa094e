import { expect, test } from 'vitest';
import { isDay } from '../../dashboard/src/format/is-day.ts';

test.each(['2026-02-28', '2024-02-29', '1999-12-31'])('%s is a day', (text) => {
  expect(isDay(text)).toBe(true);
});

test.each(['2026-02-30', '2025-02-29', '2026-13-45', '2026-00-10', '0000-00-00', '0001-01-01', '2026-7-1', '\0', ''])(
  '%j is none',
  (text) => {
    expect(isDay(text)).toBe(false);
  },
);
