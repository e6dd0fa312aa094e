import { type Day, parseDay } from './calendar.ts';
import { collectProblems } from './problems.ts';

/** The days in fields of a filter. Throws BadInput with INVALID_INPUT for a text that is not a day. */
export function checkDays<Name extends string>(
  days: Readonly<Record<Name, string | null | undefined>>,
): Readonly<Record<Name, Day | null>> {
  const problems = collectProblems('filter');
  const checked = Object.entries<string | null | undefined>(days).map(([name, text]) => {
    const day = text == null ? null : parseDay(text);
    if (text != null && day === null) problems.add('INVALID_INPUT', name, `"${text}" is not a day; write 2024-10-15.`);
    return [name, day];
  });
  problems.throwIfAny();
  return Object.fromEntries(checked) as Record<Name, Day | null>;
}
