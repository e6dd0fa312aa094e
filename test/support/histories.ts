import type { Metric } from '../../src/database/generated/client.ts';
import type { Relative, Relatives } from '../../src/domain/catalog/families.ts';
import { buildHistories, type Knowledge, type MetricHistory } from '../../src/domain/estimates/history.ts';
import { observationOf } from '../../src/domain/estimates/observation.ts';
import { spanOf } from '../../src/domain/estimates/spans.ts';
import { type SpanClaim, slotsOf } from '../../src/domain/estimates/weighing.ts';
import { boundsOf } from '../../src/domain/values/interval.ts';
import { parsePeriod } from '../../src/domain/values/period.ts';
import { present } from '../../src/required.ts';

/** A subject without a parent, with what else is given. */
export function relativeOf(id: number, kind: Relative['kind'], others: Partial<Relative> = {}): Relative {
  return {
    ...{ id, slug: `subject-${id}`, name: `Subject ${id}`, kind, parentId: null, brandsComplete: true },
    ...{ firstDeliveryOn: null, launchedOn: null },
    ...others,
  };
}

/** A brand of its own, with the id 1. */
const LONE_BRAND: Relatives = { subjects: [relativeOf(1, 'BRAND', { slug: 'lone', name: 'Lone' })], memberships: [] };

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

/** What claims about relatives amount to, by subject, with what else is known. */
export function historiesOf(
  relatives: Relatives,
  claims: ReadonlyMap<number, readonly SpanClaim[]>,
  metric: Metric = 'DELIVERIES',
  others: Partial<Knowledge> = {},
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
    { slots, revised: new Map(), announced: [], elsewhere: new Map(), deliveries: null, ...others },
  );
}

/** What claims about a brand of its own amount to. */
export function historyOf(claims: readonly SpanClaim[]): MetricHistory {
  return present(historiesOf(LONE_BRAND, new Map([[1, claims]])).get(1));
}

/** The value and the bounds of a subject in a period. Null: nothing is known of it. */
export function knownOf(
  histories: ReadonlyMap<number, MetricHistory>,
  id: number,
  period: string,
): readonly [value: number | null, lower: number | null, upper: number | null] | null {
  const observed = observationOf(present(histories.get(id)), present(parsePeriod(period)));
  return observed === null ? null : [observed.value, observed.lower, observed.upper];
}
