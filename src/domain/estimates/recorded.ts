import {
  type Contradiction,
  type Figure,
  type Metric,
  type Milestone,
  type MilestoneClaim,
  Prisma,
} from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import type { RankedClaim } from '../claims/milestone-claims.ts';
import type { Kept } from './kept.ts';
import type { SpanClaim } from './weighing.ts';

const MS_PER_DAY = 86_400_000;
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

/** A figure as it counts at an instant. */
export interface RecordedClaim extends SpanClaim {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly withinId: number | null;
  /** Not restated or withdrawn by then. */
  readonly isCurrent: boolean;
}

/** A milestone of a number, with its claims. */
export type RecordedMilestone = Milestone & { readonly claims: readonly RankedClaim[] };

/** The document of a figure. */
export type SaidBy = Pick<SpanClaim, 'title' | 'publishedOn' | 'publisher' | 'tier' | 'origin'>;

/** What estimates follow from. */
export interface Recorded {
  readonly claims: readonly RecordedClaim[];
  /** None of shares. */
  readonly milestones: readonly RecordedMilestone[];
}

/** A contradiction that is not resolved. */
export type OpenContradiction = Pick<
  Contradiction,
  'id' | 'identity' | 'subjectId' | 'metric' | 'kind' | 'gap' | 'explanation' | 'periods' | 'figureIds' | 'setAsideIds'
>;

/** What is recorded, with what is kept of it. */
export interface RecordedAndKept extends Recorded {
  /** By their id. */
  readonly sources: ReadonlyMap<number, SaidBy>;
  /** By the key of their slot, as it is stored. */
  readonly kept: ReadonlyMap<string, Kept>;
  readonly contradictions: readonly OpenContradiction[];
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
  const [row] = await db.$queryRaw<
    RecordedAndKeptRow[]
  >`/* readRecordedAndKept */ ${recordedAndKeptOf(listed(ids), scope)}`;
  return recordedAndKeptFrom(present(row));
}

/** The same as a query for one row, of the subjects in a list, with the documents of these ids as well. */
export function recordedAndKeptOf(
  ids: Prisma.Sql,
  scope: Omit<RecordedScope, 'asOf'>,
  sourceIds: readonly number[] = [],
): Prisma.Sql {
  const place = placeIn(ids, scope);
  const kept = Prisma.sql`,
    (select coalesce(json_agg(json_build_array(
              slot, "subjectId", metric, "withinId", period, kind, "periodStart" - ${EPOCH}, "periodEnd" - ${EPOCH}, value, lower, upper,
              qualifier, method, "bestId", agreement, "decidedBy", origins, resolution, revised, coalesce(missing, '{}'), "isAnotherName")), '[]')
       from "Observation"
      where ${place}) as kept,
    (select coalesce(json_agg(c order by c.id), '[]')
       from (select id, identity, "subjectId", metric, kind, gap, explanation, periods, "figureIds", "setAsideIds"
               from "Contradiction"
              where ${place} and "resolvedAt" is null) c) as contradictions`;
  return recordedIn(ids, { ...scope, asOf: null }, kept, sourceIds);
}

/** A row of `recordedAndKeptOf`. */
export type RecordedAndKeptRow = RecordedRow & KeptRows;

export function recordedAndKeptFrom(row: RecordedAndKeptRow): RecordedAndKept {
  return { ...recordedFrom(row), kept: new Map(row.kept.map(keptFrom)), contradictions: row.contradictions };
}

/** The columns of a figure from which estimates follow. */
type NewClaim = Pick<
  Figure,
  | 'id'
  | 'subjectId'
  | 'metric'
  | 'withinId'
  | 'period'
  | 'periodStart'
  | 'periodEnd'
  | 'value'
  | 'lower'
  | 'upper'
  | 'qualifier'
  | 'rank'
  | 'statedChangePercent'
  | 'sourceId'
>;

/** What is recorded, with figures that are about to be, whose documents were read along. */
export function withFigures(recorded: RecordedAndKept, figures: readonly NewClaim[]): RecordedAndKept {
  const fresh = figures.map(({ id, subjectId, metric, withinId, period, periodStart, periodEnd, ...figure }) => {
    const [first, last] = [periodStart === null ? null : dayOf(periodStart), dayOf(periodEnd)];
    const { value, lower, upper, qualifier, rank, statedChangePercent, sourceId } = figure;
    return claimFrom(
      [
        ...([id, subjectId, metric, withinId, period, first, last] as const),
        ...([value, lower, upper, qualifier, rank, statedChangePercent, sourceId, true] as const),
      ],
      recorded.sources,
    );
  });
  return { ...recorded, claims: [...recorded.claims, ...fresh] };
}

function dayOf(date: Date): number {
  return date.getTime() / MS_PER_DAY;
}

function listed(ids: readonly number[]): Prisma.Sql {
  return Prisma.sql`${[...ids]}::int[]`;
}

/** As arrays, because ten thousand rows with names for each value take several times as long to read. */
interface RecordedRow {
  readonly figures: readonly FigureRow[];
  readonly sources: readonly SourceRow[];
  readonly milestones: readonly Stored<RecordedMilestone>[];
}

interface KeptRows {
  readonly kept: readonly KeptRow[];
  readonly contradictions: readonly OpenContradiction[];
}

type FigureRow = readonly [
  ...[id: number, subjectId: number, metric: Metric, withinId: number | null],
  ...[period: string, first: number | null, last: number],
  ...[value: number | null, lower: number | null, upper: number | null],
  ...[qualifier: SpanClaim['qualifier'], rank: SpanClaim['rank'], statedChangePercent: number | null],
  ...[sourceId: number, isCurrent: boolean],
];

type SourceRow = readonly [
  ...[id: number, title: string, publishedOn: number | null],
  ...[slug: string, name: string, tier: number, origin: string],
];

type KeptRow = readonly [
  ...[slot: string, subjectId: number, metric: Metric, withinId: number | null],
  ...[period: string, kind: Kept['kind'], first: number | null, last: number],
  ...[value: number | null, lower: number | null, upper: number | null],
  ...[qualifier: Kept['qualifier'], method: Kept['method'], bestId: number | null, agreement: Kept['agreement']],
  ...[decidedBy: Kept['decidedBy'], origins: number, resolution: string, revised: boolean],
  ...[missing: readonly string[], isAnotherName: boolean],
];

/** A row with its dates as texts. */
type Stored<Row> = {
  readonly [Column in keyof Row]: Row[Column] extends Date
    ? string
    : Row[Column] extends Date | null
      ? string | null
      : Row[Column] extends readonly (infer Element)[]
        ? readonly Stored<Element>[]
        : Row[Column];
};

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
    (select coalesce(json_agg(to_jsonb(m) || jsonb_build_object('claims', claims) order by m.id), '[]')
       from "Milestone" m,
            lateral (select coalesce(jsonb_agg(
                              to_jsonb(c) || jsonb_build_object('tier', p.tier, 'publishedOn', s."publishedOn") order by c.id), '[]') as claims
                       from "MilestoneClaim" c
                       join "Source" s on s.id = c."sourceId"
                       join "Publisher" p on p.id = s."publisherId"
                      where c."milestoneId" = m.id) claimed
      where ${scope.markets === null && periods === null} and kind = 'UNITS'
        and "subjectId" = any(${ids}) and metric = any(${[...scope.metrics]}::text[]::"Metric"[])) as milestones
    ${more}`;
}

/** The rows of some subjects in some metrics and markets. */
function placeIn(ids: Prisma.Sql, { metrics, markets }: Omit<RecordedScope, 'asOf'>): Prisma.Sql {
  return Prisma.sql`"subjectId" = any(${ids}) and metric = any(${[...metrics]}::text[]::"Metric"[])
    and ${markets === null ? Prisma.sql`"withinId" is null` : Prisma.sql`"withinId" = any(${[...markets]}::int[])`}`;
}

function recordedFrom({ figures, sources, milestones }: RecordedRow): Recorded & Pick<RecordedAndKept, 'sources'> {
  const byId = new Map(
    sources.map(([id, title, publishedOn, slug, name, tier, origin]) => [
      id,
      { title, publishedOn, publisher: { slug, name }, tier, origin },
    ]),
  );
  return {
    sources: byId,
    claims: figures.map((row) => claimFrom(row, byId)),
    milestones: milestones.map(({ sortOn, windowFrom, windowUntil, createdAt, claims, ...milestone }) => ({
      ...milestone,
      sortOn: new Date(sortOn),
      windowFrom: dateFrom(windowFrom),
      windowUntil: dateFrom(windowUntil),
      createdAt: new Date(createdAt),
      claims: claims.map(({ recordedAt, publishedOn, ...claim }) => ({
        ...(claim as Omit<MilestoneClaim, 'recordedAt'> & Pick<RankedClaim, 'tier'>),
        recordedAt: new Date(recordedAt),
        publishedOn: dateFrom(publishedOn),
      })),
    })),
  };
}

/** Field by field: there are thousands of them in a write, and copies by rest and spread take several times as long. */
function claimFrom(
  [
    id,
    subjectId,
    metric,
    withinId,
    period,
    first,
    through,
    value,
    lower,
    upper,
    qualifier,
    rank,
    change,
    sourceId,
    isCurrent,
  ]: FigureRow,
  sources: ReadonlyMap<number, SaidBy>,
): RecordedClaim {
  const source = required(sources, sourceId);
  return {
    id,
    subjectId,
    metric,
    withinId,
    period,
    after: first === null ? null : first - 1,
    through,
    value,
    bounds: { lower, upper },
    qualifier,
    rank,
    statedChangePercent: change,
    isCurrent,
    title: source.title,
    publishedOn: source.publishedOn,
    publisher: source.publisher,
    tier: source.tier,
    origin: source.origin,
  };
}

function keptFrom([slot, subjectId, metric, withinId, period, kind, first, last, ...estimate]: KeptRow): [
  string,
  Kept,
] {
  const [
    value,
    lower,
    upper,
    qualifier,
    method,
    bestId,
    agreement,
    decidedBy,
    origins,
    resolution,
    revised,
    missing,
    isAnotherName,
  ] = estimate;
  const kept = {
    slot,
    subjectId,
    metric,
    withinId,
    period,
    kind,
    periodStart: first === null ? null : new Date(first * MS_PER_DAY),
    periodEnd: new Date(last * MS_PER_DAY),
    value,
    lower,
    upper,
    qualifier,
    method,
    bestId,
    agreement,
    decidedBy,
    origins,
    resolution,
    revised,
    missing,
    isAnotherName,
  };
  return [slot, kept];
}

function dateFrom(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
