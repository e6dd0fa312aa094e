import { isDeepStrictEqual } from 'node:util';
import type { NewChange } from '../../changes/log.ts';
import type { Prisma, PrismaClient, Target, TargetClaim } from '../../database/generated/client.ts';
import type { Db, Tx } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { addUnknownSource, findSources } from '../catalog/sources.ts';
import { resolveSubjects } from '../catalog/subjects.ts';
import { type Goal, goalIn, isSameGoal, summaryOf, WEIGHED } from '../targets/claims.ts';
import { sameGoalAs } from '../targets/measures.ts';
import { type Aim, claimKnownFrom, identityOf, isSameAim, type Owner } from '../targets/place.ts';
import { type Period, parsePeriod } from '../values/period.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { edit, only } from './edit.ts';
import { latestRevisions } from './latest-revision.ts';
import { checkTarget, type TargetInput } from './target-input.ts';

/** The target with the claim, and the place in the log after it; null if the claim was there already. */
export interface SetTarget {
  readonly target: Target;
  readonly cursor: string | null;
}

/** What a checked input says. */
interface Said extends Owner, Aim {
  readonly sourceId: number;
  readonly publishedOn: Date | null;
  readonly setOn: string | null;
  readonly note: string | null;
  /** Null for a claim that revises nothing. */
  readonly revisesId: number | null;
}

type Known = Target & { readonly claims: readonly TargetClaim[] };

/**
 * Adds a source's claim to the target that it is about, and makes the target if there is none, or if the claim revises an earlier one. Throws
 * BadInput with all problems. The same claim again writes nothing.
 */
export async function setTarget(db: PrismaClient, input: TargetInput): Promise<SetTarget> {
  const problems = collectProblems('input');
  const said = await parse(db, problems, input);
  return edit(db, only([said.subjectId]), async ({ tx, append }) => {
    const alike = (await readLike(tx, said)).filter((target) => isSameAim(target, said));
    const target = said.revisesId === null ? currentOf(alike) : alike.find((one) => isRevisionLike(one, said));
    const asked = said.revisesId === null ? alike : target === undefined ? [] : [target];
    const repeated = asked.find(({ claims }) => claims.some((claim) => isSameClaim(claim, said)));
    if (repeated !== undefined) return { target: repeated, cursor: null };
    // Again: of two concurrent revisions the second one is reported here.
    if (said.revisesId !== null) await checkRevised(tx, problems, { ...said, revisesId: said.revisesId });
    if (target !== undefined) checkOtherNumbers(problems, target, said);
    problems.throwIfAny();
    const written = target === undefined ? await create(tx, said) : await join(tx, target, said);
    return {
      target: written,
      cursor: await append([{ kind: 'TARGET', aboutId: written.id, subjectId: said.subjectId }]),
    };
  });
}

async function parse(db: PrismaClient, problems: Problems, input: TargetInput): Promise<Said> {
  const subjects = await resolveSubjects(db, [{ slug: input.subject, problems, path: 'subject' }]);
  const sources = await findSources(db, input.sourceId === null ? [] : [input.sourceId]);
  const source = input.sourceId === null ? undefined : sources.get(input.sourceId);
  if (source === undefined) addUnknownSource(problems);
  const period = checkTarget(problems, input, source?.publishedOn?.toISOString().slice(0, 10) ?? null);
  const owner = { subjectId: subjects.get(input.subject)?.id, kind: input.kind ?? 'TARGET', metric: input.metric };
  const aim = aimOf(input, period);
  const revisesId =
    input.revisesId === undefined
      ? null
      : await checkRevised(db, problems, { ...owner, ...aim, revisesId: input.revisesId });
  problems.throwIfAny();
  const { id: sourceId, publishedOn } = present(source);
  return {
    ...{ ...owner, subjectId: present(owner.subjectId), ...aim, sourceId, publishedOn, revisesId },
    ...{ setOn: input.setOn ?? null, note: input.note ?? null },
  };
}

function aimOf(input: TargetInput, period: Period | null): Aim {
  return {
    period: period?.text ?? null,
    deadline: input.deadline == null ? null : new Date(input.deadline),
    value: input.value ?? null,
    lower: input.lower ?? null,
    upper: input.upper ?? null,
    growthMinPercent: input.growthMinPercent ?? null,
    growthMaxPercent: input.growthMaxPercent ?? null,
  };
}

/**
 * Notes a revision of an unknown target, of another subject's, kind's or metric's target, or of one that has another revision. The same
 * revision again is allowed. Returns the id of the target to revise; it is another one if that was merged.
 */
async function checkRevised(
  db: Db,
  problems: Problems,
  revision: Omit<Owner, 'subjectId'> &
    Aim & {
      /** Undefined for an unknown subject. */
      readonly subjectId: number | undefined;
      readonly revisesId: number | null;
    },
): Promise<number | null> {
  const { revisesId, subjectId, kind, metric } = revision;
  const include = { revisedBy: { include: { claims: true } } } as const;
  const named = revisesId === null ? null : await db.target.findUnique({ where: { id: revisesId }, include });
  const revised =
    named?.mergedIntoId == null ? named : await db.target.findUnique({ where: { id: named.mergedIntoId }, include });
  if (revised === null) problems.add('INVALID_INPUT', 'revises', 'There is no target with this id.');
  else if (revised.subjectId !== subjectId || revised.kind !== kind || !sameGoalAs(metric).includes(revised.metric)) {
    problems.add('INVALID_INPUT', 'revises', 'The target with this id is about another subject, metric or kind.');
  } else if (revised.revisedBy !== null && !isSameRevision(revised.revisedBy, revision)) {
    const latest = await latestRevisions(db, 'Target', [revised.id]);
    problems.add('STALE_REVISION', 'revises', {
      about: { type: 'Target', row: required(latest, revised.id) },
      write: (name) => `This target was revised already; the current one is ${name}.`,
    });
  }
  return revised?.id ?? null;
}

/** Works out again what some targets say by their claims. Returns the changes. */
export async function settleTargets(tx: Tx, where: Prisma.TargetWhereInput): Promise<readonly NewChange[]> {
  const targets = await tx.target.findMany({
    where: { AND: [where, { claims: { some: {} } }] },
    include: { claims: WEIGHED },
    orderBy: { id: 'asc' },
  });
  const changes: NewChange[] = [];
  for (const { claims, ...target } of targets) {
    const summary = present(summaryOf(claims));
    if (isDeepStrictEqual({ ...target, ...summary }, target)) continue;
    await tx.target.update({ where: { id: target.id }, data: summary });
    changes.push({ kind: 'TARGET', aboutId: target.id, subjectId: target.subjectId });
  }
  return changes;
}

/** The subject's targets of the same kind that count the same, the oldest first. */
function readLike(tx: Tx, { subjectId, kind, metric }: Owner): Promise<readonly Known[]> {
  return tx.target.findMany({
    where: { subjectId, kind, metric: { in: [...sameGoalAs(metric)] }, mergedIntoId: null },
    include: { claims: true },
    orderBy: { id: 'asc' },
  });
}

/** The last one in the line of revisions; undefined if there is none. */
function currentOf(alike: readonly Known[]): Known | undefined {
  return alike.find(({ id }) => alike.every(({ revisesId }) => revisesId !== id));
}

function isRevisionLike(target: Known, said: Said): boolean {
  return target.revisesId === said.revisesId && isSameRevision(target, said);
}

/** Whether a claim says what one about a revision does. */
function isSameRevision(revision: Known, said: Aim): boolean {
  return isSameAim(revision, said) && revision.claims.some((claim) => isSameGoal(claim, said));
}

function isSameClaim(claim: TargetClaim, said: Said): boolean {
  return isBySame(claim, said) && isSameGoal(claim, said);
}

function isBySame({ sourceId, statedMetric }: TargetClaim, said: Said): boolean {
  return sourceId === said.sourceId && statedMetric === said.metric;
}

function checkOtherNumbers(problems: Problems, target: Known, said: Said): void {
  const before = target.claims.find((claim) => isBySame(claim, said));
  if (before === undefined) return;
  problems.add('ALREADY_RECORDED', pathOf(said), {
    about: { type: 'Target', row: target.id },
    write: (name) => `This source already says ${describe(before)} of this target; to change it, revise ${name}.`,
  });
}

function pathOf({ value, lower, growthMinPercent }: Goal): string {
  if (value !== null) return 'value';
  if (lower !== null) return 'lower';
  return growthMinPercent === null ? 'growthMaxPercent' : 'growthMinPercent';
}

function describe({ value, lower, upper, growthMinPercent, growthMaxPercent }: Goal): string {
  if (value !== null) return `${value}`;
  if (lower !== null) return upper === null ? `at least ${lower}` : `${lower} to ${upper}`;
  const percents = [growthMinPercent, growthMaxPercent].filter((percent) => percent !== null);
  return `a growth of ${percents.join(' to ')} percent`;
}

function create(tx: Tx, said: Said): Promise<Target> {
  const { subjectId, kind, metric, deadline, setOn, sourceId, revisesId, note } = said;
  return tx.target.create({
    data: {
      ...{ subjectId, kind, metric, deadline, setOn, sourceId, revisesId, note },
      ...goalIn(said),
      ...periodColumns(said.period),
      identity: identityOf(said, said, revisesId),
      claims: { create: [claimOf(said)] },
    },
  });
}

/** Adds the claim. The target says what its best claim does from now on. */
async function join(tx: Tx, { id, period }: Known, said: Said): Promise<Target> {
  await tx.targetClaim.create({ data: { ...claimOf(said), targetId: id } });
  const claims = await tx.targetClaim.findMany({ where: { targetId: id }, ...WEIGHED });
  // Another source names the year of a growth that had none.
  const named = period === null ? periodColumns(said.period) : {};
  return tx.target.update({ where: { id }, data: { ...present(summaryOf(claims)), ...named } });
}

function claimOf(said: Said) {
  const { sourceId, setOn, note, publishedOn, metric } = said;
  const recordedAt = new Date();
  const knownFrom = claimKnownFrom(publishedOn, setOn, recordedAt);
  return { ...goalIn(said), sourceId, statedMetric: metric, setOn, note, recordedAt, knownFrom };
}

function periodColumns(text: string | null) {
  const period = text === null ? null : parsePeriod(text);
  return {
    period: text,
    periodStart: period?.start == null ? null : new Date(period.start),
    periodEnd: period === null ? null : new Date(period.end),
  };
}
