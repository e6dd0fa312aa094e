import { type Metric, Prisma, type SubjectKind } from '../../database/generated/client.ts';
import type { Day } from '../values/calendar.ts';

/** What a board is about, besides its period. */
export interface BoardScope {
  /** Of each subject the first of these that it has. */
  readonly metrics: readonly Metric[];
  readonly kinds: readonly SubjectKind[];
  /** The market of shares; null for everything else. */
  readonly withinId: number | null;
}

/**
 * Whether a value is one of a few. Not as a list: for a list of unknown length the database assumes ten values, finds the plan for these
 * known ones cheaper, and then makes a plan at every execution, which takes longer than the execution.
 * Each once, and in one order: every other text would be another statement that the connection keeps.
 */
export function isOneOf(value: Prisma.Sql, few: readonly string[], type: Prisma.Sql = Prisma.sql`text`): Prisma.Sql {
  if (few.length === 0) return Prisma.sql`false`;
  return Prisma.sql`${value} in (${Prisma.join([...new Set(few)].sort().map((one) => Prisma.sql`${one}::text::${type}`))})`;
}

/** Whether an observation o tells more than nothing, in one of the metrics, and not of a company that is its only brand under another name. */
export function isTold({ metrics, withinId }: BoardScope): Prisma.Sql {
  return Prisma.sql`
    ${isOneOf(Prisma.sql`o.metric`, metrics, Prisma.sql`"Metric"`)} and ${isWithin(withinId)}
    and not o."isAnotherName" and (o.value is not null or o.lower > 0)`;
}

/** Whether an observation o is of a market, in the words of the conditions of the indexes. */
function isWithin(withinId: number | null): Prisma.Sql {
  return withinId === null ? Prisma.sql`o."withinId" is null` : Prisma.sql`o."withinId" = ${withinId}::int`;
}

/** Whether an observation o is of a subject of one of the kinds. */
export function isAboutKind(kinds: readonly SubjectKind[]): Prisma.Sql {
  return isOneOf(Prisma.sql`o."subjectKind"`, kinds, Prisma.sql`"SubjectKind"`);
}

/** The kinds that are read to rank some: beside alliances and companies the brands as well, which can be counted in both. */
export function weighedKinds(kinds: readonly SubjectKind[]): readonly SubjectKind[] {
  const hasBoth = kinds.includes('ALLIANCE') && kinds.includes('COMPANY');
  return hasBoth && !kinds.includes('BRAND') ? [...kinds, 'BRAND'] : kinds;
}

/** By what an observation o is ranked. */
export const SIZE = Prisma.sql`coalesce(o.value, o.lower)`;

/** Whether what an observation o tells is more than a bound that follows from others. */
export const IS_STATED = Prisma.sql`(o.value is not null or o."decidedBy" is not null)`;

/**
 * Whether an id is of a subject of one of the kinds. All of the kinds are read once, into a hash, for which it is asked whether this is
 * true: a board has most of them, in several periods.
 */
export function isOfKind(id: Prisma.Sql, kinds: readonly SubjectKind[]): Prisma.Sql {
  return Prisma.sql`
    (${id} in (select s.id from "Subject" s where ${isOneOf(Prisma.sql`s.kind`, kinds, Prisma.sql`"SubjectKind"`)})) is true`;
}

/** Whether one of many subjects is directly a part of another subject. As in `isOfKind`, all that could be looked up is in hashes. */
export function isAnyPart(parts: Prisma.Sql, kinds: readonly SubjectKind[], day: Day): Prisma.Sql {
  return Prisma.sql`
    (exists (select from "Subject" part
              where (part.id in ${parts}) is true and ${isOfKind(Prisma.sql`part."parentId"`, wholeKinds(kinds))})
     or exists (select from "Membership" m
                 where ${kinds.includes('ALLIANCE')}::boolean and (m."brandId" in ${parts}) is true and ${isMember(day)}))`;
}

/** What a subject is directly a part of. The offset forces index lookups. */
export function wholesOf(part: Prisma.Sql, kinds: readonly SubjectKind[], day: Day | Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    (select s."parentId" as whole
       from "Subject" s
       join "Subject" w on w.id = s."parentId" and ${isOneOf(Prisma.sql`w.kind`, wholeKinds(kinds), Prisma.sql`"SubjectKind"`)}
      where s.id = ${part}
      union all
     select m."allianceId"
       from "Membership" m
      where m."brandId" = ${part} and ${kinds.includes('ALLIANCE')}::boolean and ${isMember(day)}
     offset 0)`;
}

/** Whether a membership m holds on a day. */
export function isMember(day: Day | Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    (m."joinedOn" is null or ${firstDayOf(Prisma.sql`m."joinedOn"`)} <= ${day})
    and (m."leftOn" is null or ${day} < ${firstDayOf(Prisma.sql`m."leftOn"`)})`;
}

/** The first day that a date can mean: of 2025-Q3 it is 2025-07-01. */
function firstDayOf(date: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    (case when ${date} like '%Q%' then left(${date}, 5) || lpad((substr(${date}, 7)::int * 3 - 2)::text, 2, '0') || '-01'
          else left(${date} || '-01-01', 10) end)`;
}

/** Whether all brands that are known of a company are members of an alliance on a day, and there are any. */
export function areAllMembers(company: Prisma.Sql, alliance: Prisma.Sql, day: Day | Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    exists (select from "Subject" b where b."parentId" = ${company} and b.kind = 'BRAND')
    and not exists (select from "Subject" b
                     where b."parentId" = ${company} and b.kind = 'BRAND'
                       and not exists (select from "Membership" m
                                        where m."brandId" = b.id and m."allianceId" = ${alliance} and ${isMember(day)}))`;
}

/** The kinds through which a subject can be part of one of these kinds by its parents. */
function wholeKinds(kinds: readonly SubjectKind[]): SubjectKind[] {
  const above: readonly SubjectKind[] = ['COMPANY', 'ALLIANCE'];
  return [
    ...new Set<SubjectKind>([...kinds, ...(kinds.some((kind) => above.includes(kind)) ? (['BRAND'] as const) : [])]),
  ];
}
