import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { keptPeriods } from '../estimates/kept-periods.ts';
import { extentIn } from '../estimates/observation.ts';
import { addMonths, type Day, dayOf, firstDayOfMonth } from '../values/calendar.ts';
import { hasBegun, type Period, type PeriodKind, parsePeriod } from '../values/period.ts';
import { areAllMembers, type BoardScope, IS_STATED, isTold, wholesOf } from './board-parts.ts';
import type { BoardHistories } from './histories.ts';

/** Who has not reported for two years does not hold a board back. */
const REMEMBERED_MONTHS = 24;
const MONTHS: readonly PeriodKind[] = ['MONTH'];
/** What a board is of if nobody has reported a month. */
const OTHERS: readonly PeriodKind[] = ['DAY', 'WEEK', 'QUARTER', 'HALF', 'YEAR', 'RANGE', 'TO_DATE'];

/** The boards whose newest period is asked for. */
interface Boards extends BoardScope {
  readonly withoutParts: boolean;
}

/** A period that a subject has reported. */
interface Report {
  readonly id: number;
  readonly period: string;
  readonly start: Day | null;
  readonly end: Day;
}

/** Where it is said who has reported what. */
interface Reports {
  /** A query for the last day of the newest period that anybody has reported. */
  readonly newest: Prisma.Sql;
  /** A query for what was reported since a day: id, period, start, end. */
  since(day: Prisma.Sql): Prisma.Sql;
}

/**
 * The newest month that half of the subjects have reported who report months: those who have in the last 24 months to the newest one that
 * anybody has; without parts, not those who are part of another one of them. The newest one of theirs if none is that complete. If nobody
 * has reported a month, the same of all other periods. Null if nobody has reported any. Periods that have not begun do not count.
 */
export async function findLatestPeriod(
  db: Db,
  boards: Boards,
  /** What was known at an instant. Null: now. */
  histories: BoardHistories | null,
): Promise<Period | null> {
  const find = (reports: Reports): Promise<string | null> => readLatestPeriod(db, boards, reports);
  const text =
    histories === null
      ? ((await find(keptReports(boards, MONTHS))) ?? (await find(keptReports(boards, OTHERS))))
      : await find(givenReports(await workOutReports(boards, histories)));
  return text === null ? null : parsePeriod(text);
}

async function readLatestPeriod(db: Db, { kinds, withoutParts }: Boards, reports: Reports): Promise<string | null> {
  const lastDay = Prisma.sql`(select to_char("end", 'YYYY-MM-DD') from newest)`;
  const firstDay = Prisma.sql`
    (select date_trunc('month', "end") - make_interval(months => ${REMEMBERED_MONTHS - 1}::int) from newest)`;
  const rows = await db.$queryRaw<{ period: string }[]>`
    /* findLatestPeriod */
    with recursive newest as materialized (
      ${reports.newest}
    ), reports as materialized (
      ${reports.since(firstDay)}
    ), reporters as (
      select distinct id from reports
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
    ), population as materialized (
      select id from reporters
      except
      select part from above where whole in (select id from reporters)
      except
      select id from "inAlliance"
    )
    select period
      from reports
     where (id in (select id from population)) is true
     group by period
     order by 2 * count(distinct id) >= (select count(*) from population) desc, max("end") desc, max(start) desc nulls last
     limit 1`;
  return rows[0]?.period ?? null;
}

/** Each subject is looked up by itself, so that the histories of other kinds are not read. */
function keptReports(boards: Boards, periodKinds: readonly PeriodKind[]): Reports {
  const today = dayOf(new Date());
  const told = Prisma.sql`
         "Observation" o
      where o."subjectId" = s.id and o.metric = m.metric and o.kind = any(${[...periodKinds]}::text[]::"PeriodKind"[])
        and ${isTold(boards)} and ${IS_STATED} and coalesce(o."periodStart", o."periodEnd") <= ${today}::date`;
  const subjects = Prisma.sql`
       "Subject" s
      cross join unnest(${[...boards.metrics]}::text[]::"Metric"[]) as m(metric)`;
  const ofKinds = Prisma.sql`s.kind::text = any(${[...boards.kinds]}::text[])`;
  return {
    newest: Prisma.sql`
      select max(o."periodEnd") as "end"
        from ${subjects}
       cross join lateral (select o."periodEnd" from ${told} order by o."periodEnd" desc limit 1) o
       where ${ofKinds}`,
    since: (day) => Prisma.sql`
      select s.id, o.period, o."periodStart" as start, o."periodEnd" as "end"
        from ${subjects}
       cross join lateral (select o.period, o."periodStart", o."periodEnd" from ${told} and o."periodEnd" >= ${day} offset 0) o
       where ${ofKinds}`,
  };
}

function givenReports(reports: readonly Report[]): Reports {
  const given = Prisma.sql`
    jsonb_to_recordset(${JSON.stringify(reports)}::jsonb) as given(id int, period text, start date, "end" date)`;
  return {
    newest: Prisma.sql`select max("end") as "end" from ${given}`,
    since: (day) => Prisma.sql`select id, period, start, "end" from ${given} where "end" >= ${day}`,
  };
}

/** The months that subjects have reported, or else the other periods, worked out from the claims: of each those that can matter. */
async function workOutReports(boards: Boards, histories: BoardHistories): Promise<readonly Report[]> {
  const [months, others]: [Report[], Report[]] = [[], []];
  const today = dayOf(new Date());
  for await (const history of histories.of(boards.kinds)) {
    const periods = keptPeriods(history)
      .map(({ period }) => period)
      .filter((period) => hasBegun(period, today))
      .sort((a, b) => (a.end < b.end ? 1 : -1));
    months.push(
      ...reportsOf(
        history,
        periods.filter(({ kind }) => MONTHS.includes(kind)),
      ),
    );
    if (months.length === 0)
      others.push(
        ...reportsOf(
          history,
          periods.filter(({ kind }) => OTHERS.includes(kind)),
        ),
      );
  }
  return months.length > 0 ? months : others;
}

/** Of the periods, the newest first, those that were reported and are near the newest one of the subject itself. */
function reportsOf(history: MetricHistory, periods: readonly Period[]): readonly Report[] {
  const reports: Report[] = [];
  let oldest: Day | null = null;
  for (const period of periods) {
    const { text, start, end } = period;
    if (oldest !== null && end < oldest) break;
    if (extentIn(history, period)?.isStated !== true) continue;
    oldest ??= addMonths(firstDayOfMonth(end), 1 - REMEMBERED_MONTHS);
    reports.push({ id: history.subjectId, period: text, start, end });
  }
  return reports;
}
