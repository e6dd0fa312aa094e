import type { NewChange, Write } from '../changes/log.ts';
import type { Figure, FigureAction, Milestone } from '../database/generated/client.ts';
import type { Tx } from '../database/handle.ts';
import { detectMilestones } from './milestone-detection.ts';
import { refreshObservations, slotKey } from './observation.ts';
import { lockSubjects } from './subject-lookup.ts';

/** Something that was done to a figure in the open transaction. */
export interface FigureEvent {
  readonly figure: Figure;
  readonly action: FigureAction;
}

/** What follows from it. */
export interface Settlement {
  /** The milestones that got another status. */
  readonly milestones: readonly Milestone[];
  /** The place in the log behind it; null when nothing happened. */
  readonly cursor: string | null;
}

/** The subjects whose values a figure takes part in: its own and the company above a brand. Locked until the transaction ends; returned. */
export async function lockFigures(
  tx: Tx,
  figures: readonly { readonly subjectId: number }[],
): Promise<readonly number[]> {
  const own = [...new Set(figures.map(({ subjectId }) => subjectId))];
  const parents = await tx.subject.findMany({
    where: { children: { some: { id: { in: own }, kind: 'BRAND' } }, kind: 'COMPANY' },
    select: { id: true },
  });
  const family = [...new Set([...own, ...parents.map(({ id }) => id)])];
  await lockSubjects(tx, family);
  return family;
}

/** The rest of every write to figures: the observations of their slots, the milestones these mean, and the log entries, in this order. */
export async function settleFigures(
  open: Write,
  family: readonly number[],
  events: readonly FigureEvent[],
): Promise<Settlement> {
  if (events.length === 0) return { milestones: [], cursor: null };
  const slots = await refreshObservations(
    open.tx,
    events.map(({ figure }) => figure),
  );
  const figureChanges = events.map(({ figure, action }): NewChange => {
    const slot = slots.get(slotKey(figure));
    return {
      kind: 'FIGURE',
      subjectId: figure.subjectId,
      figureId: figure.id,
      action,
      before: slot?.before?.value ?? null,
      observation: slot?.after ?? null,
    };
  });
  const detected = await detectMilestones(
    open.tx,
    family,
    events.map(({ figure }) => figure),
  );
  const cursor = await open.append([...figureChanges, ...detected.map(({ change }) => change)]);
  return {
    cursor,
    milestones: detected.flatMap(({ milestone, change }) => (change.status === change.statusBefore ? [] : [milestone])),
  };
}
