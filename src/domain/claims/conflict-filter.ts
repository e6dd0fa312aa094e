import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { expandSubjects } from '../catalog/subjects.ts';
import { checkDays } from '../values/day-filter.ts';
import { containing } from '../values/text-filter.ts';
import { canonicalPeriods, type FigureFilter } from './figure-filter.ts';

/**
 * The condition for observations `o` with contradicting claims, of which the filter selects at least one. What follows from the slot is
 * tested on the observation. Throws BadInput for unknown slugs, invalid periods and days, and too long a text.
 */
export async function conflictsOf(db: Db, filter: FigureFilter): Promise<Prisma.Sql> {
  const { subjects, metrics, periods, kinds, includeDescendants } = filter;
  const ofClaims = [Prisma.sql`f."withinId" is not distinct from o."withinId"`, ...claimConditions(filter)];
  const inPeriods = periods == null ? null : canonicalPeriods(periods);
  const ids = subjects == null ? null : await expandSubjects(db, subjects, includeDescendants ?? true);
  const conditions = [
    Prisma.sql`o.agreement = 'CONFLICTS'`,
    // Live queries depend on the first list of numbers, as subjects, and on all metrics in the lists (graphql/read-notes.ts).
    ...(ids === null ? [] : [Prisma.sql`o."subjectId" = any(${ids}::int[])`]),
    ...(metrics == null ? [] : [Prisma.sql`o.metric = any(${[...metrics]}::text[]::"Metric"[])`]),
    ...(inPeriods === null ? [] : [Prisma.sql`o.period = any(${inPeriods}::text[])`]),
    ...(kinds == null
      ? []
      : [
          Prisma.sql`o."subjectId" in (select s.id from "Subject" s where s.kind = any(${[...kinds]}::text[]::"SubjectKind"[]))`,
        ]),
    // The limit forces index lookups, one observation after the other: with exists the planner may read all figures first.
    Prisma.sql`(
      select true from "Figure" f
       where f."subjectId" = o."subjectId" and f.metric = o.metric and f."periodEnd" = o."periodEnd" and f.period = o.period
         and ${Prisma.join(ofClaims, ' and ')}
       limit 1)`,
  ];
  return Prisma.join(conditions, ' and ');
}

/** The conditions of a filter on a claim `f` that do not follow from its slot. */
function claimConditions(filter: FigureFilter): readonly Prisma.Sql[] {
  const { sourceIds, recordedSince, recordedUntil, currentOnly } = filter;
  const { publishedSince, publishedUntil } = checkDays({
    publishedSince: filter.publishedSince,
    publishedUntil: filter.publishedUntil,
  });
  const contains = containing(filter.text);
  const known = Prisma.sql`f."publishedSort" > '0001-01-01'`;
  return [
    ...((currentOnly ?? true) ? [Prisma.sql`f."claimKey" is not null`] : []),
    ...(sourceIds == null ? [] : [Prisma.sql`f."sourceId" = any(${textsOf(sourceIds)}::text[]::int[])`]),
    ...(recordedSince == null ? [] : [Prisma.sql`f."recordedAt" >= ${instant(recordedSince)}`]),
    ...(recordedUntil == null ? [] : [Prisma.sql`f."recordedAt" < ${instant(recordedUntil)}`]),
    ...(publishedSince === null ? [] : [Prisma.sql`${known} and f."publishedSort" >= ${publishedSince}::date`]),
    ...(publishedUntil === null ? [] : [Prisma.sql`${known} and f."publishedSort" <= ${publishedUntil}::date`]),
    ...(contains === null ? [] : [mentioning(`%${contains.contains}%`)]),
  ];
}

function mentioning(pattern: string): Prisma.Sql {
  return Prisma.sql`(
    f.note ilike ${pattern} or f."attributedTo" ilike ${pattern}
    or exists (select from "Source" s where s.id = f."sourceId" and s.title ilike ${pattern}))`;
}

/** As texts, so that no list of numbers but that of the subjects is among the values of the statement. */
function textsOf(ids: readonly (number | null)[]): string[] {
  return ids.filter((id) => id !== null).map(String);
}

function instant(at: Date): Prisma.Sql {
  return Prisma.sql`to_timestamp(${at.getTime()}::float8 / 1000)`;
}
