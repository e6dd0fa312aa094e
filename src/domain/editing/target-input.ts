import type { Metric, TargetKind } from '../../database/generated/client.ts';
import { checkNumber } from '../claims/figure-value.ts';
import { type Day, parseDay, parsePartialDate } from '../values/calendar.ts';
import { checkDate } from '../values/date-input.ts';
import { MAX_SAFE_VALUE, type Unit, unitOf } from '../values/metric.ts';
import { PERIOD_FORMATS, type Period, parsePeriod } from '../values/period.ts';
import type { Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';

const MAX_NOTE = 2_000;

/** What a source says about a target: a number, a range or a growth, in a period or by a day. */
export interface TargetInput {
  readonly subject: string;
  /** TARGET if it is not given. */
  readonly kind?: TargetKind | null | undefined;
  readonly metric: Metric;
  readonly period?: string | null | undefined;
  readonly deadline?: string | null | undefined;
  readonly value?: number | null | undefined;
  readonly lower?: number | null | undefined;
  readonly upper?: number | null | undefined;
  readonly growthMinPercent?: number | null | undefined;
  readonly growthMaxPercent?: number | null | undefined;
  readonly setOn?: string | null | undefined;
  /** The source's row; null for an unknown id. */
  readonly sourceId: number | null;
  /** The target that this one replaces; null for an unknown id. */
  readonly revisesId?: number | null | undefined;
  readonly unit?: Unit | null | undefined;
  readonly note?: string | null | undefined;
}

/**
 * Notes everything that is wrong with the numbers, the dates and the note of a target, as stated by a source of a day if that is known. Returns
 * its period; null without one.
 */
export function checkTarget(problems: Problems, input: TargetInput, publishedOn: Day | null): Period | null {
  checkGoal(problems, input);
  checkRange(problems, input);
  checkGrowth(problems, input);
  const period = checkWhen(problems, input);
  checkSetOn(problems, input, publishedOn);
  checkText(problems, 'note', input.note, MAX_NOTE);
  return period;
}

function checkGoal(problems: Problems, input: TargetInput): void {
  const { metric, unit, value, lower, upper, growthMinPercent, growthMaxPercent } = input;
  for (const [path, number] of Object.entries({ value, lower, upper })) {
    checkNumber(problems, path, metric, number);
    if (number === 0) problems.add('INVALID_VALUE', path, 'A target is above 0.');
  }
  if ([value, lower, upper, growthMinPercent, growthMaxPercent].every((number) => number == null)) {
    problems.add('INVALID_VALUE', 'value', 'A target has a value, a range from lower, or a growth to reach.');
  }
  if (unit != null && unit !== unitOf(metric)) {
    problems.add('INVALID_UNIT', 'unit', `${metric} is counted in ${unitOf(metric)}, not in ${unit}.`);
  }
}

function checkRange(problems: Problems, { value, lower, upper }: TargetInput): void {
  if (lower == null && upper == null) return;
  if (value != null) {
    problems.add('INVALID_VALUE', 'value', 'A target has a value, or a range from lower to upper, not both.');
  }
  if (lower == null) {
    problems.add('INVALID_VALUE', 'lower', 'A range is met from its lower end, so it needs lower.');
  } else if (upper != null && lower > upper) {
    problems.add('INVALID_VALUE', 'lower', `lower ${lower} is above upper ${upper}.`);
  }
}

function checkGrowth(problems: Problems, input: TargetInput): void {
  const { growthMinPercent, growthMaxPercent } = input;
  for (const [path, percent] of Object.entries({ growthMinPercent, growthMaxPercent })) {
    if (percent != null && !(percent > -100 && percent <= MAX_SAFE_VALUE)) {
      problems.add('INVALID_VALUE', path, `${percent} percent is not a growth.`);
    }
  }
  if (growthMinPercent != null && growthMaxPercent != null && growthMinPercent > growthMaxPercent) {
    problems.add(
      'INVALID_VALUE',
      'growthMinPercent',
      `${growthMinPercent} is above growthMaxPercent ${growthMaxPercent}.`,
    );
  }
  if (isOfNumber(input) && (growthMinPercent != null || growthMaxPercent != null)) {
    const path = growthMinPercent == null ? 'growthMaxPercent' : 'growthMinPercent';
    problems.add('INVALID_VALUE', path, 'A target has a number or a growth to reach, not both.');
  }
}

function checkWhen(problems: Problems, input: TargetInput): Period | null {
  const { period: text, deadline } = input;
  const period = text == null ? null : parsePeriod(text);
  const day = deadline == null ? null : parseDay(deadline);
  if (text != null && period === null)
    problems.add('INVALID_PERIOD', 'period', `"${text}" is not a period; write ${PERIOD_FORMATS}.`);
  if (deadline != null && day === null) {
    problems.add('INVALID_INPUT', 'deadline', `"${deadline}" is not a day; write 2030-12-31.`);
  }
  if (text == null && deadline == null && isOfNumber(input)) {
    problems.add('INVALID_INPUT', 'period', 'A number is to be reached in a period or by a deadline.');
  }
  if (period !== null && day !== null && !isWithin(day, period)) {
    problems.add('INVALID_INPUT', 'deadline', `The deadline ${day} is not in the period ${period.text}.`);
  }
  return period;
}

function checkSetOn(problems: Problems, { setOn }: TargetInput, publishedOn: Day | null): void {
  checkDate(problems, 'setOn', setOn);
  const set = setOn == null ? null : parsePartialDate(setOn);
  if (set !== null && publishedOn !== null && set.first > publishedOn) {
    const published = `the source was published on ${publishedOn}`;
    problems.add('INVALID_INPUT', 'setOn', `The target was set on ${setOn}, but ${published}, before that.`);
  }
}

function isOfNumber({ value, lower }: TargetInput): boolean {
  return value != null || lower != null;
}

function isWithin(day: Day, { start, end }: Period): boolean {
  return (start === null || day >= start) && day <= end;
}
