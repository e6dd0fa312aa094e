import type { PrismaClient, Target, TargetClaim } from '../../src/database/generated/client.ts';
import type { TargetInput } from '../../src/domain/editing/target-input.ts';
import { aimOf, setTarget } from '../../src/domain/editing/targets.ts';
import { isSameGoal } from '../../src/domain/targets/claims.ts';
import { sameGoalAs } from '../../src/domain/targets/measures.ts';
import { type Aim, isSameTime, isTimeless } from '../../src/domain/targets/place.ts';
import { groupBy } from '../../src/domain/values/group.ts';
import { parsePeriod } from '../../src/domain/values/period.ts';
import { cell, number, optional, type Progress, type Row, type SourceIds } from './rows.ts';

/** Loads what sources say about targets, a claim a row. What a source said about the same target before is left alone. */
export async function loadTargets(
  db: PrismaClient,
  rows: readonly Row[],
  sources: SourceIds,
  progress: Progress,
): Promise<void> {
  const ids = new Map<string, number>();
  const touched = await readTouched(db, [...sources.values()]);
  for (const [index, row] of rows.entries()) {
    const input = targetOf(row, sources);
    const aim = aimOf(input, parsePeriod(input.period ?? ''));
    const before = touched.get(ownerKey(input))?.find((claim) => isAlike(claim, aim));
    const revisesId = before === undefined ? await openTarget(db, row, { aim, ids }) : undefined;
    const id = before?.targetId ?? (await setTarget(db, { ...input, revisesId })).target.id;
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

/**
 * The target that a row revises. Undefined if it revises none, if that was revised by others since, or says the same by now: then the row is one
 * more claim.
 */
async function openTarget(
  db: PrismaClient,
  row: Row,
  { aim, ids }: { readonly aim: Aim; readonly ids: ReadonlyMap<string, number> },
): Promise<number | undefined> {
  const revised = optional(row.revises);
  if (revised === null) return undefined;
  const include = { revisedBy: true } as const;
  const target = await db.target.findUniqueOrThrow({ where: { id: ids.get(revised) as number }, include });
  const isSaid = isSameTime(target, aim) && isSameGoal(target, aim);
  return target.revisedBy !== null || isSaid ? undefined : target.id;
}

type Claim = TargetClaim & { readonly target: Target };

/** Every claim that these sources ever made, by whose it is and what is counted. */
async function readTouched(
  db: PrismaClient,
  sourceIds: readonly number[],
): Promise<ReadonlyMap<string, readonly Claim[]>> {
  const claims = await db.targetClaim.findMany({
    where: { sourceId: { in: [...sourceIds] } },
    include: { target: { include: { subject: true } } },
    orderBy: { id: 'asc' },
  });
  return groupBy(claims, ({ sourceId, statedMetric, target }) =>
    ownerKey({ sourceId, subject: target.subject.slug, kind: target.kind, metric: statedMetric }),
  );
}

/** Whether a claim is what a row says of its source, or what a user made of it: about the same time, or without one the same numbers. */
function isAlike(claim: Claim, aim: Aim): boolean {
  return isTimeless(aim) ? isSameGoal(claim, aim) : isSameTime(claim.target, aim);
}

function ownerKey({ sourceId, subject, kind, metric }: Pick<TargetInput, 'sourceId' | 'subject' | 'kind' | 'metric'>) {
  return [sourceId, subject, kind, sameGoalAs(metric)[0]].join('|');
}
