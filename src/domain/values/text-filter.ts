import { collectProblems } from './problems.ts';

const MAX_TEXT = 200;
/** In a pattern of Postgres each of these stands for something else. */
const WILDCARDS = /[\\%_]/g;

/** A condition on a text, as Prisma takes it. */
export interface TextFilter {
  readonly contains: string;
  readonly mode: 'insensitive';
}

/**
 * The condition that a text contains another one, in upper or lower case. Null for an empty text, which is in every text. Throws BadInput
 * with INVALID_INPUT for one that is too long.
 */
export function containing(sent: string | null | undefined): TextFilter | null {
  const text = sent?.trim() ?? '';
  if (text === '') return null;
  const problems = collectProblems('filter');
  if (text.length > MAX_TEXT) {
    problems.add('INVALID_INPUT', 'text', `text has ${text.length} characters; at most ${MAX_TEXT} are searched for.`);
  }
  problems.throwIfAny();
  return { contains: text.replace(WILDCARDS, '\\$&'), mode: 'insensitive' };
}
