import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestClaim, summaryAt, summaryOf, type WeighedClaim } from '../../../src/domain/targets/claims.ts';

let documents = 0;

/** A claim for 300,000 deliveries of a publisher of its own, unless said otherwise. */
function claim(
  { tier = 3, publisherId = 0, originId = null as number | null, publishedOn = null as string | null } = {},
  said: Partial<WeighedClaim> = {},
): WeighedClaim {
  documents += 1;
  return {
    ...{ value: 300_000, lower: null, upper: null, growthMinPercent: null, growthMaxPercent: null },
    ...{ statedMetric: 'DELIVERIES', setOn: null, note: null, sourceId: documents },
    ...{ recordedAt: new Date('2025-01-01'), knownFrom: new Date('2025-01-01') },
    ...said,
    source: {
      publisherId: publisherId === 0 ? 1_000 + documents : publisherId,
      originId,
      publishedOn: publishedOn === null ? null : new Date(publishedOn),
      identity: `document ${documents}`,
      publisher: { tier },
    },
  };
}

describe('the best claim', () => {
  it('is the maker’s own, however many others there are', () => {
    const own = claim({ tier: 1, publishedOn: '2025-06-01' }, { value: 350_000 });
    const others = [claim({ tier: 2 }), claim({ tier: 2, publishedOn: '2025-01-01' })];
    expect(bestClaim([...others, own])).toBe(own);
  });

  it('has the numbers that most origins name', () => {
    const early = claim({ publishedOn: '2025-01-01' });
    const two = [claim({ publishedOn: '2025-03-01' }, { value: 350_000 }), claim({}, { value: 350_000 })];
    expect(bestClaim([early, ...two])).toBe(two[0]);
    // Who repeats another, or says it twice, is not one more origin.
    const repeated = [claim({ publisherId: 7 }, { value: 360_000 }), claim({ originId: 7 }, { value: 360_000 })];
    expect(bestClaim([early, ...repeated])).toBe(early);
  });

  it('was published first, and with a day before one without', () => {
    const [none, late, early] = [claim(), claim({ publishedOn: '2025-03-01' }), claim({ publishedOn: '2025-02-01' })];
    expect(bestClaim([none, late])).toBe(late);
    expect(bestClaim([none, late, early])).toBe(early);
  });

  it('counts deliveries before sales', () => {
    const [sales, deliveries] = [claim({}, { statedMetric: 'SALES' }), claim()];
    expect(bestClaim([sales, deliveries])).toBe(deliveries);
  });

  it('is of two of one document the one that was recorded last, and of those recorded at once the lower number', () => {
    const first = claim({}, { value: 500_000 });
    const other = { ...first, value: 1_000_000 };
    const later = { ...other, recordedAt: new Date('2025-01-02') };
    const growth = { ...first, value: null, growthMinPercent: 9 };
    for (const [claims, best] of [
      [[first, later], later],
      [[first, other], first],
      [[{ ...growth, growthMinPercent: 10 }, growth], growth],
      [[growth, other], other],
    ] as const) {
      expect(bestClaim(claims)).toBe(best);
      expect(bestClaim(claims.toReversed())).toBe(best);
    }
  });

  it('does not depend on the order in which claims were recorded', () => {
    const anyClaim = fc
      .record({
        tier: fc.constantFrom(1, 3, 4),
        publisherId: fc.constantFrom(1, 2, 3),
        publishedOn: fc.constantFrom(null, '2025-01-01', '2025-02-01'),
        value: fc.constantFrom(300_000, 350_000),
        statedMetric: fc.constantFrom('DELIVERIES' as const, 'SALES' as const),
      })
      .map(({ value, statedMetric, ...from }) => claim(from, { value, statedMetric }));
    const shuffled = fc
      .array(anyClaim, { minLength: 1, maxLength: 6 })
      .chain((claims) => fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length })));
    fc.assert(
      fc.property(shuffled, ([claims, others]) => {
        expect(bestClaim(others)).toBe(bestClaim(claims));
      }),
    );
  });

  it('of none is none', () => {
    expect([bestClaim([]), summaryOf([])]).toEqual([null, null]);
  });
});

describe('what a target says', () => {
  it('is what its best claim does', () => {
    const range = claim(
      { tier: 1 },
      { value: null, lower: 500_000, upper: 600_000, statedMetric: 'SALES', note: 'Aimed.' },
    );
    expect(summaryOf([claim(), range])).toEqual({
      ...{ value: null, lower: 500_000, upper: 600_000, growthMinPercent: null, growthMaxPercent: null },
      ...{ metric: 'SALES', setOn: null, sourceId: range.sourceId, note: 'Aimed.' },
    });
  });

  it('was set when anyone with the same numbers says so', () => {
    const best = claim({ tier: 1 });
    const others = [
      claim({}, { setOn: '2025-03' }),
      claim({}, { setOn: '2025-02-01' }),
      claim({}, { setOn: '2024', value: 1 }),
    ];
    expect(summaryOf([best, ...others])?.setOn).toBe('2025-02-01');
    expect(summaryOf([{ ...best, setOn: '2025-04' }, ...others])?.setOn).toBe('2025-04');
  });

  it('is at an instant what the claims say that were known', () => {
    const [early, better] = [claim(), claim({ tier: 1 }, { value: 350_000, knownFrom: new Date('2025-06-01') })];
    expect(summaryAt([early, better], new Date('2025-05-31'))?.value).toBe(300_000);
    expect(summaryAt([early, better], new Date('2025-06-01'))?.value).toBe(350_000);
    expect(summaryAt([early, better], new Date('2024-06-01'))).toBeNull();
  });
});
