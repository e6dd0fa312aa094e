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

/** How many are wanted, and which. */
interface Wish<Thing> {
  readonly first: number;
  readonly passes?: (thing: Thing) => boolean;
}

type ScoreOf = (name: string, wanted: string) => number;

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
   * The first that match a text in the form for comparison, the best match first, then the shortest slug; none match an empty text. With a
   * reading also by how names are read, where that is different. Misspelt ones are only looked for if there are not enough others.
   */
  find(wanted: string, read: Reading | null, { first, passes = () => true }: Wish<Thing>): Thing[] {
    if (wanted === '') return [];
    const scores = new Map<number, number>();
    const spoken = read === null ? null : this.#readWith(read);
    const addAll = (allowed: number, scoreOf: ScoreOf): void => {
      addScores(this.#written, wanted, { allowed, scoreOf }, scores);
      if (spoken !== null) addScores(spoken, wanted, { allowed, scoreOf: notInside(scoreOf) }, scores);
    };
    addAll(0, scoreInside);
    const found = this.#inOrder(scores, passes);
    if (found.length >= first || mistakesIn(wanted) === 0) return found.slice(0, first);
    addAll(mistakesIn(wanted), scoreMisspelt);
    return this.#inOrder(scores, passes).slice(0, first);
  }

  #inOrder(scores: ReadonlyMap<number, number>, passes: (thing: Thing) => boolean): Thing[] {
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

/** Adds the best score of each owner of a text that matches, among those that lack no more letters than are allowed. */
function addScores(
  { texts, letters, owners }: Texts,
  wanted: string,
  { allowed, scoreOf }: { readonly allowed: number; readonly scoreOf: ScoreOf },
  scores: Map<number, number>,
): void {
  const ofWanted = lettersOf(wanted);
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
function notInside(scoreOf: ScoreOf): ScoreOf {
  return (name, wanted) => (!name.startsWith(wanted) && name.includes(wanted) ? NO_MATCH : scoreOf(name, wanted));
}

/** 0 for equal, 1 for a prefix, 2 for a substring, infinity for no match. */
function scoreInside(name: string, wanted: string): number {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  return name.includes(wanted) ? 2 : NO_MATCH;
}

/** 2 and the number of different letters, infinity if they are too many. */
function scoreMisspelt(name: string, wanted: string): number {
  const allowed = mistakesIn(wanted);
  // The comparison takes time in proportion to both lengths. It is skipped when the lengths differ too much.
  if (Math.abs(name.length - wanted.length) > allowed) return NO_MATCH;
  const mistakes = distance(name, wanted);
  return mistakes <= allowed && mistakes < name.length ? 2 + mistakes : NO_MATCH;
}

function mistakesIn(wanted: string): number {
  return wanted.length <= SHORT ? 0 : Math.ceil(wanted.length / LETTERS_PER_MISTAKE);
}
