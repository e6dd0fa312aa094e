import type { OperationTypeNode } from 'graphql';
import { collectProblems, type Problems } from '../domain/values/problems.ts';

/** The most items of a list in an argument. Mutations say themselves how many they take, at most 1,000, among the errors of their input. */
export const MOST_ITEMS = { query: 100, subscription: 100, mutation: 10_000 } as const;
/** The most characters of a text in an argument. Names and titles have limits of their own. */
const MOST_CHARACTERS = 10_000;

/** Refuses arguments with lists or texts that are too long. Throws BadInput with the path of each. */
export function refuseArguments(args: Readonly<Record<string, unknown>>, operation: `${OperationTypeNode}`): void {
  const problems = collectProblems();
  for (const [name, value] of Object.entries(args)) checkValue(value, problems.at(name), MOST_ITEMS[operation]);
  problems.throwIfAny();
}

function checkValue(value: unknown, problems: Problems, mostItems: number): void {
  if (typeof value === 'string') {
    if (value.length <= MOST_CHARACTERS) return;
    problems.add(
      'INVALID_INPUT',
      [],
      `A text of ${value.length} characters was sent; at most ${MOST_CHARACTERS} are accepted.`,
    );
  } else if (Array.isArray(value)) {
    // Its items are not looked at: a list that is too long is to be refused without work.
    if (value.length > mostItems)
      problems.add('TOO_MANY', [], `${value.length} items were sent; at most ${mostItems} are accepted at once.`);
    else for (const [index, item] of value.entries()) checkValue(item, problems.at(String(index)), mostItems);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    for (const [name, item] of Object.entries(value)) checkValue(item, problems.at(name), mostItems);
  }
}
