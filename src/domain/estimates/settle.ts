import type { Contradiction, Metric } from '../../database/generated/client.ts';
import type { Db, Tx } from '../../database/handle.ts';
import { required } from '../../required.ts';
import type { Relatives } from '../catalog/families.ts';
import { contradictionsAmong, type FoundContradiction } from './contradictions.ts';
import type { MetricHistory } from './history.ts';
import { differencesOf, type Kept, keptOf, readKept, type SlotChange, writeKept } from './kept.ts';
import { readHistoriesOf, readHistoriesWithin } from './knowledge.ts';

/** Relatives in some metrics. */
export interface Extent {
  readonly relatives: Relatives;
  readonly metrics: readonly Metric[];
  /** The markets of shares; null for everything else. */
  readonly markets: readonly number[] | null;
}

/** A contradiction that appeared or was resolved. */
export interface ContradictionEvent {
  readonly id: number;
  readonly subjectId: number;
  readonly resolved: boolean;
}

/** Everything that follows from the claims of an extent, and how it differs from what is kept. */
export interface Comparison {
  /** By metric and subject; none of shares. */
  readonly histories: ReadonlyMap<Metric, ReadonlyMap<number, MetricHistory>>;
  /** Everything that is to be kept, by the key of its slot. */
  readonly kept: ReadonlyMap<string, Kept>;
  readonly observations: ReadonlyMap<string, SlotChange>;
  readonly contradictions: {
    /** Those that nobody knows of yet, or that were resolved. */
    readonly appeared: readonly FoundContradiction[];
    /** Those of which something else is known than is kept. */
    readonly changed: readonly FoundContradiction[];
    /** The subjects of these, as kept and as found. */
    readonly restated: readonly number[];
    readonly gone: readonly Contradiction[];
  };
}

/** Works everything out anew and compares it with what is kept. */
export async function compareEstimates(db: Db, { relatives, metrics, markets }: Extent): Promise<Comparison> {
  const histories =
    markets === null ? await readHistoriesOf(db, relatives, metrics, { withinId: null, asOf: null }) : new Map();
  /** Those that can contradict each other are together. */
  const asked: readonly (readonly MetricHistory[])[] =
    markets === null
      ? metrics.map((metric) => [...required(histories, metric).values()])
      : (await readHistoriesWithin(db, relatives, metrics, markets)).map((alone) => [alone]);
  const kept = new Map<string, Kept>(asked.flat().flatMap((one) => [...keptOf(one)]));
  const found = asked.flatMap(contradictionsAmong);
  const ids = relatives.subjects.map(({ id }) => id);
  const withinId = markets === null ? null : { in: [...markets] };
  const before = await readKept(db, ids, metrics, withinId);
  const open = await db.contradiction.findMany({
    where: { subjectId: { in: ids }, metric: { in: [...metrics] }, withinId, resolvedAt: null },
    orderBy: { id: 'asc' },
  });
  const openBy = new Map(open.map((one) => [one.identity, one]));
  const identities = new Set(found.map(({ identity }) => identity));
  const changed = found.filter((one) => {
    const kept = openBy.get(one.identity);
    return kept !== undefined && !sameContradiction(kept, one);
  });
  return {
    histories,
    kept,
    observations: differencesOf(before, kept),
    contradictions: {
      appeared: found.filter(({ identity }) => !openBy.has(identity)),
      changed,
      restated: [...new Set(changed.flatMap((one) => [one.subjectId, required(openBy, one.identity).subjectId]))],
      gone: open.filter(({ identity }) => !identities.has(identity)),
    },
  };
}

/** Writes what differs. Returns the contradictions that appeared or were resolved. */
export async function writeEstimates(
  tx: Tx,
  { observations, contradictions }: Pick<Comparison, 'observations' | 'contradictions'>,
): Promise<readonly ContradictionEvent[]> {
  await writeKept(tx, observations);
  const { appeared, changed, gone } = contradictions;
  const ids = await upsert(tx, [...appeared, ...changed]);
  if (gone.length > 0) {
    await tx.contradiction.updateMany({
      where: { id: { in: gone.map(({ id }) => id) } },
      data: { resolvedAt: new Date() },
    });
  }
  return [
    ...appeared.map(({ identity, subjectId }) => ({ id: required(ids, identity), subjectId, resolved: false })),
    ...gone.map(({ id, subjectId }) => ({ id, subjectId, resolved: true })),
  ];
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

function sameContradiction(kept: Contradiction, found: FoundContradiction): boolean {
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
