import { GraphQLError } from 'graphql';

/** The most errors that one answer lists. */
const MOST_ERRORS = 20;

/** The first errors, and a last one that says how many more there are, or are at least. Each error takes more room than what is wrong. */
export function firstErrors(errors: readonly GraphQLError[], isAll = true): readonly GraphQLError[] {
  if (errors.length <= MOST_ERRORS) return errors;
  const more = `${isAll ? '' : 'At least '}${errors.length - MOST_ERRORS} more errors are not listed.`;
  return [...errors.slice(0, MOST_ERRORS), new GraphQLError(more, { extensions: { code: 'MORE_ERRORS' } })];
}
