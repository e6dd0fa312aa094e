import { BadInput, PROBLEM_CODES, type Problem, type ProblemCode } from '../errors.ts';
import { builder } from './builder.ts';

const MEANINGS: Record<ProblemCode, string> = {
  UNKNOWN_SUBJECT: 'There is no subject with this slug.',
  UNKNOWN_SOURCE: 'There is no source with this id.',
  UNKNOWN_FIGURE: 'There is no figure with this id.',
  ALREADY_RECORDED: 'The same source has already said something else about the same slot; revise that figure.',
  ALREADY_EXISTS: 'It is there already.',
  STALE_REVISION: 'It was revised already; the message names the current one.',
  FUTURE_PERIOD: 'The period has not ended yet.',
  NEGATIVE_VALUE: 'The value is below 0.',
  INVALID_VALUE: 'The value cannot be: not a number, not whole, too large, or out of order.',
  INVALID_PERIOD: 'The text is not a period.',
  INVALID_UNIT: 'The unit does not go with the metric.',
  SUSPECT_MAGNITUDE: 'The value is 20 times over or under the neighbouring periods; confirm with acknowledgeOutlier.',
  INVALID_INPUT: 'The input cannot be accepted; the message says why.',
  TOO_MANY: 'More was sent than is taken at once.',
};

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'What is wrong with an input.',
  values: Object.fromEntries(PROBLEM_CODES.map((code) => [code, { description: MEANINGS[code] }])) as Record<
    ProblemCode,
    { description: string }
  >,
});

/** The GraphQL type of a problem. */
export const UserError = builder.objectRef<Problem>('UserError').implement({
  description: 'One thing wrong with an input. All are named at once, and nothing was written.',
  fields: (t) => ({
    code: t.field({ type: UserErrorCode, description: 'What is wrong, for programs.', resolve: ({ code }) => code }),
    path: t.stringList({
      description: 'Where it is in the arguments, step by step.',
      resolve: ({ path }) => [...path],
    }),
    message: t.exposeString('message', { description: 'What is wrong, for people, with a hint.' }),
    didYouMean: t.stringList({
      description: 'What may have been meant.',
      resolve: ({ didYouMean }) => [...didYouMean],
    }),
  }),
});

/** The outcome of a write: what it returned, or what was wrong with its input. */
export interface Outcome<T> {
  readonly written: T | null;
  readonly problems: readonly Problem[];
}

/** Runs a write and turns BadInput into problems; other errors pass. */
export async function outcomeOf<T>(write: Promise<T>): Promise<Outcome<T>> {
  try {
    return { written: await write, problems: [] };
  } catch (error) {
    if (error instanceof BadInput) return { written: null, problems: error.problems };
    throw error;
  }
}

/** The field every payload ends with. */
export const USER_ERRORS_FIELD = {
  type: [UserError] as [typeof UserError],
  description: 'Everything wrong with the input; empty when it was accepted.',
  resolve: ({ problems }: { readonly problems: readonly Problem[] }) => [...problems],
};

/** The field of every payload whose write reaches the change log. */
export const CURSOR_FIELD = {
  type: 'Cursor' as const,
  nullable: true as const,
  description: 'The place in the change log behind this write; null when nothing was written.',
  resolve: ({ written }: Outcome<{ readonly cursor: string | null }>) => written?.cursor ?? null,
};
