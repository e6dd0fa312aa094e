import { EDGES } from '../../changes/hierarchy.ts';
import type { Subject } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readRows } from '../../database/read-rows.ts';
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

/**
 * The subjects of at most 100 slugs, in the order of the slugs; throws BadInput (path subjects) for unknown slugs or too many. What else is
 * read with each row is given.
 */
export async function resolveSubjectsInOrder(
  db: Db,
  slugs: readonly string[],
  more: object = {},
): Promise<readonly Subject[]> {
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
    more,
  );
  problems.throwIfAny();
  return slugs.map((slug) => required(found, slug));
}

/** Finds many slugs at once, each under the text that names it. Notes UNKNOWN_SUBJECT, with suggestions, for each unknown one. */
export async function resolveSubjects(
  db: Db,
  wanted: readonly Wanted[],
  more: object = {},
): Promise<ReadonlyMap<string, Subject>> {
  const slugs = [...new Set(wanted.map(({ slug }) => slugOf(slug)))];
  const found = await readRows(db, 'Subject', { ...more, where: { slug: { in: slugs } } });
  return matchSlugs(db, wanted, found);
}

/** The same among the subjects that were found for the slugs. */
export async function matchSlugs<Found extends Pick<Subject, 'slug'>>(
  db: Db,
  wanted: readonly Wanted[],
  found: readonly Found[],
): Promise<ReadonlyMap<string, Found>> {
  const bySlug = new Map(found.map((subject) => [subject.slug, subject]));
  const byText = new Map<string, Found>();
  for (const { slug } of wanted) {
    const subject = bySlug.get(slugOf(slug));
    if (subject !== undefined) byText.set(slug, subject);
  }
  await noteUnknown(
    db,
    wanted.filter(({ slug }) => !byText.has(slug)),
  );
  return byText;
}

/** Subjects, and everything below them. */
export interface Expanded {
  /** The ids of the subjects themselves. */
  readonly own: number[];
  /** Their ids, and those of everything below them. */
  readonly all: number[];
}

/** The ids of the subjects and, if requested, of everything below them. Throws BadInput (path subjects) for unknown slugs. */
export async function expandSubjects(db: Db, slugs: readonly string[], includeDescendants: boolean): Promise<number[]> {
  return (await readSubjectsBelow(db, slugs, includeDescendants)).all;
}

/** The ids of the subjects, and of everything below them unless that is not wanted. Throws BadInput (path subjects) for unknown slugs. */
export async function readSubjectsBelow(
  db: Db,
  slugs: readonly string[],
  includeDescendants: boolean,
): Promise<Expanded> {
  const named = [...new Set(slugs.map(slugOf))];
  const rows = await db.$queryRaw<{ readonly id: number; readonly slug: string | null }[]>`
    /* expandSubjects */
    with recursive below(id) as (
      select id from "Subject" where slug = any(${named}::text[])
      union
      -- The offset forces index lookups: the planner would read all subjects for each level.
      select edge.below
        from below
       cross join lateral (select edge.below from ${EDGES} edge where edge.above = below.id offset 0) edge
       where ${includeDescendants}
    )
    select below.id, own.slug
      from below
      left join "Subject" own on own.id = below.id and own.slug = any(${named}::text[])`;
  const own = rows.filter(({ slug }) => slug !== null);
  const known = new Set(own.map(({ slug }) => slug));
  await refuseUnknown(db, slugs, (slug) => known.has(slugOf(slug)));
  return { own: own.map(({ id }) => id), all: rows.map(({ id }) => id) };
}

/** Throws BadInput (path subjects) with suggestions if any of the slugs is unknown. */
async function refuseUnknown(db: Db, slugs: readonly string[], isKnown: (slug: string) => boolean): Promise<void> {
  const problems = collectProblems('filter');
  const unknown = slugs.filter((slug) => !isKnown(slug));
  await noteUnknown(
    db,
    unknown.map((slug) => ({ slug, problems, path: 'subjects' })),
  );
  problems.throwIfAny();
}

/** A slug that was asked for, and where an unknown one is noted. */
interface Wanted {
  readonly slug: string;
  readonly problems: Problems;
  readonly path: string;
}

async function noteUnknown(db: Db, unknown: readonly Wanted[]): Promise<void> {
  const suggestions = await suggestSlugs(
    db,
    unknown.map(({ slug }) => slug),
  );
  for (const { slug, problems, path } of unknown) {
    problems.add('UNKNOWN_SUBJECT', path, `There is no subject "${slug}".`, suggestions.get(slug));
  }
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
