import { type Figure, Prisma } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { execute } from '../../database/read-json.ts';
import { present } from '../../required.ts';
import { insertedFirst } from '../claims/new-figures.ts';
import { type Slot, slotKey } from '../claims/slot.ts';
import { type PeriodKind, parsePeriod } from '../values/period.ts';
import type { MetricHistory } from './history.ts';
import { keptPeriods } from './kept-periods.ts';
import { type Estimate, type Observed, observationOf } from './observation.ts';
import { isIn, type Stretch } from './stretch.ts';

/** An observation as it is kept. */
export interface Kept extends Estimate, Slot {
  /** Subject, metric, period and market in one text. */
  readonly slot: string;
  readonly kind: PeriodKind;
  readonly periodStart: Date | null;
  readonly periodEnd: Date;
  readonly isAnotherName: boolean;
}

/** A slot whose observation changed. */
export interface SlotChange {
  readonly before: Estimate | null;
  readonly after: Kept | null;
}

/** The observations of a history that are kept, by the key of their slot. */
export function keptOf(history: MetricHistory): ReadonlyMap<string, Kept> {
  return keptOfAll([history], () => null);
}

/** Those of several histories, each with the stretch of days of which they are asked for; null: all. */
export function keptOfAll(
  histories: readonly MetricHistory[],
  stretchOf: (history: MetricHistory) => Stretch | null,
): ReadonlyMap<string, Kept> {
  const kept = new Map<string, Kept>();
  for (const history of histories) addKept(history, stretchOf(history), kept);
  return kept;
}

function addKept(history: MetricHistory, stretch: Stretch | null, kept: Map<string, Kept>): void {
  const { subjectId, metric, withinId, isAnotherName } = history;
  for (const one of keptPeriods(history)) {
    if (stretch !== null && !isIn(stretch, one)) continue;
    const { period, periodStart, periodEnd } = one;
    const observed = observationOf(history, period);
    if (observed === null) continue;
    const slot = slotKey({ subjectId, metric, period: period.text, withinId });
    // Field by field, as there.
    kept.set(slot, {
      slot,
      subjectId,
      metric,
      withinId,
      period: period.text,
      kind: period.kind,
      periodStart,
      periodEnd,
      isAnotherName,
      value: observed.value,
      lower: observed.lower,
      upper: observed.upper,
      qualifier: observed.qualifier,
      method: observed.method,
      bestId: observed.bestId,
      agreement: observed.agreement,
      decidedBy: observed.decidedBy,
      origins: observed.origins,
      resolution: observed.resolution,
      revised: observed.revised,
      missing: observed.missing,
    });
  }
}

/** What differs between what is kept, as far as it was asked for, and what is to be kept. */
export function differencesOf(
  before: ReadonlyMap<string, Kept>,
  after: ReadonlyMap<string, Kept>,
  isAsked: (kept: Kept) => boolean,
): ReadonlyMap<string, SlotChange> {
  const changes = new Map<string, SlotChange>();
  for (const [slot, row] of after) {
    const kept = before.get(slot);
    if (kept === undefined || !sameKept(kept, row)) changes.set(slot, { before: kept ?? null, after: row });
  }
  for (const [slot, row] of before)
    if (!after.has(slot) && isAsked(row)) changes.set(slot, { before: row, after: null });
  return changes;
}

/** Writes what differs: one statement for what is there, with new figures from which it follows, and one for what is gone. */
export async function writeKept(
  tx: Tx,
  changes: ReadonlyMap<string, SlotChange>,
  figures: readonly Figure[],
): Promise<void> {
  const rows = [...changes.values()].flatMap(({ after }) => after ?? []);
  const gone = [...changes].flatMap(([slot, { after }]) => (after === null ? [slot] : []));
  if (rows.length > 0 || figures.length > 0) await upsert(tx, rows, figures);
  if (gone.length > 0) await tx.observation.deleteMany({ where: { slot: { in: gone } } });
}

async function upsert(tx: Tx, rows: readonly Kept[], figures: readonly Figure[]): Promise<void> {
  await execute(
    tx,
    Prisma.sql`
    /* keepObservations */
    ${figures.length === 0 ? Prisma.empty : insertedFirst(figures)}
    insert into "Observation" as o (
           slot, "subjectId", "subjectKind", metric, period, kind, "periodStart", "periodEnd", "withinId", value, lower, upper, qualifier,
           method, "bestId", agreement, "decidedBy", origins, resolution, revised, missing, "isAnotherName")
    select slot, "subjectId", (select s.kind from "Subject" s where s.id = n."subjectId"), metric::"Metric", period,
           kind::"PeriodKind", "periodStart", "periodEnd", "withinId", value, lower, upper, qualifier::"Qualifier",
           method::"Method", "bestId", agreement::"Agreement", "decidedBy"::"Evidence", origins, resolution, revised, missing,
           "isAnotherName"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(
             slot text, "subjectId" int, metric text, period text, kind text, "periodStart" date, "periodEnd" date, "withinId" int,
             value float8, lower float8, upper float8, qualifier text, method text, "bestId" int, agreement text, "decidedBy" text,
             origins int, resolution text, revised boolean, missing text[], "isAnotherName" boolean)
        on conflict (slot) do update
       set value = excluded.value, lower = excluded.lower, upper = excluded.upper, qualifier = excluded.qualifier,
           method = excluded.method, "bestId" = excluded."bestId", agreement = excluded.agreement, "decidedBy" = excluded."decidedBy",
           origins = excluded.origins, resolution = excluded.resolution, revised = excluded.revised, missing = excluded.missing,
           "isAnotherName" = excluded."isAnotherName", "subjectId" = excluded."subjectId", metric = excluded.metric,
           period = excluded.period, kind = excluded.kind, "periodStart" = excluded."periodStart",
           "periodEnd" = excluded."periodEnd", "withinId" = excluded."withinId"`,
  );
}

/** Whether two rows say the same about the same slot. */
function sameKept(a: Kept, b: Kept): boolean {
  return (
    a.value === b.value &&
    a.lower === b.lower &&
    a.upper === b.upper &&
    a.qualifier === b.qualifier &&
    a.method === b.method &&
    a.bestId === b.bestId &&
    a.agreement === b.agreement &&
    a.decidedBy === b.decidedBy &&
    a.origins === b.origins &&
    a.resolution === b.resolution &&
    a.revised === b.revised &&
    a.isAnotherName === b.isAnotherName &&
    a.missing.join() === b.missing.join() &&
    a.subjectId === b.subjectId &&
    a.metric === b.metric &&
    a.withinId === b.withinId &&
    a.period === b.period &&
    a.kind === b.kind &&
    a.periodStart?.getTime() === b.periodStart?.getTime() &&
    a.periodEnd.getTime() === b.periodEnd.getTime()
  );
}

/** A kept observation as a reader sees it. */
export function observedFrom(row: Estimate & Slot, asOf: Date | null = null): Observed {
  const { subjectId, metric, withinId, period } = row;
  const {
    value,
    lower,
    upper,
    qualifier,
    method,
    bestId,
    agreement,
    decidedBy,
    origins,
    resolution,
    revised,
    missing,
  } = row;
  return {
    ...{ value, lower, upper, qualifier, method, bestId, agreement, decidedBy, origins, resolution, revised, missing },
    place: { subjectId, metric, withinId, asOf },
    period: present(parsePeriod(period)),
  };
}

/** An observation of a slot of which nothing is known any more. */
export function nothingAbout(slot: Slot): Observed {
  return observedFrom({
    ...slot,
    ...{ value: null, lower: null, upper: null, qualifier: null, method: 'DERIVED', bestId: null, agreement: 'SOLE' },
    ...{
      decidedBy: null,
      origins: 0,
      resolution: 'Nothing is known about it.',
      revised: false,
      missing: [slot.period],
    },
  });
}
