import { isDeepStrictEqual } from 'node:util';
import type { Contestant } from './contestant.ts';
import { askOnce } from './load.ts';
import type { Question } from './questions.ts';

/** Returns the bytes of an answer. Throws if it says anything else than that of the product, in whatever order its fields are. */
export async function checkAnswer(contestant: Contestant, question: Question, expected: unknown): Promise<number> {
  const body = await askOnce(contestant.requestOf(question));
  const { data, errors } = JSON.parse(body);
  if (errors !== undefined) throw new Error(`${contestant.kind}, ${question.name}: ${JSON.stringify(errors)}`);
  const difference = differenceOf(data, expected);
  if (difference !== null) throw new Error(`${contestant.kind}, ${question.name}: ${difference}`);
  return Buffer.byteLength(body);
}

/** The first place at which two answers differ, with both values; null if there is none. */
function differenceOf(answer: unknown, expected: unknown, path = 'data'): string | null {
  if (isDeepStrictEqual(answer, expected)) return null;
  if (isObject(answer) && isObject(expected))
    for (const key of new Set([...Object.keys(answer), ...Object.keys(expected)])) {
      const difference = differenceOf(answer[key], expected[key], `${path}.${key}`);
      if (difference !== null) return difference;
    }
  return `${path} is ${JSON.stringify(answer)} instead of ${JSON.stringify(expected)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
