import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { extentIn } from '../estimates/observation.ts';
import { addMonths, type Day, dayAt, dayOf } from '../values/calendar.ts';
import { type Period, parsePeriod, periodsBetween } from '../values/period.ts';
import { areAllMembers, type BoardScope, IS_STATED, isTold, subjectOf, wholesOf } from './board-parts.ts';
import { historiesOf } from './extents.ts';

/** Who has not reported for two years does not hold a board back. */
const REMEMBERED_MONTHS = 24;
/** All months from 1900 to 2099. */
const MOST_MONTHS = 2_400;

/** The boards whose newest month is asked for. */
interface Boards extends BoardScope {
  readonly asOf: Date | null;
  readonly withoutParts: boolean;
}

/** Where it is said who has reported which month. */
interface Reports {
  /** A query for the ids of those who have reported a month, which is given by its name. */
  in(month: Prisma.Sql): Prisma.Sql;
  /** A query for the ids of those who have reported a month between two days. */
  between(first: Prisma.Sql, after: Prisma.Sql): Prisma.Sql;
}

/** A month that a subject has reported. */
interface Report {
  readonly id: number;
  readonly period: string;
}

/**
 * The newest month that half of the subjects have reported who report months: those who have in the last 24 months to the newest one that
 * anybody has; without parts, not those who are part of another one of them. The newest one of all if none is that complete. Null if nobody
 * has reported a month.
 */
export async function findLatestMonth(db: Db, boards: Boards): Promise<Period | null> {
  const reports = boards.asOf === null ? keptReports(boards) : givenReports(await workOutReports(db, boards));
  const text = await readLatestMonth(db, boards, reports);
  return text === null ? null : parsePeriod(text);
}

/** One statement. It goes back month by month until it finds one, so that it reads few of them, however long the histories are. */
async function readLatestMonth(db: Db, { kinds, withoutParts }: Boards, reports: Reports): Promise<string | null> {
  const today = dayOf(new Date());
  const back = (months: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`to_char(${today}::date - make_interval(months => ${months}), 'YYYY-MM')`;
  const lastDay = Prisma.sql`(select to_char(month + interval '1 month' - interval '1 day', 'YYYY-MM-DD') from newest)`;
  const isEnough = (months: Prisma.Sql): Prisma.Sql => Prisma.sql`
    (select 2 * count(*) from population p where p.id in (${reports.in(back(months))})) >= (select count(*) from population)`;
  const rows = await db.$queryRaw<{ period: string }[]>`
    /* findLatestMonth */
    with recursive seek(back, "isFound") as (
      select 0, exists (${reports.in(back(Prisma.sql`0`))})
       union all
      select back + 1, exists (${reports.in(back(Prisma.sql`(back + 1)`))}) from seek where not "isFound" and back < ${MOST_MONTHS}::int
    ), newest as (
      select back, (${back(Prisma.sql`back`)} || '-01')::date as month from seek where "isFound"
    ), reporters as (
      ${reports.between(
        Prisma.sql`(select month - make_interval(months => ${REMEMBERED_MONTHS - 1}::int) from newest)`,
        Prisma.sql`(select month + interval '1 month' from newest)`,
      )}
    ), above(part, whole) as (
      select r.id, pair.whole
        from reporters r
       cross join lateral ${wholesOf(Prisma.sql`r.id`, kinds, lastDay)} pair
       where ${withoutParts}::boolean
       union
      select above.part, pair.whole from above cross join lateral ${wholesOf(Prisma.sql`above.whole`, kinds, lastDay)} pair
    ), "inAlliance" as (
      select c.id
        from reporters c
        join "Subject" company on company.id = c.id and company.kind = 'COMPANY'
        join "Subject" alliance on alliance.kind = 'ALLIANCE' and alliance.id in (select id from reporters)
       where ${withoutParts}::boolean and ${areAllMembers(Prisma.sql`c.id`, Prisma.sql`alliance.id`, lastDay)}
    ), population as (
      select id from reporters
      except
      select part from above where whole in (select id from reporters)
      except
      select id from "inAlliance"
    ), walk(back, "isEnough") as (
      select back, ${isEnough(Prisma.sql`newest.back`)} from newest
       union all
      select walk.back + 1, ${isEnough(Prisma.sql`(walk.back + 1)`)}
        from walk
       cross join newest
       where not "isEnough" and walk.back + 1 < newest.back + ${REMEMBERED_MONTHS}::int
    )
    select ${back(Prisma.sql`coalesce((select back from walk where "isEnough"), newest.back)`)} as period from newest`;
  return rows[0]?.period ?? null;
}

function keptReports(boards: Boards): Reports {
  return {
    in: (month) => Prisma.sql`
      select o."subjectId" as id
        from "Observation" o
       cross join lateral ${subjectOf(boards.kinds)} s
       where o.period = ${month} and ${isTold(boards)} and ${IS_STATED}`,
    between: (first, after) => Prisma.sql`
      select s.id
        from "Subject" s
       where s.kind::text = any(${[...boards.kinds]}::text[])
         -- The offset forces index lookups.
         and exists (select from "Observation" o
                      where o."subjectId" = s.id and o.kind = 'MONTH' and ${isTold(boards)} and ${IS_STATED}
                        and o."periodEnd" >= ${first} and o."periodEnd" < ${after}
                     offset 0)`,
  };
}

function givenReports(reports: readonly Report[]): Reports {
  const given = Prisma.sql`jsonb_to_recordset(${JSON.stringify(reports)}::jsonb) as given(id int, period text)`;
  return {
    in: (month) => Prisma.sql`select id from ${given} where period = ${month}`,
    between: (first, after) => Prisma.sql`
      select distinct id from ${given} where (period || '-01')::date >= ${first} and (period || '-01')::date < ${after}`,
  };
}

/** The months that subjects have reported, worked out from the claims: of each those that can matter. */
async function workOutReports(db: Db, boards: Boards): Promise<readonly Report[]> {
  const reports: Report[] = [];
  for await (const history of historiesOf(db, boards)) {
    if (history.known === null) continue;
    const months = periodsBetween('MONTH', dayAt(history.known.first), dayAt(history.known.last)).reverse();
    // Those that are remembered are among the 24 to the newest one of the subject itself.
    let oldest: Day | null = null;
    for (const month of months) {
      if (oldest !== null && month.end < oldest) break;
      if (extentIn(history, month)?.isStated !== true) continue;
      oldest ??= addMonths(present(month.start), 1 - REMEMBERED_MONTHS);
      reports.push({ id: history.subjectId, period: month.text });
    }
  }
  return reports;
}
