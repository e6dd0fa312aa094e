import { distance } from 'fastest-levenshtein';
import type { Reading } from '../values/pinyin.ts';
import { foldText } from '../values/text.ts';

/** One wrong letter in four is accepted. In very short words every letter counts. */
const LETTERS_PER_MISTAKE = 4;
const SHORT = 2;
const NO_MATCH = Number.POSITIVE_INFINITY;

/** Something that is found by its names. */
export interface Named {
  readonly id: number;
  readonly slug: string;
  readonly names: readonly string[];
}

/** Texts in the form for comparison, one after the other, each with the letters that it has and the place of whose name it is. */
interface Texts {
  readonly texts: readonly string[];
  readonly letters: Int32Array;
  readonly owners: Int32Array;
}

/**
 * Finds things by their names. Of most names the letters alone tell that they do not match, so a search takes little more time among ten
 * thousand things than among a hundred.
 */
export class NameIndex<Thing extends Named> {
  readonly things: readonly Thing[];
  readonly #written: Texts;
  #spoken: Texts | null = null;

  constructor(things: readonly Thing[]) {
    this.things = things;
    this.#written = collect(things, foldText);
  }

  /**
   * Those that match a text in the form for comparison, the best match first, then the shortest slug; none match an empty text. With a
   * reading also by how names are read, where that is different.
   */
  find(wanted: string, read: Reading | null, passes: (thing: Thing) => boolean = () => true): Thing[] {
    const scores = new Map<number, number>();
    if (wanted === '') return [];
    addScores(this.#written, wanted, scoreName, scores);
    if (read !== null) addScores(this.#readWith(read), wanted, scoreSpoken, scores);
    return [...scores]
      .map(([at, score]) => ({ thing: this.things[at] as Thing, score }))
      .filter(({ thing }) => passes(thing))
      .sort((a, b) => a.score - b.score || a.thing.slug.length - b.thing.slug.length || a.thing.id - b.thing.id)
      .map(({ thing }) => thing);
  }

  #readWith(read: Reading): Texts {
    this.#spoken ??= collect(this.things, read);
    return this.#spoken;
  }
}

function collect(things: readonly Named[], form: (name: string) => string): Texts {
  const found = things.flatMap(({ names }, owner) =>
    names.flatMap((name) => {
      const text = form(name);
      return text === '' ? [] : { text, owner };
    }),
  );
  return {
    texts: found.map(({ text }) => text),
    letters: Int32Array.from(found, ({ text }) => lettersOf(text)),
    owners: Int32Array.from(found, ({ owner }) => owner),
  };
}

/** Adds the best score of each owner of a text that matches. */
function addScores(
  { texts, letters, owners }: Texts,
  wanted: string,
  scoreOf: (name: string, wanted: string) => number,
  scores: Map<number, number>,
): void {
  const ofWanted = lettersOf(wanted);
  const allowed = mistakesIn(wanted);
  for (let at = 0; at < texts.length; at += 1) {
    // Each letter that a name lacks is a mistake, and a name with the text in it lacks none.
    if (countOf(ofWanted & ~(letters[at] as number)) > allowed) continue;
    const score = scoreOf(texts[at] as string, wanted);
    const owner = owners[at] as number;
    if (score < (scores.get(owner) ?? NO_MATCH)) scores.set(owner, score);
  }
}

/** Which letters a text has, as bits. Several letters share a bit. */
function lettersOf(text: string): number {
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) letters |= 1 << (text.charCodeAt(at) % 32);
  return letters;
}

/** How many bits are set. */
function countOf(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}

/** Inside of a name pinyin is not looked for: half of all makers are called something with qiche, car. */
function scoreSpoken(name: string, wanted: string): number {
  const isInside = !name.startsWith(wanted) && name.includes(wanted);
  return isInside ? NO_MATCH : scoreName(name, wanted);
}

/** 0 for equal, 1 for a prefix, 2 for a substring, more for the number of different letters, infinity for no match. */
function scoreName(name: string, wanted: string): number {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (name.includes(wanted)) return 2;
  const allowed = mistakesIn(wanted);
  // The comparison takes time in proportion to both lengths. It is skipped when the lengths differ too much.
  if (allowed === 0 || Math.abs(name.length - wanted.length) > allowed) return NO_MATCH;
  const mistakes = distance(name, wanted);
  return mistakes <= allowed && mistakes < name.length ? 2 + mistakes : NO_MATCH;
}

function mistakesIn(wanted: string): number {
  return wanted.length <= SHORT ? 0 : Math.ceil(wanted.length / LETTERS_PER_MISTAKE);
}
