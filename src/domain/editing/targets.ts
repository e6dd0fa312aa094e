import { isDeepStrictEqual } from 'node:util';
import type { NewChange } from '../../changes/write.ts';
import type { Prisma, PrismaClient, Target } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { addUnknownSource, findSources } from '../catalog/sources.ts';
import { resolveSubjects } from '../catalog/subjects.ts';
import { goalIn, summaryOf, WEIGHED } from '../targets/claims.ts';
import { sameGoalAs } from '../targets/measures.ts';
import { type Aim, claimKnownFrom, identityOf, type Owner } from '../targets/place.ts';
import { type Period, parsePeriod } from '../values/period.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { edit, only } from './edit.ts';
import { checkTarget, type TargetInput } from './target-input.ts';
import { hasClaim, KNOWN, type Known, repeatedIn, type Said, targetOf } from './target-lines.ts';
import { checkOtherNumbers, checkRevised, checkRevision } from './target-revision.ts';

/** The target with the claim, and the place in the log after it; null if the claim was there already. */
export interface SetTarget {
  readonly target: Target;
  readonly cursor: string | null;
}

/**
 * Adds a source's claim to the target that it is about, and makes the target if there is none, or if the claim revises an earlier one. Throws
 * BadInput with all problems. The same claim again writes nothing.
 */
export async function setTarget(db: PrismaClient, input: TargetInput): Promise<SetTarget> {
  const problems = collectProblems('input');
  const said = await parse(db, problems, input);
  return edit(db, only([said.subjectId]), async ({ tx, append }) => {
    const like = await readLike(tx, said);
    const repeated = repeatedIn(like, said);
    if (repeated !== undefined) return { target: repeated, cursor: null };
    // Again: of two concurrent revisions the second one is reported here.
    if (said.revisesId !== null) await checkRevised(tx, problems, { ...said, revisesId: said.revisesId });
    const target = targetOf(like, said);
    if (target !== undefined) checkOtherNumbers(problems, { like, target }, said);
    else if (said.revisesId !== null) checkRevision(problems, like, said);
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

/** When a target is to be reached, and by how much, as an input says it. */
export function aimOf(input: TargetInput, period: Period | null): Aim {
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
    include: KNOWN,
    orderBy: { id: 'asc' },
  });
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

/** Adds the claim, if the source does not just name the year. The target says what its best claim does from now on. */
async function join(tx: Tx, target: Known, said: Said): Promise<Target> {
  const { id, period } = target;
  if (!hasClaim(target, said)) await tx.targetClaim.create({ data: { ...claimOf(said), targetId: id } });
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
