import type { Metric } from '../../src/database/generated/client.ts';
import type { Relatives } from '../../src/domain/catalog/families.ts';
import { buildHistories, type MetricHistory } from '../../src/domain/estimates/history.ts';
import { spanOf } from '../../src/domain/estimates/spans.ts';
import { type SpanClaim, slotsOf } from '../../src/domain/estimates/weighing.ts';
import { boundsOf } from '../../src/domain/values/interval.ts';
import { parsePeriod } from '../../src/domain/values/period.ts';
import { present } from '../../src/required.ts';

/** A brand of its own, with the id 1. */
const LONE_BRAND: Relatives = {
  subjects: [
    {
      ...{ id: 1, slug: 'lone', name: 'Lone', kind: 'BRAND', parentId: null, brandsComplete: true },
      ...{ firstDeliveryOn: null, launchedOn: null },
    },
  ],
  memberships: [],
};

/** A claim of an exact value by a publisher of its own, with what else is given. */
export function claimOn(id: number, period: string, value: number, others: Partial<SpanClaim> = {}): SpanClaim {
  const publisher = { slug: `publisher-${id}`, name: `Publisher ${id}` };
  return {
    ...{ id, subjectId: 1, metric: 'DELIVERIES', period, value, publisher, ...spanOf(present(parsePeriod(period))) },
    ...{ bounds: boundsOf('EXACT', value), qualifier: 'EXACT', rank: 'NORMAL', origin: publisher.slug, tier: 3 },
    ...{ title: 'Figures', publishedOn: null, statedChangePercent: null },
    ...others,
  };
}

/** What claims about relatives amount to, by subject. */
export function historiesOf(
  relatives: Relatives,
  claims: ReadonlyMap<number, readonly SpanClaim[]>,
  metric: Metric = 'DELIVERIES',
): ReadonlyMap<number, MetricHistory> {
  const slots = new Map(
    [...claims].map(([subjectId, ofSubject]) => [
      subjectId,
      slotsOf(ofSubject.map((claim) => ({ ...claim, subjectId, metric }))),
    ]),
  );
  return buildHistories(
    relatives,
    { metric, withinId: null, asOf: null },
    { slots, revised: new Map(), announced: [], elsewhere: new Map(), deliveries: null },
  );
}

/** What claims about a brand of its own amount to. */
export function historyOf(claims: readonly SpanClaim[]): MetricHistory {
  return present(historiesOf(LONE_BRAND, new Map([[1, claims]])).get(1));
}
