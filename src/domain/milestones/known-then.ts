import type { Metric, Milestone, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { eachFamily } from '../catalog/each-family.ts';
import type { Relative, Relatives } from '../catalog/families.ts';
import { knownFrom } from '../claims/figure-input.ts';
import {
  type MilestoneSummary,
  RANKED,
  type RankedClaim,
  rankedClaims,
  summarise,
} from '../claims/milestone-claims.ts';
import { workOutThen } from '../estimates/known-then.ts';
import { METRICS, unitOf } from '../values/metric.ts';
import { isCounted, resolveCounted } from './detection.ts';
import { elapsedOf, type MilestoneElapsed } from './elapsed.ts';
import { type MilestoneState, rowOf, unitsTitle } from './state.ts';

const VEHICLES = METRICS.filter((metric) => unitOf(metric) === 'VEHICLES');

/** A milestone as it was known at an instant. */
export interface MilestoneThen
  extends MilestoneState,
    Pick<Milestone, 'subjectId' | 'kind' | 'metric' | 'threshold' | 'title' | 'plantId' | 'modelId'> {
  readonly asOf: Date;
  /** The row that says what is known of it now. Null: there is none, because what showed it was restated before anyone asked. */
  readonly rowId: number | null;
  readonly subjectKind: SubjectKind;
  /** Those that were known. */
  readonly claims: readonly RankedClaim[];
  readonly agreement: MilestoneSummary['agreement'];
  readonly elapsed: MilestoneElapsed | null;
}

/** Which milestones are worked out. */
export interface MilestonesThenScope {
  readonly asOf: Date;
  /** All subjects if null. */
  readonly subjectIds: readonly number[] | null;
  /** Those of other metrics are left out; null: none is. */
  readonly metrics: readonly Metric[] | null;
  /** Whether those that figures show are worked out as well. They take the most time. */
  readonly counted: boolean;
}

/**
 * The milestones that were announced by an instant or that the figures known then show: what `detectMilestones` keeps, from the claims of
 * then. Family by family, each as a list. What was not known yet and what no longer was are the same, so none is WITHDRAWN.
 */
export async function* readMilestonesThen(
  db: Db,
  scope: MilestonesThenScope,
): AsyncGenerator<readonly MilestoneThen[], void, void> {
  const { subjectIds, metrics, asOf } = scope;
  const among = subjectIds === null ? null : new Set(subjectIds);
  for await (const relatives of eachFamily(db, subjectIds)) {
    const subjects = relatives.subjects.filter(({ id }) => among === null || among.has(id));
    const byId = new Map(subjects.map((subject) => [subject.id, subject]));
    const counted = scope.counted ? await countedOf(db, relatives, byId, { metrics, asOf }) : [];
    const others = await othersOf(db, byId, asOf);
    yield [...counted, ...others].filter(
      ({ status, metric }) =>
        status !== 'WITHDRAWN' && (metrics === null || (metric !== null && metrics.includes(metric))),
    );
  }
}

/** Those of numbers of vehicles, which follow from figures as well as from claims. */
async function countedOf(
  db: Db,
  relatives: Relatives,
  byId: ReadonlyMap<number, Relative>,
  { metrics, asOf }: Pick<MilestonesThenScope, 'metrics' | 'asOf'>,
): Promise<readonly MilestoneThen[]> {
  const wanted = VEHICLES.filter((metric) => metrics === null || metrics.includes(metric));
  if (wanted.length === 0) return [];
  const { histories, milestones } = await workOutThen(db, relatives, { metrics: wanted, asOf });
  const ofSubjects = [...histories].map(
    ([metric, ofMetric]) => [metric, new Map([...ofMetric].filter(([id]) => byId.has(id)))] as const,
  );
  const known = milestones.map((one) => ({ ...one, claims: claimsThen(one.claims, asOf) }));
  const announced = new Map(known.map(({ id, claims }) => [id, claims]));
  const wereEver = new Set(milestones.filter(({ claims }) => claims.length > 0).map(({ id }) => id));
  return resolveCounted([...byId.values()], { histories: new Map(ofSubjects), milestones: known }).map((one) => {
    const { subjectId, metric, threshold, title } = one.known ?? one.fresh;
    const subject = required(byId, subjectId);
    const claims = announced.get(one.known?.id ?? 0) ?? [];
    // A title and places that were announced later were not known.
    const isLater = claims.length === 0 && wereEver.has(one.known?.id ?? 0);
    return thenOf(subject, one.row, claims, {
      ...{ asOf, rowId: one.known?.id ?? null, subjectId, kind: 'UNITS', metric, threshold },
      title: isLater ? unitsTitle(subject, present(metric), present(threshold)) : title,
      plantId: isLater ? null : (one.known?.plantId ?? null),
      modelId: isLater ? null : (one.known?.modelId ?? null),
    });
  });
}

function claimsThen(claims: readonly RankedClaim[], asOf: Date): readonly RankedClaim[] {
  return claims.filter((claim) => knownFrom(claim.publishedOn, claim.recordedAt) <= asOf);
}

/** All others, which follow from claims alone. */
async function othersOf(db: Db, byId: ReadonlyMap<number, Relative>, asOf: Date): Promise<readonly MilestoneThen[]> {
  const rows = await db.milestone.findMany({
    where: { subjectId: { in: [...byId.keys()] } },
    include: { claims: { include: RANKED, orderBy: { id: 'asc' } } },
    orderBy: { id: 'asc' },
  });
  return rows
    .filter((row) => !isCounted(row))
    .map(({ id, createdAt: _createdAt, key: _key, claims: all, ...row }) => {
      const subject = required(byId, row.subjectId);
      const claims = claimsThen(rankedClaims(all), asOf);
      return thenOf(
        subject,
        rowOf(subject, claims, () => ({ kind: 'UNKNOWN' })),
        claims,
        { ...row, asOf, rowId: id },
      );
    });
}

type Identity = Omit<MilestoneThen, keyof MilestoneState | 'claims' | 'subjectKind' | 'agreement' | 'elapsed'>;

function thenOf(
  subject: Relative,
  state: MilestoneState,
  claims: readonly RankedClaim[],
  identity: Identity,
): MilestoneThen {
  return {
    ...identity,
    ...state,
    subjectKind: subject.kind,
    claims,
    agreement: summarise(claims).agreement,
    elapsed: elapsedOf(subject, state.reachedOn, claims),
  };
}
