import { type Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readJson } from '../../database/read-json.ts';
import { present } from '../../required.ts';
import { type Slot, slotKey } from '../claims/slot.ts';
import type { Day } from '../values/calendar.ts';
import { isAdditive } from '../values/metric.ts';
import { type Period, type PeriodKind, parsePeriod } from '../values/period.ts';
import type { Estimate, Observed } from './observation.ts';

/** The kinds of periods that are kept wherever anything is known of them. */
const KEPT: ReadonlySet<PeriodKind> = new Set(['MONTH', 'QUARTER', 'HALF', 'YEAR']);

/** What is read of each observation. */
const PERIOD = Prisma.sql`o.period`;
const VALUE = Prisma.sql`o.value`;
const BOUNDS = Prisma.sql`case when o.lower = o.value and o.upper = o.value then null else json_build_array(o.lower, o.upper) end`;

/**
 * What is read only if it is asked for. Building JSON takes the database a while for each of its values, so what is nearly always the same
 * is left out: above bounds that are the value, here what is so where one source says something.
 */
const DETAILS = {
  qualifier: Prisma.sql`o.qualifier`,
  bestId: Prisma.sql`o."bestId"`,
  resolution: Prisma.sql`o.resolution`,
  missing: Prisma.sql`case when o.missing <> '{}' then o.missing end`,
  judgement: Prisma.sql`
    case when o.method = 'ASSERTED' and o.agreement = 'SOLE' and o."decidedBy" = 'ONLY' and o.origins = 1 and not o.revised
         then null
         else json_build_array(o.method, o.agreement, o."decidedBy", o.origins, o.revised) end`,
} as const;

/** A part of an observation that can be left out of a reading; judgement is its method, agreement, decidedBy, origins and revised. */
export type Detail = keyof typeof DETAILS;

/** In the order in which they are read. */
const NAMES = Object.keys(DETAILS) as Detail[];

/** Every detail. */
export const ALL_DETAILS: ReadonlySet<Detail> = new Set(NAMES);

/** What is read of a kept observation o with its place, as JSON. */
export function placedAsJson(details = ALL_DETAILS): Prisma.Sql {
  const columns = Prisma.join(columnsOf(details));
  return Prisma.sql`json_build_array(o."subjectId", o.metric, o."withinId", json_build_array(${columns}))`;
}

/**
 * An array with an array of each column for all observations of a group, the earliest first, which takes less time than an array for each
 * row. In a group no two end on the same day, so all columns are in the same order.
 */
function allAsJson(details: ReadonlySet<Detail>): Prisma.Sql {
  const lists = columnsOf(details).map((column) => Prisma.sql`json_agg(${column} order by o."periodEnd")`);
  return Prisma.sql`json_build_array(${Prisma.join(lists)})`;
}

function columnsOf(details: ReadonlySet<Detail>): readonly Prisma.Sql[] {
  return [PERIOD, VALUE, BOUNDS, ...namesIn(details).map((name) => DETAILS[name])];
}

function namesIn(details: ReadonlySet<Detail>): readonly Detail[] {
  return NAMES.filter((name) => details.has(name));
}

type Bounds = readonly [lower: number | null, upper: number | null];
type Judgement = readonly [
  ...[method: Estimate['method'], agreement: Estimate['agreement'], decidedBy: Estimate['decidedBy']],
  ...[origins: number, revised: boolean],
];

/** What was read of each observation of a group. A detail that was not asked for has no list. */
interface Columns {
  readonly qualifier?: readonly Estimate['qualifier'][];
  readonly bestId?: readonly (number | null)[];
  readonly resolution?: readonly string[];
  readonly missing?: readonly (readonly string[] | null)[];
  readonly judgement?: readonly (Judgement | null)[];
}

/** The period, the value, the bounds if they are not the value, and the details. */
type Values = readonly [period: string, value: number | null, bounds: Bounds | null, ...details: unknown[]];
/** Of each of these a list. */
type Lists = readonly [
  ...[periods: readonly string[], values: readonly (number | null)[], bounds: readonly (Bounds | null)[]],
  ...details: (readonly unknown[])[],
];

/** The values of placedAsJson. */
export type PlacedValues = readonly [subjectId: number, metric: Metric, withinId: number | null, values: Values];

const OF_ONE_SOURCE: Judgement = ['ASSERTED', 'SOLE', 'ONLY', 1, false];
const NONE: readonly string[] = [];

/** The observations of a subject in a metric, the earliest first. */
export interface KeptSeries {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly observations: readonly Observed[];
}

/** Days from the first to the last, both inclusive. Null: not bounded. */
export interface DaysBetween {
  readonly from: Day | null;
  readonly to: Day | null;
}

/** Whether such a period is kept whenever anything is known of it: then a missing row means that nothing is. */
export function isAlwaysKept(metric: Metric, withinId: number | null, { kind }: Period): boolean {
  return !isAdditive(metric) || withinId !== null || KEPT.has(kind);
}

/** The kept observations of slots with these details, by the key of their slot. One statement, however many slots there are. */
export async function readObservations(
  db: Db,
  slots: readonly Slot[],
  details = ALL_DETAILS,
): Promise<ReadonlyMap<string, Observed>> {
  const rows = await readJson<readonly PlacedValues[]>(
    db,
    Prisma.sql`
    /* readObservations */
    select coalesce(json_agg(${placedAsJson(details)}), '[]')::text as json
      from "Observation" o
     where o."subjectId" = any(${distinct(slots.map(({ subjectId }) => subjectId))}::int[])
       and o.metric = any(${distinct(slots.map(({ metric }) => metric))}::text[]::"Metric"[])
       and o.slot = any(${distinct(slots.map(slotKey))}::text[])`,
  );
  const observed = rows.map((row) => placedIn(row, details));
  return new Map(observed.map((one) => [slotKey({ ...one.place, period: one.period.text }), one]));
}

/** The newest kept totals to date of subjects in a metric, by subject. */
export async function readLatestTotals(
  db: Db,
  subjectIds: readonly number[],
  metric: Metric,
): Promise<ReadonlyMap<number, Observed>> {
  const rows = await readJson<readonly PlacedValues[]>(
    db,
    Prisma.sql`
    /* readLatestTotals */
    select coalesce(json_agg(${placedAsJson()}), '[]')::text as json
      from unnest(${[...subjectIds]}::int[]) as s(id)
     cross join unnest(${[metric]}::text[]::"Metric"[]) as m(metric)
     cross join lateral (
             select *
               from "Observation" o
              where o."subjectId" = s.id and o.metric = m.metric and o.kind = 'TO_DATE' and o."withinId" is null
              order by o."periodEnd" desc
              limit 1) o`,
  );
  return new Map(rows.map((row) => [row[0], placedIn(row)]));
}

/**
 * What is kept of subjects in metrics, of the periods of one kind that end on some days, with these details. One statement, however many
 * there are.
 */
export async function readKeptSeries(
  db: Db,
  subjectIds: readonly number[],
  metrics: readonly Metric[],
  kind: PeriodKind,
  days: readonly DaysBetween[],
  details = ALL_DETAILS,
): Promise<readonly KeptSeries[]> {
  const rows = await readJson<readonly (readonly [subjectId: number, metric: Metric, lists: Lists])[]>(
    db,
    Prisma.sql`
    /* readKeptSeries */
    select coalesce(json_agg(json_build_array(s.id, m.metric, kept.columns)), '[]')::text as json
      from unnest(${[...subjectIds]}::int[]) as s(id)
     cross join unnest(${[...metrics]}::text[]::"Metric"[]) as m(metric)
     cross join lateral (
             select ${allAsJson(details)} as columns
               from unnest(${days.map(({ from }) => from ?? '-infinity')}::text[]::date[],
                           ${days.map(({ to }) => to ?? 'infinity')}::text[]::date[]) as d("from", "to")
              cross join lateral (
                      -- The offset forces one look into the index for each.
                      select *
                        from "Observation" o
                       where o."subjectId" = s.id and o.metric = m.metric and o.kind = ${kind}::text::"PeriodKind"
                         and o."withinId" is null and o."periodEnd" between d."from" and d."to"
                      offset 0) o
             having count(*) > 0) kept`,
  );
  return rows.map(([subjectId, metric, lists]) => ({
    ...{ subjectId, metric },
    observations: observedIn({ subjectId, metric, withinId: null, asOf: null }, lists, details),
  }));
}

/** The observation that was read with these details, with its place. */
export function placedIn([subjectId, metric, withinId, values]: PlacedValues, details = ALL_DETAILS): Observed {
  const lists = values.map((value) => [value]) as unknown as Lists;
  return present(observedIn({ subjectId, metric, withinId, asOf: null }, lists, details)[0]);
}

/** Field by field: an answer can have thousands of them. A detail that was not read is as if there were nothing to tell. */
function observedIn(
  place: Observed['place'],
  [periods, values, bounds, ...lists]: Lists,
  details: ReadonlySet<Detail>,
): Observed[] {
  const read: Columns = Object.fromEntries(namesIn(details).map((name, index) => [name, lists[index]]));
  const { qualifier, bestId, resolution, missing, judgement } = read;
  return periods.map((period, row) => {
    const value = values[row] ?? null;
    const [lower, upper] = bounds[row] ?? [value, value];
    const [method, agreement, decidedBy, origins, revised] = judgement?.[row] ?? OF_ONE_SOURCE;
    return {
      value,
      lower,
      upper,
      qualifier: qualifier?.[row] ?? null,
      method,
      bestId: bestId?.[row] ?? null,
      agreement,
      decidedBy,
      origins,
      resolution: resolution?.[row] ?? '',
      revised,
      missing: missing?.[row] ?? NONE,
      place,
      period: present(parsePeriod(period)),
    };
  });
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
