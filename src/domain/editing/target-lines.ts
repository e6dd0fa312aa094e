import type { Source, Target, TargetClaim } from '../../database/generated/client.ts';
import { isSameGoal } from '../targets/claims.ts';
import { type Aim, canBeAbout, isSameTime, isTimeless, type Owner, periodOf, saysSame } from '../targets/place.ts';

/** What has to be read of a target to find the one that a claim is about. */
export const KNOWN = { claims: { include: { source: { select: { publishedOn: true } } } } } as const;

export type Known = Target & {
  readonly claims: readonly (TargetClaim & { readonly source: Pick<Source, 'publishedOn'> })[];
};

/** What a checked input says. */
export interface Said extends Owner, Aim {
  readonly sourceId: number;
  readonly publishedOn: Date | null;
  readonly setOn: string | null;
  readonly note: string | null;
  /** Null for a claim that revises nothing. */
  readonly revisesId: number | null;
}

/** The target that has this claim already, of those that count the same. Undefined if there is none, or if the claim names its year. */
export function repeatedIn(like: readonly Known[], said: Said): Known | undefined {
  const target = targetOf(like, said);
  // The source may have said it before there was a target that fits better.
  const others = said.revisesId === null && isTimeless(said) ? like.filter((one) => canBeAbout(one, said)) : [];
  const repeated = [...(target === undefined ? [] : [target]), ...others].find((one) => hasClaim(one, said));
  return repeated === undefined || (isTimeless(repeated) && !isTimeless(said)) ? undefined : repeated;
}

/** The target that a claim is about, of those that count the same, the oldest first. Undefined if it makes a new one. */
export function targetOf(like: readonly Known[], said: Said): Known | undefined {
  return said.revisesId === null ? meantOf(membersOf(like, said), said) : like.find((one) => isRevisionLike(one, said));
}

/** The targets of the time that a claim is about, the oldest first: lines of revisions, but for their members of other times. */
export function membersOf(like: readonly Known[], said: Said): readonly Known[] {
  const possible = like.filter((target) => canBeAbout(target, said));
  const expected = isTimeless(said) ? periodOf(said, said.publishedOn)?.text : said.period;
  const [first] =
    [possible.filter(({ period }) => period === expected), possible.filter(isTimeless), inOrder(possible)].find(
      ({ length }) => length > 0,
    ) ?? [];
  return first === undefined ? [] : like.filter((target) => isSameTime(target, first) && isMember(target, said));
}

export function isRevisionLike(target: Known, said: Aim & Pick<Said, 'revisesId'>): boolean {
  return target.revisesId === said.revisesId && canBeAbout(target, said) && saysSame(target, said);
}

export function hasClaim(target: Known, said: Said): boolean {
  return target.claims.some(
    (claim) => claim.sourceId === said.sourceId && claim.statedMetric === said.metric && isSameGoal(claim, said),
  );
}

/** Whether a source's claim was published before all that is known of a target: then it cannot know of it. */
export function isPublishedBefore({ publishedOn }: Pick<Said, 'publishedOn'>, { claims }: Known): boolean {
  return claims.every(
    ({ source }) => publishedOn !== null && source.publishedOn !== null && publishedOn < source.publishedOn,
  );
}

/** Without a time only targets with the same numbers are one; in a line with a time are also those that were raised. */
function isMember(target: Known, said: Said): boolean {
  return !isTimeless(target) || canBeAbout(target, said);
}

/**
 * The one of a line with the same numbers: who repeats what was said before a raise does not undo it. Otherwise the last one that can be known
 * to who says it.
 */
function meantOf(members: readonly Known[], said: Said): Known | undefined {
  const known = members.filter((target) => !isPublishedBefore(said, target));
  const same = (target: Known) => saysSame(target, said);
  return known.findLast(same) ?? members.findLast(same) ?? known.at(-1) ?? members[0];
}

function inOrder(targets: readonly Known[]): readonly Known[] {
  return targets.toSorted((a, b) => ((a.period ?? '') < (b.period ?? '') ? -1 : 1));
}
