import { type PartialDate, parsePartialDate } from './calendar.ts';
import type { Problems } from './problems.ts';

/** Parses a date of an input, and notes a text that is not one. Null without a date. */
export function checkDate(problems: Problems, path: string, text: string | null | undefined): PartialDate | null {
  if (text == null) return null;
  const date = parsePartialDate(text);
  if (date === null)
    problems.add('INVALID_INPUT', path, `"${text}" is not a date; write 2024, 2024-Q3, 2024-10 or 2024-10-15.`);
  return date;
}
