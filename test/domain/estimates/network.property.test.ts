import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Constraint, createNetwork, type Network } from '../../../src/domain/estimates/network.ts';

/** The days of these curves; the start is one more. */
const DAYS = 12;
/** Node 0 is the start, node n the end of day n - 1. */
const NODES = DAYS + 1;

interface Claim {
  readonly after: number | null;
  readonly through: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

const anyCurve = fc.array(fc.nat({ max: 20 }), { minLength: DAYS, maxLength: DAYS }).map((daily) => {
  let height = 0;
  return daily.map((units) => {
    height += units;
    return height;
  });
});
const anySpan = fc
  .tuple(fc.integer({ min: -1, max: DAYS - 1 }), fc.nat({ max: DAYS - 1 }))
  .filter(([after, through]) => after < through)
  .map(([after, through]) => ({ after: after < 0 ? null : after, through }));
const anyClaim: fc.Arbitrary<Claim> = fc
  .tuple(anySpan, fc.option(fc.nat({ max: 60 })), fc.option(fc.nat({ max: 40 })))
  .map(([span, lower, width]) => ({ ...span, lower, upper: width === null ? null : (lower ?? 0) + width }));

/** Claims that are all true of a curve, some of them exactly. */
const anyTruth = anyCurve.chain((curve) =>
  fc.record({
    curve: fc.constant(curve),
    claims: fc.array(
      fc
        .tuple(anySpan, fc.option(fc.nat({ max: 9 })), fc.option(fc.nat({ max: 9 })))
        .map(([span, below, above]): Claim => {
          const count = countOf(curve, span.after, span.through);
          return {
            ...span,
            lower: below === null ? null : Math.max(0, count - below),
            upper: above === null ? null : count + above,
          };
        }),
      { maxLength: 12 },
    ),
  }),
);

function countOf(curve: readonly number[], after: number | null, through: number): number {
  return (curve[through] ?? 0) - (after === null ? 0 : (curve[after] ?? 0));
}

function build(claims: readonly Claim[]): { network: Network<number>; refused: number[] } {
  const network = createNetwork<number>();
  const refused = claims.flatMap((claim, index) =>
    network.add({ ...claim, claim: index } satisfies Constraint<number>) === null ? [] : [index],
  );
  return { network, refused };
}

/** All shortest paths by Floyd and Warshall; null if there is a negative cycle. */
function allPairs(claims: readonly Claim[]): readonly (readonly number[])[] | null {
  const length = Array.from({ length: NODES }, (_, a) =>
    // The curve never falls.
    Array.from({ length: NODES }, (_, b) => (b <= a ? 0 : Number.POSITIVE_INFINITY)),
  );
  const set = (a: number, b: number, value: number): void => {
    const row = length[a] as number[];
    row[b] = Math.min(row[b] as number, value);
  };
  const at = (a: number, b: number): number => length[a]?.[b] as number;
  for (const { after, through, lower, upper } of claims) {
    const [from, to] = [nodeOf(after), nodeOf(through)];
    if (upper !== null) set(from, to, upper);
    if (lower !== null) set(to, from, -lower);
  }
  for (let via = 0; via < NODES; via += 1)
    for (let a = 0; a < NODES; a += 1) for (let b = 0; b < NODES; b += 1) set(a, b, at(a, via) + at(via, b));
  return length.some((row, node) => (row[node] as number) < 0) ? null : length;
}

function nodeOf(day: number | null): number {
  return day === null ? 0 : day + 1;
}

/** All spans of days, from the start too. */
const SPANS = Array.from({ length: NODES }, (_, after) => after - 1).flatMap((after) =>
  Array.from({ length: DAYS }, (_, through) => through)
    .filter((through) => through > after)
    .map((through) => ({ after: after < 0 ? null : after, through })),
);

function boundsOfAll(network: Network<number>): readonly object[] {
  return SPANS.map(({ after, through }) => {
    const { lower, upper } = network.boundsOf(after, through);
    return { after, through, lower, upper };
  });
}

describe('the bounds', () => {
  it('equal all shortest paths by brute force, of the claims that entered', () => {
    fc.assert(
      fc.property(fc.array(anyClaim, { maxLength: 14 }), (claims) => {
        const { network, refused } = build(claims);
        const lengths = allPairs(claims.filter((_, index) => !refused.includes(index)));
        expect(lengths).not.toBeNull();
        const expected = SPANS.map(({ after, through }) => {
          const [from, to] = [nodeOf(after), nodeOf(through)];
          const upper = lengths?.[from]?.[to] ?? 0;
          return {
            after,
            through,
            lower: 0 - (lengths?.[to]?.[from] ?? 0),
            upper: Number.isFinite(upper) ? upper : null,
          };
        });
        expect(boundsOfAll(network)).toEqual(expected);
      }),
    );
  });

  it('contain the truth when every claim is true, and then nothing contradicts', () => {
    fc.assert(
      fc.property(anyTruth, ({ curve, claims }) => {
        const { network, refused } = build(claims);
        expect(refused).toEqual([]);
        for (const { after, through } of SPANS) {
          const { lower, upper } = network.boundsOf(after, through);
          const count = countOf(curve, after, through);
          expect(lower).toBeLessThanOrEqual(count);
          expect(upper ?? count).toBeGreaterThanOrEqual(count);
        }
      }),
    );
  });

  it('do not depend on the order of claims that are all true', () => {
    const anyOrder = anyTruth.chain(({ claims }) =>
      fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length })),
    );
    fc.assert(
      fc.property(anyOrder, ([claims, shuffled]) => {
        expect(boundsOfAll(build(shuffled).network)).toEqual(boundsOfAll(build(claims).network));
      }),
    );
  });

  it('follow from the claims that they name', () => {
    fc.assert(
      fc.property(anyTruth, ({ claims }) => {
        const { network } = build(claims);
        for (const { after, through } of SPANS) {
          const { lower, upper } = network.boundsOf(after, through);
          const { lowerFrom, upperFrom } = network.groundsOf(after, through);
          const pick = (named: readonly number[]) => build(claims.filter((_, index) => named.includes(index))).network;
          expect(pick(lowerFrom).boundsOf(after, through).lower).toBe(lower);
          expect(pick(upperFrom).boundsOf(after, through).upper).toBe(upper);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a contradiction', () => {
  it('is found exactly when no curve meets all claims', () => {
    fc.assert(
      fc.property(fc.array(anyClaim, { maxLength: 14 }), (claims) => {
        const network = createNetwork<number>();
        const entered: Claim[] = [];
        for (const [index, claim] of claims.entries()) {
          const contradiction = network.add({ ...claim, claim: index });
          expect(contradiction === null).toBe(allPairs([...entered, claim]) !== null);
          if (contradiction === null) entered.push(claim);
        }
      }),
    );
  });

  it('names claims that cannot all be true, and by how much', () => {
    fc.assert(
      fc.property(fc.array(anyClaim, { maxLength: 14 }), (claims) => {
        const network = createNetwork<number>();
        for (const [index, claim] of claims.entries()) {
          const contradiction = network.add({ ...claim, claim: index });
          if (contradiction === null) continue;
          const { claims: named, gap } = contradiction;
          expect(named).toContain(index);
          expect(allPairs(named.map((each) => claims[each] as Claim))).toBeNull();
          // With bounds that are wider by the gap the new claim fits the others that are named.
          const { lower, upper } = claim;
          const wider = {
            ...claim,
            lower: lower === null ? null : lower - gap,
            upper: upper === null ? null : upper + gap,
          };
          const others = named.filter((each) => each !== index).map((each) => claims[each] as Claim);
          expect(allPairs([...others, wider])).not.toBeNull();
          expect(allPairs([...others, narrowerBy(1, wider)])).toBeNull();
        }
      }),
    );
  });
});

function narrowerBy(units: number, { after, through, lower, upper }: Claim): Claim {
  return { after, through, lower: lower === null ? null : lower + units, upper: upper === null ? null : upper - units };
}
