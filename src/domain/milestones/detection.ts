import type { NewChange } from '../../changes/write.ts';
import type { Metric, Milestone } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { idsOf, type Relative, type Relatives } from '../catalog/families.ts';
import { RANKED, type RankedClaim, rankedClaims } from '../claims/milestone-claims.ts';
import type { MetricHistory } from '../estimates/history.ts';
import type { Histories } from '../estimates/knowledge.ts';
import type { RecordedMilestone } from '../estimates/recorded-rows.ts';
import { groupBy } from '../values/group.ts';
import { unitOf } from '../values/metric.ts';
import { crossingOf, highestOf, isWatched, thresholdsUpTo } from './crossing.ts';
import type { Beginnings } from './elapsed.ts';
import { type MilestoneState, milestoneKey, rowOf, unitsTitle } from './state.ts';

/** A milestone that a write changed, with its log entry. */
export interface DetectedMilestone {
  readonly milestone: Milestone;
  readonly change: NewChange;
}

/** The histories of counted vehicles, with the milestones of the same metrics as they are kept. */
export interface Counted {
  readonly histories: Histories;
  readonly milestones: readonly RecordedMilestone[];
}

/**
 * Detects the milestones that the bounds to date cross, in the transaction that writes what they follow from.
 * New milestones are created, announced ones are confirmed or disputed, and detected ones are withdrawn or reinstated under their id.
 * Only numbers of vehicles count. The cause is the figure that was written, if one was.
 */
export async function detectMilestones(
  tx: Tx,
  { subjects }: Pick<Relatives, 'subjects'>,
  counted: Counted,
  causedById: number | null,
): Promise<readonly DetectedMilestone[]> {
  return storeAll(tx, resolveCounted(subjects, counted), causedById);
}

/** The milestones of counted vehicles, as they are and as they are to be. */
export function resolveCounted(subjects: readonly Relative[], { histories, milestones }: Counted): readonly Resolved[] {
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  const knownOf = groupBy(milestones, ({ subjectId, metric }) => `${subjectId}|${metric}`);
  return countedIn(histories).flatMap((history) => {
    const known = knownOf.get(`${history.subjectId}|${history.metric}`) ?? [];
    return resolveMetric(required(byId, history.subjectId), history, known);
  });
}

/** Recomputes the milestones of subjects that are not about counted vehicles. They depend on the subject's first delivery. */
export async function redetectOthers(tx: Tx, ids: readonly number[]): Promise<readonly DetectedMilestone[]> {
  return storeAll(tx, await resolveOthers(tx, ids), null);
}

async function resolveOthers(tx: Tx, ids: readonly number[]): Promise<readonly Resolved[]> {
  const milestones = await tx.milestone.findMany({
    where: { subjectId: { in: [...ids] } },
    include: { claims: { include: RANKED }, subject: true },
    orderBy: { id: 'asc' },
  });
  const others = milestones.filter((milestone) => !isCounted(milestone));
  return others.map((known): Resolved => {
    return { known, row: rowOf(known.subject, rankedClaims(known.claims), () => ({ kind: 'UNKNOWN' })) };
  });
}

/** A milestone that is not kept as it follows from its claims and the figures; either of them is null if there is none. */
export interface MilestoneDifference {
  readonly subjectId: number;
  readonly title: string;
  readonly kept: (MilestoneState & Pick<Milestone, 'key'>) | null;
  readonly recomputed: MilestoneState & Pick<Milestone, 'key'>;
}

/** Compares the milestones of subjects with what they follow from, without writing. */
export async function compareMilestones(
  tx: Tx,
  { subjects }: Pick<Relatives, 'subjects'>,
  counted: readonly Counted[],
): Promise<{ readonly count: number; readonly differences: readonly MilestoneDifference[] }> {
  const others = await resolveOthers(tx, idsOf({ subjects }));
  const all = [...others, ...counted.flatMap((ofScope) => resolveCounted(subjects, ofScope))];
  const differences = all.flatMap(({ row, ...one }): readonly MilestoneDifference[] => {
    if (one.known === null) {
      const { subjectId, title, key } = one.fresh;
      return row.status === 'WITHDRAWN' ? [] : [{ subjectId, title, kept: null, recomputed: { ...row, key } }];
    }
    const { subjectId, title, key } = one.known;
    const name = milestoneKey(subjectId, one.known);
    if (!differs(one.known, row) && key === name) return [];
    return [{ subjectId, title, kept: one.known, recomputed: { ...row, key: name } }];
  });
  return { count: all.filter(({ known }) => known !== null).length, differences };
}

/** Whether a milestone follows from figures as well as from its claims. */
export function isCounted({ kind, metric }: Pick<Milestone, 'kind' | 'metric'>): boolean {
  return kind === 'UNITS' && metric !== null && unitOf(metric) === 'VEHICLES';
}

function countedIn(histories: Histories): readonly MetricHistory[] {
  return [...histories.values()]
    .flatMap((ofMetric) => [...ofMetric.values()])
    .filter(({ metric, withinId }) => unitOf(metric) === 'VEHICLES' && withinId === null);
}

/** The state of a milestone after this write: a stored one, or a new one. */
type Resolved = { readonly row: MilestoneState } & (
  | { readonly known: Milestone }
  | { readonly known: null; readonly fresh: Fresh }
);

/** The columns that only a new milestone needs. */
type Fresh = Pick<Milestone, 'subjectId' | 'title' | 'key'> & {
  readonly metric: Metric;
  readonly threshold: number;
};

function resolveMetric(
  subject: Relative,
  history: MetricHistory,
  known: readonly RecordedMilestone[],
): readonly Resolved[] {
  const { metric, isAnotherName } = history;
  const byThreshold = new Map(known.map((milestone) => [present(milestone.threshold), milestone]));
  // What is a brand under another name has no milestones of its own.
  const reached = isAnotherName ? [] : thresholdsUpTo(highestOf(history));
  return [...new Set([...reached, ...byThreshold.keys()])]
    .sort((a, b) => a - b)
    .map((threshold) => {
      const milestone = byThreshold.get(threshold) ?? null;
      const row = stateOf(subject, history, threshold, milestone?.claims ?? []);
      if (milestone !== null) return { known: milestone, row };
      const title = unitsTitle(subject, metric, threshold);
      const key = milestoneKey(subject.id, { kind: 'UNITS', metric, threshold, title });
      return { known: null, fresh: { subjectId: subject.id, metric, threshold, title, key }, row };
    });
}

/** The state of a milestone of a number, from its claims and the history of its metric. */
function stateOf(
  subject: Beginnings,
  history: MetricHistory,
  threshold: number,
  claims: readonly RankedClaim[],
): MilestoneState {
  return rowOf(subject, claims, (claimedOn) =>
    history.isAnotherName || !isWatched(threshold, claims)
      ? { kind: 'UNKNOWN' }
      : crossingOf(history, threshold, claimedOn),
  );
}

/**
 * Stores the milestones that changed: one statement for the new ones, one for the others. Returns them in their order, with their log
 * entries.
 */
async function storeAll(
  tx: Tx,
  resolved: readonly Resolved[],
  causedById: number | null,
): Promise<readonly DetectedMilestone[]> {
  const differing = resolved.filter(({ known, row }) =>
    known === null ? row.status !== 'WITHDRAWN' : differs(known, row),
  );
  const fresh = differing.flatMap(({ row, ...one }) => (one.known === null ? [{ ...one.fresh, ...row }] : []));
  const changed = differing.flatMap(({ known, row }) => (known === null ? [] : [{ id: known.id, ...row }]));
  const inserted = await insertMilestones(tx, fresh);
  if (changed.length > 0) await updateMilestones(tx, changed);
  return differing.map(({ row, ...one }) => {
    const milestone = one.known === null ? required(inserted, one.fresh.key) : { ...one.known, ...row };
    return { milestone, change: changeOf(milestone, one.known, causedById) };
  });
}

/**
 * The rows are one parameter, because thousands of rows have more columns than a statement may have parameters. Returns the rows by key.
 */
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

function changeOf(changed: Milestone, before: Milestone | null, causedById: number | null): NewChange {
  return {
    kind: 'MILESTONE',
    aboutId: changed.id,
    subjectId: changed.subjectId,
    status: changed.status,
    statusBefore: before?.status ?? null,
    ...(causedById === null ? {} : { causedById }),
  };
}

function differs(known: Milestone, row: MilestoneState): boolean {
  return Object.entries(row).some(([column, value]) => !sameValue(known[column as keyof Milestone], value));
}

function sameValue(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b;
}
