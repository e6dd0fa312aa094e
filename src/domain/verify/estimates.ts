import type { Observation } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { required } from '../../required.ts';
import { nextSubjects } from '../catalog/each-family.ts';
import { familiesOf, idsOf, readRelatives } from '../catalog/families.ts';
import { slotKey } from '../claims/slot.ts';
import { edit } from '../editing/edit.ts';
import { everythingOf, settleSubjects } from '../editing/effects.ts';
import type { Kept } from '../estimates/kept.ts';
import { compareEstimates } from '../estimates/settle.ts';
import { compareMilestones, type MilestoneDifference } from '../milestones/detection.ts';
import { groupBy } from '../values/group.ts';
import { contradictionDifferences } from './contradictions.ts';
import {
  type Compared as AllCompared,
  inSnapshot,
  type OfSubject,
  resolveDifferences,
  type Verification,
} from './verification.ts';

/** Works out all observations, contradictions and milestones anew, family by family, and compares them with what is kept. */
export async function verifyEstimates(verification: Verification): Promise<void> {
  const { db, compared } = verification;
  for (let after = 0; ; ) {
    const ids = await nextSubjects(db, after, null);
    const last = ids.at(-1);
    if (last === undefined) return;
    const first = after;
    const { counts, differences } = await inSnapshot(db, (tx) => compare(tx, ids, first));
    compared.figures += counts.figures;
    compared.observations += counts.observations;
    compared.contradictions += counts.contradictions;
    compared.milestones += counts.milestones;
    await resolveByFamily(verification, differences);
    after = last;
  }
}

/** Each family is repaired and compared again once, however many of its subjects differ. */
async function resolveByFamily(verification: Verification, differences: readonly OfSubject[]): Promise<void> {
  const { db } = verification;
  const left = new Map(groupBy(differences, (difference) => difference.subjectId));
  for (const subjectId of [...left.keys()]) {
    if (!left.has(subjectId)) continue;
    const { subjects } = await readRelatives(db, [subjectId]);
    const ofFamily = subjects.flatMap(({ id }) => left.get(id) ?? []);
    for (const { id } of subjects) left.delete(id);
    await resolveDifferences(
      verification,
      ofFamily,
      () => edit(db, familiesOf([subjectId]), ({ tx, relatives }) => settleSubjects(tx, idsOf(relatives))),
      async () => (await inSnapshot(db, (tx) => compare(tx, [subjectId], 0))).differences,
    );
  }
}

interface Compared {
  readonly counts: Readonly<Omit<AllCompared, 'entries'>>;
  readonly differences: readonly OfSubject[];
}

/** Compares subjects with all their relatives, except those that were compared with a subject until `after`. */
async function compare(tx: Tx, ids: readonly number[], after: number): Promise<Compared> {
  const all = await readRelatives(tx, ids);
  const earlier =
    after === 0
      ? new Set<number>()
      : await relativesUntil(
          tx,
          all.subjects.map(({ id }) => id),
          after,
        );
  const subjects = all.subjects.filter(({ id }) => !earlier.has(id));
  const relatives = { subjects, memberships: all.memberships.filter(({ allianceId }) => !earlier.has(allianceId)) };
  const slugs = new Map(subjects.map(({ id, slug }) => [id, slug]));
  const differences: OfSubject[] = [];
  const counted = [];
  const counts = { figures: 0, observations: 0, contradictions: 0, milestones: 0 };
  for (const extent of await everythingOf(tx, relatives)) {
    const comparison = await compareEstimates(tx, extent);
    const { observations, contradictions, kept } = comparison;
    counts.observations += kept.size;
    counted.push(comparison);
    for (const [slot, { before, after: recomputed }] of observations) {
      const { subjectId, metric, period } = (recomputed ?? before) as Kept | Observation;
      const about = `${slugs.get(subjectId)} ${metric} ${period}`;
      differences.push({ subjectId, about, ...shownDifference(slot, before as Observation | null, recomputed) });
    }
    counts.contradictions += contradictions.count;
    differences.push(...contradictionDifferences(contradictions, slugs));
  }
  const milestones = await compareMilestones(tx, relatives, counted);
  counts.milestones = milestones.count;
  counts.figures = await tx.figure.count({ where: { subjectId: { in: [...idsOf(relatives)] } } });
  differences.push(...milestones.differences.map((one) => milestoneDifference(slugs, one)));
  return { counts, differences };
}

/** Those of the subjects that are relatives of a subject with an id until `after`, itself included. */
async function relativesUntil(tx: Tx, ids: readonly number[], after: number): Promise<ReadonlySet<number>> {
  const low = ids.filter((id) => id <= after);
  if (low.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ id: number }[]>`/* readFamilies */ ${familiesOf(low)}`;
  return new Set(rows.map(({ id }) => id));
}

function shownDifference(slot: string, kept: Observation | null, recomputed: Kept | null) {
  const [a, b] = [shown(kept), shown(recomputed)];
  if (a !== b || kept === null || recomputed === null) return { kept: a, recomputed: b };
  return { kept: placeOf(kept), recomputed: placeOf({ ...recomputed, slot }) };
}

function shown(observation: Kept | Observation | null): string {
  if (observation === null) return 'nothing';
  const { value, lower, upper, qualifier, method, agreement, bestId, decidedBy, origins } = observation;
  const { revised, resolution, missing, isAnotherName } = observation;
  const best = bestId === null ? '' : `best claim ${bestId}`;
  const decided = decidedBy === null ? '' : `decided by ${decidedBy}`;
  const marks = [best, decided, revised ? 'revised' : '', isAnotherName ? 'another name' : '', ...missing];
  const reasons = [`${method} of ${origins}`, ...marks.filter((mark) => mark !== '')].join(', ');
  return `${qualifier} ${value} [${lower}, ${upper}] ${agreement}, ${reasons}: ${resolution}`;
}

/** The columns by which a row is found. */
function placeOf(
  row: Pick<
    Observation,
    'slot' | 'subjectId' | 'metric' | 'period' | 'withinId' | 'periodStart' | 'periodEnd' | 'kind'
  >,
) {
  const days = [row.periodStart, row.periodEnd].map((day) => day?.toISOString().slice(0, 10) ?? '..');
  const key = row.slot === slotKey(row) ? row.slot : `${row.slot} for ${slotKey(row)}`;
  return `found under ${key}, ${row.kind} from ${days.join(' to ')}`;
}

function milestoneDifference(slugs: ReadonlyMap<number, string>, difference: MilestoneDifference): OfSubject {
  const { subjectId, title, kept, recomputed } = difference;
  const [a, b] = [
    kept === null ? 'nothing' : stateOf(kept),
    kept === null ? 'a detected milestone' : stateOf(recomputed),
  ];
  const about = `${required(slugs, subjectId)}: ${title}`;
  if (kept === null || a !== b) return { subjectId, about, kept: a, recomputed: b };
  return { subjectId, about, kept: `found under ${kept.key}`, recomputed: `found under ${recomputed.key}` };
}

function stateOf({
  status,
  reachedOn,
  sortOn,
  elapsedSort,
  windowFrom,
  windowUntil,
}: NonNullable<MilestoneDifference['kept']>): string {
  return JSON.stringify([status, reachedOn, sortOn, elapsedSort, windowFrom, windowUntil]);
}
