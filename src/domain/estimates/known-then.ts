import type { Metric } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { idsOf, type Relatives } from '../catalog/families.ts';
import { METRICS } from '../values/metric.ts';
import type { MetricHistory } from './history.ts';
import { type Histories, historiesInTurns, historiesWithin, saidIn } from './knowledge.ts';
import { readRecorded } from './recorded.ts';
import type { Recorded, RecordedClaim, RecordedMilestone } from './recorded-rows.ts';
import { metricsToRead } from './settle.ts';

/** An instant, and of which metrics its knowledge is worked out; of all if null. */
export interface ThenScope {
  readonly asOf: Date;
  readonly metrics: readonly Metric[] | null;
}

/** What follows from the claims that were known at an instant, with these claims. */
export interface KnownThen {
  readonly histories: Histories;
  readonly claims: readonly RecordedClaim[];
  /** Those of numbers, with all their claims, also those that were not known. */
  readonly milestones: readonly RecordedMilestone[];
}

/**
 * Works out again, as known at an instant, everything but shares, of the metrics of which anything is known. What is asked for must be whole
 * families. One statement.
 */
export async function workOutThen(db: Db, relatives: Relatives, { asOf, metrics }: ThenScope): Promise<KnownThen> {
  const toRead = metrics === null ? METRICS : metricsToRead(metrics);
  const recorded = await readRecorded(db, idsOf(relatives), { metrics: toRead, markets: null, asOf });
  const said = saidIn(recorded.claims);
  const wanted = metricsIn(recorded).filter((metric) => metrics === null || metrics.includes(metric));
  const histories = await historiesInTurns(relatives, { withinId: null, asOf }, wanted, {
    ...recorded,
    said,
    others: said,
  });
  return { histories, claims: recorded.claims, milestones: recorded.milestones };
}

/** The same of shares. */
export async function workOutSharesThen(
  db: Db,
  relatives: Relatives,
  { asOf, metrics }: ThenScope,
): Promise<{ readonly histories: readonly MetricHistory[]; readonly claims: readonly RecordedClaim[] }> {
  const ids = idsOf(relatives);
  const found = await db.figure.findMany({
    where: {
      ...{ subjectId: { in: [...ids] }, withinId: { not: null } },
      ...(metrics === null ? {} : { metric: { in: [...metrics] } }),
    },
    distinct: ['metric', 'withinId'],
    select: { metric: true, withinId: true },
  });
  if (found.length === 0) return { histories: [], claims: [] };
  const markets = [...new Set(found.map(({ withinId }) => present(withinId)))];
  const of = [...new Set(found.map(({ metric }) => metric))];
  const { claims } = await readRecorded(db, ids, { metrics: of, markets, asOf });
  return { histories: historiesWithin(relatives, claims, asOf), claims };
}

function metricsIn({ claims, milestones }: Recorded): readonly Metric[] {
  return [...new Set([...claims.map(({ metric }) => metric), ...milestones.flatMap(({ metric }) => metric ?? [])])];
}
