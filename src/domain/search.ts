import { distance } from 'fastest-levenshtein';
import type { Subject, SubjectKind } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { foldText } from './text.ts';

const MAX_SUGGESTIONS = 3;
/** Suggestions cost a comparison with every name; a batch of nothing but misspellings gets them for its first ones. */
const MAX_SUGGESTED = 50;
/** One misspelt letter in four is still the same word to a reader; of very short words every letter counts. */
const LETTERS_PER_MISTAKE = 4;
const SHORT = 2;

/** What is searched: the names under which a subject goes. */
type Named = Pick<Subject, 'id' | 'slug' | 'name' | 'nameZh' | 'aliases'>;

/** Subjects by slug, name, alias or Chinese name, the best match first; case, spacing and small misspellings do not matter. */
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

/** For each slug that does not exist, the slugs that may have been meant. */
export async function suggestSlugs(db: Db, slugs: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (slugs.length === 0) return new Map();
  const subjects = await db.subject.findMany({
    select: { id: true, slug: true, name: true, nameZh: true, aliases: true },
  });
  const suggest = (slug: string): readonly string[] => {
    const wanted = foldText(slug);
    return wanted === ''
      ? []
      : rank(subjects, wanted)
          .slice(0, MAX_SUGGESTIONS)
          .map((subject) => subject.slug);
  };
  return new Map([...new Set(slugs)].slice(0, MAX_SUGGESTED).map((slug) => [slug, suggest(slug)]));
}

function rank<S extends Named>(subjects: readonly S[], wanted: string): S[] {
  return subjects
    .map((subject) => ({ subject, score: scoreOf(subject, wanted) }))
    .filter(({ score }) => score < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.score - b.score || a.subject.slug.length - b.subject.slug.length || a.subject.id - b.subject.id)
    .map(({ subject }) => subject);
}

/** 0 the same, 1 begins with it, 2 contains it, above that the letters that differ; infinity: something else. */
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
  // The comparison takes time by the length of both; texts that differ more in length need none.
  if (Math.abs(name.length - wanted.length) > allowed) return Number.POSITIVE_INFINITY;
  const mistakes = distance(name, wanted);
  return mistakes <= allowed && mistakes < name.length ? 2 + mistakes : Number.POSITIVE_INFINITY;
}
