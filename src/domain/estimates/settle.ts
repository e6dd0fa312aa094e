import type { Figure, Metric } from '../../database/generated/client.ts';
import type { Db, Tx } from '../../database/handle.ts';
import { required } from '../../required.ts';
import { idsOf, type Relatives, relatedIn } from '../catalog/families.ts';
import type { Slot } from '../claims/slot.ts';
import { unitOf } from '../values/metric.ts';
import { contradictionsAmong, type FoundContradiction } from './contradictions.ts';
import type { MetricHistory } from './history.ts';
import { differencesOf, type Kept, keptOfAll, type SlotChange, writeKept } from './kept.ts';
import {
  disputedIn,
  type Histories,
  historiesFrom,
  historiesWithin,
  metricsBelow,
  SAME_VEHICLES,
  type Said,
  saidIn,
} from './knowledge.ts';
import { type RecordedScope, readRecordedAndKept } from './recorded.ts';
import type { OpenContradiction, RecordedAndKept, RecordedClaim, RecordedMilestone } from './recorded-rows.ts';
import { isIn, spanOf, staysWithin } from './stretch.ts';

/** Relatives in some metrics. */
export interface Extent {
  readonly relatives: Relatives;
  readonly metrics: readonly Metric[];
  /** The markets of shares; null for everything else. */
  readonly markets: readonly number[] | null;
  /** The slots that were written. Metrics of the same vehicles that are disputed about the same period are worked out as well. */
  readonly written: readonly Slot[];
}

/** A contradiction that appeared or was resolved. */
export interface ContradictionEvent {
  readonly id: number;
  readonly subjectId: number;
  /** The subjects of its figures. */
  readonly involved: readonly number[];
  readonly resolved: boolean;
}

/** Everything that follows from the claims of an extent, and how it differs from what is kept. */
export interface Comparison {
  /** None of shares. */
  readonly histories: Histories;
  /** The milestones of these, as they are kept. */
  readonly milestones: readonly RecordedMilestone[];
  /** Everything that is to be kept, by the key of its slot. */
  readonly kept: ReadonlyMap<string, Kept>;
  readonly observations: ReadonlyMap<string, SlotChange>;
  readonly contradictions: {
    /** Those that nobody knows of yet, or that were resolved. */
    readonly appeared: readonly FoundContradiction[];
    /** Those that differ from what is kept. */
    readonly changed: readonly FoundContradiction[];
    /** The subjects of these, as kept and as found. */
    readonly restated: readonly number[];
    readonly gone: readonly OpenContradiction[];
    /** Those that are kept as unresolved, by their identity. */
    readonly openBy: ReadonlyMap<string, OpenContradiction>;
    /** The number of those that were found. */
    readonly count: number;
    /** The subjects of the figures of those that appeared or are gone, by the figure's id. */
    readonly subjectOf: ReadonlyMap<number, number>;
  };
}

/** Works everything out anew and compares it with what is kept. One statement reads all of it. */
export async function compareEstimates(db: Db, extent: Extent): Promise<Comparison> {
  const scope = scopeToRead(extent);
  return compareRecorded(db, extent, await readRecordedAndKept(db, idsOf(extent.relatives), scope));
}

/** What is read of the subjects of an extent. */
export function scopeToRead({ metrics, markets }: Pick<Extent, 'metrics' | 'markets'>): Omit<RecordedScope, 'asOf'> {
  return { metrics: markets === null ? metricsToRead(metrics) : metrics, markets };
}

/** The same with what was read. One more statement reads what is missing of it, if new figures change more than their own years. */
export async function compareRecorded(
  db: Db,
  extent: Extent,
  recorded: RecordedAndKept,
  isNew: (figureId: number) => boolean = () => false,
): Promise<Comparison> {
  const { relatives, markets } = extent;
  const said = saidIn(recorded.claims);
  const metrics = markets === null ? metricsToSettle(extent, said) : extent.metrics;
  const now = { withinId: null, asOf: null };
  const histories: Histories =
    markets === null ? historiesFrom(relatives, now, metrics, { ...recorded, said, others: said }) : new Map();
  /** Those that can contradict each other are together. */
  const asked: readonly (readonly MetricHistory[])[] =
    markets === null
      ? metrics.map((metric) => [...required(histories, metric).values()])
      : historiesWithin(relatives, recorded.claims, null).map((alone) => [alone]);
  const confined = confine(asked.flat(), extent, recorded, isNew);
  const before = await readBefore(db, asked.flat(), extent, recorded, confined);
  const kept = keptOfAll(asked.flat(), (history) => (confined.has(placeOf(history)) ? recorded.stretch : null));
  const isAsked = (row: Kept): boolean =>
    metrics.includes(row.metric) &&
    (recorded.stretch === null || !confined.has(placeOf(row)) || isIn(recorded.stretch, spanOf(row)));
  const found = asked.flatMap(contradictionsAmong);
  const open = recorded.contradictions.filter(({ metric }) => metrics.includes(metric));
  const openBy = new Map(open.map((one) => [one.identity, one]));
  const identities = new Set(found.map(({ identity }) => identity));
  const changed = found.filter((one) => {
    const kept = openBy.get(one.identity);
    return kept !== undefined && !sameContradiction(kept, one);
  });
  const appeared = found.filter(({ identity }) => !openBy.has(identity));
  const gone = open.filter(({ identity }) => !identities.has(identity));
  return {
    histories,
    milestones: recorded.milestones.filter(({ metric }) => metric !== null && histories.has(metric)),
    kept,
    observations: differencesOf(before, kept, isAsked),
    contradictions: {
      appeared,
      changed,
      restated: [...new Set(changed.flatMap((one) => [one.subjectId, required(openBy, one.identity).subjectId]))],
      gone,
      openBy,
      count: found.length,
      subjectOf: subjectsIn(recorded.claims, [...appeared, ...gone]),
    },
  };
}

/** The places of the histories that new figures change nowhere but in the stretch of which it was read what is kept. */
function confine(
  histories: readonly MetricHistory[],
  { relatives, metrics, markets }: Extent,
  { stretch }: RecordedAndKept,
  isNew: (figureId: number) => boolean,
): ReadonlySet<string> {
  if (stretch === null) return new Set();
  const isCounted = markets === null && metrics.some((metric) => unitOf(metric) === 'VEHICLES');
  const related = isCounted ? relatedIn(relatives) : new Set();
  const confined = histories.filter(
    (history) => !related.has(history.subjectId) && staysWithin(history, stretch, isNew),
  );
  return new Set(confined.map(placeOf));
}

/** What is kept; also what was not read so far, of subjects that need all of it. */
async function readBefore(
  db: Db,
  histories: readonly MetricHistory[],
  extent: Extent,
  { kept, stretch, whole }: RecordedAndKept,
  confined: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Kept>> {
  if (stretch === null) return kept;
  const unread = histories.filter((one) => !confined.has(placeOf(one)) && !whole.has(one.subjectId));
  if (unread.length === 0) return kept;
  const ids = [...new Set(unread.map(({ subjectId }) => subjectId))];
  return new Map([...kept, ...(await readRecordedAndKept(db, ids, scopeToRead(extent))).kept]);
}

function placeOf({ subjectId, metric, withinId }: Pick<Kept, 'subjectId' | 'metric' | 'withinId'>): string {
  return `${subjectId}|${metric}|${withinId ?? ''}`;
}

/** With all metrics of the same vehicles, because what one of them says can decide about another, also about the deliveries below production. */
export function metricsToRead(metrics: readonly Metric[]): readonly Metric[] {
  const isAmong = metricsBelow(metrics).some((metric) => SAME_VEHICLES.includes(metric));
  return isAmong ? [...new Set([...metrics, ...SAME_VEHICLES, 'PRODUCTION' as const])] : metrics;
}

/** At least as many are produced as are delivered. */
function metricsToSettle({ metrics, written }: Extent, said: Said): readonly Metric[] {
  const disputed = written
    .filter(({ metric }) => SAME_VEHICLES.includes(metric))
    .flatMap(({ subjectId, period }) =>
      SAME_VEHICLES.filter((other) => disputedIn(said.get(other)?.get(subjectId)).includes(period)),
    );
  const all = [...new Set([...metrics, ...disputed])];
  return all.includes('DELIVERIES') ? [...new Set([...all, 'PRODUCTION' as const])] : all;
}

/** Writes what differs, with new figures from which it follows. Returns the contradictions that appeared or were resolved. */
export async function writeEstimates(
  tx: Tx,
  { observations, contradictions }: Pick<Comparison, 'observations' | 'contradictions'>,
  figures: readonly Figure[] = [],
): Promise<readonly ContradictionEvent[]> {
  await writeKept(tx, observations, figures);
  const { appeared, changed, gone, subjectOf } = contradictions;
  const ids = await upsert(tx, [...appeared, ...changed]);
  if (gone.length > 0) {
    await tx.contradiction.updateMany({
      where: { id: { in: gone.map(({ id }) => id) } },
      data: { resolvedAt: new Date() },
    });
  }
  const eventOf = (id: number, { subjectId, figureIds }: Involving, resolved: boolean): ContradictionEvent => {
    const involved = new Set(figureIds.flatMap((figureId) => subjectOf.get(figureId) ?? []));
    return { id, subjectId, involved: [...involved], resolved };
  };
  return [
    ...appeared.map((one) => eventOf(required(ids, one.identity), one, false)),
    ...gone.map((one) => eventOf(one.id, one, true)),
  ];
}

type Involving = Pick<FoundContradiction, 'subjectId' | 'figureIds'>;

function subjectsIn(
  claims: readonly RecordedClaim[],
  contradictions: readonly Involving[],
): ReadonlyMap<number, number> {
  const ids = new Set(contradictions.flatMap(({ figureIds }) => figureIds));
  if (ids.size === 0) return new Map();
  return new Map(claims.filter(({ id }) => ids.has(id)).map(({ id, subjectId }) => [id, subjectId]));
}

/** The ids by identity. A contradiction of the same claims as an earlier one is that one again. */
async function upsert(tx: Tx, rows: readonly FoundContradiction[]): Promise<ReadonlyMap<string, number>> {
  if (rows.length === 0) return new Map();
  const written = await tx.$queryRaw<{ id: number; identity: string }[]>`
    /* keepContradictions */
    insert into "Contradiction" as c (
           identity, "subjectId", metric, "withinId", kind, periods, gap, "figureIds", "setAsideIds", explanation)
    select identity, "subjectId", metric::"Metric", "withinId", kind::"ContradictionKind", periods, gap, "figureIds", "setAsideIds",
           explanation
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(
             identity text, "subjectId" int, metric text, "withinId" int, kind text, periods text[], gap float8, "figureIds" int[],
             "setAsideIds" int[], explanation text)
        on conflict (identity) do update
       set "subjectId" = excluded."subjectId", kind = excluded.kind, periods = excluded.periods, gap = excluded.gap,
           "figureIds" = excluded."figureIds", "setAsideIds" = excluded."setAsideIds", explanation = excluded.explanation,
           "resolvedAt" = null
    returning id, identity`;
  return new Map(written.map(({ id, identity }) => [identity, id]));
}

function sameContradiction(kept: OpenContradiction, found: FoundContradiction): boolean {
  return (
    kept.subjectId === found.subjectId &&
    kept.kind === found.kind &&
    kept.gap === found.gap &&
    kept.explanation === found.explanation &&
    kept.periods.join() === found.periods.join() &&
    kept.figureIds.join() === found.figureIds.join() &&
    kept.setAsideIds.join() === found.setAsideIds.join()
  );
}
