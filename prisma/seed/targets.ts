import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { TargetInput } from '../../src/domain/editing/target-input.ts';
import { setTarget } from '../../src/domain/editing/targets.ts';
import { cell, number, optional, type Progress, type Row, type SourceIds } from './rows.ts';

/** Loads what sources say about targets, a claim a row. What a source said about the same target before is left alone. */
export async function loadTargets(
  db: PrismaClient,
  rows: readonly Row[],
  sources: SourceIds,
  progress: Progress,
): Promise<void> {
  const ids = new Map<string, number>();
  const touched = await readTouchedTargets(db, [...sources.values()]);
  for (const [index, row] of rows.entries()) {
    const input = targetOf(row, sources);
    const before = touched.get(aimOf({ ...input, period: input.period ?? '', deadline: input.deadline ?? '' }));
    const id = before ?? (await setTarget(db, { ...input, revisesId: await openTarget(db, row, ids) })).target.id;
    ids.set(cell(row, 'fact'), id);
    progress('targets', index + 1, rows.length);
  }
}

function targetOf(row: Row, sources: SourceIds): TargetInput {
  return {
    subject: cell(row, 'subject'),
    kind: cell(row, 'kind') as TargetInput['kind'],
    metric: cell(row, 'metric') as TargetInput['metric'],
    period: optional(row.period),
    deadline: optional(row.deadline),
    value: number(row.value),
    lower: number(row.lower),
    upper: number(row.upper),
    growthMinPercent: number(row.growthMinPercent),
    growthMaxPercent: number(row.growthMaxPercent),
    setOn: optional(row.setOn),
    sourceId: sources.get(cell(row, 'source')) ?? null,
    note: optional(row.note),
  };
}

/** The target that a row revises. Undefined if it revises none, or if that was revised by others since: then the row is one more claim. */
async function openTarget(db: PrismaClient, row: Row, ids: ReadonlyMap<string, number>): Promise<number | undefined> {
  const revised = optional(row.revises);
  if (revised === null) return undefined;
  const id = ids.get(revised) as number;
  return (await db.target.count({ where: { revisesId: id } })) > 0 ? undefined : id;
}

/** The target of every claim that these sources ever made here, by source, subject, kind, metric and time. */
async function readTouchedTargets(
  db: PrismaClient,
  sourceIds: readonly number[],
): Promise<ReadonlyMap<string, number>> {
  const claims = await db.targetClaim.findMany({
    where: { sourceId: { in: [...sourceIds] } },
    include: { target: { include: { subject: true } } },
  });
  return new Map(
    claims.map(({ sourceId, statedMetric, target }) => {
      const { kind, period, subject } = target;
      const deadline = target.deadline?.toISOString().slice(0, 10) ?? '';
      const when = { period: period ?? '', deadline };
      return [aimOf({ ...when, kind, sourceId, metric: statedMetric, subject: subject.slug }), target.id];
    }),
  );
}

function aimOf(
  claim: Pick<TargetInput, 'sourceId' | 'subject' | 'kind' | 'metric'> & { period: string; deadline: string },
): string {
  const { sourceId, subject, kind, metric, period, deadline } = claim;
  return [sourceId, subject, kind, metric, period, deadline].join('|');
}
