import type { NewChange } from '../../changes/write.ts';
import type { Figure, FigureAction, Metric, Milestone } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { type Relatives, readRelatives } from '../catalog/families.ts';
import { type Slot, slotKey } from '../claims/slot.ts';
import type { Kept, SlotChange } from '../estimates/kept.ts';
import { carried } from '../estimates/observation-entry.ts';
import { type RecordedAndKept, withFigures } from '../estimates/recorded-rows.ts';
import {
  type ContradictionEvent,
  compareEstimates,
  compareRecorded,
  type Extent,
  writeEstimates,
} from '../estimates/settle.ts';
import { type DetectedMilestone, detectMilestones, redetectOthers } from '../milestones/detection.ts';
import { groupBy } from '../values/group.ts';
import { unitOf } from '../values/metric.ts';
import type { Edit } from './edit.ts';

/** An action on a figure in the open transaction. */
export interface FigureEvent {
  readonly figure: Figure;
  readonly action: FigureAction;
}

/** The effects of a write to figures. */
export interface Effects {
  /** The milestones whose status changed. */
  readonly milestones: readonly Milestone[];
  /** The place in the log after the write; null when nothing was written. */
  readonly cursor: string | null;
}

/** What a write changed besides what it was about. */
interface Settled {
  readonly kept: ReadonlyMap<string, Kept>;
  readonly observations: ReadonlyMap<string, SlotChange>;
  readonly milestones: readonly DetectedMilestone[];
  readonly contradictions: readonly ContradictionEvent[];
  /** The subjects of contradictions that stay, while their gap or their figures change. */
  readonly restated: readonly number[];
}

/**
 * The last part of every write to figures: it works out again what follows from the claims about their subjects and all their relatives,
 * and appends to the log.
 * The edit's scope must be the subjects of the figures with their relatives, and nothing about these may have changed since.
 * With what was read of each part before the figures, it inserts these too.
 */
export async function applyEffects(
  open: Edit,
  events: readonly FigureEvent[],
  before: readonly RecordedAndKept[] | null = null,
): Promise<Effects> {
  const last = events.at(-1);
  if (last === undefined) return { milestones: [], cursor: null };
  const figures = events.map(({ figure }) => figure);
  const settled: Settled[] = [];
  for (const [index, part] of partsOf(figures).entries()) {
    const recorded = before?.[index];
    const given = recorded && {
      recorded: withFigures(recorded, part.written),
      figures: index === 0 ? figures : [],
      written: new Set(figures.map(({ id }) => id)),
    };
    settled.push(await settle(open.tx, extentOf(part, open.relatives), last.figure.id, given));
  }
  const observations = new Map(settled.flatMap((one) => [...one.observations]));
  const keptIn = (slot: string): Kept | undefined => settled.find(({ kept }) => kept.has(slot))?.kept.get(slot);
  const milestones = settled.flatMap((one) => one.milestones);
  const affected = assign(observations, figures);
  const restated = restatedBy(settled);
  const figureChanges = events.map(({ figure, action }): NewChange => {
    const slot = slotKey(figure);
    const after = keptIn(slot) ?? null;
    const change = observations.get(slot);
    return {
      kind: 'FIGURE',
      aboutId: figure.id,
      subjectId: figure.subjectId,
      action,
      before: (change === undefined ? after : change.before)?.value ?? null,
      observation: carried({
        ...{ observation: after, affected: affected.get(figure) ?? [] },
        ...(figure === last.figure ? restated : {}),
      }),
    };
  });
  const cursor = await open.append([...figureChanges, ...settled.flatMap((one) => changesOf(one, last.figure.id))]);
  return {
    cursor,
    milestones: milestones.flatMap(({ milestone, change }) =>
      change.status === change.statusBefore ? [] : [milestone],
    ),
  };
}

/**
 * The last part of every write that changes subjects, memberships or announcements: it works out again everything that is known of the
 * subjects and their relatives. Returns the log entries.
 */
export async function settleSubjects(tx: Tx, ids: readonly number[]): Promise<readonly NewChange[]> {
  const relatives = await readRelatives(tx, ids);
  const changes: NewChange[] = (await redetectOthers(tx, ids)).map(({ change }) => change);
  for (const extent of await everythingOf(tx, relatives))
    changes.push(...changesOf(await settle(tx, extent, null), null));
  return changes;
}

/** The same after an announcement, in its metric. Returns also the milestone as it is then, and what its own log entry carries. */
export async function settleMetric(
  tx: Tx,
  relatives: Relatives,
  metric: Metric,
  announced: Milestone,
): Promise<{ readonly milestone: Milestone; readonly changes: readonly NewChange[]; readonly observation: object }> {
  const settled = await settle(tx, { relatives, metrics: [metric], markets: null, written: [] }, null);
  const affected = [...settled.observations.keys()];
  const isOther = ({ milestone }: DetectedMilestone): boolean => milestone.id !== announced.id;
  return {
    milestone: settled.milestones.find((one) => !isOther(one))?.milestone ?? announced,
    changes: changesOf({ ...settled, milestones: settled.milestones.filter(isOther) }, null),
    observation: carried({ affected, ...restatedBy([settled]) }),
  };
}

/** The metrics and markets in which anything is known of relatives. */
export async function everythingOf(tx: Tx, relatives: Relatives): Promise<readonly Extent[]> {
  const ids = relatives.subjects.map(({ id }) => id);
  const rows = await tx.$queryRaw<{ metric: Metric; withinId: number | null }[]>`
    /* metricsOfSubjects */
    select metric::text, "withinId" from "Figure" where "subjectId" = any(${ids}::int[])
    union
    select metric::text, "withinId" from "Observation" where "subjectId" = any(${ids}::int[])
    union
    select metric::text, "withinId" from "Contradiction" where "resolvedAt" is null and "subjectId" = any(${ids}::int[])
    union
    select metric::text, null from "Milestone" where kind = 'UNITS' and metric is not null and "subjectId" = any(${ids}::int[])
    order by metric, "withinId"`;
  const extents: Extent[] = [];
  for (const some of groupBy(rows, ({ withinId }) => withinId === null).values())
    extents.push({ relatives, ...scopeOf(some), written: [] });
  return extents;
}

/** Figures either all of shares, or all of everything else, in as many metrics and markets as they have. */
function scopeOf(
  some: readonly { readonly metric: Metric; readonly withinId: number | null }[],
): Pick<Extent, 'metrics' | 'markets'> {
  const markets = [...new Set(some.flatMap(({ withinId }) => withinId ?? []))];
  return { metrics: [...new Set(some.map(({ metric }) => metric))], markets: markets.length === 0 ? null : markets };
}

/** What slots are part of. */
export interface Part<Written extends Slot = Slot> extends Pick<Extent, 'metrics' | 'markets'> {
  readonly written: readonly Written[];
  /** The subjects, each alone; null for all relatives. */
  readonly subjectIds: readonly number[] | null;
}

/** What slots are part of: of vehicles, all relatives; of everything else, and of shares, each subject alone. */
export function partsOf<Written extends Slot>(slots: readonly Written[]): readonly Part<Written>[] {
  const withFamily = slots.filter(({ metric, withinId }) => unitOf(metric) === 'VEHICLES' && withinId === null);
  const counted = new Set(withFamily);
  const alone = groupBy(
    slots.filter((slot) => !counted.has(slot)),
    ({ withinId }) => withinId === null,
  );
  return [
    ...(withFamily.length === 0 ? [] : [{ subjectIds: null, ...scopeOf(withFamily), written: withFamily }]),
    ...[...alone.values()].map((some) => {
      const subjectIds = [...new Set(some.map(({ subjectId }) => subjectId))];
      return { subjectIds, ...scopeOf(some), written: some };
    }),
  ];
}

function extentOf({ subjectIds, ...part }: Part, relatives: Relatives): Extent {
  if (subjectIds === null) return { ...part, relatives };
  const ids = new Set(subjectIds);
  return { ...part, relatives: { subjects: relatives.subjects.filter(({ id }) => ids.has(id)), memberships: [] } };
}

/** What was read before the figures are inserted, and those that are inserted along. */
interface Before {
  readonly recorded: RecordedAndKept;
  readonly figures: readonly Figure[];
  /** The ids of all figures of the write. */
  readonly written: ReadonlySet<number>;
}

async function settle(tx: Tx, extent: Extent, causedById: number | null, before?: Before): Promise<Settled> {
  const comparison =
    before === undefined
      ? await compareEstimates(tx, extent)
      : await compareRecorded(tx, extent, before.recorded, (id) => before.written.has(id));
  const contradictions = await writeEstimates(tx, comparison, before?.figures);
  const milestones = await detectMilestones(tx, extent.relatives, comparison, causedById);
  const { kept, observations } = comparison;
  return { kept, observations, milestones, contradictions, restated: comparison.contradictions.restated };
}

/** For live queries: such contradictions have no log entry of their own. */
function restatedBy(settled: readonly Settled[]): { readonly restated?: readonly number[] } {
  const restated = [...new Set(settled.flatMap((one) => one.restated))];
  return restated.length === 0 ? {} : { restated };
}

/** To each change of what is known, the figure that tells of it: the last of its slot, else of its subject, else of its metric, else of all. */
function assign(changes: ReadonlyMap<string, SlotChange>, figures: readonly Figure[]): ReadonlyMap<Figure, string[]> {
  const last = new Map<string, Figure>();
  for (const figure of figures)
    for (const key of [slotKey(figure), `${figure.subjectId}|${figure.metric}`, figure.metric, ''])
      last.set(key, figure);
  const affected = new Map<Figure, string[]>();
  for (const slot of changes.keys()) {
    const [subjectId, metric = ''] = slot.split('|');
    const figure = present(last.get(slot) ?? last.get(`${subjectId}|${metric}`) ?? last.get(metric) ?? last.get(''));
    const ofFigure = affected.get(figure);
    if (ofFigure === undefined) affected.set(figure, [slot]);
    else ofFigure.push(slot);
  }
  return affected;
}

function changesOf({ milestones, contradictions }: Settled, causedById: number | null): readonly NewChange[] {
  return [
    ...milestones.map(({ change }) => change),
    ...contradictions.map((event) => contradictionChange(event, causedById)),
  ];
}

function contradictionChange(
  { id, subjectId, involved, resolved }: ContradictionEvent,
  causedById: number | null,
): NewChange {
  return {
    kind: 'CONTRADICTION',
    aboutId: id,
    subjectId,
    involved,
    observation: carried({ resolved }),
    ...(causedById === null ? {} : { causedById }),
  };
}
