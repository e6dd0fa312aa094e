import { distance } from 'fastest-levenshtein';
import type { Subject, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { loadPinyin, type Reading } from '../values/pinyin.ts';
import { foldText } from '../values/text.ts';
import { type Named, Names, readNames } from './names.ts';

const MAX_SUGGESTIONS = 3;
/**
 * Maximum number of slugs that get suggestions, because each is compared with every name. A batch of misspelt slugs gets them for the
 * first ones only.
 */
const MAX_SUGGESTED = 50;
/** One wrong letter in four is accepted. In very short words every letter counts. */
const LETTERS_PER_MISTAKE = 4;
const SHORT = 2;
const LATIN = /[a-z]/;

/** A lookup that found nothing. */
export interface Missed {
  readonly slug: string;
  /** The kind that was looked for. Null: any. */
  readonly kind: SubjectKind | null;
}

/**
 * Finds subjects by slug, name, alias or Chinese name, also by the pinyin of a Chinese one, the best match first. Case, spacing and small
 * misspellings do not matter. Of each it reads what is selected, as Prisma takes it.
 */
export async function searchSubjects(
  db: Db,
  query: string,
  kinds: readonly SubjectKind[] | null | undefined,
  first: number,
  selected: object,
): Promise<Subject[]> {
  const wanted = foldText(query);
  if (wanted === '') return [];
  const names = await readNames(db);
  const named = kinds == null ? names : names.filter(({ kind }) => kinds.includes(kind));
  const ids = rank(named, wanted, await readingFor(wanted))
    .slice(0, first)
    .map(({ id }) => id);
  if (ids.length === 0) return [];
  const rows: readonly Subject[] = await db.subject.findMany({ ...selected, where: { id: { in: ids } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The slugs of publishers whose slug or name is like an unknown one. */
export async function suggestPublishers(db: Db, slug: string): Promise<readonly string[]> {
  const publishers = await db.publisher.findMany();
  const named = publishers.map(({ id, slug, name }) => ({ id, slug, names: new Names([slug, name]) }));
  return suggest(named, slug, null);
}

/** Suggestions for each unknown slug. */
export async function suggestSlugs(db: Db, slugs: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const missed = [...new Set(slugs)].slice(0, MAX_SUGGESTED).map((slug) => ({ slug, kind: null }));
  const suggestions = await suggestMissed(db, missed);
  return new Map(missed.map(({ slug }, at) => [slug, suggestions[at] ?? []]));
}

/** Suggestions for each lookup that found nothing, in the same order. */
export async function suggestMissed(db: Db, missed: readonly Missed[]): Promise<readonly (readonly string[])[]> {
  if (missed.length === 0) return [];
  const subjects = await readNames(db);
  const read = await loadPinyin();
  return missed.map(({ slug, kind }) =>
    suggest(kind === null ? subjects : subjects.filter((subject) => subject.kind === kind), slug, read),
  );
}

/** How Chinese names are read for comparison with a text. Null: not at all, because the text is not written in Latin letters. */
async function readingFor(wanted: string): Promise<Reading | null> {
  return LATIN.test(wanted) ? loadPinyin() : null;
}

function suggest(named: readonly Named[], slug: string, read: Reading | null): readonly string[] {
  const wanted = foldText(slug);
  if (wanted === '') return [];
  return rank(named, wanted, read)
    .slice(0, MAX_SUGGESTIONS)
    .map((one) => one.slug);
}

function rank<S extends Named>(subjects: readonly S[], wanted: string, read: Reading | null): S[] {
  return subjects
    .map((subject) => ({ subject, score: scoreOf(subject.names, wanted, read) }))
    .filter(({ score }) => score < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.score - b.score || a.subject.slug.length - b.subject.slug.length || a.subject.id - b.subject.id)
    .map(({ subject }) => subject);
}

/** 0 for equal, 1 for a prefix, 2 for a substring, more for the number of different letters, infinity for no match. */
function scoreOf(names: Names, wanted: string, read: Reading | null): number {
  let best = Number.POSITIVE_INFINITY;
  for (const text of names.written) best = Math.min(best, scoreName(text, wanted));
  for (const text of names.spoken(read)) best = Math.min(best, scoreSpoken(text, wanted));
  return best;
}

/** Inside of a name pinyin is not looked for: half of all makers are called something with qiche, car. */
function scoreSpoken(name: string, wanted: string): number {
  const isInside = !name.startsWith(wanted) && name.includes(wanted);
  return isInside ? Number.POSITIVE_INFINITY : scoreName(name, wanted);
}

function scoreName(name: string, wanted: string): number {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (name.includes(wanted)) return 2;
  if (wanted.length <= SHORT) return Number.POSITIVE_INFINITY;
  const allowed = Math.ceil(wanted.length / LETTERS_PER_MISTAKE);
  // The comparison takes time in proportion to both lengths. It is skipped when the lengths differ too much.
  if (Math.abs(name.length - wanted.length) > allowed) return Number.POSITIVE_INFINITY;
  const mistakes = distance(name, wanted);
  return mistakes <= allowed && mistakes < name.length ? 2 + mistakes : Number.POSITIVE_INFINITY;
}
