import { BadInput, type NamedProblem, PROBLEM_CODES, type ProblemCode } from '../errors.ts';
import { builder } from './builder.ts';
import { problemsOf } from './errors.ts';

const MEANINGS: Record<ProblemCode, string> = {
  UNKNOWN_SUBJECT: 'There is no subject with this slug.',
  UNKNOWN_SOURCE: 'There is no source with this id.',
  UNKNOWN_FIGURE: 'There is no figure with this id.',
  UNKNOWN_PUBLISHER: 'There is no publisher with this slug.',
  ALREADY_RECORDED:
    'The source has already stated another value for the same subject, metric and period: revise that figure, or that target. At the path breaks: its claim is recorded without a break.',
  ALREADY_EXISTS: 'What the input creates exists already.',
  STALE_REVISION: 'It was already revised or withdrawn. If it was revised, the message names the current one.',
  FUTURE_PERIOD: 'The period has not ended yet.',
  NEGATIVE_VALUE: 'The value is below 0.',
  INVALID_VALUE:
    'The value is not possible: it is not a number, not whole, too large, or its bounds are in the wrong order.',
  INVALID_PERIOD:
    'The text is not a period, or the period ended after the source was published. If it is meant so, set acknowledgeOutlier.',
  INVALID_UNIT: 'The unit is not the unit of the metric.',
  SUSPECT_MAGNITUDE:
    'The value is implausible: 20 times over or under the pace of the neighbouring year, before the first delivery, or a part above its whole. The message says with what it was compared. If it is right, set acknowledgeOutlier.',
  INVALID_INPUT: 'The input is refused for the reason in the message.',
  TOO_MANY: 'More items were sent than are accepted at once.',
};

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'The kind of a problem with an input.',
  values: Object.fromEntries(PROBLEM_CODES.map((code) => [code, { description: MEANINGS[code] }])) as Record<
    ProblemCode,
    { description: string }
  >,
});

/** The GraphQL type of a problem. */
export const UserError = builder.objectRef<NamedProblem>('UserError').implement({
  description: 'A problem with an input. All problems are reported at once, and nothing is written.',
  fields: (t) => ({
    code: t.field({
      type: UserErrorCode,
      description: 'The kind of the problem, for programs.',
      resolve: ({ code }) => code,
    }),
    path: t.stringList({
      description: 'The path to the value in the arguments, outermost name first.',
      resolve: ({ path }) => [...path],
    }),
    message: t.exposeString('message', { description: 'The problem and a hint, for people.' }),
    didYouMean: t.stringList({
      description: 'Values that may have been meant. Empty if there is no suggestion.',
      resolve: ({ didYouMean }) => [...didYouMean],
    }),
  }),
});

/** The outcome of a write: its result, or the problems of its input. */
export interface Outcome<T> {
  readonly written: T | null;
  readonly problems: readonly NamedProblem[];
}

/** Runs a write and turns BadInput into problems. Other errors are thrown on. */
export async function outcomeOf<T>(write: Promise<T>): Promise<Outcome<T>> {
  try {
    return { written: await write, problems: [] };
  } catch (error) {
    if (error instanceof BadInput) return { written: null, problems: problemsOf(error) };
    throw error;
  }
}

/** The last field of every payload. */
export const USER_ERRORS_FIELD = {
  type: [UserError] as [typeof UserError],
  description: 'All problems of the input. Empty if it was accepted.',
  resolve: ({ problems }: { readonly problems: readonly NamedProblem[] }) => [...problems],
};

/** The field of every payload whose write is reported in the change log. */
export const CURSOR_FIELD = {
  type: 'Cursor' as const,
  nullable: true as const,
  description: 'The position in the change log after this write. Null if nothing was written.',
  resolve: ({ written }: Outcome<{ readonly cursor: string | null }>) => written?.cursor ?? null,
};
