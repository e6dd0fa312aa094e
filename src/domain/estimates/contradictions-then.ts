import type { Db } from '../../database/handle.ts';
import { required } from '../../required.ts';
import { eachFamily } from '../catalog/each-family.ts';
import type { Relatives } from '../catalog/families.ts';
import type { Day } from '../values/calendar.ts';
import { parsePeriod } from '../values/period.ts';
import { contradictionsAmong, type FoundContradiction } from './contradictions.ts';
import { type ThenScope, workOutSharesThen, workOutThen } from './known-then.ts';
import type { RecordedClaim } from './recorded-rows.ts';

/** Before every period: of a contradiction without figures. */
const NO_PERIOD: Day = '1900-01-01';

/** A contradiction among the claims that were known at an instant. */
export interface ContradictionThen extends FoundContradiction {
  readonly asOf: Date;
  /** The last day of its latest period. */
  readonly periodEnd: Date;
  /** The subject, and those of the figures. */
  readonly involved: ReadonlySet<number>;
}

/**
 * The contradictions among the claims that were known at an instant: all, or those of subjects and those in which figures of these take
 * part. Worked out family by family.
 */
export async function readContradictionsThen(
  db: Db,
  ids: readonly number[] | null,
  scope: ThenScope,
): Promise<readonly ContradictionThen[]> {
  const among = ids === null ? null : new Set(ids);
  const found: ContradictionThen[] = [];
  for await (const relatives of eachFamily(db, ids)) {
    const ofFamily = await contradictionsOf(db, relatives, scope);
    found.push(...ofFamily.filter(({ involved }) => among === null || [...involved].some((id) => among.has(id))));
  }
  return found;
}

async function contradictionsOf(db: Db, relatives: Relatives, scope: ThenScope): Promise<readonly ContradictionThen[]> {
  const counted = await workOutThen(db, relatives, scope);
  const shares = await workOutSharesThen(db, relatives, scope);
  // Those below the metrics that are asked for were worked out as well.
  const wanted = [...counted.histories].filter(([metric]) => scope.metrics?.includes(metric) ?? true);
  const found = [
    ...wanted.flatMap(([, ofMetric]) => contradictionsAmong(ofMetric.values())),
    ...shares.histories.flatMap((alone) => contradictionsAmong([alone])),
  ];
  const subjectOf = subjectsOf([...counted.claims, ...shares.claims]);
  return found.map((one) => ({
    ...one,
    asOf: scope.asOf,
    periodEnd: new Date(parsePeriod(one.periods.at(-1) ?? '')?.end ?? NO_PERIOD),
    involved: new Set([one.subjectId, ...one.figureIds.map((id) => required(subjectOf, id))]),
  }));
}

function subjectsOf(claims: readonly RecordedClaim[]): ReadonlyMap<number, number> {
  return new Map(claims.map(({ id, subjectId }) => [id, subjectId]));
}
