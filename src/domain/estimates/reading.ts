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

/**
 * What is read of a kept observation o, as JSON. Building an array takes the database a while for each of its values, so what is nearly
 * always the same is left out: bounds that are the value, and what is so where one source says something.
 */
const COLUMNS = [
  Prisma.sql`o.period`,
  Prisma.sql`o.value`,
  Prisma.sql`o.qualifier`,
  Prisma.sql`o."bestId"`,
  Prisma.sql`o.resolution`,
  Prisma.sql`case when o.lower = o.value and o.upper = o.value then null else json_build_array(o.lower, o.upper) end`,
  Prisma.sql`
    case when o.method = 'ASSERTED' and o.agreement = 'SOLE' and o."decidedBy" = 'ONLY' and o.origins = 1 and not o.revised and o.missing = '{}'
         then null
         else json_build_array(o.method, o.agreement, o."decidedBy", o.origins, o.revised, coalesce(o.missing, '{}')) end`,
];

/** An array of these for one observation. */
const AS_JSON = Prisma.sql`json_build_array(${Prisma.join(COLUMNS)})`;

/**
 * An array with an array of each column for all observations of a group, the earliest first, which takes less time than an array for each
 * row. In a group no two end on the same day, so all columns are in the same order.
 */
const ALL_AS_JSON = Prisma.sql`json_build_array(${Prisma.join(
  COLUMNS.map((column) => Prisma.sql`json_agg(${column} order by o."periodEnd")`),
)})`;

/** The same with its place. */
export const PLACED_AS_JSON = Prisma.sql`json_build_array(o."subjectId", o.metric, o."withinId", ${AS_JSON})`;

type Values = readonly [
  ...[
    period: string,
    value: number | null,
    qualifier: Estimate['qualifier'],
    bestId: number | null,
    resolution: string,
  ],
  bounds: readonly [lower: number | null, upper: number | null] | null,
  further: Further | null,
];

/** Of each value in a row those of all rows, as in ALL_AS_JSON. */
type ColumnsOf<Row extends readonly unknown[]> = { readonly [Place in keyof Row]: readonly Row[Place][] };

type Further = readonly [
  ...[method: Estimate['method'], agreement: Estimate['agreement'], decidedBy: Estimate['decidedBy']],
  ...[origins: number, revised: boolean, missing: readonly string[]],
];

/** The values of PLACED_AS_JSON. */
export type PlacedValues = readonly [subjectId: number, metric: Metric, withinId: number | null, values: Values];

const OF_ONE_SOURCE: Further = ['ASSERTED', 'SOLE', 'ONLY', 1, false, []];

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

/** The kept observations of slots, by the key of their slot. One statement, however many slots there are. */
export async function readObservations(db: Db, slots: readonly Slot[]): Promise<ReadonlyMap<string, Observed>> {
  const rows = await readJson<readonly PlacedValues[]>(
    db,
    Prisma.sql`
    /* readObservations */
    select coalesce(json_agg(${PLACED_AS_JSON}), '[]')::text as json
      from "Observation" o
     where o."subjectId" = any(${distinct(slots.map(({ subjectId }) => subjectId))}::int[])
       and o.metric = any(${distinct(slots.map(({ metric }) => metric))}::text[]::"Metric"[])
       and o.slot = any(${distinct(slots.map(slotKey))}::text[])`,
  );
  const observed = rows.map(placedIn);
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
    select coalesce(json_agg(${PLACED_AS_JSON}), '[]')::text as json
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

/** What is kept of subjects in metrics, of the periods of one kind that end on some days. One statement, however many there are. */
export async function readKeptSeries(
  db: Db,
  subjectIds: readonly number[],
  metrics: readonly Metric[],
  kind: PeriodKind,
  days: readonly DaysBetween[],
): Promise<readonly KeptSeries[]> {
  const rows = await readJson<readonly (readonly [subjectId: number, metric: Metric, all: ColumnsOf<Values>])[]>(
    db,
    Prisma.sql`
    /* readKeptSeries */
    select coalesce(json_agg(json_build_array(s.id, m.metric, kept.columns)), '[]')::text as json
      from unnest(${[...subjectIds]}::int[]) as s(id)
     cross join unnest(${[...metrics]}::text[]::"Metric"[]) as m(metric)
     cross join lateral (
             select ${ALL_AS_JSON} as columns
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
  return rows.map(([subjectId, metric, all]) => {
    const place = { subjectId, metric, withinId: null, asOf: null };
    return { subjectId, metric, observations: all[0].map((_period, row) => observedAt(place, all, row)) };
  });
}

/** The observation that was read, with its place. */
export function placedIn([subjectId, metric, withinId, values]: PlacedValues): Observed {
  const columns = values.map((value) => [value]) as unknown as ColumnsOf<Values>;
  return observedAt({ subjectId, metric, withinId, asOf: null }, columns, 0);
}

/** The observation in a row of columns. Field by field: an answer can have thousands of them. */
function observedAt(
  place: Observed['place'],
  [periods, values, qualifiers, bestIds, resolutions, bounds, others]: ColumnsOf<Values>,
  row: number,
): Observed {
  const [method, agreement, decidedBy, origins, revised, missing] = others[row] ?? OF_ONE_SOURCE;
  const value = values[row] ?? null;
  const [lower, upper] = bounds[row] ?? [value, value];
  return {
    value,
    lower,
    upper,
    qualifier: qualifiers[row] ?? null,
    method,
    bestId: bestIds[row] ?? null,
    agreement,
    decidedBy,
    origins,
    resolution: resolutions[row] ?? '',
    revised,
    missing,
    place,
    period: present(parsePeriod(periods[row] ?? '')),
  };
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
