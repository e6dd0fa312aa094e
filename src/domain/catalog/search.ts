import { distance } from 'fastest-levenshtein';
import type { Subject, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { foldText } from '../values/text.ts';

const MAX_SUGGESTIONS = 3;
/**
 * Maximum number of slugs that get suggestions, because each is compared with every name. A batch of misspelt slugs gets them for the
 * first ones only.
 */
const MAX_SUGGESTED = 50;
/** One wrong letter in four is accepted. In very short words every letter counts. */
const LETTERS_PER_MISTAKE = 4;
const SHORT = 2;

/** The searched names of a subject or publisher. */
type Named = Pick<Subject, 'id' | 'slug' | 'name' | 'nameZh' | 'aliases'>;

/** A lookup that found nothing. */
export interface Missed {
  readonly slug: string;
  /** The kind that was looked for. Null: any. */
  readonly kind: SubjectKind | null;
}

/** Finds subjects by slug, name, alias or Chinese name, the best match first. Case, spacing and small misspellings do not matter. */
export async function searchSubjects(
  db: Db,
  query: string,
  kinds: readonly SubjectKind[] | null | undefined,
  first: number,
): Promise<Subject[]> {
  const wanted = foldText(query);
  if (wanted === '') return [];
  const subjects = await db.subject.findMany({ where: kinds == null ? {} : { kind: { in: [...kinds] } } });
  return rank(subjects, wanted).slice(0, first);
}

/** The slugs of publishers whose slug or name is like an unknown one. */
export async function suggestPublishers(db: Db, slug: string): Promise<readonly string[]> {
  const publishers = await db.publisher.findMany();
  const named = publishers.map(({ id, slug, name }) => ({ id, slug, name, nameZh: null, aliases: [] }));
  return suggest(named, slug);
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
  const subjects = await db.subject.findMany({
    select: { id: true, kind: true, slug: true, name: true, nameZh: true, aliases: true },
  });
  return missed.map(({ slug, kind }) =>
    suggest(kind === null ? subjects : subjects.filter((subject) => subject.kind === kind), slug),
  );
}

function suggest(named: readonly Named[], slug: string): readonly string[] {
  const wanted = foldText(slug);
  if (wanted === '') return [];
  return rank(named, wanted)
    .slice(0, MAX_SUGGESTIONS)
    .map((one) => one.slug);
}

function rank<S extends Named>(subjects: readonly S[], wanted: string): S[] {
  return subjects
    .map((subject) => ({ subject, score: scoreOf(subject, wanted) }))
    .filter(({ score }) => score < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.score - b.score || a.subject.slug.length - b.subject.slug.length || a.subject.id - b.subject.id)
    .map(({ subject }) => subject);
}

/** 0 for equal, 1 for a prefix, 2 for a substring, more for the number of different letters, infinity for no match. */
function scoreOf(subject: Named, wanted: string): number {
  const names = [subject.slug, subject.name, subject.nameZh ?? '', ...subject.aliases].map(foldText);
  return Math.min(...names.filter((name) => name !== '').map((name) => scoreName(name, wanted)));
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
