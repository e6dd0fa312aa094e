import type { Metric, Subject } from '../database/generated/client.ts';
import type { Db, Tx } from '../database/handle.ts';
import { type Observed, toDatePoints } from './derivation.ts';
import { edit, only } from './edit.ts';
import { groupBy } from './group.ts';
import { readLedgers } from './ledger.ts';
import { unitOf } from './metric.ts';
import { resettleMilestones } from './milestone-detection.ts';
import { evidenceOf, thresholdsUpTo } from './milestone-evidence.ts';
import { type MilestoneState, milestoneKey, rowOf } from './milestone-state.ts';
import { rankedClaims } from './milestone-summary.ts';
import { WEIGHED } from './observation.ts';
import { type Difference, inSnapshot, settleDifferences, type Verification } from './verification.ts';

/** So many subjects are compared at a time, */
const SUBJECTS = 100;
/** or as many as have so many observations together, with those of a company's brands; a subject with more of them is compared alone, metric by metric. */
const OBSERVATIONS = 20_000;

/** Works the milestones out from the claims about them and the observations. */
export async function verifyMilestones(verification: Verification): Promise<void> {
  const { db, compared } = verification;
  for (let ids = await nextSubjects(db, 0); ids.length > 0; ids = await nextSubjects(db, ids.at(-1) as number)) {
    const { count, differences } = await inSnapshot(db, (tx) => compare(tx, ids));
    compared.milestones += count;
    for (const [subjectId, ofSubject] of groupBy(differences, (difference) => difference.subjectId)) {
      await settleDifferences(
        verification,
        ofSubject,
        () => edit(db, only([subjectId]), ({ tx }) => resettleMilestones(tx, [subjectId])),
        async () => (await inSnapshot(db, (tx) => compare(tx, [subjectId]))).differences,
      );
    }
  }
}

type OfSubject = Difference & { readonly subjectId: number };

async function nextSubjects(db: Db, after: number): Promise<readonly number[]> {
  const rows = await db.$queryRaw<{ id: number }[]>`
    /* nextSubjects */
    select id
      from (select s.id, row_number() over (order by s.id) as place,
                   sum(own.count + parts.count) over (order by s.id) as observations
              from (select id from "Subject" where id > ${after}::int order by id limit ${SUBJECTS}) s,
                   lateral (select count(*) from "Observation" o where o."subjectId" = s.id) own,
                   lateral (select count(*) from "Subject" b join "Observation" o on o."subjectId" = b.id
                             where b."parentId" = s.id and b.kind = 'BRAND') parts) counted
     where place = 1 or observations <= ${OBSERVATIONS}
     order by id`;
  return rows.map(({ id }) => id);
}

async function compare(tx: Tx, ids: readonly number[]): Promise<{ count: number; differences: readonly OfSubject[] }> {
  const subjects = await tx.subject.findMany({ where: { id: { in: [...ids] } }, orderBy: { id: 'asc' } });
  const milestones = await tx.milestone.findMany({
    where: { subjectId: { in: [...ids] } },
    include: { claims: { include: WEIGHED } },
    orderBy: { id: 'asc' },
  });
  const bySubject = new Map(subjects.map((subject) => [subject.id, subject]));
  const differences: OfSubject[] = [];
  const check = (milestone: (typeof milestones)[number], points: readonly Observed[]): void => {
    const subject = bySubject.get(milestone.subjectId) as Subject;
    const { kind, metric, threshold, title, key } = milestone;
    const about = `${subject.slug}: ${title}`;
    const row = rowOf(subject, rankedClaims(milestone.claims), (claimedOn) =>
      kind === 'UNITS' && metric !== null && threshold !== null
        ? evidenceOf(points, threshold, claimedOn, subject, metric)
        : { kind: 'UNKNOWN' },
    );
    const name = milestoneKey(subject.id, milestone);
    if (shown(milestone) !== shown(row))
      differences.push({ subjectId: subject.id, about, kept: shown(milestone), recomputed: shown(row) });
    else if (key !== name)
      differences.push({
        subjectId: subject.id,
        about,
        kept: `found under ${key}`,
        recomputed: `found under ${name}`,
      });
  };
  const counted = groupBy(milestones, ({ kind, metric }) =>
    kind === 'UNITS' && metric !== null && unitOf(metric) === 'VEHICLES' ? metric : null,
  );
  for (const milestone of counted.get(null) ?? []) check(milestone, []);
  for (const metric of new Set([...(await metricsToDate(tx, ids)), ...counted.keys()])) {
    if (metric === null) continue;
    const ledgers = await readLedgers(tx, ids, { metric, withinId: null, asOf: null });
    const known = groupBy(counted.get(metric) ?? [], ({ subjectId }) => subjectId);
    for (const [subjectId, ledger] of ledgers) {
      const points = toDatePoints(ledger);
      const ofSubject = known.get(subjectId) ?? [];
      for (const milestone of ofSubject) check(milestone, points);
      const kept = new Set(ofSubject.map(({ threshold }) => threshold));
      for (const threshold of missing(points, metric, kept))
        differences.push({
          subjectId,
          about: `${ledger.slug} ${metric} ${threshold}`,
          kept: 'nothing',
          recomputed: 'a detected milestone',
        });
    }
  }
  return { count: milestones.length, differences };
}

/** The numbers that to-date values pass and nothing is kept of. A later value below one takes a crossing back, and then nothing has to be kept. */
function missing(points: readonly Observed[], metric: Metric, kept: ReadonlySet<number | null>): readonly number[] {
  const highest = points.reduce((most, { lower }) => Math.max(most, lower ?? 0), 0);
  return thresholdsUpTo(highest).filter(
    (threshold) =>
      !kept.has(threshold) && evidenceOf(points, threshold, null, { firstDeliveryOn: null }, metric).kind === 'CROSSED',
  );
}

/** The metrics of vehicles of which the subjects, or the brands of those that are companies, have a to-date value. */
async function metricsToDate(tx: Tx, ids: readonly number[]): Promise<readonly Metric[]> {
  const rows = await tx.observation.findMany({
    where: {
      subject: { OR: [{ id: { in: [...ids] } }, { kind: 'BRAND', parentId: { in: [...ids] } }] },
      periodStart: null,
      withinId: null,
    },
    distinct: ['metric'],
    select: { metric: true },
  });
  return rows.map(({ metric }) => metric).filter((metric) => unitOf(metric) === 'VEHICLES');
}

function shown({ status, reachedOn, sortOn, elapsedSort, windowFrom, windowUntil }: MilestoneState): string {
  return JSON.stringify([status, reachedOn, sortOn, elapsedSort, windowFrom, windowUntil]);
}
