import type { Metric, TargetKind } from '../../database/generated/client.ts';
import { checkNumber } from '../claims/figure-value.ts';
import { parseDay } from '../values/calendar.ts';
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

/** Notes everything that is wrong with the numbers, the dates and the note of a target. Returns its period; null without one. */
export function checkTarget(problems: Problems, input: TargetInput): Period | null {
  checkGoal(problems, input);
  checkRange(problems, input);
  checkGrowth(problems, input);
  const period = checkWhen(problems, input);
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

function checkGrowth(problems: Problems, { growthMinPercent, growthMaxPercent }: TargetInput): void {
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
}

function checkWhen(problems: Problems, { period: text, deadline, setOn }: TargetInput): Period | null {
  const period = text == null ? null : parsePeriod(text);
  if (text != null && period === null)
    problems.add('INVALID_PERIOD', 'period', `"${text}" is not a period; write ${PERIOD_FORMATS}.`);
  if (deadline != null && parseDay(deadline) === null) {
    problems.add('INVALID_INPUT', 'deadline', `"${deadline}" is not a day; write 2030-12-31.`);
  }
  checkDate(problems, 'setOn', setOn);
  return period;
}
