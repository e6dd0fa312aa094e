import type { Powertrain, PrismaClient, Subject, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { required } from '../../required.ts';
import { familiesOf } from '../catalog/families.ts';
import { resolveSubjects, SLUG_FORMAT, slugOf } from '../catalog/subjects.ts';
import { checkDate } from '../values/date-input.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';
import { edit, mergeScopes, only, type Scope, withAncestors } from './edit.ts';
import { settleSubjects } from './effects.ts';

const MAX_SLUG = 80;
const MAX_NAME = 200;
const MAX_ALIASES = 50;

/** The kinds of parents that each kind may have; other kinds have no parent. */
const PARENT_KINDS: Partial<Record<SubjectKind, readonly SubjectKind[]>> = {
  // A brand can be part of a brand, as the vehicles that one plant delivers for it.
  BRAND: ['COMPANY', 'BRAND'],
  COMPANY: ['COMPANY'],
  MODEL: ['BRAND'],
  MARKET: ['MARKET'],
};

/** The kinds that have these fields. */
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
/** The columns on which counts and milestones depend. A name changes nothing that is known. */
const COUNTED_BY = ['parentId', 'brandsComplete', 'launchedOn', 'firstDeliveryOn'] as const;
const REFERENCES = ['parent', 'leader', 'operator'] as const;

/** The fields of a subject that can be changed; undefined keeps a value, null removes it. */
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

/** A subject that was written, and the place in the log after it. */
export interface WrittenSubject {
  readonly subject: Subject;
  readonly cursor: string;
}

/** The subject of a slug, or null. */
function findSubject(db: Db, slug: string): Promise<Subject | null> {
  return db.subject.findUnique({ where: { slug } });
}

/** Creates a subject; throws BadInput with all problems (ALREADY_EXISTS if the slug is taken). */
export async function createSubject(db: PrismaClient, input: SubjectInput): Promise<WrittenSubject> {
  const problems = collectProblems('input');
  checkSlug(problems, input.slug);
  await checkFree(db, problems, input.slug);
  const data = await checkPatch(db, problems, input.kind, input.slug, input);
  problems.throwIfAny();
  const wholes = wholesOf({ kind: input.kind, parentId: data.parentId ?? null });
  return edit(db, familiesOf(wholes), async ({ tx, append }) => {
    // Again: if two create it at once, the second attempt of the loser reports it here.
    await checkFree(tx, problems, input.slug);
    problems.throwIfAny();
    const subject = await tx.subject.create({
      data: { ...data, kind: input.kind, slug: input.slug, name: input.name.trim() },
    });
    const settled = await settleSubjects(tx, [subject.id]);
    return {
      subject,
      cursor: await append([{ kind: 'SUBJECT', aboutId: subject.id, subjectId: subject.id }, ...settled]),
    };
  });
}

/** Changes a subject; throws BadInput with all problems. */
export async function updateSubject(db: PrismaClient, slug: string, patch: SubjectPatch): Promise<WrittenSubject> {
  const { id, kind } = await requireSubject(db, slug);
  const problems = collectProblems('input');
  if (patch.name === null) problems.add('INVALID_INPUT', 'name', 'A subject has a name.');
  const data = await checkPatch(db, problems, kind, slug, patch);
  // If there are problems already, the check for a cycle runs now, so that all are reported at once. Otherwise it runs once, under the
  // lock.
  if (problems.count > 0) await checkCircle(db, problems, { id, slug }, data.parentId);
  problems.throwIfAny();
  return edit(db, scopeOfUpdate(id, kind, data.parentId), async ({ tx, append }) => {
    await checkCircle(tx, problems, { id, slug }, data.parentId);
    problems.throwIfAny();
    const before = await tx.subject.findUniqueOrThrow({ where: { id } });
    const subject = await tx.subject.update({ where: { id }, data });
    const isCounted = COUNTED_BY.some((column) => subject[column] !== before[column]);
    const settled = isCounted ? await settleSubjects(tx, [id, ...wholesOf(before)]) : [];
    const wasBelow = [before.parentId, before.operatorId].filter((above) => above !== null);
    return {
      subject,
      cursor: await append([{ kind: 'SUBJECT', aboutId: id, subjectId: id, wasBelow }, ...settled]),
    };
  });
}

/**
 * A subject and its relatives, and those of its new parent. If the move can close a cycle, also everything above the new parent.
 * When several moves would close a cycle together, each of them locks a subject that the next one moves. So the last of them sees all the
 * others.
 */
function scopeOfUpdate(id: number, kind: SubjectKind, parentId: number | null | undefined): Scope {
  if (parentId == null) return familiesOf([id]);
  const mayCircle = PARENT_KINDS[kind]?.includes(kind) ?? false;
  return mergeScopes(familiesOf([id, parentId]), mayCircle ? withAncestors(parentId) : only([parentId]));
}

/** The company, or the brand, of which a brand is directly a part. */
function wholesOf({ kind, parentId }: Pick<Subject, 'kind' | 'parentId'>): readonly number[] {
  return kind === 'BRAND' && parentId !== null ? [parentId] : [];
}

/** The subject with this slug; throws BadInput (path slug, UNKNOWN_SUBJECT) if there is none. */
async function requireSubject(db: Db, slug: string): Promise<Subject> {
  const problems = collectProblems();
  const found = await resolveSubjects(db, [{ slug, problems, path: 'slug' }]);
  problems.throwIfAny();
  return required(found, slug);
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
  for (const field of DATES) checkDate(problems, field, patch[field]);
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
    if (subject.slug === slugOf(slug)) problems.add('INVALID_INPUT', path, `"${slug}" cannot be its own ${path}.`);
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

/** Reports a cycle of parents: a company above itself would make every walk upward endless. */
async function checkCircle(
  db: Db,
  problems: Problems,
  { id, slug }: Pick<Subject, 'id' | 'slug'>,
  parentId: number | null | undefined,
): Promise<void> {
  // A subject as its own parent is reported already.
  if (parentId == null || parentId === id) return;
  const line = await db.$queryRaw<{ id: number }[]>`/* readLineAbove */ ${withAncestors(parentId)}`;
  if (line.some((above) => above.id === id))
    problems.add('INVALID_INPUT', 'parent', `"${slug}" would be above itself.`);
}

/** The column with its value, or nothing if it stays as it is. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, Value>);
}
