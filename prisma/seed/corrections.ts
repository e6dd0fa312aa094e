import type { Figure, PrismaClient } from '../../src/database/generated/client.ts';
import type { FigureInput } from '../../src/domain/claims/figure-input.ts';
import { withdrawFigure } from '../../src/domain/editing/amend-figures.ts';
import type { MilestoneInput } from '../../src/domain/editing/milestones.ts';
import { reviseFigure } from '../../src/domain/editing/revise-figures.ts';
import { milestoneKey } from '../../src/domain/milestones/state.ts';
import { required } from '../../src/required.ts';
import { cell, number, optional, type Row, type SourceIds } from './rows.ts';

/** Claims of earlier files that their source does not make like this. */
export async function loadWithdrawals(db: PrismaClient, rows: readonly Row[], sources: SourceIds): Promise<void> {
  for (const row of rows) {
    const figure = await findUncorrected(db, row, cell(row, 'value'), sources);
    if (figure !== null) await withdrawFigure(db, figure.id, cell(row, 'reason'));
  }
}

/** Values that the maker restated. */
export async function loadRevisions(db: PrismaClient, rows: readonly Row[], sources: SourceIds): Promise<void> {
  for (const row of rows) {
    const figure = await findUncorrected(db, row, cell(row, 'valueBefore'), sources);
    if (figure === null) continue;
    await reviseFigure(db, figure.id, {
      value: number(row.value),
      qualifier: 'EXACT',
      sourceId: required(sources, cell(row, 'revisedBy')),
      reason: cell(row, 'reason'),
      acknowledgeOutlier: true,
    });
  }
}

/** Gives a milestone of earlier files the title that its row has now. */
export async function retitle(db: PrismaClient, row: Row): Promise<void> {
  const earlier = optional(row.earlierTitle);
  if (earlier === null) return;
  const subject = await db.subject.findUniqueOrThrow({ where: { slug: cell(row, 'subject') } });
  const { title, ...identity } = {
    kind: cell(row, 'kind') as MilestoneInput['kind'],
    metric: optional(row.metric) as MilestoneInput['metric'],
    threshold: number(row.threshold),
    title: cell(row, 'title'),
  };
  const key = milestoneKey(subject.id, { ...identity, title });
  const before = { key: milestoneKey(subject.id, { ...identity, title: earlier }), title: earlier };
  // Somebody may have announced it under its present title.
  if (before.key !== key && (await db.milestone.findUnique({ where: { key } })) !== null) return;
  await db.milestone.updateMany({ where: before, data: { key, title } });
}

/**
 * The claim that a source makes with this value. Null if there is none, or if one was revised or withdrawn before: whoever recorded it again
 * after the correction wants it.
 */
async function findUncorrected(db: PrismaClient, row: Row, value: string, sources: SourceIds): Promise<Figure | null> {
  const within = optional(row.within);
  const claims = await db.figure.findMany({
    where: {
      subject: { slug: cell(row, 'subject') },
      metric: cell(row, 'metric') as FigureInput['metric'],
      period: cell(row, 'period'),
      within: within === null ? null : { slug: within },
      value: Number(value),
      sourceId: required(sources, cell(row, 'source')),
    },
  });
  const [claim, ...more] = claims;
  return claim === undefined || more.length > 0 || claim.claimKey === null ? null : claim;
}
