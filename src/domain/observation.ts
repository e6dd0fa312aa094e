import type { ClaimRank, Metric, Prisma, Qualifier } from '../database/generated/client.ts';
import type { Db, Tx } from '../database/handle.ts';
import { agreementOf, bestClaim, type Ranked } from './claim-order.ts';
import { groupBy } from './group.ts';
import { explain } from './resolution.ts';

/** Subject, metric, period and the market a share is of: what claims are about. */
export interface Slot {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly period: string;
  readonly withinId: number | null;
}

/** A claim as it is weighed. */
export interface Claim extends Ranked {
  readonly value: number | null;
  readonly qualifier: Qualifier;
  readonly publisher: string;
}

/** What the claims about a slot amount to. */
export interface Asserted {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly qualifier: Qualifier;
  readonly bestId: number;
  readonly agreement: 'SOLE' | 'AGREES' | 'CONFLICTS';
  /** Why this value, in one sentence. */
  readonly resolution: string;
  /** Whether any claim about it was restated or withdrawn. */
  readonly revised: boolean;
}

/** A figure with what its claim is weighed by. */
export type WeighedFigure = Prisma.FigureGetPayload<{ include: { source: { include: { publisher: true } } } }>;

/** A slot before and after a write. */
export interface SlotChange {
  readonly before: Asserted | null;
  readonly after: Asserted | null;
}

export const WEIGHED = { source: { include: { publisher: true } } } as const;

/** The text that stands for a slot. */
export function slotKey({ subjectId, metric, period, withinId }: Slot): string {
  return [subjectId, metric, period, withinId ?? ''].join('|');
}

/**
 * What a slot's figures amount to, by the order of claims; a change alone is no claim about the value. Null when no claim counts.
 * Which figures are current is told by the caller: today's, or those that were the published word at some instant.
 */
export function observe(current: readonly WeighedFigure[], revised: boolean): Asserted | null {
  const claims = current.filter(statesValue).map(claimOf);
  const best = bestClaim(claims);
  if (best === null) return null;
  const { value, qualifier, bounds } = best;
  const agreement = agreementOf(claims, best);
  return { value, ...bounds, qualifier, bestId: best.id, agreement, resolution: explain(claims, best), revised };
}

/**
 * Works the observations of slots out anew and keeps them, in the transaction that changed their figures.
 * One statement reads, and one each inserts, changes and deletes, however many slots there are.
 */
export async function refreshObservations(tx: Tx, slots: readonly Slot[]): Promise<ReadonlyMap<string, SlotChange>> {
  const wanted = new Map(slots.map((slot) => [slotKey(slot), slot]));
  const keys = [...wanted.keys()];
  const figures = groupBySlot(await readFigures(tx, [...wanted.values()]));
  const rows = await tx.observation.findMany({ where: { slot: { in: keys } } });
  const existing = new Map(rows.map((row) => [row.slot, row]));
  const changes = new Map<string, SlotChange>();
  const created: Kept[] = [];
  const changed: (Kept & { readonly id: number })[] = [];
  const gone: number[] = [];
  for (const key of keys) {
    const ofSlot = figures.get(key) ?? [];
    const current = ofSlot.filter(({ claimKey }) => claimKey !== null);
    const after = observe(current, current.length < ofSlot.length);
    const row = existing.get(key);
    const before = row === undefined ? null : { ...row, bestId: row.bestId as number };
    changes.set(key, { before, after });
    if (after === null) {
      if (row !== undefined) gone.push(row.id);
      continue;
    }
    const place = placeOf(ofSlot[0] as WeighedFigure);
    if (row === undefined) created.push({ ...place, ...after, slot: key });
    else if (!sameObservation(row, after) || !samePlace(row, place))
      changed.push({ ...place, ...after, slot: key, id: row.id });
  }
  if (created.length > 0) await tx.observation.createMany({ data: created });
  if (changed.length > 0) await updateAll(tx, changed);
  if (gone.length > 0) await tx.observation.deleteMany({ where: { id: { in: gone } } });
  return changes;
}

/** A row as it is to be kept. */
type Kept = Asserted & Place & { readonly slot: string };

async function updateAll(tx: Tx, rows: readonly (Kept & { readonly id: number })[]): Promise<void> {
  await tx.$executeRaw`
    /* updateObservations */
    update "Observation" o
       set value = n.value, lower = n.lower, upper = n.upper, qualifier = n.qualifier::"Qualifier", "bestId" = n."bestId",
           agreement = n.agreement::"Agreement", resolution = n.resolution, revised = n.revised,
           "subjectId" = n."subjectId", metric = n.metric::"Metric", period = n.period,
           "periodStart" = n."periodStart", "periodEnd" = n."periodEnd", "withinId" = n."withinId"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(
             id int, value float8, lower float8, upper float8, qualifier text, "bestId" int, agreement text, resolution text,
             revised boolean, "subjectId" int, metric text, period text, "periodStart" date, "periodEnd" date,
             "withinId" int)
     where o.id = n.id`;
}

/** All figures ever recorded about the slots, in the order in which they became known. */
export async function readFigures(db: Db, slots: readonly Slot[]): Promise<readonly WeighedFigure[]> {
  const distinct = <Key extends keyof Slot>(key: Key) => [...new Set(slots.map((slot) => slot[key]))];
  const figures = await db.figure.findMany({
    where: {
      subjectId: { in: distinct('subjectId') },
      metric: { in: distinct('metric') },
      period: { in: distinct('period') },
    },
    include: WEIGHED,
    orderBy: [{ knownFrom: 'asc' }, { id: 'asc' }],
  });
  const wanted = new Set(slots.map(slotKey));
  return figures.filter((figure) => wanted.has(slotKey(figure)));
}

/** Figures by the slots they are about. */
export function groupBySlot<F extends Slot>(figures: readonly F[]): ReadonlyMap<string, readonly F[]> {
  return groupBy(figures, slotKey);
}

/** Whether a figure was the published word at an instant. */
export function wasKnownAt(
  figure: { readonly knownFrom: Date; readonly knownUntil: Date | null },
  asOf: Date,
): boolean {
  return figure.knownFrom <= asOf && (figure.knownUntil === null || asOf < figure.knownUntil);
}

/** Whether two observations say the same. */
export function sameObservation(
  a: Omit<Asserted, 'bestId'> & { readonly bestId: number | null },
  b: Asserted,
): boolean {
  return (
    a.value === b.value &&
    a.lower === b.lower &&
    a.upper === b.upper &&
    a.qualifier === b.qualifier &&
    a.bestId === b.bestId &&
    a.agreement === b.agreement &&
    a.resolution === b.resolution &&
    a.revised === b.revised
  );
}

/** Whether a row is found where its figures are. */
export function samePlace(row: Place, figure: Place): boolean {
  return (
    slotKey(row) === slotKey(figure) &&
    row.periodStart?.getTime() === figure.periodStart?.getTime() &&
    row.periodEnd.getTime() === figure.periodEnd.getTime()
  );
}

interface Place extends Slot {
  readonly periodStart: Date | null;
  readonly periodEnd: Date;
}

function statesValue({ value, lower, upper }: WeighedFigure): boolean {
  return value !== null || lower !== null || upper !== null;
}

function claimOf(figure: WeighedFigure): Claim {
  return {
    id: figure.id,
    rank: figure.rank as ClaimRank,
    tier: figure.source.publisher.tier,
    bounds: { lower: figure.lower, upper: figure.upper },
    publishedOn: figure.source.publishedOn,
    recordedAt: figure.recordedAt,
    value: figure.value,
    qualifier: figure.qualifier,
    publisher: figure.source.publisher.name,
  };
}

function placeOf({ subjectId, metric, period, periodStart, periodEnd, withinId }: WeighedFigure) {
  return { subjectId, metric, period, periodStart, periodEnd, withinId };
}
