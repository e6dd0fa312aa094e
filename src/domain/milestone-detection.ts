import type { NewChange } from '../changes/log.ts';
import type { Metric, Milestone, Prisma, Subject } from '../database/generated/client.ts';
import type { Tx } from '../database/handle.ts';
import { toDatePoints } from './derivation.ts';
import { groupBy } from './group.ts';
import { readLedgersOfMetrics } from './ledger.ts';
import { unitOf } from './metric.ts';
import { evidenceOf, thresholdsUpTo } from './milestone-evidence.ts';
import { type MilestoneState, milestoneKey, rowOf, unitsTitle } from './milestone-state.ts';
import { rankedClaims } from './milestone-summary.ts';
import { WEIGHED } from './observation.ts';

/** A figure that was just written. */
interface Written {
  readonly id: number;
  readonly subjectId: number;
  readonly metric: Metric;
  readonly withinId: number | null;
}

/** A milestone that a write changed, with its log entry. */
export interface DetectedMilestone {
  readonly milestone: Milestone;
  readonly change: NewChange;
}

type Known = Prisma.MilestoneGetPayload<{ include: { claims: { include: typeof WEIGHED } } }>;

/**
 * Finds the milestones that to-date values mean, in the transaction that writes the figures: new ones are created, announced ones confirmed or disputed,
 * detected ones withdrawn or reinstated under their id. Only vehicles are counted towards milestones.
 */
export async function detectMilestones(
  tx: Tx,
  family: readonly number[],
  figures: readonly Written[],
): Promise<readonly DetectedMilestone[]> {
  const counted = figures.filter(({ metric, withinId }) => unitOf(metric) === 'VEHICLES' && withinId === null);
  const metrics = await metricsAtStake(tx, family, [...new Set(counted.map(({ metric }) => metric))]);
  if (metrics.length === 0) return [];
  const subjects = await readSubjects(tx, family);
  const causes = causesOf(counted, subjects);
  const causeOf = (subject: Subject, metric: Metric) => causes.get(`${subject.id}|${metric}`);
  return keepAll(tx, await settleMetrics(tx, subjects, metrics, causeOf));
}

/**
 * Works the milestones of subjects out anew after the subjects themselves changed: when one first delivered and which brands add up to a company take part in them.
 * Returns the log entries.
 */
export async function resettleMilestones(tx: Tx, ids: readonly number[]): Promise<readonly NewChange[]> {
  const subjects = await readSubjects(tx, ids);
  const metrics = await tx.$queryRaw<{ metric: Metric }[]>`
    /* metricsOfSubjects */
    select metric::text from "Observation"
     where "periodStart" is null and "withinId" is null
       and "subjectId" in (
         select unnest(${[...ids]}::int[])
         union
         select id from "Subject" where kind = 'BRAND' and "parentId" = any(${[...ids]}::int[])
       )
    union
    select metric::text from "Milestone" where kind = 'UNITS' and metric is not null and "subjectId" = any(${[...ids]}::int[])
    order by metric`;
  const counted = metrics.map(({ metric }) => metric).filter((metric) => unitOf(metric) === 'VEHICLES');
  const others = await tx.milestone.findMany({
    where: { subjectId: { in: [...ids] }, NOT: { kind: 'UNITS', metric: { in: counted } } },
    include: { claims: { include: WEIGHED }, subject: true },
    orderBy: { id: 'asc' },
  });
  const settled = others.map((known): Settled => {
    const row = rowOf(known.subject, rankedClaims(known.claims), () => ({ kind: 'UNKNOWN' }));
    return { known, row, cause: null };
  });
  const found = await keepAll(tx, [...settled, ...(await settleMetrics(tx, subjects, counted, () => null))]);
  return found.map(({ change }) => change);
}

/** What a milestone is from here on: one that was kept, or a new one. */
type Settled = { readonly row: MilestoneState; readonly cause: Written | null } & (
  | { readonly known: Known }
  | { readonly known: null; readonly fresh: Fresh }
);

/** What only a new one is given. */
type Fresh = Pick<Milestone, 'subjectId' | 'title' | 'key'> & {
  readonly metric: Metric;
  readonly threshold: number;
};

/** Works out the milestones of these metrics; the cause is null where no figure is one, and undefined where nothing can have changed. */
async function settleMetrics(
  tx: Tx,
  subjects: readonly Subject[],
  metrics: readonly Metric[],
  causeOf: (subject: Subject, metric: Metric) => Written | null | undefined,
): Promise<readonly Settled[]> {
  if (metrics.length === 0) return [];
  const ids = subjects.map(({ id }) => id);
  const ledgers = await readLedgersOfMetrics(tx, ids, metrics);
  const known = await tx.milestone.findMany({
    where: { subjectId: { in: ids }, kind: 'UNITS', metric: { in: [...metrics] } },
    include: { claims: { include: WEIGHED } },
  });
  const knownOf = groupBy(known, ({ subjectId, metric }) => `${subjectId}|${metric}`);
  return metrics.flatMap((metric) =>
    subjects.flatMap((subject) => {
      const ledger = ledgers.get(metric)?.get(subject.id);
      const cause = causeOf(subject, metric);
      if (ledger === undefined || cause === undefined) return [];
      const ofSubject = knownOf.get(`${subject.id}|${metric}`) ?? [];
      return settle(subject, metric, toDatePoints(ledger), ofSubject, cause);
    }),
  );
}

/** The metrics of which there is a to-date value, or a milestone that once hung on one: without either figures mean none, and most writes end here. */
async function metricsAtStake(tx: Tx, family: readonly number[], metrics: readonly Metric[]): Promise<Metric[]> {
  if (metrics.length === 0) return [];
  const rows = await tx.$queryRaw<{ metric: Metric }[]>`
    /* metricsAtStake */
    select m.metric::text
      from unnest(${[...metrics]}::text[]::"Metric"[]) with ordinality as m(metric, place)
     where exists (select from "Observation" o
                    where o."subjectId" = any(${[...family]}::int[]) and o.metric = m.metric
                      and o."periodStart" is null and o."withinId" is null)
        or exists (select from "Milestone" s
                    where s."subjectId" = any(${[...family]}::int[]) and s.metric = m.metric and s.kind = 'UNITS'
                      and s.status in ('DETECTED', 'CONFIRMED', 'DISPUTED'))
     order by m.place`;
  return rows.map(({ metric }) => metric);
}

function settle(
  subject: Subject,
  metric: Metric,
  points: ReturnType<typeof toDatePoints>,
  known: readonly Known[],
  cause: Written | null,
): readonly Settled[] {
  const highest = points.reduce((most, { lower }) => Math.max(most, lower ?? 0), 0);
  const byThreshold = new Map(known.map((milestone) => [milestone.threshold as number, milestone]));
  const thresholds = new Set([...thresholdsUpTo(highest), ...byThreshold.keys()]);
  return [...thresholds]
    .sort((a, b) => a - b)
    .map((threshold) => {
      const milestone = byThreshold.get(threshold) ?? null;
      const row = rowOf(subject, rankedClaims(milestone?.claims ?? []), (claimedOn) =>
        evidenceOf(points, threshold, claimedOn, subject, metric),
      );
      if (milestone !== null) return { known: milestone, row, cause };
      const title = unitsTitle(subject, metric, threshold);
      const key = milestoneKey(subject.id, { kind: 'UNITS', metric, threshold, title });
      return { known: null, fresh: { subjectId: subject.id, metric, threshold, title, key }, row, cause };
    });
}

/** Keeps what differs from what is kept, by one statement for the new ones and one for the others; those that do, in their order, with their log entries. */
async function keepAll(tx: Tx, settled: readonly Settled[]): Promise<readonly DetectedMilestone[]> {
  const differing = settled.filter(({ known, row }) =>
    known === null ? row.status !== 'WITHDRAWN' : differs(known, row),
  );
  const fresh = differing.flatMap(({ row, ...one }) => (one.known === null ? [{ ...one.fresh, ...row }] : []));
  const changed = differing.flatMap(({ known, row }) => (known === null ? [] : [{ id: known.id, ...row }]));
  const inserted = await insertMilestones(tx, fresh);
  if (changed.length > 0) await updateMilestones(tx, changed);
  return differing.map(({ row, cause, ...one }) => {
    const milestone = one.known === null ? (inserted.get(one.fresh.key) as Milestone) : { ...one.known, ...row };
    return { milestone, change: changeOf(milestone, one.known, cause) };
  });
}

/** By one parameter, since thousands of rows have more columns than a statement has parameters; by key. */
async function insertMilestones(
  tx: Tx,
  rows: readonly (Fresh & MilestoneState)[],
): Promise<ReadonlyMap<string, Milestone>> {
  if (rows.length === 0) return new Map();
  const inserted = await tx.$queryRaw<Pick<Milestone, 'id' | 'key' | 'createdAt'>[]>`
    /* insertMilestones */
    insert into "Milestone" ("subjectId", kind, metric, threshold, title, key, status, "reachedOn", "sortOn", "elapsedSort",
                             "windowFrom", "windowUntil")
    select n."subjectId", 'UNITS', n.metric::"Metric", n.threshold, n.title, n.key, n.status::"MilestoneStatus", n."reachedOn",
           n."sortOn", n."elapsedSort", n."windowFrom", n."windowUntil"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(
             "subjectId" int, metric text, threshold float8, title text, key text, status text, "reachedOn" text, "sortOn" date,
             "elapsedSort" int, "windowFrom" date, "windowUntil" date)
    returning id, key, "createdAt"`;
  const byKey = new Map(inserted.map((row) => [row.key, row]));
  return new Map(
    rows.map((row) => {
      const { id, createdAt } = byKey.get(row.key) as (typeof inserted)[number];
      return [row.key, { ...row, id, createdAt, kind: 'UNITS', plantId: null, modelId: null }];
    }),
  );
}

async function updateMilestones(tx: Tx, rows: readonly (MilestoneState & { readonly id: number })[]): Promise<void> {
  await tx.$executeRaw`
    /* updateMilestones */
    update "Milestone" m
       set status = n.status::"MilestoneStatus", "reachedOn" = n."reachedOn", "sortOn" = n."sortOn",
           "elapsedSort" = n."elapsedSort", "windowFrom" = n."windowFrom", "windowUntil" = n."windowUntil"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(
             id int, status text, "reachedOn" text, "sortOn" date, "elapsedSort" int, "windowFrom" date, "windowUntil" date)
     where m.id = n.id`;
}

function readSubjects(tx: Tx, ids: readonly number[]): Promise<readonly Subject[]> {
  return tx.subject.findMany({ where: { id: { in: [...ids] } }, orderBy: { id: 'asc' } });
}

function changeOf(changed: Milestone, before: Milestone | null, cause: Written | null): NewChange {
  return {
    kind: 'MILESTONE',
    subjectId: changed.subjectId,
    milestoneId: changed.id,
    status: changed.status,
    statusBefore: before?.status ?? null,
    ...(cause === null ? {} : { causedById: cause.id }),
  };
}

/** The last of the written figures that takes part in a subject's values, by `subject|metric`: about itself, or about what is right below it. */
function causesOf(figures: readonly Written[], family: readonly Subject[]): ReadonlyMap<string, Written> {
  const parents = new Map(family.map(({ id, parentId }) => [id, parentId]));
  const causes = new Map<string, Written>();
  for (const figure of figures) {
    for (const id of [figure.subjectId, parents.get(figure.subjectId)]) causes.set(`${id}|${figure.metric}`, figure);
  }
  return causes;
}

function differs(known: Known, row: MilestoneState): boolean {
  return Object.entries(row).some(([column, value]) => !sameValue(known[column as keyof Known], value));
}

function sameValue(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b;
}
