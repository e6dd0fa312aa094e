import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { type Goal, isSameGoal } from '../targets/claims.ts';
import { sameGoalAs } from '../targets/measures.ts';
import { type Aim, canBeAbout, type Owner } from '../targets/place.ts';
import type { Problems } from '../values/problems.ts';
import { latestRevisions } from './latest-revision.ts';
import { isPublishedBefore, isRevisionLike, KNOWN, type Known, membersOf, type Said } from './target-lines.ts';

/**
 * Notes a revision of an unknown target, of another subject's, kind's or metric's target, or of one that has another revision. The same
 * revision again is allowed. Returns the id of the target to revise; it is another one if that was merged.
 */
export async function checkRevised(
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
  const include = { revisedBy: { include: KNOWN } } as const;
  const named = revisesId === null ? null : await db.target.findUnique({ where: { id: revisesId }, include });
  const revised =
    named?.mergedIntoId == null ? named : await db.target.findUnique({ where: { id: named.mergedIntoId }, include });
  if (revised === null) problems.add('INVALID_INPUT', 'revises', 'There is no target with this id.');
  else if (revised.subjectId !== subjectId || revised.kind !== kind || !sameGoalAs(metric).includes(revised.metric)) {
    problems.add('INVALID_INPUT', 'revises', 'The target with this id is about another subject, metric or kind.');
  } else if (revised.revisedBy !== null && !isRevisionLike(revised.revisedBy, { ...revision, revisesId: revised.id })) {
    const latest = await latestRevisions(db, 'Target', [revised.id]);
    problems.add('STALE_REVISION', 'revises', {
      about: { type: 'Target', row: required(latest, revised.id) },
      write: (name) => `This target was revised already; the current one is ${name}.`,
    });
  }
  return revised?.id ?? null;
}

/** Notes a new revision that changes nothing, by a source that cannot know of it, or to where another target stands. */
export function checkRevision(problems: Problems, like: readonly Known[], said: Said): void {
  const revised = like.find(({ id }) => id === said.revisesId);
  if (revised === undefined) return;
  if (canBeAbout(revised, said) && isSameGoal(revised, said))
    problems.add('INVALID_VALUE', pathOf(said), 'This is what the target says already.');
  if (isPublishedBefore(said, revised)) {
    problems.add(
      'INVALID_INPUT',
      'sourceId',
      'This source was published before all that state the target, so it cannot revise it. Record it as a claim of its own.',
    );
  }
  const line = lineOf(like, revised);
  const members = membersOf(like, said);
  const other = members.some((member) => line.includes(member)) ? undefined : members.at(-1);
  if (other === undefined) return;
  problems.add('ALREADY_RECORDED', timePathOf(said), {
    about: { type: 'Target', row: other.id },
    write: (name) => `Another target stands there already; record this as a claim about ${name}, or revise that one.`,
  });
}

/** Notes that a source says something else of the target already, or of an earlier or later one in its line that is about the same time. */
export function checkOtherNumbers(
  problems: Problems,
  { like, target }: { readonly like: readonly Known[]; readonly target: Known },
  said: Said,
): void {
  const isOther = ({ sourceId, ...goal }: Known['claims'][number]) =>
    sourceId === said.sourceId && !isSameGoal(goal, said);
  const isKnown = target.claims.some((claim) => isSameGoal(claim, said));
  // What others say of a revision may also be in a document that says what was revised.
  const asked = isKnown ? [target] : membersOf(like, said);
  const before = asked.flatMap(({ claims }) => claims).find(isOther);
  if (before === undefined) return;
  problems.add('ALREADY_RECORDED', pathOf(said), {
    about: { type: 'Target', row: present(lineOf(like, target).at(-1)).id },
    write: (name) => `This source already says ${describe(before)} of this target; to change it, revise ${name}.`,
  });
}

/** The line of revisions in which a target stands, the first one first. */
function lineOf(like: readonly Known[], target: Known): readonly Known[] {
  const before = like.find(({ id }) => id === target.revisesId);
  if (before !== undefined) return lineOf(like, before);
  const line = [target];
  // Those that are found are looked at too.
  for (const { id } of line) line.push(...like.filter(({ revisesId }) => revisesId === id));
  return line;
}

function pathOf({ value, lower, growthMinPercent }: Goal): string {
  if (value !== null) return 'value';
  if (lower !== null) return 'lower';
  return growthMinPercent === null ? 'growthMaxPercent' : 'growthMinPercent';
}

function timePathOf(said: Said): string {
  if (said.period !== null) return 'period';
  return said.deadline === null ? pathOf(said) : 'deadline';
}

function describe({ value, lower, upper, growthMinPercent, growthMaxPercent }: Goal): string {
  if (value !== null) return `${value}`;
  if (lower !== null) return upper === null ? `at least ${lower}` : `${lower} to ${upper}`;
  const percents = [growthMinPercent, growthMaxPercent].filter((percent) => percent !== null);
  return `a growth of ${percents.join(' to ')} percent`;
}
