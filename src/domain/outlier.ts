import type { Db } from '../database/handle.ts';
import type { Draft } from './figure-input.ts';
import { slotKey } from './observation.ts';
import { nextPeriod, parsePeriod, previousPeriod } from './period.ts';

/** How many times over or under its neighbours a value is taken for a slip of units, such as 41 sent for 410,000. */
const SUSPECT_FACTOR = 20;

/**
 * Notes SUSPECT_MAGNITUDE for values 20 times over or under those of the periods before and after, as they are recorded or sent along;
 * a neighbour that does not differ as much, or an acknowledgement, clears it. A 0 is never a slip of units.
 */
export async function noteOutliers(db: Db, drafts: readonly Draft[]): Promise<void> {
  const suspects = drafts.filter(({ acknowledged }) => !acknowledged);
  if (suspects.length === 0) return;
  const known = await readNeighbours(db, suspects);
  for (const { data } of drafts) {
    const value = data.value ?? data.lower ?? null;
    if (value !== null && !known.has(slotKey(slotOf(data)))) known.set(slotKey(slotOf(data)), value);
  }
  for (const { data, problems } of suspects) {
    const value = data.value ?? data.lower ?? 0;
    const neighbours = neighboursOf(data.period).flatMap((period) => {
      const neighbour = known.get(slotKey({ ...slotOf(data), period }));
      return neighbour === undefined || neighbour === 0 ? [] : [{ period, value: neighbour }];
    });
    if (value === 0 || neighbours.length === 0) continue;
    const over = neighbours.every((neighbour) => value >= neighbour.value * SUSPECT_FACTOR);
    const under = neighbours.every((neighbour) => value * SUSPECT_FACTOR <= neighbour.value);
    if (!over && !under) continue;
    const beside = neighbours.map((neighbour) => comparison(value, neighbour)).join(' and ');
    problems.add(
      'SUSPECT_MAGNITUDE',
      'value',
      `${value} is ${beside} (${SUSPECT_FACTOR} times is the limit). Is the unit right? If so, send acknowledgeOutlier: true.`,
    );
  }
}

function comparison(value: number, neighbour: { readonly value: number; readonly period: string }): string {
  const isMore = value > neighbour.value;
  const times = isMore ? value / neighbour.value : neighbour.value / value;
  // Three digits tell a slip of units.
  return `${Number(times.toPrecision(3))} times ${isMore ? 'more' : 'less'} than the ${neighbour.value} of ${neighbour.period}`;
}

async function readNeighbours(db: Db, drafts: readonly Draft[]): Promise<Map<string, number>> {
  const rows = await db.observation.findMany({
    where: {
      subjectId: { in: [...new Set(drafts.map(({ data }) => data.subjectId))] },
      metric: { in: [...new Set(drafts.map(({ data }) => data.metric))] },
      period: { in: [...new Set(drafts.flatMap(({ data }) => neighboursOf(data.period)))] },
    },
  });
  return new Map(rows.flatMap((row) => (row.value === null ? [] : [[row.slot, row.value] as const])));
}

/** The periods of the same length before and after; a to-date value has none. */
function neighboursOf(text: string): readonly string[] {
  const period = parsePeriod(text);
  if (period === null) return [];
  return [previousPeriod(period), nextPeriod(period)].flatMap((neighbour) => neighbour?.text ?? []);
}

function slotOf({ subjectId, metric, period, withinId }: Draft['data']) {
  return { subjectId, metric, period, withinId: withinId ?? null };
}
