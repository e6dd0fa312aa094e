import type { Metric } from '../../src/database/generated/client.ts';
import { buildHistories, type MetricHistory } from '../../src/domain/estimates/history.ts';
import { type SpanClaim, slotsOf } from '../../src/domain/estimates/weighing.ts';
import { dayNumber } from '../../src/domain/values/calendar.ts';
import { boundsOf, type Qualifier } from '../../src/domain/values/interval.ts';
import type { Period } from '../../src/domain/values/period.ts';
import { required } from '../../src/required.ts';

/** What one source says about a period. */
export type Said = readonly [period: Period, value: number, qualifier: Exclude<Qualifier, 'BETWEEN'>];

const SUBJECT = 1;

/** The history of a brand without relatives of which one source says these things, built without a database. */
export function historyOf(said: readonly Said[], metric: Metric = 'DELIVERIES'): MetricHistory {
  const brand = {
    id: SUBJECT,
    slug: 'maker',
    name: 'Maker',
    kind: 'BRAND',
    parentId: null,
    brandsComplete: true,
  } as const;
  const relatives = { subjects: [{ ...brand, firstDeliveryOn: null, launchedOn: null }], memberships: [] };
  const knowledge = {
    slots: new Map([[SUBJECT, slotsOf(said.map(claimOf))]]),
    ...{ revised: new Map(), announced: [], elsewhere: new Map(), deliveries: null },
  };
  return required(buildHistories(relatives, { metric, withinId: null, asOf: null }, knowledge), SUBJECT);
}

function claimOf([{ text, start, end }, value, qualifier]: Said, index: number): SpanClaim {
  return {
    ...{
      id: index + 1,
      subjectId: 1,
      metric: 'DELIVERIES',
      period: text,
      value,
      qualifier,
      bounds: boundsOf(qualifier, value),
    },
    after: start === null ? null : dayNumber(start) - 1,
    through: dayNumber(end),
    ...{ rank: 'NORMAL', origin: 'press', publisher: { slug: 'press', name: 'The press' }, tier: 3 },
    ...{ title: 'What it says', publishedOn: null, statedChangePercent: null },
  };
}
