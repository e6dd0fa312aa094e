import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, type Day, daysBetween, lastDayOfMonth, monthOf } from '../../src/domain/calendar.ts';
import { deriveObservation, type Ledger, type Observed, toDatePoints } from '../../src/domain/derivation.ts';
import { isInside } from '../../src/domain/interval.ts';
import type { Asserted } from '../../src/domain/observation.ts';
import {
  monthsOf,
  type Period,
  parsePeriod,
  periodFromDays,
  periodsBetween,
  tilingsOf,
  toDate,
} from '../../src/domain/period.ts';

/** Where the made histories begin and end: two years, long enough for every kind of period to lie inside another. */
const FIRST: Day = '2024-01-01';
const LAST: Day = '2025-12-31';
const DAYS = daysBetween(FIRST, LAST);
/** What was delivered before the first day. */
const BEFORE = 1_000;
/** Stands for a beginning that no day is known of, before every day. */
const BEGINNING: Day = '0000-01-01';

/** A counterexample is made smaller for so long, and then shown as it is. */
const RUNS = { numRuns: 60, interruptAfterTimeLimit: 15_000 };

const QUARTERS = periodsBetween('QUARTER', FIRST, LAST);
const NAMED = [...QUARTERS, ...periodsBetween('MONTH', FIRST, LAST), ...periodsBetween('YEAR', FIRST, LAST)];

const anyDay = fc.integer({ min: 0, max: DAYS }).map((days) => addDays(FIRST, days));
const rangeOfDays = fc
  .tuple(anyDay, fc.integer({ min: 0, max: 40 }))
  .map(([start, days]) => periodFromDays(start, addDays(start, days)));
const rangeOfMonths = fc
  .tuple(fc.nat(23), fc.nat(11))
  .map(([first, more]) => periodFromDays(addMonths(FIRST, first), lastDayOfMonth(addMonths(FIRST, first + more))));
const monthEnd = fc.nat(23).map((months) => lastDayOfMonth(addMonths(FIRST, months)));
const anyToDate = fc.oneof({ weight: 2, arbitrary: monthEnd }, { weight: 1, arbitrary: anyDay }).map(toDate);
const anyPeriod = fc.oneof(fc.constantFrom(...NAMED), rangeOfMonths, rangeOfDays, anyToDate);

/** How a quarter is known: by its months, by all months but one, as a whole, both ways, or not at all. */
const quarterPeriods = fc
  .tuple(
    fc.constantFrom(...QUARTERS),
    fc.constantFrom('MONTHS', 'MONTHS', 'ALL_BUT_ONE', 'WHOLE', 'BOTH', 'NOT'),
    fc.nat(2),
  )
  .map(([quarter, known, gap]): readonly Period[] => {
    const months = monthsOf(quarter) ?? [];
    if (known === 'MONTHS') return months;
    if (known === 'ALL_BUT_ONE') return months.filter((_, index) => index !== gap);
    if (known === 'WHOLE') return [quarter];
    return known === 'BOTH' ? [quarter, ...months] : [];
  });

/** The periods that something is asserted about: mostly such as belong together. */
const anyPeriods = fc
  .tuple(
    fc.array(quarterPeriods, { maxLength: 12 }),
    fc.array(fc.oneof(anyPeriod, anyToDate), { maxLength: 6 }),
    fc.array(fc.constantFrom(...periodsBetween('YEAR', FIRST, LAST)), { maxLength: 1 }),
  )
  .map(([quarters, others, years]) => [
    ...new Map([...quarters.flat(), ...others, ...years].map((period) => [period.text, period])).values(),
  ]);

/** How far a claim's bounds lie from the truth, and how it says so. */
interface Vagueness {
  readonly qualifier: 'EXACT' | 'ABOUT' | 'OVER' | 'UNDER' | 'BETWEEN';
  readonly below: number;
  readonly above: number;
}

const exactly: Vagueness = { qualifier: 'EXACT', below: 0, above: 0 };
const anyVagueness: fc.Arbitrary<Vagueness> = fc.oneof(
  fc.constant(exactly),
  fc.record({
    qualifier: fc.constantFrom('ABOUT', 'OVER', 'UNDER', 'BETWEEN'),
    below: fc.nat(5),
    above: fc.nat(50),
  }),
);

/** The truth of a history: so many a day, by the month. */
const anyTruth = fc.array(fc.nat(9), { minLength: 12, maxLength: 12 });

interface History {
  readonly ledger: Ledger;
  /** What was really delivered in a period. */
  truthOf(period: Period): number;
}

/** Ledgers whose claims all hold of one history, so that they agree with each other however they overlap. */
const anyHistory = historyOf(anyVagueness);
const exactHistory = historyOf(fc.constant(exactly));

/** Ledgers whose claims have nothing to do with each other. */
const anyLedger = fc
  .tuple(anyPeriods, fc.array(fc.tuple(fc.nat(500), anyVagueness), { minLength: 40, maxLength: 40 }))
  .map(([periods, claims]) =>
    ledgerOf(periods, (_, index) => {
      const [amount, vagueness] = claims[index % claims.length] as (typeof claims)[number];
      return { amount, vagueness };
    }),
  );

/** A company with up to three brands, each with something asserted. */
const anyCompany = fc
  .tuple(anyLedger, fc.array(anyLedger, { minLength: 1, maxLength: 3 }))
  .map(([own, brands]): Ledger => ({ ...own, brands: brands.map((brand, index) => numbered(brand, index + 1)) }));

const anySubject = fc.oneof(anyLedger, anyCompany);

describe('a derived value', () => {
  it('stands aside for what is asserted', () => {
    fc.assert(
      fc.property(anySubject, (ledger) => {
        for (const [text, asserted] of ledger.asserted) {
          const { value, lower, upper, qualifier, bestId } = asserted;
          const observed = derive(ledger, read(text));
          expect(observed).toMatchObject({ method: 'ASSERTED', value, lower, upper, qualifier, bestId, missing: [] });
          expect(observed?.inputIds).toEqual([bestId]);
        }
      }),
      RUNS,
    );
  });

  it('rests on figures that tile the period exactly', () => {
    fc.assert(
      fc.property(anyCompany, fc.array(anyPeriod), (company, more) => {
        for (const ledger of [company, ...company.brands]) {
          const claims = claimsOf(ledger);
          for (const { period, inputIds } of allKnown(ledger, more)) {
            expect(new Set(inputIds).size).toBe(inputIds.length);
            expectTiled(ledger, period, claimsBehind(inputIds, claims));
          }
        }
      }),
      RUNS,
    );
  });

  it('adds each of these figures once', () => {
    fc.assert(
      fc.property(anyCompany, fc.array(anyPeriod), (ledger, more) => {
        const claims = claimsOf(ledger);
        for (const { lower, upper, inputIds } of allKnown(ledger, more)) {
          const inputs = claimsBehind(inputIds, claims).map(({ asserted }) => asserted);
          expect(lower).toBe(total(inputs.map((input) => input.lower)));
          expect(upper).toBe(total(inputs.map((input) => input.upper)));
        }
      }),
      RUNS,
    );
  });

  it('has bounds that hold the sum of any values its parts may have', () => {
    fc.assert(
      fc.property(anySubject, fc.array(anyPeriod), fc.array(fc.nat(600), { minLength: 1 }), (ledger, more, picks) => {
        const claims = claimsOf(ledger);
        for (const observed of allKnown(ledger, more)) {
          const sum = claimsBehind(observed.inputIds, claims).reduce((before, { asserted }, index) => {
            const { lower, upper } = asserted;
            const pick = picks[index % picks.length] as number;
            return before + Math.min(Math.max(pick, lower ?? 0), upper ?? Number.POSITIVE_INFINITY);
          }, 0);
          expect(isInside({ lower: sum, upper: sum }, observed)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('lies between its bounds and is exact when all its parts are', () => {
    fc.assert(
      fc.property(anySubject, fc.array(anyPeriod), (ledger, more) => {
        const claims = claimsOf(ledger);
        for (const observed of allKnown(ledger, more)) {
          const { value, qualifier, inputIds } = observed;
          if (value !== null) expect(isInside({ lower: value, upper: value }, observed)).toBe(true);
          const areExact = claimsBehind(inputIds, claims).every(({ asserted }) => asserted.qualifier === 'EXACT');
          if (areExact) expect(qualifier).toBe('EXACT');
        }
      }),
      RUNS,
    );
  });

  it('holds the truth when every claim does', () => {
    fc.assert(
      fc.property(anyHistory, fc.array(anyPeriod), ({ ledger, truthOf }, more) => {
        for (const observed of allKnown(ledger, more)) {
          const truth = truthOf(observed.period);
          expect(isInside({ lower: truth, upper: truth }, observed)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('is found wherever years, quarters and months tile the period', () => {
    fc.assert(
      fc.property(anyLedger, fc.array(anyPeriod), (ledger, more) => {
        for (const period of periodsOf(ledger, more)) {
          const isTiled = tilingsOf(period).some((tiles) => tiles.every((tile) => isComplete(derive(ledger, tile))));
          if (isTiled) expect(isComplete(derive(ledger, period))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('does not depend on the order in which things were asserted', () => {
    const shuffled = anyCompany.chain((ledger) =>
      fc.tuple(fc.constant(ledger), fc.shuffledSubarray([...ledger.asserted], { minLength: ledger.asserted.size })),
    );
    fc.assert(
      fc.property(shuffled, fc.array(anyPeriod), ([ledger, entries], more) => {
        const brands = ledger.brands.map((brand) => ({ ...brand, asserted: new Map([...brand.asserted].reverse()) }));
        const other: Ledger = { ...ledger, asserted: new Map(entries), brands };
        expect(allObserved(other, more).map(summaryOf)).toEqual(allObserved(ledger, more).map(summaryOf));
        expect(toDatePoints(other).map(summaryOf)).toEqual(toDatePoints(ledger).map(summaryOf));
      }),
      RUNS,
    );
  });
});

describe('what is missing', () => {
  it('is named, without repetition, wherever something but not all is known, and then there is no value', () => {
    fc.assert(
      fc.property(anySubject, fc.array(anyPeriod), (ledger, more) => {
        for (const { value, lower, upper, qualifier, missing } of allObserved(ledger, more)) {
          const says = value !== null || lower !== null || upper !== null;
          expect(says).toBe(missing.length === 0);
          expect(qualifier === null).toBe(missing.length > 0);
          expect(new Set(missing.map(({ text }) => text)).size).toBe(missing.length);
        }
      }),
      RUNS,
    );
  });

  it('lies within the period, does not overlap, and is not known', () => {
    fc.assert(
      fc.property(anyLedger, fc.array(anyPeriod), (ledger, more) => {
        for (const { period, missing } of allObserved(ledger, more)) {
          for (const gap of missing) {
            expect(startOf(period) <= startOf(gap) && gap.end <= period.end).toBe(true);
            expect(isComplete(derive(ledger, gap))).toBe(false);
          }
          for (const [one, other] of pairs(byStart(missing))) expect(one.end < startOf(other)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('lies within the period for a company as well', () => {
    fc.assert(
      fc.property(anyCompany, fc.array(anyPeriod), (ledger, more) => {
        for (const { period, missing } of allObserved(ledger, more)) {
          for (const gap of missing) expect(startOf(period) <= startOf(gap) && gap.end <= period.end).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('makes the value appear once it is recorded', () => {
    fc.assert(
      fc.property(anyLedger, fc.array(anyPeriod), (ledger, more) => {
        for (const { period, missing } of allObserved(ledger, more)) {
          if (missing.length > 0) expect(isComplete(derive(withPeriods(ledger, missing), period))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('makes the value of a company appear once every brand that lacks it records it', () => {
    fc.assert(
      fc.property(anyCompany, fc.array(anyPeriod), (company, more) => {
        for (const { period, missing } of allObserved(company, more)) {
          if (missing.length === 0) continue;
          const brands = company.brands.map((brand) =>
            withPeriods(
              brand,
              missing.filter((gap) => !isComplete(derive(brand, gap))),
            ),
          );
          const completed = withPeriods({ ...company, brands }, missing);
          expect(isComplete(derive(completed, period))).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

describe('to-date points', () => {
  it('are known on days that follow each other', () => {
    fc.assert(
      fc.property(anySubject, (ledger) => {
        const points = toDatePoints(ledger);
        expect(points.every(isComplete)).toBe(true);
        for (const [one, other] of pairs(points)) expect(one.period.end < other.period.end).toBe(true);
      }),
      RUNS,
    );
  });

  it('never fall where every claim is exact and true', () => {
    fc.assert(
      fc.property(exactHistory, ({ ledger, truthOf }) => {
        const points = toDatePoints(ledger);
        expect(points.map(({ value }) => value)).toEqual(points.map(({ period }) => truthOf(period)));
        for (const [one, other] of pairs(points)) expect(one.value).toBeLessThanOrEqual(other.value as number);
      }),
      RUNS,
    );
  });

  it('never fall for certain where every claim is true', () => {
    fc.assert(
      fc.property(anyHistory, ({ ledger }) => {
        const points = toDatePoints(ledger);
        for (const [index, { lower }] of points.entries()) {
          for (const later of points.slice(index)) {
            if (lower !== null && later.upper !== null) expect(lower).toBeLessThanOrEqual(later.upper);
          }
        }
      }),
      RUNS,
    );
  });

  it('are all the to-date values there are at the ends of periods', () => {
    fc.assert(
      fc.property(anySubject, (ledger) => {
        const days = new Set(toDatePoints(ledger).map(({ period }) => period.end));
        for (const text of ledger.asserted.keys()) {
          const { end } = read(text);
          expect(days.has(end)).toBe(isComplete(derive(ledger, toDate(end))));
        }
      }),
      RUNS,
    );
  });
});

describe('the work of deriving', () => {
  /** Of processor time, which does not hang on what else the machine does. Generous: each of these takes a tenth of it. */
  const PATIENCE_MS = 2_000;

  const months = periodsBetween('MONTH', '1990-01-01', '2019-12-31');
  const quarters = periodsBetween('QUARTER', '1990-01-01', '2019-12-31');
  const years = periodsBetween('YEAR', '1990-01-01', '2019-12-31');
  const anchors = ['1989-12-31', '1999-05-31', '2010-03-15', '2019-06-30'].map(toDate);

  it('takes no time to speak of for 30 years of months, quarters and years with several to-date values', () => {
    const ledger = ones([...months, ...quarters, ...years, ...anchors]);
    expect(timeOf(() => deriveEverything(ledger))).toBeLessThan(PATIENCE_MS);
  });

  it('takes no time to speak of for 30 years of three brands', () => {
    const brands = [1, 2, 3].map((id) => numbered(ones([...months, toDate('1989-12-31')]), id));
    const company = { ...ones([]), brands };
    expect(timeOf(() => deriveEverything(company))).toBeLessThan(PATIENCE_MS);
    expect(toDatePoints(company).at(-1)).toMatchObject({ value: 3 * 361, missing: [] });
  });

  it('does not try all paths through ranges that overlap and lead nowhere', () => {
    const ranges = Array.from({ length: 40 }, (_, first) =>
      Array.from({ length: 40 - first }, (_, more) =>
        periodFromDays(addMonths('2000-01-01', first), lastDayOfMonth(addMonths('2000-01-01', first + more))),
      ),
    ).flat();
    const ledger = ones([...ranges, toDate('1999-12-31'), toDate('1999-11-15')]);
    const unreachable = toDate('2003-05-05');
    expect(timeOf(() => derive(ledger, unreachable))).toBeLessThan(PATIENCE_MS);
    expect(timeOf(() => toDatePoints(ledger))).toBeLessThan(PATIENCE_MS);
    expect(derive(ledger, unreachable)?.missing.map(({ text }) => text)).toEqual(['2003-05-01/2003-05-05']);
  });

  it('follows figures of single days for 30 years', () => {
    const days = Array.from({ length: 11_000 }, (_, index) => addDays('1990-01-01', index));
    const ledger = ones([...days.map((day) => periodFromDays(day, day)), toDate('1989-12-31')]);
    expect(derive(ledger, toDate(days.at(-1) as Day))?.value).toBe(11_001);
    expect(derive(ledger, toDate('2030-01-01'))?.missing.map(({ text }) => text)).toEqual(['2020-02-13/2030-01-01']);
  });

  function deriveEverything(ledger: Ledger): void {
    for (const period of [...months, ...quarters, ...years]) derive(ledger, period);
    for (const { end } of years) derive(ledger, periodFromDays('1990-04-01', end));
    toDatePoints(ledger);
  }
});

function historyOf(vagueness: fc.Arbitrary<Vagueness>): fc.Arbitrary<History> {
  return fc
    .tuple(anyPeriods, anyTruth, fc.array(vagueness, { minLength: 40, maxLength: 40 }))
    .map(([periods, rates, vague]) => {
      const rateOf = (day: Day): number => rates[monthOf(day) - 1] as number;
      const truthOf = ({ start, end }: Period): number => {
        let sum = start === null ? BEFORE : 0;
        for (let day = start ?? FIRST; day <= end; day = addDays(day, 1)) sum += rateOf(day);
        return sum;
      };
      const ledger = ledgerOf(periods, (period, index) => ({
        amount: truthOf(period),
        vagueness: vague[index % vague.length] as Vagueness,
      }));
      return { ledger, truthOf };
    });
}

function ledgerOf(
  periods: readonly Period[],
  claim: (period: Period, index: number) => { readonly amount: number; readonly vagueness: Vagueness },
): Ledger {
  const asserted = new Map(
    periods.map((period, index) => {
      const { amount, vagueness } = claim(period, index);
      return [period.text, assert(index + 1, amount, vagueness)];
    }),
  );
  return { subjectId: 1, slug: 'maker', metric: 'DELIVERIES', withinId: null, asOf: null, asserted, brands: [] };
}

function assert(bestId: number, amount: number, { qualifier, below, above }: Vagueness): Asserted {
  const common = { qualifier, bestId, agreement: 'SOLE', resolution: 'Only one says so.', revised: false } as const;
  const lower = Math.max(0, amount - below);
  switch (qualifier) {
    case 'EXACT':
      return { ...common, value: amount, lower: amount, upper: amount };
    case 'OVER':
      return { ...common, value: lower, lower, upper: null };
    case 'UNDER':
      return { ...common, value: amount + above, lower: 0, upper: amount + above };
    default:
      return { ...common, value: qualifier === 'ABOUT' ? amount : null, lower, upper: amount + above };
  }
}

/** A brand's ledger, its figures numbered apart from those of others. */
function numbered(ledger: Ledger, subject: number): Ledger {
  const asserted = new Map(
    [...ledger.asserted].map(([text, claim]) => [text, { ...claim, bestId: subject * 1_000_000 + claim.bestId }]),
  );
  return { ...ledger, subjectId: subject + 1, slug: `brand-${subject}`, asserted };
}

/** The ledger with something recorded about more periods. */
function withPeriods(ledger: Ledger, periods: readonly Period[]): Ledger {
  const more = periods.map((period, index): [string, Asserted] => [
    period.text,
    assert(ledger.subjectId * 10_000_000 + index, 1, exactly),
  ]);
  return { ...ledger, asserted: new Map([...more, ...ledger.asserted]) };
}

function ones(periods: readonly Period[]): Ledger {
  return ledgerOf(periods, () => ({ amount: 1, vagueness: exactly }));
}

/** Every named period, everything that is asserted, and more. */
function periodsOf(ledger: Ledger, more: readonly Period[]): readonly Period[] {
  const asserted = [ledger, ...ledger.brands].flatMap(({ asserted }) => [...asserted.keys()].map(read)).sort(byText);
  return [...NAMED, ...more, ...asserted, ...asserted.map(({ end }) => toDate(end))];
}

function allObserved(ledger: Ledger, more: readonly Period[]): readonly Observed[] {
  return periodsOf(ledger, more).flatMap((period) => derive(ledger, period) ?? []);
}

/** The observations that have a value. */
function allKnown(ledger: Ledger, more: readonly Period[]): readonly Observed[] {
  return allObserved(ledger, more).filter(isComplete);
}

function derive(ledger: Ledger, period: Period): Observed | null {
  return deriveObservation(ledger, period);
}

function isComplete(observed: Observed | null): boolean {
  return observed !== null && observed.missing.length === 0;
}

/** The figures of the subject itself together with those of any of its brands follow each other from the first to the last day. */
function expectTiled(ledger: Ledger, period: Period, inputs: readonly OwnedClaim[]): void {
  const owners = ledger.brands.length === 0 ? [ledger] : ledger.brands;
  for (const owner of owners) {
    const counting = inputs.filter((input) => input.owner === ledger || input.owner === owner);
    const tiles = byStart(counting.map((input) => input.period));
    expect(startOf(tiles[0] as Period)).toBe(startOf(period));
    expect(tiles.at(-1)?.end).toBe(period.end);
    for (const [one, other] of pairs(tiles)) expect(addDays(one.end, 1)).toBe(startOf(other));
  }
}

/** A claim, whose it is and about when. */
interface OwnedClaim {
  readonly owner: Ledger;
  readonly asserted: Asserted;
  readonly period: Period;
}

/** All claims about a subject and its brands, by id. */
function claimsOf(ledger: Ledger): ReadonlyMap<number, OwnedClaim> {
  const claims = [ledger, ...ledger.brands].flatMap((owner) =>
    [...owner.asserted].map(([text, asserted]) => ({ owner, asserted, period: read(text) })),
  );
  return new Map(claims.map((claim) => [claim.asserted.bestId, claim]));
}

function claimsBehind(inputIds: readonly number[], claims: ReadonlyMap<number, OwnedClaim>): readonly OwnedClaim[] {
  return inputIds.map((id) => claims.get(id) as OwnedClaim);
}

function summaryOf({ period, value, lower, upper, qualifier, inputIds, resolution, missing }: Observed) {
  const gaps = missing.map(({ text }) => text);
  return { period: period.text, value, lower, upper, qualifier, inputIds, resolution, gaps };
}

function total(bounds: readonly (number | null)[]): number | null {
  return bounds.reduce((sum, bound) => (sum === null || bound === null ? null : sum + bound), 0);
}

function startOf({ start }: Period): Day {
  return start ?? BEGINNING;
}

function byStart(periods: readonly Period[]): readonly Period[] {
  return [...periods].sort((a, b) => (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0));
}

function byText(a: Period, b: Period): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

function pairs<T>(list: readonly T[]): readonly (readonly [T, T])[] {
  return list.slice(1).map((item, index) => [list[index] as T, item]);
}

function read(text: string): Period {
  const period = parsePeriod(text);
  if (period === null) throw new Error(`"${text}" is no period`);
  return period;
}

function timeOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
