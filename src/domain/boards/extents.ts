import type { Metric, SubjectKind } from '../../database/generated/client.ts';
import { type Extent, extentIn } from '../estimates/observation.ts';
import type { Period } from '../values/period.ts';
import type { BoardHistories } from './histories.ts';

/** The number that a subject has in a period and a metric. */
export interface ExtentRow extends Extent {
  readonly id: number;
  readonly metric: Metric;
  readonly period: string;
}

/** What subjects of the kinds have in periods, worked out from the claims. */
export async function workOutExtents(
  histories: BoardHistories,
  kinds: readonly SubjectKind[],
  periods: readonly Period[],
): Promise<readonly ExtentRow[]> {
  const rows: ExtentRow[] = [];
  for await (const history of histories.of(kinds)) {
    const { subjectId: id, metric } = history;
    for (const period of periods) {
      const extent = extentIn(history, period);
      if (extent !== null) rows.push({ ...extent, id, metric, period: period.text });
    }
  }
  return rows;
}
