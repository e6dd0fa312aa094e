import type { Problems } from './problems.ts';

/** Checks names and titles: at least one character other than spaces, and a maximum length. */
export function checkText(problems: Problems, path: string, text: string | null | undefined, max: number): void {
  if (text == null) return;
  if (text.trim() === '') problems.add('INVALID_INPUT', path, `${path} is empty.`);
  if (text.length > max) {
    problems.add('INVALID_INPUT', path, `${path} has ${text.length} characters; at most ${max} are allowed.`);
  }
}

/** The text in the form for comparison and search: without case, accents, spaces and punctuation. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]/gu, '');
}

/** Names as a phrase: "nio, onvo and firefly". */
export function listOf(names: readonly string[]): string {
  return names.length <= 1 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
