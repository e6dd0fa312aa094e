import type { Db } from '../../database/handle.ts';
import { expandSubjects } from '../catalog/subjects.ts';
import { allows } from '../claims/figure-filter.ts';
import { type Day, quarterOf } from '../values/calendar.ts';
import { checkDays } from '../values/day-filter.ts';
import { containing } from '../values/text-filter.ts';
import type { MilestoneFilter } from './filter.ts';
import { type MilestonesThenScope, type MilestoneThen, readMilestonesThen } from './known-then.ts';

type Test = (milestone: MilestoneThen) => boolean;

/** The milestones of a filter as known at an instant; throws BadInput as `milestonesMatching` does. */
export async function milestonesThenMatching(
  db: Db,
  filter: MilestoneFilter,
  asOf: Date,
): Promise<readonly MilestoneThen[]> {
  const subjectIds = await subjectsOf(db, filter);
  const matches = await milestoneThenMatches(db, filter);
  const found: MilestoneThen[] = [];
  for await (const some of readMilestonesThen(db, { ...scopeOf(filter), subjectIds, asOf }))
    found.push(...some.filter(matches));
  return found;
}

/** What has to be worked out for a filter. */
export function scopeOf({ metrics, kinds }: MilestoneFilter): Pick<MilestonesThenScope, 'metrics' | 'counted'> {
  return { metrics: metrics == null ? null : [...new Set(metrics)].sort(), counted: kinds?.includes('UNITS') ?? true };
}

/** The conditions of `milestonesMatching`, for what is not in a table. */
export async function milestoneThenMatches(db: Db, filter: MilestoneFilter): Promise<Test> {
  const subjectIds = await subjectsOf(db, filter);
  const { reachedSince, reachedUntil } = checkDays({
    reachedSince: filter.reachedSince,
    reachedUntil: filter.reachedUntil,
  });
  const says = await saying(db, filter.text);
  return (one) =>
    allows(subjectIds, one.subjectId) &&
    allows(filter.subjectKinds, one.subjectKind) &&
    allows(filter.kinds, one.kind) &&
    allows(filter.metrics, one.metric) &&
    (filter.threshold == null || filter.threshold === one.threshold) &&
    allows(filter.statuses, one.status) &&
    (reachedSince === null || isReachedFrom(one, reachedSince)) &&
    (reachedUntil === null || isReachedTo(one, reachedUntil)) &&
    says(one);
}

async function subjectsOf(
  db: Db,
  { subjects, includeDescendants }: MilestoneFilter,
): Promise<readonly number[] | null> {
  return subjects == null ? null : expandSubjects(db, subjects, includeDescendants ?? false);
}

/** Whether a milestone has a text in its title, or in what was said of it. */
async function saying(db: Db, text: string | null | undefined): Promise<Test> {
  const contains = containing(text);
  if (contains === null) return () => true;
  const claims = await db.milestoneClaim.findMany({
    where: { OR: [{ note: contains }, { source: { title: contains } }] },
    select: { id: true },
  });
  const ids = new Set(claims.map(({ id }) => id));
  const wanted = (text ?? '').trim().toLowerCase();
  return ({ title, claims: known }) => title.toLowerCase().includes(wanted) || known.some(({ id }) => ids.has(id));
}

/** The last possible day is not before this one. */
function isReachedFrom({ reachedOn, sortOn, windowFrom, windowUntil }: MilestoneThen, day: Day): boolean {
  if (reachedOn !== null)
    return sortOn >= new Date(day) || [day.slice(0, 4), quarterOf(day), day.slice(0, 7)].includes(reachedOn);
  return windowUntil === null ? windowFrom !== null : windowUntil >= new Date(day);
}

/** The first possible day is not after this one. */
function isReachedTo({ reachedOn, sortOn, windowFrom, windowUntil }: MilestoneThen, day: Day): boolean {
  if (reachedOn !== null) return sortOn <= new Date(day);
  return windowFrom === null ? windowUntil !== null : windowFrom <= new Date(day);
}
