import type { Contradiction, Figure, Metric, Milestone, MilestoneClaim } from '../../database/generated/client.ts';
import { required } from '../../required.ts';
import type { RankedClaim } from '../claims/milestone-claims.ts';
import { slotKey } from '../claims/slot.ts';
import type { Kept } from './kept.ts';
import type { Stretch } from './stretch.ts';
import type { SpanClaim } from './weighing.ts';

const MS_PER_DAY = 86_400_000;

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
  /** The days of which it was read what is kept. Null: all of them. */
  readonly stretch: Stretch | null;
  /** The subjects of which it was read for all days. */
  readonly whole: ReadonlySet<number>;
}

/** A row of `recordedAndKeptOf`. */
export type RecordedAndKeptRow = RecordedRow & KeptRows;

/** As arrays, because ten thousand rows with names for each value take several times as long to read. */
export interface RecordedRow {
  readonly figures: readonly FigureRow[];
  readonly sources: readonly SourceRow[];
  readonly milestones: readonly Stored<RecordedMilestone>[];
}

interface KeptRows {
  readonly whole: readonly number[];
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

/** The key of its slot is named only if it is another one than that of its place. */
type KeptRow = readonly [
  ...[slot: string | null, subjectId: number, metric: Metric, withinId: number | null],
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

export function recordedAndKeptFrom(row: RecordedAndKeptRow, stretch: Stretch | null = null): RecordedAndKept {
  const kept = new Map<string, Kept>();
  for (const one of row.kept) {
    const estimate = keptFrom(one);
    kept.set(estimate.slot, estimate);
  }
  const { contradictions, whole } = row;
  return { ...recordedFrom(row), kept, contradictions, stretch, whole: new Set(whole) };
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

export function recordedFrom({
  figures,
  sources,
  milestones,
}: RecordedRow): Recorded & Pick<RecordedAndKept, 'sources'> {
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

/** Field by field, as claims. */
function keptFrom(row: KeptRow): Kept {
  const [slot, subjectId, metric, withinId, period, kind, first, last] = row;
  return {
    slot: slot ?? slotKey({ subjectId, metric, period, withinId }),
    subjectId,
    metric,
    withinId,
    period,
    kind,
    periodStart: first === null ? null : new Date(first * MS_PER_DAY),
    periodEnd: new Date(last * MS_PER_DAY),
    value: row[8],
    lower: row[9],
    upper: row[10],
    qualifier: row[11],
    method: row[12],
    bestId: row[13],
    agreement: row[14],
    decidedBy: row[15],
    origins: row[16],
    resolution: row[17],
    revised: row[18],
    missing: row[19],
    isAnotherName: row[20],
  };
}

function dateFrom(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
