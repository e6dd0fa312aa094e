import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Relatives } from '../../../src/domain/catalog/families.ts';
import type { MetricHistory } from '../../../src/domain/estimates/history.ts';
import { type Kept, keptOf } from '../../../src/domain/estimates/kept.ts';
import { historiesFrom, saidIn } from '../../../src/domain/estimates/knowledge.ts';
import type { RecordedClaim, RecordedMilestone } from '../../../src/domain/estimates/recorded-rows.ts';
import { isIn, spanOf, staysWithin, stretchAround } from '../../../src/domain/estimates/stretch.ts';
import { parsePartialDate } from '../../../src/domain/values/calendar.ts';
import { boundsOf } from '../../../src/domain/values/interval.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { claimOn } from '../../support/histories.ts';

const METRICS = ['DELIVERIES', 'SALES', 'PRODUCTION'] as const;
/** New claims have this id or a higher one. */
const NEW = 1_000;
/** Before it nothing was counted. */
const FIRST = '2018-06-01';

/** One period among the years, quarters, months, weeks, days, runs of months and totals of six years. */
const period = fc
  .tuple(
    fc.integer({ min: 2019, max: 2024 }),
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom(
      ...['MONTH', 'MONTH', 'MONTH', 'MONTH', 'QUARTER', 'HALF', 'YEAR', 'DAY', 'RUN', 'OVER', 'WEEK', 'TO_DATE'],
    ),
  )
  .map(([year, month, kind]) => {
    const inYear = String(month).padStart(2, '0');
    switch (kind) {
      case 'QUARTER':
        return `${year}-Q${Math.ceil(month / 3)}`;
      case 'HALF':
        return `${year}-H${Math.ceil(month / 6)}`;
      case 'YEAR':
        return `${year}`;
      case 'DAY':
        return `${year}-${inYear}-28`;
      case 'RUN':
        return `${year}-01/${year}-${inYear}`;
      case 'OVER':
        return `${year}-${inYear}/${year + 1}-02`;
      case 'WEEK':
        return `${year}-W01`;
      case 'TO_DATE':
        return `../${year}-${inYear}-28`;
      default:
        return `${year}-${inYear}`;
    }
  })
  .map((text) => present(parsePeriod(text)).text);
const claim = fc
  .record({
    metric: fc.constantFrom('DELIVERIES', 'DELIVERIES', 'DELIVERIES', ...METRICS),
    period,
    qualifier: fc.constantFrom('EXACT', 'EXACT', 'EXACT', 'OVER', 'UNDER', 'ABOUT'),
    isRound: fc.boolean(),
    origin: fc.constantFrom('gasgoo', 'nio'),
    rank: fc.constantFrom<RecordedClaim['rank'][]>(...Array(9).fill('NORMAL'), 'PREFERRED', 'DEPRECATED'),
  })
  .map(({ period: text, qualifier, isRound, ...others }) => {
    // Most claims agree: as many a day always.
    const { start, end } = present(parsePeriod(text));
    const days = daysBetween(start ?? FIRST, end);
    const value = qualifier === 'ABOUT' || isRound ? Math.round(days / 10) * 100 : days * 10;
    return {
      ...claimOn(0, text, value, { ...others, qualifier, bounds: boundsOf(qualifier, value) }),
      ...{ ...others, subjectId: 1, withinId: null, isCurrent: true },
    };
  });
const firstDelivery = fc.constantFrom(null, null, FIRST, '2020-06', '2022');
/** The day to which deliveries were announced as a number. */
const announcement = fc.constantFrom(null, null, '2019-05-20', '2020-05-20', '2021-11', '2024-02-11');

function milestoneOn(on: string): RecordedMilestone {
  const threshold = daysBetween(FIRST, present(parsePartialDate(on)).last) * 10;
  const claim = { id: 1, rank: 'NORMAL', expected: false, on, tier: 3, publishedOn: null };
  return { id: 1, subjectId: 1, metric: 'DELIVERIES', threshold, claims: [claim] } as unknown as RecordedMilestone;
}

function historiesOf(
  claims: readonly RecordedClaim[],
  firstDeliveryOn: string | null,
  announcedOn: string | null,
): readonly MetricHistory[] {
  const brand = {
    id: 1,
    slug: 'brand',
    name: 'A brand',
    kind: 'BRAND',
    parentId: null,
    brandsComplete: false,
  } as const;
  const alone: Relatives = { subjects: [{ ...brand, firstDeliveryOn, launchedOn: null }], memberships: [] };
  const said = saidIn(claims);
  const histories = historiesFrom(alone, { withinId: null, asOf: null }, METRICS, {
    milestones: announcedOn === null ? [] : [milestoneOn(announcedOn)],
    said,
    others: said,
  });
  return METRICS.map((metric) => present(histories.get(metric)?.get(1)));
}

it('new claims change nothing outside of their years where it is said that they do not', { timeout: 300_000 }, () => {
  let confined = 0;
  let others = 0;
  fc.assert(
    fc.property(
      fc.oneof(fc.array(claim, { maxLength: 3 }), fc.array(claim, { maxLength: 25 })),
      fc.array(claim, { minLength: 1, maxLength: 3 }),
      firstDelivery,
      announcement,
      (drawn, added, first, announcedOn) => {
        const recorded = drawn.map((one, index) => ({ ...one, id: index + 1 }));
        const fresh = added.map((one, index) => ({ ...one, id: NEW + index }));
        const stretch = stretchAround(fresh.map(({ period: text, rank }) => ({ ...datesOf(text), rank })));
        if (stretch === null) return;
        const outside = (history: MetricHistory): readonly Kept[] =>
          [...keptOf(history).values()].filter((kept) => !isIn(stretch, spanOf(kept)));
        const before = historiesOf(recorded, first, announcedOn);
        const after = historiesOf([...recorded, ...fresh], first, announcedOn);
        for (const [index, history] of after.entries()) {
          const isConfined = staysWithin(history, stretch, (id) => id >= NEW);
          if (!isConfined) others += 1;
          else if (history.known !== null) confined += outside(history).length === 0 ? 0 : 1;
          if (isConfined) expect(outside(history)).toEqual(outside(present(before[index])));
        }
      },
    ),
    { numRuns: Number(process.env.MILEPOST_STRETCH_RUNS ?? 500) },
  );
  expect(confined).toBeGreaterThan(20);
  expect(others).toBeGreaterThan(20);
});

function daysBetween(first: string, last: string): number {
  return (Date.parse(last) - Date.parse(first)) / 86_400_000 + 1;
}

function datesOf(text: string): { readonly periodStart: Date | null; readonly periodEnd: Date } {
  const { start, end } = present(parsePeriod(text));
  return { periodStart: start === null ? null : new Date(start), periodEnd: new Date(end) };
}
