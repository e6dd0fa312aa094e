import type { NewChange } from '../changes/log.ts';
import type { Metric, Milestone, MilestoneStatus, Prisma, Subject } from '../database/generated/client.ts';
import type { Tx } from '../database/handle.ts';
import { toDatePoints } from './derivation.ts';
import { readLedgers } from './ledger.ts';
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
  const found: DetectedMilestone[] = [];
  for (const metric of new Set(counted.map((figure) => figure.metric))) {
    if (!(await isAtStake(tx, family, metric))) continue;
    const causeOf = (subject: Subject, subjects: readonly Subject[]) => causeFor(figures, subjects, subject, metric);
    found.push(...(await settleMetric(tx, family, metric, causeOf)));
  }
  return found;
}

/**
 * Works the milestones of subjects out anew after the subjects themselves changed: when one first delivered and which brands add up to a company take part in them.
 * Returns the log entries.
 */
export async function resettleMilestones(tx: Tx, ids: readonly number[]): Promise<readonly NewChange[]> {
  const brands = await tx.subject.findMany({
    where: { kind: 'BRAND', parentId: { in: [...ids] } },
    select: { id: true },
  });
  const rows = await tx.milestone.findMany({
    where: { subjectId: { in: [...ids] } },
    include: { claims: { include: WEIGHED }, subject: true },
    orderBy: { id: 'asc' },
  });
  const toDates = await tx.observation.findMany({
    where: { subjectId: { in: [...ids, ...brands.map(({ id }) => id)] }, periodStart: null, withinId: null },
    distinct: ['metric'],
    select: { metric: true },
  });
  const isCounted = ({ kind, metric }: Known) => kind === 'UNITS' && metric !== null && unitOf(metric) === 'VEHICLES';
  const metrics = new Set([...rows.filter(isCounted), ...toDates].map(({ metric }) => metric as Metric));
  const found: DetectedMilestone[] = [];
  for (const row of rows.filter((known) => !isCounted(known))) {
    const changed = await keep(
      tx,
      row,
      rowOf(row.subject, rankedClaims(row.claims), () => ({ kind: 'UNKNOWN' })),
    );
    if (changed !== null) found.push({ milestone: changed, change: changeOf(changed, row, null) });
  }
  for (const metric of metrics) {
    if (unitOf(metric) === 'VEHICLES') found.push(...(await settleMetric(tx, ids, metric, () => null)));
  }
  return found.map(({ change }) => change);
}

/** Settles the milestones of one metric; the cause is null where no figure is one, and undefined where nothing can have changed. */
async function settleMetric(
  tx: Tx,
  ids: readonly number[],
  metric: Metric,
  causeOf: (subject: Subject, subjects: readonly Subject[]) => Written | null | undefined,
): Promise<readonly DetectedMilestone[]> {
  const subjects = await tx.subject.findMany({ where: { id: { in: [...ids] } }, orderBy: { id: 'asc' } });
  const ledgers = await readLedgers(tx, ids, { metric, withinId: null, asOf: null });
  const known = await tx.milestone.findMany({
    where: { subjectId: { in: [...ids] }, kind: 'UNITS', metric },
    include: { claims: { include: WEIGHED } },
  });
  const found: DetectedMilestone[] = [];
  for (const subject of subjects) {
    const ledger = ledgers.get(subject.id);
    const cause = causeOf(subject, subjects);
    const ofSubject = known.filter(({ subjectId }) => subjectId === subject.id);
    if (ledger !== undefined && cause !== undefined)
      found.push(...(await settle(tx, subject, metric, toDatePoints(ledger), ofSubject, cause)));
  }
  return found;
}

/** Without a to-date value, and without a milestone that once hung on one, figures mean none; most writes end here. */
async function isAtStake(tx: Tx, family: readonly number[], metric: Metric): Promise<boolean> {
  const ofFamily = { subjectId: { in: [...family] }, metric };
  const toDate = await tx.observation.findFirst({
    where: { ...ofFamily, periodStart: null, withinId: null },
    select: { id: true },
  });
  if (toDate !== null) return true;
  const hanging = { in: ['DETECTED', 'CONFIRMED', 'DISPUTED'] as MilestoneStatus[] };
  return (
    (await tx.milestone.findFirst({ where: { ...ofFamily, kind: 'UNITS', status: hanging }, select: { id: true } })) !==
    null
  );
}

async function settle(
  tx: Tx,
  subject: Subject,
  metric: Metric,
  points: ReturnType<typeof toDatePoints>,
  known: readonly Known[],
  cause: Written | null,
): Promise<readonly DetectedMilestone[]> {
  const highest = Math.max(0, ...points.map(({ lower }) => lower ?? 0));
  const thresholds = new Set([...thresholdsUpTo(highest), ...known.map(({ threshold }) => threshold as number)]);
  const found: DetectedMilestone[] = [];
  for (const threshold of [...thresholds].sort((a, b) => a - b)) {
    const milestone = known.find((candidate) => candidate.threshold === threshold);
    const changed = await settleOne(tx, subject, metric, threshold, points, milestone);
    if (changed !== null) found.push({ milestone: changed, change: changeOf(changed, milestone, cause) });
  }
  return found;
}

function changeOf(changed: Milestone, before: Milestone | undefined, cause: Written | null): NewChange {
  return {
    kind: 'MILESTONE',
    subjectId: changed.subjectId,
    milestoneId: changed.id,
    status: changed.status,
    statusBefore: before?.status ?? null,
    ...(cause === null ? {} : { causedById: cause.id }),
  };
}

/** The milestone when anything about it changed; else null. */
async function settleOne(
  tx: Tx,
  subject: Subject,
  metric: Metric,
  threshold: number,
  points: ReturnType<typeof toDatePoints>,
  known: Known | undefined,
): Promise<Milestone | null> {
  const claims = rankedClaims(known?.claims ?? []);
  const row = rowOf(subject, claims, (claimedOn) => evidenceOf(points, threshold, claimedOn, subject, metric));
  if (known === undefined) {
    if (row.status === 'WITHDRAWN') return null;
    const title = unitsTitle(subject, metric, threshold);
    const key = milestoneKey(subject.id, { kind: 'UNITS', metric, threshold, title });
    return tx.milestone.create({
      data: { subjectId: subject.id, kind: 'UNITS', metric, threshold, title, key, ...row },
    });
  }
  return keep(tx, known, row);
}

/** The milestone with what it is now; null when that is what it was. */
async function keep(tx: Tx, known: Known, row: MilestoneState): Promise<Milestone | null> {
  const same = Object.entries(row).every(([column, value]) => sameValue(known[column as keyof Known], value));
  return same ? null : tx.milestone.update({ where: { id: known.id }, data: row });
}

/** The last of the written figures that takes part in a subject's values: about itself, or about a brand of the company. */
function causeFor(
  figures: readonly Written[],
  family: readonly Subject[],
  subject: Subject,
  metric: Metric,
): Written | undefined {
  const parts = new Set(
    family.filter(({ id, parentId }) => id === subject.id || parentId === subject.id).map(({ id }) => id),
  );
  return figures.findLast(
    (figure) => parts.has(figure.subjectId) && figure.metric === metric && figure.withinId === null,
  );
}

function sameValue(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b;
}
