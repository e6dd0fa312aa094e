import { addDays, addMonths, type Day, lastDayOfMonth } from '../../src/domain/values/calendar.ts';

/** More claims about one subject are daily figures of one source; up to here they are monthly figures. */
const MOST_MONTHLY = 300;
/** The number of sources that state each month. */
const SOURCES_A_MONTH = 3;
/** Long enough ago for 10,000 daily figures and those that are written after them. */
const FIRST: Day = '1990-01-01';

/** What the claims of a subject are about. */
export interface Shape {
  readonly isDaily: boolean;
  /** How many sources state the same about each period. */
  readonly sources: number;
}

/** The shape of a number of claims. */
export function shapeOf(claims: number): Shape {
  return claims > MOST_MONTHLY ? { isDaily: true, sources: 1 } : { isDaily: false, sources: SOURCES_A_MONTH };
}

/** A period with its days and its value. */
export interface Stated {
  readonly period: string;
  readonly first: Day;
  readonly last: Day;
  readonly value: number;
}

/** What is stated about a period, counted from 0. */
export function statedAt({ isDaily }: Shape, index: number): Stated {
  const first = isDaily ? addDays(FIRST, index) : addMonths(FIRST, index);
  return {
    period: isDaily ? first : first.slice(0, 7),
    first,
    last: isDaily ? first : lastDayOfMonth(first),
    value: isDaily ? 200 + ((index * 7) % 50) : 6_000 + ((index * 137) % 1_000),
  };
}
