import { EDGES } from '../../changes/hierarchy.ts';
import type { Subject } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { required } from '../../required.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { suggestSlugs } from './search.ts';

export const SLUG_FORMAT = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_LOOKED_UP = 100;

/** The slug that a text names: no slug has capital letters, or spaces around it. */
export function slugOf(text: string): string {
  return text.trim().toLowerCase();
}

/** The id of the subject that a text names; null if there is none. */
export async function findSubjectId(db: Db, text: string): Promise<number | null> {
  const found: Pick<Subject, 'id'> | null = await db.subject.findUnique({
    where: { slug: slugOf(text) },
    select: { id: true },
  });
  return found?.id ?? null;
}

/** The subjects of at most 100 slugs, in the order of the slugs; throws BadInput (path subjects) for unknown slugs or too many. */
export async function resolveSubjectsInOrder(db: Db, slugs: readonly string[]): Promise<readonly Subject[]> {
  const problems = collectProblems();
  if (slugs.length > MAX_LOOKED_UP) {
    problems.add(
      'TOO_MANY',
      'subjects',
      `${slugs.length} subjects were asked for; at most ${MAX_LOOKED_UP} are answered at once.`,
    );
  }
  problems.throwIfAny();
  const found = await resolveSubjects(
    db,
    slugs.map((slug) => ({ slug, problems, path: 'subjects' })),
  );
  problems.throwIfAny();
  return slugs.map((slug) => required(found, slug));
}

/** A text that names a subject, and where it is in the input. */
interface WantedSubject {
  readonly slug: string;
  readonly problems: Problems;
  readonly path: string;
}

/** Finds many slugs at once, each under the text that names it. Notes UNKNOWN_SUBJECT, with suggestions, for each unknown one. */
export async function resolveSubjects(db: Db, wanted: readonly WantedSubject[]): Promise<ReadonlyMap<string, Subject>> {
  const slugs = [...new Set(wanted.map(({ slug }) => slugOf(slug)))];
  return matchSlugs(db, wanted, await db.subject.findMany({ where: { slug: { in: slugs } } }));
}

/** The same among the subjects that were found for the slugs. */
export async function matchSlugs<Found extends Pick<Subject, 'slug'>>(
  db: Db,
  wanted: readonly WantedSubject[],
  found: readonly Found[],
): Promise<ReadonlyMap<string, Found>> {
  const bySlug = new Map(found.map((subject) => [subject.slug, subject]));
  const byText = new Map<string, Found>();
  for (const { slug } of wanted) {
    const subject = bySlug.get(slugOf(slug));
    if (subject !== undefined) byText.set(slug, subject);
  }
  const unknown = wanted.filter(({ slug }) => !byText.has(slug));
  const suggestions = await suggestSlugs(
    db,
    unknown.map(({ slug }) => slug),
  );
  for (const { slug, problems, path } of unknown) {
    problems.add('UNKNOWN_SUBJECT', path, `There is no subject "${slug}".`, suggestions.get(slug));
  }
  return byText;
}

/** The ids of the subjects and, if requested, of everything below them. Throws BadInput (path subjects) for unknown slugs. */
export async function expandSubjects(db: Db, slugs: readonly string[], includeDescendants: boolean): Promise<number[]> {
  const problems = collectProblems('filter');
  const found = await resolveSubjects(
    db,
    slugs.map((slug) => ({ slug, problems, path: 'subjects' })),
  );
  problems.throwIfAny();
  const ids = [...new Set([...found.values()].map((subject) => subject.id))];
  if (!includeDescendants || ids.length === 0) return ids;
  const rows = await db.$queryRaw<{ id: number }[]>`
    /* expandSubjects */
    with recursive below(id) as (
      select unnest(${ids}::int[])
      union
      select edge.below from below join ${EDGES} edge on edge.above = below.id
    )
    select id from below`;
  return rows.map((row) => row.id);
}

/** The company at the top of a chain of brands: that of a brand, or of a brand that the brand is part of. Null if none is known. */
export async function companyAbove(db: Db, above: Subject | null): Promise<Subject | null> {
  const passed = new Set<number>();
  let at = above;
  // A database that was changed by hand can have a circle.
  while (at?.kind === 'BRAND' && !passed.has(at.id)) {
    passed.add(at.id);
    at = at.parentId === null ? null : await db.subject.findUnique({ where: { id: at.parentId } });
  }
  return at?.kind === 'COMPANY' ? at : null;
}
