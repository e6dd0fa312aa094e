import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BatchValue } from '../../../src/domain/claims/known-series.ts';
import type { Known } from '../../../src/domain/claims/near-claims.ts';
import { type Stated, statedOf } from '../../../src/domain/claims/stated.ts';
import { suspicionsOf } from '../../../src/domain/claims/suspicion.ts';
import { addDays } from '../../../src/domain/values/calendar.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';

const COMPANY = 1;
const BRAND = 2;
const ALLIANCE = 3;

const LINKS: Known['links'] = [
  { partId: BRAND, part: 'brand', wholeId: COMPANY, whole: 'company', joinedOn: null, leftOn: null },
  { partId: BRAND, part: 'brand', wholeId: ALLIANCE, whole: 'alliance', joinedOn: '2024-05', leftOn: '2025-03' },
];

interface Claim {
  readonly subjectId: number;
  readonly metric: 'DELIVERIES' | 'CHARGING_STATIONS';
  readonly period: string;
  readonly value: number;
  readonly isOver: boolean;
  readonly source: number;
}

const month = fc.integer({ min: 0, max: 20 }).map((index) => addDays('2024-01-15', index * 30).slice(0, 7));
const period = fc.oneof(
  month,
  fc.constantFrom('2024-Q1', '2024-Q3', '2025-Q2', '2024', '2025-W12'),
  month.map((text) => `../${text}-28`),
);
/** Numbers of some sizes, so that many are implausible beside others. */
const value = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(1, 100, 1_000, 100_000)).map(([a, b]) => a * b);
const claim: fc.Arbitrary<Claim> = fc.record({
  subjectId: fc.constantFrom(COMPANY, BRAND, ALLIANCE),
  metric: fc.constantFrom('DELIVERIES', 'DELIVERIES', 'DELIVERIES', 'CHARGING_STATIONS'),
  period,
  value,
  isOver: fc.boolean(),
  source: fc.integer({ min: 1, max: 3 }),
});
const subjects = fc.constantFrom(null, '2024', '2024-06-01').map((firstDeliveryOn): Known['subjects'] => {
  const rest = { kind: 'BRAND', foundedOn: null, launchedOn: null, firstDeliveryOn } as const;
  return new Map([COMPANY, BRAND, ALLIANCE].map((id) => [id, { id, ...rest }]));
});

test('what is suspect in a batch, and why, does not depend on the order of the batch', () => {
  let suspects = 0;
  fc.assert(
    fc.property(
      fc
        .array(claim, { minLength: 2, maxLength: 12 })
        .chain((batch) => fc.tuple(fc.constant(batch), fc.shuffledSubarray(batch, { minLength: batch.length }))),
      fc.array(claim, { maxLength: 8 }),
      subjects,
      ([batch, shuffled], recorded, known) => {
        const verdicts = judge(batch, recorded, known);
        suspects += [...verdicts.values()].filter((verdict) => verdict !== null).length;
        expect(judge(shuffled, recorded, known)).toEqual(verdicts);
        expect(judge(batch, [...recorded].reverse(), known)).toEqual(verdicts);
      },
    ),
  );
  // Otherwise the property says nothing.
  expect(suspects).toBeGreaterThan(50);
});

test('a value that is sent twice by the same source gets the same verdict as once', () => {
  fc.assert(
    fc.property(fc.array(claim, { minLength: 1, maxLength: 8 }), subjects, (batch, known) => {
      expect(judge([...batch, ...batch.slice(0, 1)], [], known)).toEqual(judge(batch, [], known));
    }),
  );
});

test('a value that is 400 times above or below steady months is suspect, whatever its length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 1_000_000 }), fc.boolean(), (pace, isOver) => {
      const recorded = ['2024-05', '2024-06', '2024-07', '2024-08', '2024-09'].map((text) => claimOf(text, pace));
      for (const text of ['2024-07', '2024-Q3', '2024-W40', '2024', '2024-10-01', '../2024-09-30']) {
        const days = text.startsWith('..') ? 150 : daysOf(text);
        const sent = claimOf(text, isOver ? Math.ceil(pace * days * 400) : Math.floor((pace * days) / 30 / 400));
        const [verdict] = judge([{ ...sent, source: 2 }], recorded, new Map()).values();
        if (sent.value > 0) expect(verdict, text).not.toBeNull();
      }
    }),
  );
});

test('steady values of any length are never suspect', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(period, fc.double({ min: 0.5, max: 2, noNaN: true })), { maxLength: 12 }), (said) => {
      // Totals of about 10,000 a month since 2022; periods that lie within each other differ by length, not by pace.
      const batch = said.map(([text, factor]) => {
        const known = parsePeriod(text);
        const days = known?.start === null ? 730 + daysOf(`2024-01-01/${known.end}`) : daysOf(text);
        return claimOf(text, Math.round((days * 10_000) / 30) + (known?.start === null ? 0 : Math.round(factor)));
      });
      expect([...judge(batch, [], new Map()).values()].filter((verdict) => verdict !== null)).toEqual([]);
    }),
  );
});

/** The verdict on each claim, by what it says. */
function judge(
  batch: readonly Claim[],
  recorded: readonly Claim[],
  known: Known['subjects'],
): ReadonlyMap<string, string | null> {
  const sent = batch.flatMap((one): readonly (BatchValue & { text: string })[] => {
    const stated = statedIn(one);
    const claimKey = `${one.source}|${one.subjectId}|${one.metric}|${one.period}`;
    return stated === null ? [] : [{ value: stated, claimKey, text: JSON.stringify(one) }];
  });
  const slots = new Map(recorded.map((one) => [`${one.subjectId}|${one.metric}|${one.period}`, one]));
  const distinct = [...slots.keys()].sort().flatMap((key) => {
    const claims = recorded.filter((one) => `${one.subjectId}|${one.metric}|${one.period}` === key);
    // The database gives one row for each slot; here the largest claim stands for it.
    return (
      statedIn(claims.reduce((a, b) => ((a.value - b.value || Number(a.isOver) - Number(b.isOver)) < 0 ? b : a))) ?? []
    );
  });
  const verdicts = suspicionsOf(sent, sent, { subjects: known, links: LINKS, recorded: distinct });
  return new Map([...verdicts].map(([{ text }, verdict]) => [text, verdict]));
}

function claimOf(text: string, stated: number): Claim {
  return { subjectId: BRAND, metric: 'DELIVERIES', period: text, value: stated, isOver: false, source: 1 };
}

function statedIn({ subjectId, metric, period: text, value: stated, isOver }: Claim): Stated | null {
  const { start, end } = parsePeriod(text) ?? { start: null, end: '2024-01-01' };
  return statedOf({
    ...{ subjectId, metric, period: text, withinId: null, low: stated, high: stated, lower: stated },
    ...{ upper: isOver ? null : stated, periodEnd: new Date(end) },
    periodStart: start === null ? null : new Date(start),
  });
}

function daysOf(text: string): number {
  const { start, end } = parsePeriod(text) ?? {};
  return (Date.parse(end ?? '') - Date.parse(start ?? end ?? '')) / 86_400_000 + 1;
}
