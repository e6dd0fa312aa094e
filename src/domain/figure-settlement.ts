import type { NewChange } from '../changes/log.ts';
import type { Figure, FigureAction, Milestone } from '../database/generated/client.ts';
import type { Edit } from './edit.ts';
import { detectMilestones } from './milestone-detection.ts';
import { refreshObservations, slotKey } from './observation.ts';

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

/**
 * The rest of every write to figures: the observations of their slots, the milestones these mean, and the log entries, in this order.
 * The edit's scope is the subjects of the figures with their wholes.
 */
export async function settleFigures(open: Edit, events: readonly FigureEvent[]): Promise<Settlement> {
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
    open.family,
    events.map(({ figure }) => figure),
  );
  const cursor = await open.append([...figureChanges, ...detected.map(({ change }) => change)]);
  return {
    cursor,
    milestones: detected.flatMap(({ milestone, change }) => (change.status === change.statusBefore ? [] : [milestone])),
  };
}
