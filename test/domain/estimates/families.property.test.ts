import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Relatives } from '../../../src/domain/catalog/families.ts';
import { contradictionsAmong } from '../../../src/domain/estimates/contradictions.ts';
import type { MetricHistory } from '../../../src/domain/estimates/history.ts';
import { type Kept, keptOf } from '../../../src/domain/estimates/kept.ts';
import { spanOf } from '../../../src/domain/estimates/spans.ts';
import type { SpanClaim } from '../../../src/domain/estimates/weighing.ts';
import { isInside } from '../../../src/domain/values/interval.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { historiesOf } from '../../support/histories.ts';
import { anyClaims, anyWorld, type World } from '../../support/worlds.ts';

type Claims = ReadonlyMap<number, readonly SpanClaim[]>;

const ERRORS = [1, -1, 100, 700, -700, 5_000];

function anyWorldWith(errors: readonly number[]): fc.Arbitrary<readonly [World, Claims]> {
  return anyWorld.chain((world) => fc.tuple(fc.constant(world), anyClaims(world, errors)));
}

describe('when all claims about a family are true', () => {
  it('the truth lies within all bounds, and nothing contradicts', () => {
    fc.assert(
      fc.property(anyWorldWith([]), ([{ relatives, truth }, claims]) => {
        const histories = historiesOf(relatives, claims);
        expect(contradictionsAmong(histories.values())).toEqual([]);
        for (const { subjectId, period, lower, upper } of keptIn(histories)) {
          const count = truth(subjectId, spanOf(present(parsePeriod(period))));
          expect([period, isInside({ lower: count, upper: count }, { lower, upper })]).toEqual([period, true]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('whatever is claimed about a family', () => {
  it('a value lies within its bounds, those of totals never fall, and a year has at least what its months have', () => {
    fc.assert(
      fc.property(anyWorldWith(ERRORS), ([{ relatives }, claims]) => {
        for (const history of historiesOf(relatives, claims).values()) {
          const kept = [...keptOf(history).values()];
          for (const one of kept) expectInBounds(one);
          expectNoFall(kept.filter(({ period }) => period.startsWith('../')));
          for (const year of kept.filter(({ kind }) => kind === 'YEAR')) {
            const months = kept.filter(({ kind, period }) => kind === 'MONTH' && period.startsWith(year.period));
            const inMonths = months.reduce((sum, { lower }) => sum + (lower ?? 0), 0);
            expect(year.lower ?? 0).toBeGreaterThanOrEqual(inMonths);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('no claim is set aside without a contradiction that names it', () => {
    fc.assert(
      fc.property(anyWorldWith(ERRORS), ([{ relatives }, claims]) => {
        const histories = historiesOf(relatives, claims);
        const named = new Set(contradictionsAmong(histories.values()).flatMap(({ setAsideIds }) => setAsideIds));
        for (const { curve } of histories.values())
          for (const { voice } of present(curve).setAside)
            for (const { id } of voice.claims) expect([id, named.has(id)]).toEqual([id, true]);
      }),
      { numRuns: 150 },
    );
  });

  it('the order of the claims, of the subjects and of their ids changes nothing', () => {
    const inTwoOrders = anyWorldWith(ERRORS).chain(([{ relatives }, claims]) => {
      const all = [...claims.values()].flat();
      const shuffled = fc.shuffledSubarray(all, { minLength: all.length });
      return fc.tuple(fc.constant(relatives), fc.constant(claims), shuffled);
    });
    fc.assert(
      fc.property(inTwoOrders, ([relatives, claims, shuffled]) => {
        const again = new Map(
          [...claims].reverse().map(([id, ofSubject]) => {
            const inOrder = shuffled.flatMap((claim, index) =>
              ofSubject.includes(claim) ? { ...claim, id: index + 1 } : [],
            );
            return [otherId(id), inOrder];
          }),
        );
        expect(saidOf(withOtherIds(relatives), again)).toEqual(saidOf(relatives, claims));
      }),
      { numRuns: 40 },
    );
  });
});

function keptIn(histories: ReadonlyMap<number, MetricHistory>): readonly Kept[] {
  return [...histories.values()].flatMap((history) => [...keptOf(history).values()]);
}

function expectInBounds({ period, value, lower, upper, qualifier }: Kept): void {
  expect([period, (lower ?? 0) <= (upper ?? Infinity)]).toEqual([period, true]);
  if (value !== null)
    expect([period, isInside({ lower: value, upper: value }, { lower, upper })]).toEqual([period, true]);
  if (qualifier === 'EXACT') expect([period, lower]).toEqual([period, upper]);
}

/** The bounds alone: 110 at most and then 100 at least are stated values as well. */
function expectNoFall(totals: readonly Kept[]): void {
  const sorted = [...totals].sort((a, b) => a.periodEnd.getTime() - b.periodEnd.getTime());
  for (const [index, now] of sorted.slice(1).entries()) {
    const before = present(sorted[index]);
    expect(now.lower ?? 0).toBeGreaterThanOrEqual(before.lower ?? 0);
    expect(now.upper ?? Infinity).toBeGreaterThanOrEqual(before.upper ?? Infinity);
  }
}

/** In the opposite order. */
function otherId(id: number): number {
  return 100 - id;
}

function withOtherIds({ subjects, memberships }: Relatives): Relatives {
  return {
    subjects: [...subjects].reverse().map(({ id, parentId, ...more }) => ({
      ...more,
      id: otherId(id),
      parentId: parentId === null ? null : otherId(parentId),
    })),
    memberships: [...memberships].reverse().map(({ allianceId, brandId, ...more }) => ({
      ...more,
      ...{ allianceId: otherId(allianceId), brandId: otherId(brandId) },
    })),
  };
}

/** Everything that is kept, and what contradicts what, without ids and sentences. */
function saidOf(relatives: Relatives, claims: Claims): readonly string[] {
  const histories = historiesOf(relatives, claims);
  const titles = new Map([...claims.values()].flat().map(({ id, title }) => [id, title]));
  const titled = (ids: readonly number[]) => ids.map((id) => titles.get(id)).sort();
  const slugOf = (id: number) => histories.get(id)?.slug;
  const kept = keptIn(histories).map(({ slot: _slot, subjectId, bestId, ...known }) =>
    JSON.stringify([slugOf(subjectId), bestId === null ? null : titles.get(bestId), known]),
  );
  const found = contradictionsAmong(histories.values()).map(
    ({ subjectId, kind, gap, periods, figureIds, setAsideIds }) =>
      JSON.stringify([slugOf(subjectId), kind, gap, periods, titled(figureIds), titled(setAsideIds)]),
  );
  return [...kept.sort(), ...found.sort()];
}
