import type { Metric } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { readHistories } from '../estimates/knowledge.ts';
import { type Extent, extentIn } from '../estimates/observation.ts';
import type { Period } from '../values/period.ts';
import type { BoardScope } from './board-parts.ts';

/** The number of subjects that are worked out from their claims at a time. */
const WORKED_OUT_AT_ONCE = 200;

/** The number that a subject has in a period and a metric. */
export interface ExtentRow extends Extent {
  readonly id: number;
  readonly metric: Metric;
  readonly period: string;
}

/** What subjects have in periods, worked out from the claims. */
export async function workOutExtents(
  db: Db,
  scope: BoardScope & { readonly asOf: Date | null },
  periods: readonly Period[],
): Promise<readonly ExtentRow[]> {
  const rows: ExtentRow[] = [];
  for await (const history of historiesOf(db, scope)) {
    const { subjectId: id, metric } = history;
    for (const period of periods) {
      const extent = extentIn(history, period);
      if (extent !== null) rows.push({ ...extent, id, metric, period: period.text });
    }
  }
  return rows;
}

/** The histories of all subjects of the kinds. A few hundred at a time, so that others are served and memory is bounded. */
export async function* historiesOf(
  db: Db,
  { metrics, kinds, withinId, asOf }: BoardScope & { readonly asOf: Date | null },
): AsyncGenerator<MetricHistory> {
  const subjects = await db.subject.findMany({
    where: { kind: { in: [...kinds] } },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  for (let at = 0; at < subjects.length; at += WORKED_OUT_AT_ONCE) {
    const ids = subjects.slice(at, at + WORKED_OUT_AT_ONCE).map(({ id }) => id);
    for (const metric of metrics) {
      const histories = await readHistories(db, ids, { metric, withinId, asOf });
      for (const id of ids) {
        const history = histories.get(id);
        if (history !== undefined && !history.isAnotherName) yield history;
      }
    }
  }
}
