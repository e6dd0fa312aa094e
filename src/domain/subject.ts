import type { Powertrain, PrismaClient, Subject, SubjectKind } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { parsePartialDate } from './calendar.ts';
import { edit, only, type Scope, together, withLineAbove, withWholes } from './edit.ts';
import { resettleMilestones } from './milestone-detection.ts';
import { collectProblems, type Problems } from './problems.ts';
import { resolveSubjects, SLUG_FORMAT } from './subject-lookup.ts';
import { checkText } from './text.ts';

const MAX_SLUG = 80;
const MAX_NAME = 200;
const MAX_ALIASES = 50;

/** What may stand above a subject, by kind; a kind that is not here has no parent. */
const PARENT_KINDS: Partial<Record<SubjectKind, readonly SubjectKind[]>> = {
  BRAND: ['COMPANY'],
  COMPANY: ['COMPANY'],
  MODEL: ['BRAND'],
  MARKET: ['MARKET'],
};

/** Fields that only some kinds have. */
const KINDS_WITH = {
  leader: ['ALLIANCE'],
  operator: ['PLANT'],
  city: ['PLANT'],
  powertrains: ['MODEL'],
  brandsComplete: ['COMPANY'],
  foundedOn: ['BRAND', 'COMPANY', 'ALLIANCE', 'PLANT'],
  launchedOn: ['BRAND', 'MODEL'],
  firstDeliveryOn: ['BRAND', 'COMPANY', 'ALLIANCE', 'MODEL'],
} as const satisfies Record<string, readonly SubjectKind[]>;

const DATES = ['foundedOn', 'launchedOn', 'firstDeliveryOn'] as const;
const REFERENCES = ['parent', 'leader', 'operator'] as const;

/** What can be said of a subject after it exists; undefined leaves a value, null takes it away. */
export interface SubjectPatch {
  readonly name?: string | null | undefined;
  readonly nameZh?: string | null | undefined;
  readonly aliases?: readonly string[] | null | undefined;
  readonly parent?: string | null | undefined;
  readonly foundedOn?: string | null | undefined;
  readonly launchedOn?: string | null | undefined;
  readonly firstDeliveryOn?: string | null | undefined;
  readonly powertrains?: readonly Powertrain[] | null | undefined;
  readonly city?: string | null | undefined;
  readonly leader?: string | null | undefined;
  readonly operator?: string | null | undefined;
  readonly brandsComplete?: boolean | null | undefined;
}

/** A new subject. */
export interface SubjectInput extends SubjectPatch {
  readonly kind: SubjectKind;
  readonly slug: string;
  readonly name: string;
}

/** A subject that was written, and the place in the log behind it. */
export interface WrittenSubject {
  readonly subject: Subject;
  readonly cursor: string;
}

/** The subject of a slug, or null. */
function findSubject(db: Db, slug: string): Promise<Subject | null> {
  return db.subject.findUnique({ where: { slug } });
}

/** Creates a subject; BadInput names everything wrong at once (ALREADY_EXISTS for a slug that is taken). */
export async function createSubject(db: PrismaClient, input: SubjectInput): Promise<WrittenSubject> {
  const problems = collectProblems('input');
  checkSlug(problems, input.slug);
  await checkFree(db, problems, input.slug);
  const data = await checkPatch(db, problems, input.kind, input.slug, input);
  problems.throwIfAny();
  const wholes = wholesOf({ kind: input.kind, parentId: data.parentId ?? null });
  return edit(db, only(wholes), async ({ tx, append }) => {
    // Once more: of two at once the second starts again, and is told so.
    await checkFree(tx, problems, input.slug);
    problems.throwIfAny();
    const subject = await tx.subject.create({
      data: { ...data, kind: input.kind, slug: input.slug, name: input.name.trim() },
    });
    const milestones = await resettleMilestones(tx, wholes);
    return { subject, cursor: await append([{ kind: 'SUBJECT', subjectId: subject.id }, ...milestones]) };
  });
}

/** Changes a subject; BadInput names everything wrong at once. */
export async function updateSubject(db: PrismaClient, slug: string, patch: SubjectPatch): Promise<WrittenSubject> {
  const { id, kind } = await requireSubject(db, slug);
  const problems = collectProblems('input');
  if (patch.name === null) problems.add('INVALID_INPUT', 'name', 'A subject has a name.');
  const data = await checkPatch(db, problems, kind, slug, patch);
  // What the rows above have to say is told together with everything else that is wrong; otherwise it is asked once, under the lock.
  if (problems.count > 0) await checkCircle(db, problems, { id, slug }, data.parentId);
  problems.throwIfAny();
  return edit(db, scopeOfUpdate(id, kind, data.parentId), async ({ tx, append }) => {
    await checkCircle(tx, problems, { id, slug }, data.parentId);
    problems.throwIfAny();
    const before = await tx.subject.findUniqueOrThrow({ where: { id } });
    const subject = await tx.subject.update({ where: { id }, data });
    const milestones = await resettleMilestones(tx, [id, ...wholesOf(before), ...wholesOf(subject)]);
    const wasBelow = [before.parentId, before.operatorId].filter((above) => above !== null);
    return { subject, cursor: await append([{ kind: 'SUBJECT', subjectId: id, wasBelow }, ...milestones]) };
  });
}

/**
 * A subject with the company it adds up to, and the one it is to be put under: with everything above that where a circle can come of it. Of several moves
 * that would close a circle together each then locks a subject which the next one moves, so that the last of them sees all the others.
 */
function scopeOfUpdate(id: number, kind: SubjectKind, parentId: number | null | undefined): Scope {
  if (parentId == null) return withWholes([id]);
  const mayCircle = PARENT_KINDS[kind]?.includes(kind) ?? false;
  return together(withWholes([id]), mayCircle ? withLineAbove(parentId) : only([parentId]));
}

/** The company that a brand takes part in adding up to. */
function wholesOf({ kind, parentId }: Pick<Subject, 'kind' | 'parentId'>): readonly number[] {
  return kind === 'BRAND' && parentId !== null ? [parentId] : [];
}

/** The subject of a slug; BadInput (path slug, UNKNOWN_SUBJECT) when there is none. */
async function requireSubject(db: Db, slug: string): Promise<Subject> {
  const problems = collectProblems();
  const found = await resolveSubjects(db, [{ slug, problems, path: 'slug' }]);
  problems.throwIfAny();
  return found.get(slug) as Subject;
}

function checkSlug(problems: Problems, slug: string): void {
  if (!SLUG_FORMAT.test(slug) || slug.length > MAX_SLUG) {
    problems.add(
      'INVALID_INPUT',
      'slug',
      `"${slug}" is not a slug: lower-case letters, digits and single hyphens, at most ${MAX_SLUG}.`,
    );
  }
}

async function checkFree(db: Db, problems: Problems, slug: string): Promise<void> {
  if ((await findSubject(db, slug)) !== null) problems.add('ALREADY_EXISTS', 'slug', `The slug "${slug}" is taken.`);
}

async function checkPatch(db: Db, problems: Problems, kind: SubjectKind, slug: string, patch: SubjectPatch) {
  checkText(problems, 'name', patch.name, MAX_NAME);
  checkText(problems, 'nameZh', patch.nameZh, MAX_NAME);
  checkText(problems, 'city', patch.city, MAX_NAME);
  if ((patch.aliases?.length ?? 0) > MAX_ALIASES)
    problems.add('TOO_MANY', 'aliases', `At most ${MAX_ALIASES} aliases are kept.`);
  for (const alias of patch.aliases ?? []) checkText(problems, 'aliases', alias, MAX_NAME);
  for (const [field, kinds] of Object.entries(KINDS_WITH) as [keyof typeof KINDS_WITH, readonly SubjectKind[]][]) {
    const given = patch[field];
    if (given != null && !(Array.isArray(given) && given.length === 0) && !kinds.includes(kind)) {
      problems.add('INVALID_INPUT', field, `${field} is for ${kinds.join(', ')}, not for ${kind}.`);
    }
  }
  for (const field of DATES) {
    const text = patch[field];
    if (text != null && parsePartialDate(text) === null) {
      problems.add('INVALID_INPUT', field, `"${text}" is not a date; write 2024, 2024-10 or 2024-10-15.`);
    }
  }
  const references = await resolveReferences(db, problems, kind, slug, patch);
  return {
    ...given('nameZh', patch.nameZh),
    ...given('brandsComplete', patch.brandsComplete ?? undefined),
    ...given('city', patch.city),
    ...(patch.name == null ? {} : { name: patch.name.trim() }),
    ...(patch.aliases === undefined ? {} : { aliases: [...(patch.aliases ?? [])] }),
    ...(patch.powertrains === undefined ? {} : { powertrains: [...(patch.powertrains ?? [])] }),
    ...given('foundedOn', patch.foundedOn),
    ...given('launchedOn', patch.launchedOn),
    ...given('firstDeliveryOn', patch.firstDeliveryOn),
    ...references,
  };
}

async function resolveReferences(db: Db, problems: Problems, kind: SubjectKind, slug: string, patch: SubjectPatch) {
  const wanted = REFERENCES.flatMap((path) => {
    const reference = patch[path];
    return reference == null ? [] : [{ slug: reference, problems, path }];
  });
  const found = await resolveSubjects(db, wanted);
  const idOf = (path: (typeof REFERENCES)[number], kinds: readonly SubjectKind[]): number | null | undefined => {
    const reference = patch[path];
    if (reference == null) return reference;
    const subject = found.get(reference);
    if (subject === undefined) return undefined;
    if (reference === slug) problems.add('INVALID_INPUT', path, `"${slug}" cannot be its own ${path}.`);
    else if (!kinds.includes(subject.kind)) {
      const allowed = kinds.length === 0 ? 'has none' : `is a ${kinds.join(' or ')}`;
      problems.add('INVALID_INPUT', path, `"${reference}" is a ${subject.kind}; the ${path} of a ${kind} ${allowed}.`);
    }
    return subject.id;
  };
  return {
    ...given('parentId', idOf('parent', PARENT_KINDS[kind] ?? [])),
    ...given('leaderId', idOf('leader', ['COMPANY'])),
    ...given('operatorId', idOf('operator', ['COMPANY'])),
  };
}

/** A company above itself, over however many steps, would make every walk upward endless. */
async function checkCircle(
  db: Db,
  problems: Problems,
  { id, slug }: Pick<Subject, 'id' | 'slug'>,
  parentId: number | null | undefined,
): Promise<void> {
  // Its own parent: told already.
  if (parentId == null || parentId === id) return;
  const line = await db.$queryRaw<{ id: number }[]>`/* readLineAbove */ ${withLineAbove(parentId)}`;
  if (line.some((above) => above.id === id))
    problems.add('INVALID_INPUT', 'parent', `"${slug}" would stand above itself.`);
}

/** The column with its value, or nothing when it is not to be touched. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, Value>);
}
