import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../../database/cancel.ts';
import type { Metric } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { apart, idsOf, type Relatives, readRelatives } from '../catalog/families.ts';
import { knownFrom } from '../claims/figure-input.ts';
import { summarise } from '../claims/milestone-claims.ts';
import { groupBy } from '../values/group.ts';
import { isAdditive } from '../values/metric.ts';
import { type Announced, buildHistories, type HistoryScope, type MetricHistory } from './history.ts';
import { readRecorded } from './recorded.ts';
import type { Recorded, RecordedClaim, RecordedMilestone } from './recorded-rows.ts';
import { type Elsewhere, type SlotClaims, slotsOf } from './weighing.ts';

/** The metrics that count vehicles on their way to customers. About the same period they may say the same. */
export const SAME_VEHICLES: readonly Metric[] = ['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL', 'REGISTRATIONS'];

/** For so long, in milliseconds, families are worked out in one turn of the event loop. */
const TURN_MS = 5;

/** Histories by metric and subject. */
export type Histories = ReadonlyMap<Metric, ReadonlyMap<number, MetricHistory>>;

/** The claims that count and the periods of which a claim was restated or withdrawn, by metric and subject. */
export type Said = ReadonlyMap<Metric, ReadonlyMap<number, SaidOfSubject>>;

interface SaidOfSubject {
  readonly slots: readonly SlotClaims[];
  readonly revised: ReadonlySet<string>;
}

/**
 * The histories of subjects, of their parts and of what they are part of, now or as known at an instant. The claims are read with one
 * statement, however many subjects there are.
 */
export async function readHistories(
  db: Db,
  subjectIds: readonly number[],
  scope: HistoryScope,
): Promise<ReadonlyMap<number, MetricHistory>> {
  return readHistoriesOf(db, await readRelatives(db, subjectIds), scope);
}

/** The same of whole families. */
export async function readHistoriesOf(
  db: Db,
  relatives: Relatives,
  scope: HistoryScope,
): Promise<ReadonlyMap<number, MetricHistory>> {
  const { metric, withinId, asOf } = scope;
  const markets = withinId === null ? null : [withinId];
  const recorded = await readRecorded(db, idsOf(relatives), { metrics: metricsBelow([metric]), markets, asOf });
  const said = saidIn(recorded.claims);
  const others = await readElsewhere(db, said, scope);
  const histories = await historiesInTurns(relatives, scope, [metric], { ...recorded, said, others });
  return histories.get(metric) ?? new Map();
}

/** The metrics that have to be known for others: at least as many are produced as are delivered. */
export function metricsBelow(metrics: readonly Metric[]): readonly Metric[] {
  return metrics.includes('PRODUCTION') ? [...new Set([...metrics, 'DELIVERIES' as const])] : metrics;
}

/** A metric, and those for which it has to be known. */
export function metricsAbove(metric: Metric): readonly Metric[] {
  return metric === 'DELIVERIES' ? ['DELIVERIES', 'PRODUCTION'] : [metric];
}

/** The claims by metric and subject. */
export function saidIn(claims: readonly RecordedClaim[]): Said {
  const said = new Map<Metric, Map<number, SaidOfSubject>>();
  for (const [metric, ofMetric] of groupBy(claims, (claim) => claim.metric)) {
    const bySubject = [...groupBy(ofMetric, ({ subjectId }) => subjectId)];
    said.set(metric, new Map(bySubject.map(([id, ofSubject]) => [id, saidBy(ofSubject)])));
  }
  return said;
}

function saidBy(claims: readonly RecordedClaim[]): SaidOfSubject {
  const gone = claims.filter(({ isCurrent }) => !isCurrent);
  return {
    slots: slotsOf(claims.filter((claim) => claim.isCurrent && statesValue(claim))),
    revised: new Set(gone.map(({ period }) => period)),
  };
}

/** The histories of relatives in some metrics and in those below them. */
export function historiesFrom(
  relatives: Relatives,
  { withinId, asOf }: Pick<HistoryScope, 'withinId' | 'asOf'>,
  metrics: readonly Metric[],
  known: Pick<Recorded, 'milestones'> & {
    readonly said: Said;
    /** What is said in all metrics of the same vehicles, at least about the periods that are disputed in one of them. */
    readonly others: Said;
  },
): Histories {
  const announced = withinId === null ? announcedIn(known.milestones, asOf) : [];
  const histories = new Map<Metric, ReadonlyMap<number, MetricHistory>>();
  // Production needs the deliveries.
  const order = [...metricsBelow(metrics)].sort((a, b) => Number(a === 'PRODUCTION') - Number(b === 'PRODUCTION'));
  for (const metric of order) {
    const said = [...(known.said.get(metric) ?? [])];
    const knowledge = {
      slots: new Map(said.map(([id, { slots }]) => [id, slots])),
      revised: new Map(said.map(([id, { revised }]) => [id, revised])),
      elsewhere: elsewhereOf(metric, known.others),
      announced: announced.filter((one) => one.metric === metric),
      deliveries: metric === 'PRODUCTION' ? (histories.get('DELIVERIES') ?? null) : null,
    };
    histories.set(metric, buildHistories(relatives, { metric, withinId, asOf }, knowledge));
  }
  return histories;
}

/** The same, some families at a time, so that others are served in between: each takes some milliseconds. */
export async function historiesInTurns(
  relatives: Relatives,
  scope: Pick<HistoryScope, 'withinId' | 'asOf'>,
  metrics: readonly Metric[],
  known: Parameters<typeof historiesFrom>[3],
): Promise<Histories> {
  const histories = new Map<Metric, Map<number, MetricHistory>>();
  let began = performance.now();
  for (const family of apart(relatives)) {
    for (const [metric, ofFamily] of historiesFrom(family, scope, metrics, known)) {
      const ofMetric = histories.get(metric) ?? new Map<number, MetricHistory>();
      for (const [id, history] of ofFamily) ofMetric.set(id, history);
      histories.set(metric, ofMetric);
    }
    if (performance.now() - began < TURN_MS) continue;
    await nextTurn();
    // What is left would be for nobody.
    throwIfCancelled();
    began = performance.now();
  }
  return histories;
}

/** The histories of subjects in markets, each of a subject, metric and market of which there is a figure. */
export function historiesWithin(
  { subjects }: Pick<Relatives, 'subjects'>,
  claims: readonly RecordedClaim[],
  asOf: Date | null,
): readonly MetricHistory[] {
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  const alone = groupBy(claims, ({ subjectId, metric, withinId }) => `${subjectId}|${metric}|${withinId}`);
  return [...alone.values()].flatMap((own) => {
    const { subjectId, metric, withinId } = present(own[0]);
    const relatives = { subjects: [required(byId, subjectId)], memberships: [] };
    const known = { milestones: [], said: saidIn(own), others: new Map() };
    return [...required(historiesFrom(relatives, { withinId, asOf }, [metric], known), metric).values()];
  });
}

/** The disputed periods of a subject. */
export function disputedIn(said: SaidOfSubject | undefined): readonly string[] {
  return (said?.slots ?? []).flatMap(({ isDisputed, period }) => (isDisputed ? [period] : []));
}

/** What the metrics of the same vehicles say about disputed periods. One statement, if there are any. */
async function readElsewhere(db: Db, said: Said, { withinId, asOf }: HistoryScope): Promise<Said> {
  if (withinId !== null) return new Map();
  const disputed = [...said]
    .filter(([metric]) => SAME_VEHICLES.includes(metric))
    .flatMap(([, bySubject]) => [...bySubject])
    .flatMap(([id, ofSubject]) => disputedIn(ofSubject).map((period) => ({ id, period })));
  if (disputed.length === 0) return new Map();
  const ids = [...new Set(disputed.map(({ id }) => id))];
  const periods = [...new Set(disputed.map(({ period }) => period))];
  return saidIn((await readRecorded(db, ids, { metrics: SAME_VEHICLES, markets: null, asOf, periods })).claims);
}

/** What the claims that count say in other metrics of the same vehicles, by subject. */
function elsewhereOf(metric: Metric, said: Said): ReadonlyMap<number, readonly Elsewhere[]> {
  const elsewhere = new Map<number, readonly Elsewhere[]>();
  if (!SAME_VEHICLES.includes(metric)) return elsewhere;
  const others = [...said].filter(([other]) => other !== metric && SAME_VEHICLES.includes(other));
  for (const [id, { slots }] of others.flatMap(([, bySubject]) => [...bySubject])) {
    const claims = slots.flatMap(({ voices }) => voices.flatMap((voice) => voice.claims));
    const exact = claims.flatMap(({ period, value, qualifier, origin }) =>
      value !== null && qualifier === 'EXACT' ? [{ period, value, origin }] : [],
    );
    elsewhere.set(id, [...(elsewhere.get(id) ?? []), ...exact]);
  }
  return elsewhere;
}

/** A figure with only a stated change is not a claim about the value. */
function statesValue({ value, bounds: { lower, upper } }: RecordedClaim): boolean {
  return value !== null || lower !== null || upper !== null;
}

/** The numbers that sources say were reached, the best claim about each milestone. */
function announcedIn(milestones: readonly RecordedMilestone[], asOf: Date | null): readonly Announced[] {
  return milestones.flatMap(({ id, subjectId, metric, threshold, claims }) => {
    const known = claims.filter((claim) => asOf === null || knownFrom(claim.publishedOn, claim.recordedAt) <= asOf);
    if (known.length === 0 || metric === null || threshold === null || !isAdditive(metric)) return [];
    const { status, reachedOn } = summarise(known);
    if (status !== 'ANNOUNCED' || reachedOn === null) return [];
    return [{ milestoneId: id, subjectId, metric, threshold, on: reachedOn }];
  });
}
