import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agreementOf,
  bestClaim,
  candidatesOf,
  compareClaims,
  leadingClaim,
  type Ranked,
} from '../../../src/domain/claims/claim-order.ts';
import { boundsOf, isInside, overlaps, widthOf } from '../../../src/domain/values/interval.ts';

/** Few values of everything, so that claims are often equal in what decides between them. */
const anyDetails = fc.record({
  rank: fc.constantFrom('NORMAL', 'NORMAL', 'NORMAL', 'PREFERRED', 'DEPRECATED'),
  tier: fc.integer({ min: 1, max: 4 }),
  value: fc.constantFrom(0, 100, 104, 105, 110, 120),
  qualifier: fc.constantFrom('EXACT', 'ABOUT', 'OVER', 'UNDER'),
  publishedOn: fc.option(fc.constantFrom(new Date('2026-01-13'), new Date('2026-01-14'))),
  recordedAt: fc.constantFrom(new Date('2026-02-01T00:00:00Z'), new Date('2026-02-01T00:00:01Z')),
});
const anyClaims: fc.Arbitrary<readonly Ranked[]> = fc.array(anyDetails, { maxLength: 8 }).map((all) =>
  all.map((details, index) => ({
    ...details,
    id: index + 1,
    bounds: boundsOf(details.qualifier, details.value),
  })),
);
const someClaims = anyClaims.filter((claims) => candidatesOf(claims).length > 0);
const shuffledClaims = anyClaims.chain((claims) =>
  fc.tuple(fc.constant(claims), fc.shuffledSubarray([...claims], { minLength: claims.length })),
);

describe('the order of claims', () => {
  it('is total: one of two claims is always better', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        for (const a of claims) {
          for (const b of claims) {
            expect(Math.sign(compareClaims(a, b)) + Math.sign(compareClaims(b, a))).toBe(0);
            expect(compareClaims(a, b) === 0).toBe(a.id === b.id);
          }
        }
      }),
    );
  });

  it('is transitive', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        for (const a of claims) {
          for (const b of claims) {
            for (const c of claims) {
              if (compareClaims(a, b) < 0 && compareClaims(b, c) < 0) expect(compareClaims(a, c)).toBeLessThan(0);
            }
          }
        }
      }),
    );
  });

  it('does not depend on the order of the input', () => {
    fc.assert(
      fc.property(shuffledClaims, ([claims, shuffled]) => {
        const best = bestClaim(claims);
        expect(bestClaim(shuffled)).toBe(best);
        expect(leadingClaim(shuffled)).toBe(leadingClaim(claims));
        if (best === null) return;
        expect(agreementOf(shuffled, best)).toBe(agreementOf(claims, best));
      }),
    );
  });

  it('does not change the claims', () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        const before = claims.map(({ id }) => id);
        agreementOf(claims, bestClaim(claims) as Ranked);
        expect(claims.map(({ id }) => id)).toEqual(before);
      }),
    );
  });
});

describe('the best claim', () => {
  it('is one that counts, and there is none only when none counts', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const best = bestClaim(claims);
        if (best === null) expect(claims.every(({ rank }) => rank === 'DEPRECATED')).toBe(true);
        else expect(candidatesOf(claims)).toContain(best);
      }),
    );
  });

  it('is preferred whenever any is', () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        const isPreferred = ({ rank }: Ranked) => rank === 'PREFERRED';
        expect(isPreferred(bestClaim(claims) as Ranked)).toBe(claims.some(isPreferred));
      }),
    );
  });

  it('is not changed by what is deprecated', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        expect(bestClaim(claims.filter(({ rank }) => rank !== 'DEPRECATED'))).toBe(bestClaim(claims));
      }),
    );
  });

  it('leads, or is the most precise of those within the leader’s bounds', () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        const best = bestClaim(claims) as Ranked;
        const leader = leadingClaim(claims) as Ranked;
        const within = candidatesOf(claims).filter(({ bounds }) => isInside(bounds, leader.bounds));
        expect(candidatesOf(claims).every((claim) => compareClaims(leader, claim) <= 0)).toBe(true);
        expect(within).toContain(best);
        for (const claim of within) expect(widthOf(best.bounds)).toBeLessThanOrEqual(widthOf(claim.bounds));
        const rivals = within.filter((claim) => widthOf(claim.bounds) === widthOf(best.bounds));
        expect(rivals.every((claim) => compareClaims(best, claim) <= 0)).toBe(true);
      }),
    );
  });

  it('stays when a losing claim is removed, unless that claim led', () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        const best = bestClaim(claims) as Ranked;
        const leader = leadingClaim(claims) as Ranked;
        for (const lost of claims.filter((claim) => claim !== best && claim !== leader)) {
          expect(bestClaim(claims.filter((claim) => claim !== lost))).toBe(best);
        }
      }),
    );
  });
});

describe('agreement', () => {
  it('is SOLE for one, AGREES when every other overlaps the best, else CONFLICTS', () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        const best = bestClaim(claims) as Ranked;
        const others = candidatesOf(claims).filter((claim) => claim !== best);
        const agree = others.every(({ bounds }) => overlaps(bounds, best.bounds));
        expect(agreementOf(claims, best)).toBe(others.length === 0 ? 'SOLE' : agree ? 'AGREES' : 'CONFLICTS');
      }),
    );
  });
});
