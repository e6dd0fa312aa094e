import type { Subject, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readRows } from '../../database/read-rows.ts';
import { loadPinyin, type Reading } from '../values/pinyin.ts';
import { foldText } from '../values/text.ts';
import { NameIndex } from './name-index.ts';
import { readNames } from './names.ts';

const MAX_SUGGESTIONS = 3;
/**
 * Maximum number of slugs that get suggestions, because each is compared with every name. A batch of misspelt slugs gets them for the
 * first ones only.
 */
const MAX_SUGGESTED = 50;
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
  const ids = names
    .find(wanted, await readingFor(wanted), { first, passes: ({ kind }) => kinds == null || kinds.includes(kind) })
    .map(({ id }) => id);
  if (ids.length === 0) return [];
  const rows = await readRows(db, 'Subject', { ...selected, where: { id: { in: ids } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The slugs of publishers whose slug or name is like an unknown one. */
export async function suggestPublishers(db: Db, slug: string): Promise<readonly string[]> {
  const publishers = await db.publisher.findMany();
  const names = new NameIndex(publishers.map(({ id, slug, name }) => ({ id, slug, names: [slug, name] })));
  return slugsOf(names.find(foldText(slug), null, { first: MAX_SUGGESTIONS }));
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
  const names = await readNames(db);
  const read = await loadPinyin();
  return missed.map(({ slug, kind }) =>
    slugsOf(
      names.find(foldText(slug), read, {
        first: MAX_SUGGESTIONS,
        passes: (subject) => kind === null || subject.kind === kind,
      }),
    ),
  );
}

/** How Chinese names are read for comparison with a text. Null: not at all, because the text is not written in Latin letters. */
async function readingFor(wanted: string): Promise<Reading | null> {
  return LATIN.test(wanted) ? loadPinyin() : null;
}

function slugsOf(found: readonly { readonly slug: string }[]): readonly string[] {
  return found.map(({ slug }) => slug);
}
