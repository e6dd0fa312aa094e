import type { Metric, Qualifier } from '../../database/generated/client.ts';
import { isWhole, MAX_SAFE_VALUE, type Unit, unitOf } from '../values/metric.ts';
import type { Problems } from '../values/problems.ts';

/** The numbers of a claim. */
export interface StatedValue {
  readonly value?: number | null | undefined;
  readonly lower?: number | null | undefined;
  readonly upper?: number | null | undefined;
  readonly qualifier: Qualifier;
  readonly unit?: Unit | null | undefined;
  readonly statedChangePercent?: number | null | undefined;
}

/** The parts of a claim that decide whether it is the same when it is sent again. */
export interface Statement {
  readonly value?: number | null;
  readonly lower?: number | null;
  readonly upper?: number | null;
  readonly qualifier: Qualifier;
  readonly statedChangePercent?: number | null;
}

/** Whether two claims state the same. */
export function sameStatement(a: Statement, b: Statement): boolean {
  return (
    a.value === b.value &&
    a.lower === b.lower &&
    a.upper === b.upper &&
    a.qualifier === b.qualifier &&
    a.statedChangePercent === b.statedChangePercent
  );
}

/** A claim's number for use in a message. */
export function describeStatement({ value, lower, upper, qualifier, statedChangePercent }: Statement): string {
  if (qualifier === 'BETWEEN') return `between ${lower} and ${upper}`;
  if (value == null) return `a change of ${statedChangePercent} percent`;
  return qualifier === 'EXACT' ? String(value) : `${qualifier.toLowerCase()} ${value}`;
}

/** Checks the numbers of a claim: each by itself, with the qualifier, and, if the metric is known, with the unit. */
export function checkValue(problems: Problems, metric: Metric | null, stated: StatedValue): void {
  const { qualifier, value, lower, upper, statedChangePercent, unit } = stated;
  checkNumber(problems, 'value', metric, value);
  checkNumber(problems, 'lower', metric, lower);
  checkNumber(problems, 'upper', metric, upper);
  if (statedChangePercent != null && (!Number.isFinite(statedChangePercent) || statedChangePercent < -100)) {
    problems.add(
      'INVALID_VALUE',
      'statedChangePercent',
      `${statedChangePercent} percent is not a change of something that cannot fall below 0.`,
    );
  }
  if (metric !== null && unit != null && unit !== unitOf(metric)) {
    problems.add('INVALID_UNIT', 'unit', `${metric} is counted in ${unitOf(metric)}, not in ${unit}.`);
  }
  if (qualifier === 'BETWEEN') checkRange(problems, value, lower, upper);
  else {
    if (lower != null) problems.add('INVALID_VALUE', 'lower', 'lower goes with the qualifier BETWEEN only.');
    if (upper != null) problems.add('INVALID_VALUE', 'upper', 'upper goes with the qualifier BETWEEN only.');
    if (value == null && statedChangePercent == null) {
      problems.add('INVALID_VALUE', 'value', 'A claim has a value, or at least a statedChangePercent.');
    }
  }
}

function checkRange(
  problems: Problems,
  value: number | null | undefined,
  lower: number | null | undefined,
  upper: number | null | undefined,
): void {
  if (lower == null) problems.add('INVALID_VALUE', 'lower', 'BETWEEN needs lower.');
  if (upper == null) problems.add('INVALID_VALUE', 'upper', 'BETWEEN needs upper.');
  if (lower == null || upper == null) return;
  if (lower > upper) problems.add('INVALID_VALUE', 'lower', `lower ${lower} is above upper ${upper}.`);
  else if (value != null && (value < lower || value > upper)) {
    problems.add('INVALID_VALUE', 'value', `${value} is not between ${lower} and ${upper}.`);
  }
}

/** Checks that a number is allowed for the metric, or for any metric if it is null. All inputs with a number use it. */
export function checkNumber(
  problems: Problems,
  path: string,
  metric: Metric | null,
  value: number | null | undefined,
): void {
  if (value == null) return;
  if (!Number.isFinite(value)) problems.add('INVALID_VALUE', path, `${value} is not a number.`);
  else if (value < 0) problems.add('NEGATIVE_VALUE', path, `${value} is below 0.`);
  else if (value > MAX_SAFE_VALUE)
    problems.add('INVALID_VALUE', path, `${value} is above ${MAX_SAFE_VALUE}, the largest number kept exactly.`);
  else if (metric === null) return;
  else if (isWhole(metric) && !Number.isInteger(value))
    problems.add('INVALID_VALUE', path, `${value} is not a whole number of ${unitOf(metric)}.`);
  else if (unitOf(metric) === 'PERCENT' && value > 100)
    problems.add('INVALID_VALUE', path, `A share of ${value} percent is above 100.`);
}
