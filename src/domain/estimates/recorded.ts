import { type Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readJsonColumns } from '../../database/read-json.ts';
import { present } from '../../required.ts';
import { dayAt } from '../values/calendar.ts';
import {
  type Recorded,
  type RecordedAndKept,
  type RecordedRow,
  recordedAndKeptFrom,
  recordedFrom,
} from './recorded-rows.ts';
import type { Stretch } from './stretch.ts';

/** Dates are read as serial numbers of days. */
const EPOCH = Prisma.sql`date '1970-01-01'`;

/** Which of the rows about some subjects are read. */
export interface RecordedScope {
  readonly metrics: readonly Metric[];
  /** The markets of shares; null for everything else. */
  readonly markets: readonly number[] | null;
  /** The instant whose knowledge is read; now if null. */
  readonly asOf: Date | null;
  /** Only these periods; all if null. */
  readonly periods?: readonly string[] | null;
}

/** The claims and milestones of subjects. One statement, however many there are. */
export async function readRecorded(db: Db, ids: readonly number[], scope: RecordedScope): Promise<Recorded> {
  const [row] = await db.$queryRaw<RecordedRow[]>`/* readRecorded */ ${recordedIn(listed(ids), scope, Prisma.empty)}`;
  return recordedFrom(present(row));
}

/** The same as it is now, with what is kept. One statement too. */
export async function readRecordedAndKept(
  db: Db,
  ids: readonly number[],
  scope: Omit<RecordedScope, 'asOf'>,
): Promise<RecordedAndKept> {
  const statement = Prisma.sql`
    /* readRecordedAndKept */
    select figures::text, sources::text, milestones::text, whole::text, kept::text, contradictions::text
      from (${recordedAndKeptOf(listed(ids), scope)}) recorded`;
  return recordedAndKeptFrom(await readJsonColumns(db, statement));
}

/** What is about to be written. */
export interface Before {
  /** Its documents, which are read as well. */
  readonly sourceIds: readonly number[];
  /** What is kept of other days is read only of some subjects. Null: of all. */
  readonly stretch: Stretch | null;
  /**
   * A query for the ids of some of these. The claims tell the others: those of production, those that reach over an end of the stretch, and
   * those that are all years away from it.
   */
  readonly whole: Prisma.Sql;
}

const ALL_OF_IT: Before = { sourceIds: [], stretch: null, whole: Prisma.sql`select null::int` };

/** The same as a query for one row, of the subjects in a list. */
export function recordedAndKeptOf(
  ids: Prisma.Sql,
  scope: Omit<RecordedScope, 'asOf'>,
  { sourceIds, stretch, whole }: Before = ALL_OF_IT,
): Prisma.Sql {
  const place = placeIn(ids, scope);
  const [before, last] = stretch === null ? [] : [dayAt(stretch.after), dayAt(stretch.through)];
  const wholeIds =
    stretch === null
      ? ids
      : Prisma.sql`array(
          ${whole}
          union
          select "subjectId" from figures
           where metric = 'PRODUCTION'
              or (coalesce("periodStart" <= ${before}::date, true) and "periodEnd" > ${before}::date)
              or (coalesce("periodStart" <= ${last}::date, true) and "periodEnd" > ${last}::date)
          union
          select "subjectId" from figures
           group by "subjectId", metric
          having min(coalesce("periodStart", "periodEnd")) > ${last}::date + 1 or max("periodEnd") < ${before}::date)`;
  const isRead =
    stretch === null
      ? Prisma.sql`true`
      : Prisma.sql`("periodEnd" >= ${before}::date and coalesce("periodStart" <= ${last}::date, true)
                    or "subjectId" = any(${wholeIds}))`;
  const kept = Prisma.sql`,
    to_json(${wholeIds}) as whole,
    (select coalesce(json_agg(json_build_array(
              nullif(slot, concat_ws('|', "subjectId", metric, period, coalesce("withinId"::text, ''))), "subjectId", metric, "withinId",
              period, kind, "periodStart" - ${EPOCH}, "periodEnd" - ${EPOCH}, value, lower, upper, qualifier, method,
              "bestId", agreement, "decidedBy", origins, resolution, revised, coalesce(missing, '{}'), "isAnotherName")), '[]')
       from "Observation"
      where ${place} and ${isRead}) as kept,
    (select coalesce(json_agg(c order by c.id), '[]')
       from (select id, identity, "subjectId", metric, kind, gap, explanation, periods, "figureIds", "setAsideIds"
               from "Contradiction"
              where ${place} and "resolvedAt" is null) c) as contradictions`;
  return recordedIn(ids, { ...scope, asOf: null }, kept, sourceIds);
}

function listed(ids: readonly number[]): Prisma.Sql {
  return Prisma.sql`${[...ids]}::int[]`;
}

function recordedIn(
  ids: Prisma.Sql,
  { periods = null, ...scope }: RecordedScope,
  more: Prisma.Sql,
  sourceIds: readonly number[] = [],
): Prisma.Sql {
  const others = sourceIds.length === 0 ? Prisma.empty : Prisma.sql`union select unnest(${[...sourceIds]}::int[])`;
  const asOf = scope.asOf === null ? null : Prisma.sql`to_timestamp(${scope.asOf.getTime()}::float8 / 1000)`;
  // Now a figure has its present rank.
  const rank =
    asOf === null
      ? Prisma.sql`rank`
      : Prisma.sql`coalesce((select given.rank from "FigureRank" given
                              where given."figureId" = f.id and given."knownFrom" <= ${asOf}
                              order by given.id desc limit 1), 'NORMAL')`;
  const isCurrent =
    asOf === null ? Prisma.sql`"claimKey" is not null` : Prisma.sql`("knownUntil" is null or "knownUntil" > ${asOf})`;
  const place = placeIn(ids, scope);
  return Prisma.sql`
    with figures as materialized (
      select id, "subjectId", metric, "withinId", period, "periodStart", "periodEnd", value, lower, upper, qualifier, ${rank} as rank,
             "statedChangePercent", "sourceId", ${isCurrent} as "isCurrent"
        from "Figure" f
       where ${place} ${periods === null ? Prisma.empty : Prisma.sql`and period = any(${[...periods]}::text[])`}
         ${asOf === null ? Prisma.empty : Prisma.sql`and "knownFrom" <= ${asOf}`})
    select
    (select coalesce(json_agg(json_build_array(
              id, "subjectId", metric, "withinId", period, "periodStart" - ${EPOCH}, "periodEnd" - ${EPOCH}, value, lower, upper,
              qualifier, rank, "statedChangePercent", "sourceId", "isCurrent") order by id), '[]')
       from figures) as figures,
    (select coalesce(json_agg(json_build_array(
              s.id, s.title, s."publishedOn" - ${EPOCH}, p.slug, p.name, p.tier, coalesce(o.slug, p.slug))), '[]')
       from (select distinct "sourceId" as id from figures ${others}) used
      -- The offset forces index lookups.
      cross join lateral (select * from "Source" where "Source".id = used.id offset 0) s
       join "Publisher" p on p.id = s."publisherId"
       left join "Publisher" o on o.id = s."originId") as sources,
    (select coalesce(json_agg(milestone order by milestone.id), '[]')
       from (select m.*,
                    (select coalesce(json_agg(claim order by claim.id), '[]')
                       from (select c.*, p.tier, s."publishedOn"
                               from "MilestoneClaim" c
                               join "Source" s on s.id = c."sourceId"
                               join "Publisher" p on p.id = s."publisherId"
                              where c."milestoneId" = m.id) claim) as claims
               from "Milestone" m
              where ${scope.markets === null && periods === null} and kind = 'UNITS'
                and "subjectId" = any(${ids}) and metric = any(${[...scope.metrics]}::text[]::"Metric"[])) milestone) as milestones
    ${more}`;
}

/** The rows of some subjects in some metrics and markets. */
function placeIn(ids: Prisma.Sql, { metrics, markets }: Omit<RecordedScope, 'asOf'>): Prisma.Sql {
  return Prisma.sql`"subjectId" = any(${ids}) and metric = any(${[...metrics]}::text[]::"Metric"[])
    and ${markets === null ? Prisma.sql`"withinId" is null` : Prisma.sql`"withinId" = any(${[...markets]}::int[])`}`;
}
