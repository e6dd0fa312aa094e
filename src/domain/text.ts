import type { Problems } from './problems.ts';

/** Names and titles: at least one character that is not space, at most so many. */
export function checkText(problems: Problems, path: string, text: string | null | undefined, max: number): void {
  if (text == null) return;
  if (text.trim() === '') problems.add('INVALID_INPUT', path, `${path} is empty.`);
  if (text.length > max) {
    problems.add('INVALID_INPUT', path, `${path} has ${text.length} characters; at most ${max} are allowed.`);
  }
}

/** The text as it is compared and searched: without case, accents, spaces and punctuation. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]/gu, '');
}
