import type { FigureRank, Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { type Relatives, readRelatives } from '../catalog/families.ts';
import { knownFrom } from '../claims/figure-input.ts';
import { RANKED, rankedClaims, summarise } from '../claims/milestone-claims.ts';
import { RANKS, rankedAt } from '../claims/rank-history.ts';
import { groupBy } from '../values/group.ts';
import { unitOf } from '../values/metric.ts';
import { type Announced, buildHistories, type HistoryScope, type MetricHistory } from './history.ts';
import { type Elsewhere, type SlotClaims, type SpanClaim, slotsOf } from './weighing.ts';

const MS_PER_DAY = 86_400_000;
/** The metrics that count vehicles on their way to customers. About the same period they may say the same. */
export const SAME_VEHICLES: readonly Metric[] = ['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL', 'REGISTRATIONS'];

/** The columns of a figure that its claim needs. */
export const CLAIMED = {
  ...{ id: true, subjectId: true, metric: true, withinId: true, period: true, periodStart: true, periodEnd: true },
  ...{
    value: true,
    lower: true,
    upper: true,
    qualifier: true,
    rank: true,
    rankReason: true,
    statedChangePercent: true,
  },
  ...{ claimKey: true, knownFrom: true, knownUntil: true },
  source: {
    select: {
      ...{ title: true, publishedOn: true, origin: { select: { slug: true } } },
      publisher: { select: { slug: true, name: true, tier: true } },
    },
  },
} as const satisfies Prisma.FigureSelect;

/** A figure with everything that its claim needs. */
export type ClaimedFigure = Prisma.FigureGetPayload<{ select: typeof CLAIMED }>;

/**
 * The histories of subjects, of their parts and of what they are part of, now or as known at an instant. The claims are read with one
 * statement, however many subjects there are.
 */
export async function readHistories(
  db: Db,
  subjectIds: readonly number[],
  scope: HistoryScope,
): Promise<ReadonlyMap<number, MetricHistory>> {
  const relatives = await readRelatives(db, subjectIds);
  const byMetric = await readHistoriesOf(db, relatives, [scope.metric], scope);
  return byMetric.get(scope.metric) ?? new Map();
}

/** The histories of relatives, by metric. */
export async function readHistoriesOf(
  db: Db,
  relatives: Relatives,
  metrics: readonly Metric[],
  { withinId, asOf }: Pick<HistoryScope, 'withinId' | 'asOf'>,
): Promise<ReadonlyMap<Metric, ReadonlyMap<number, MetricHistory>>> {
  const needed: readonly Metric[] = metrics.includes('PRODUCTION')
    ? [...new Set([...metrics, 'DELIVERIES' as const])]
    : metrics;
  const ids = relatives.subjects.map(({ id }) => id);
  const figures = await db.figure.findMany({
    where: {
      subjectId: { in: ids },
      metric: { in: [...needed] },
      withinId,
      ...(asOf === null ? {} : { knownFrom: { lte: asOf } }),
    },
    // Now a figure has its present rank.
    select: { ...CLAIMED, ...(asOf === null ? {} : RANKS) },
    orderBy: { id: 'asc' },
  });
  const announced = withinId === null ? await readAnnounced(db, ids, needed, asOf) : [];
  const asThen = figures.map((figure) => rankedAt(figure, ranksOf(figure), asOf));
  const ofMetric = groupBy(asThen, ({ metric }) => metric);
  const slots = new Map(needed.map((metric) => [metric, slotsAt(ofMetric.get(metric) ?? [], asOf)]));
  const elsewhere = await readElsewhere(db, slots, asOf);
  const histories = new Map<Metric, ReadonlyMap<number, MetricHistory>>();
  // Production needs the deliveries.
  for (const metric of [...needed].sort((a, b) => Number(a === 'PRODUCTION') - Number(b === 'PRODUCTION'))) {
    const knowledge = {
      slots: required(slots, metric),
      revised: revisedAt(ofMetric.get(metric) ?? [], asOf),
      elsewhere: required(elsewhere, metric),
      announced: announced.filter((one) => one.metric === metric),
      deliveries: metric === 'PRODUCTION' ? (histories.get('DELIVERIES') ?? null) : null,
    };
    histories.set(metric, buildHistories(relatives, { metric, withinId, asOf }, knowledge));
  }
  return histories;
}

/** The histories of subjects in markets, each of a subject, metric and market of which there is a figure. One statement reads all of them. */
export async function readHistoriesWithin(
  db: Db,
  { subjects }: Pick<Relatives, 'subjects'>,
  metrics: readonly Metric[],
  markets: readonly number[],
): Promise<readonly MetricHistory[]> {
  const figures = await db.figure.findMany({
    where: {
      ...{ subjectId: { in: subjects.map(({ id }) => id) }, metric: { in: [...metrics] } },
      withinId: { in: [...markets] },
    },
    select: CLAIMED,
    orderBy: { id: 'asc' },
  });
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  const alone = groupBy(figures, ({ subjectId, metric, withinId }) => `${subjectId}|${metric}|${withinId}`);
  return [...alone.values()].flatMap((own) => {
    const { subjectId, metric, withinId } = present(own[0]);
    const relatives = { subjects: [required(byId, subjectId)], memberships: [] };
    const said = { slots: slotsAt(own, null), revised: revisedAt(own, null) };
    const knowledge = { ...said, announced: [], elsewhere: new Map(), deliveries: null };
    return [...buildHistories(relatives, { metric, withinId, asOf: null }, knowledge).values()];
  });
}

/** Whether a figure was current at an instant, or is now without one. */
export function isCurrent(
  figure: Pick<ClaimedFigure, 'knownFrom' | 'knownUntil' | 'claimKey'>,
  asOf: Date | null,
): boolean {
  if (asOf === null) return figure.claimKey !== null;
  return figure.knownFrom <= asOf && (figure.knownUntil === null || asOf < figure.knownUntil);
}

function ranksOf(figure: object): readonly FigureRank[] {
  return 'ranks' in figure ? (figure.ranks as readonly FigureRank[]) : [];
}

/** The claims that counted at an instant, by subject. */
function slotsAt(figures: readonly ClaimedFigure[], asOf: Date | null): ReadonlyMap<number, readonly SlotClaims[]> {
  const current = figures.filter((figure) => isCurrent(figure, asOf) && statesValue(figure));
  const bySubject = groupBy(current, ({ subjectId }) => subjectId);
  return new Map([...bySubject].map(([id, ofSubject]) => [id, slotsOf(ofSubject.map(claimOf))]));
}

/** A figure with only a stated change is not a claim about the value. */
function statesValue({ value, lower, upper }: ClaimedFigure): boolean {
  return value !== null || lower !== null || upper !== null;
}

function revisedAt(figures: readonly ClaimedFigure[], asOf: Date | null): ReadonlyMap<number, ReadonlySet<string>> {
  const gone = figures.filter((figure) => !isCurrent(figure, asOf));
  const bySubject = groupBy(gone, ({ subjectId }) => subjectId);
  return new Map([...bySubject].map(([id, ofSubject]) => [id, new Set(ofSubject.map(({ period }) => period))]));
}

/** What the metrics of the same vehicles say about the disputed periods of each other. One statement, if there are any. */
async function readElsewhere(
  db: Db,
  slots: ReadonlyMap<Metric, ReadonlyMap<number, readonly SlotClaims[]>>,
  asOf: Date | null,
): Promise<ReadonlyMap<Metric, ReadonlyMap<number, readonly Elsewhere[]>>> {
  const disputed = [...slots]
    .filter(([metric]) => SAME_VEHICLES.includes(metric))
    .flatMap(([, bySubject]) => [...bySubject])
    .flatMap(([subjectId, ofSubject]) =>
      ofSubject.filter(({ isDisputed }) => isDisputed).map(({ period }) => ({ subjectId, period })),
    );
  const figures =
    disputed.length === 0
      ? []
      : await db.figure.findMany({
          where: {
            subjectId: { in: [...new Set(disputed.map(({ subjectId }) => subjectId))] },
            metric: { in: [...SAME_VEHICLES] },
            period: { in: [...new Set(disputed.map(({ period }) => period))] },
            withinId: null,
            qualifier: 'EXACT',
            ...(asOf === null ? { claimKey: { not: null } } : { knownFrom: { lte: asOf } }),
          },
          select: CLAIMED,
          orderBy: { id: 'asc' },
        });
  const current = figures.filter((figure) => isCurrent(figure, asOf) && figure.rank !== 'DEPRECATED');
  return new Map(
    [...slots.keys()].map((metric) => {
      const others = SAME_VEHICLES.includes(metric) ? current.filter((figure) => figure.metric !== metric) : [];
      const bySubject = groupBy(others, ({ subjectId }) => subjectId);
      return [metric, new Map([...bySubject].map(([id, ofSubject]) => [id, ofSubject.flatMap(elsewhereOf)]))];
    }),
  );
}

function elsewhereOf({ period, value, source }: ClaimedFigure): readonly Elsewhere[] {
  return value === null ? [] : [{ period, value, origin: source.origin?.slug ?? source.publisher.slug }];
}

/** What a figure claims, with what decides between it and others. */
function claimOf(figure: ClaimedFigure): SpanClaim {
  const { id, period, periodStart, periodEnd, value, lower, upper, qualifier, rank, statedChangePercent } = figure;
  const { title, publishedOn, origin, publisher } = figure.source;
  return {
    id,
    period,
    value,
    qualifier,
    rank,
    title,
    publisher,
    statedChangePercent,
    after: periodStart === null ? null : periodStart.getTime() / MS_PER_DAY - 1,
    through: periodEnd.getTime() / MS_PER_DAY,
    bounds: { lower, upper },
    origin: origin?.slug ?? publisher.slug,
    tier: publisher.tier,
    publishedOn: publishedOn === null ? null : publishedOn.getTime() / MS_PER_DAY,
  };
}

/** The numbers that sources say were reached, the best claim about each milestone. */
async function readAnnounced(
  db: Db,
  subjectIds: readonly number[],
  metrics: readonly Metric[],
  asOf: Date | null,
): Promise<readonly Announced[]> {
  const counted = metrics.filter((metric) => unitOf(metric) === 'VEHICLES');
  if (counted.length === 0) return [];
  const milestones = await db.milestone.findMany({
    where: { subjectId: { in: [...subjectIds] }, kind: 'UNITS', metric: { in: counted }, claims: { some: {} } },
    include: { claims: { include: RANKED } },
    orderBy: { id: 'asc' },
  });
  return milestones.flatMap(({ id, subjectId, metric, threshold, claims }) => {
    const known = claims.filter(
      (claim) => asOf === null || knownFrom(claim.source.publishedOn, claim.recordedAt) <= asOf,
    );
    const summary = known.length === 0 ? null : summarise(rankedClaims(known));
    if (summary?.status !== 'ANNOUNCED' || summary.reachedOn === null || metric === null || threshold === null)
      return [];
    return [{ milestoneId: id, subjectId, metric, threshold, on: summary.reachedOn }];
  });
}
