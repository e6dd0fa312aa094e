import type { PrismaClient } from '../database/generated/client.ts';
import { type Observed, toDatePoints } from './derivation.ts';
import { readLedgers } from './ledger.ts';
import { unitOf } from './metric.ts';
import { evidenceOf, thresholdsUpTo } from './milestone-evidence.ts';
import { type MilestoneState, rowOf } from './milestone-state.ts';
import { rankedClaims } from './milestone-summary.ts';
import {
  type Asserted,
  groupBySlot,
  observe,
  type Slot,
  sameObservation,
  slotKey,
  WEIGHED,
  type WeighedFigure,
} from './observation.ts';

/** Something that is kept and is not what the figures amount to. */
export interface Difference {
  /** What it is about, for people. */
  readonly about: string;
  readonly kept: string;
  readonly recomputed: string;
}

/** What was compared, and what differs. */
export interface Verification {
  readonly observations: number;
  readonly milestones: number;
  readonly differences: readonly Difference[];
}

/** Works all observations and milestones out from the figures and claims alone, and compares them with what is kept; one consistent snapshot of the database. */
export async function verifyDerived(db: PrismaClient): Promise<Verification> {
  return db.$transaction(
    async (tx) => {
      // A later statement of this transaction sees no write that a former one did not; the embedded database has one connection and needs no such care.
      await tx.$executeRaw`/* snapshot */ set transaction isolation level repeatable read, read only`;
      const observations = await verifyObservations(tx as PrismaClient);
      const milestones = await verifyMilestones(tx as PrismaClient);
      return {
        observations: observations.count,
        milestones: milestones.count,
        differences: [...observations.differences, ...milestones.differences],
      };
    },
    { timeout: 600_000 },
  );
}

interface Part {
  readonly count: number;
  readonly differences: readonly Difference[];
}

async function verifyObservations(db: PrismaClient): Promise<Part> {
  const figures = groupBySlot(await db.figure.findMany({ include: WEIGHED, orderBy: { id: 'asc' } }));
  const rows = await db.observation.findMany({ include: { subject: { select: { slug: true } } } });
  const subjects = new Map(
    (await db.subject.findMany({ select: { id: true, slug: true } })).map(({ id, slug }) => [id, slug]),
  );
  const kept = new Map(rows.map((row) => [row.slot, row]));
  const differences: Difference[] = [];
  for (const [slot, ofSlot] of figures) {
    const current = ofSlot.filter(({ claimKey }) => claimKey !== null);
    const recomputed = observe(current, current.length < ofSlot.length);
    const row = kept.get(slot);
    kept.delete(slot);
    const figure = ofSlot[0] as WeighedFigure;
    const { subjectId, metric, period } = figure;
    const about = `${subjects.get(subjectId)} ${metric} ${period}`;
    if (row === undefined || recomputed === null || !sameObservation(row, recomputed)) {
      if (row !== undefined || recomputed !== null)
        differences.push({ about, kept: shown(row), recomputed: shown(recomputed) });
    } else if (placeOf(row) !== placeOf(figure)) {
      differences.push({ about, kept: placeOf(row), recomputed: placeOf(figure) });
    }
  }
  for (const row of kept.values()) {
    differences.push({
      about: `${row.subject.slug} ${row.metric} ${row.period}`,
      kept: shown(row),
      recomputed: shown(null),
    });
  }
  return { count: rows.length, differences };
}

async function verifyMilestones(db: PrismaClient): Promise<Part> {
  const milestones = await db.milestone.findMany({
    include: { claims: { include: WEIGHED }, subject: true },
    orderBy: { id: 'asc' },
  });
  const points = await readAllPoints(db);
  const differences: Difference[] = [];
  for (const milestone of milestones) {
    const { subject, kind, metric, threshold, title } = milestone;
    const row = rowOf(subject, rankedClaims(milestone.claims), (claimedOn) =>
      kind === 'UNITS' && metric !== null && threshold !== null
        ? evidenceOf(points.get(`${subject.id}|${metric}`) ?? [], threshold, claimedOn, subject, metric)
        : { kind: 'UNKNOWN' },
    );
    const state = ({ status, reachedOn, sortOn, elapsedSort, windowFrom, windowUntil }: MilestoneState) =>
      JSON.stringify([status, reachedOn, sortOn, elapsedSort, windowFrom, windowUntil]);
    if (state(milestone) !== state(row))
      differences.push({ about: `${subject.slug}: ${title}`, kept: state(milestone), recomputed: state(row) });
  }
  const known = new Set(
    milestones.filter(({ kind }) => kind === 'UNITS').map((row) => `${row.subjectId}|${row.metric}|${row.threshold}`),
  );
  for (const [key, ofSubject] of points) {
    const highest = Math.max(0, ...ofSubject.map(({ lower }) => lower ?? 0));
    for (const threshold of thresholdsUpTo(highest)) {
      const { slug, metric } = (ofSubject[0] as Observed).ledger;
      // A later value below it takes a crossing back, and then nothing has to be kept.
      const evidence = evidenceOf(ofSubject, threshold, null, { firstDeliveryOn: null }, metric);
      if (evidence.kind !== 'CROSSED' || known.has(`${key}|${threshold}`)) continue;
      differences.push({
        about: `${slug} ${metric} ${threshold}`,
        kept: 'nothing',
        recomputed: 'a detected milestone',
      });
    }
  }
  return { count: milestones.length, differences };
}

/** The to-date values of every subject and metric of vehicles, by `subject|metric`. */
async function readAllPoints(db: PrismaClient): Promise<ReadonlyMap<string, readonly Observed[]>> {
  const ids = (await db.subject.findMany({ select: { id: true } })).map(({ id }) => id);
  const metrics = (await db.observation.findMany({ distinct: ['metric'], select: { metric: true } })).map(
    ({ metric }) => metric,
  );
  const points = new Map<string, readonly Observed[]>();
  for (const metric of metrics.filter((candidate) => unitOf(candidate) === 'VEHICLES')) {
    for (const [id, ledger] of await readLedgers(db, ids, { metric, withinId: null, asOf: null })) {
      const ofSubject = toDatePoints(ledger);
      if (ofSubject.length > 0) points.set(`${id}|${metric}`, ofSubject);
    }
  }
  return points;
}

function shown(
  observation: (Omit<Asserted, 'bestId'> & { readonly bestId: number | null }) | null | undefined,
): string {
  if (observation == null) return 'nothing';
  const { value, lower, upper, qualifier, agreement, bestId, revised, resolution } = observation;
  const best = `best claim ${bestId}${revised ? ', revised' : ''}`;
  return `${qualifier} ${value} [${lower}, ${upper}] ${agreement}, ${best}: ${resolution}`;
}

/** What a row is found by. */
function placeOf(row: Slot & { readonly periodStart: Date | null; readonly periodEnd: Date }): string {
  const days = [row.periodStart, row.periodEnd].map((day) => day?.toISOString().slice(0, 10) ?? '..');
  return `found under ${slotKey(row)} from ${days.join(' to ')}`;
}
