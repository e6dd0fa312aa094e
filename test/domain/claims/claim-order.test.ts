import { describe, expect, test } from 'vitest';
import { agreementOf, bestClaim, compareClaims, type Ranked } from '../../../src/domain/claims/claim-order.ts';

// claim-order.property.test.ts tests what holds for any claims. This file tests the rules, case by case.

const OLD = new Date('2024-01-01');
const RECENT = new Date('2025-06-30');
const NEW = new Date('2026-01-13');

/** A claim with defaults for what is not given. */
function claim(other: Partial<Ranked>): Ranked {
  const usual = { id: 1, rank: 'NORMAL', tier: 3, publishedOn: null, recordedAt: OLD } as const;
  return { ...usual, bounds: { lower: 5, upper: 5 }, ...other };
}

const exactly = (value: number) => ({ lower: value, upper: value });

describe('of two claims the better one', () => {
  test.each([
    ['has the closer source', { tier: 1, bounds: { lower: 1, upper: 4 } }, { tier: 2 }],
    [
      'has the narrower bounds',
      { bounds: { lower: 1, upper: 2 } },
      { bounds: { lower: 4, upper: 6 }, publishedOn: NEW },
    ],
    ['has bounds', { bounds: { lower: 0, upper: 8 } }, { bounds: { lower: 5, upper: null }, publishedOn: NEW }],
    ['was published last', { publishedOn: NEW }, { publishedOn: RECENT, recordedAt: NEW }],
    ['has a day of publication', { publishedOn: OLD }, { publishedOn: null, recordedAt: NEW }],
    ['was recorded last', { recordedAt: RECENT, id: 3 }, { recordedAt: OLD, id: 2 }],
    ['has the lower id, when they are equal otherwise', { id: 2 }, { id: 3 }],
  ])('%s', (_name, better, worse) => {
    const [one, other] = [claim(better), claim({ id: 9, ...worse })];
    expect(compareClaims(one, other)).toBeLessThan(0);
    expect(compareClaims(other, one)).toBeGreaterThan(0);
    expect(bestClaim([other, one])).toBe(one);
  });
});

describe('the best claim', () => {
  test('is a preferred one, however remote its source', () => {
    const preferred = claim({ id: 1, rank: 'PREFERRED', tier: 4, bounds: { lower: null, upper: null } });
    const maker = claim({ id: 2, tier: 1 });
    expect(bestClaim([maker, preferred])).toBe(preferred);
    expect(agreementOf([maker, preferred], preferred)).toBe('SOLE');
  });

  test('is never a deprecated one', () => {
    const deprecated = claim({ id: 1, rank: 'DEPRECATED', tier: 1, bounds: exactly(1) });
    const press = claim({ id: 2, tier: 4 });
    expect(bestClaim([deprecated, press])).toBe(press);
    expect(agreementOf([deprecated, press], press)).toBe('SOLE');
    expect(bestClaim([deprecated])).toBeNull();
    expect(bestClaim([])).toBeNull();
  });

  test('is the exact number of a more remote source when the closest only says "about"', () => {
    const about = claim({ id: 1, tier: 1, bounds: { lower: 405, upper: 415 } });
    const rough = claim({ id: 2, tier: 4, bounds: { lower: 406, upper: 414 } });
    const exact = claim({ id: 3, tier: 4, bounds: exactly(411) });
    const beside = claim({ id: 4, tier: 2, bounds: exactly(420) });
    expect(bestClaim([about, beside])).toBe(about);
    expect(bestClaim([about, beside, rough])).toBe(rough);
    expect(bestClaim([about, beside, rough, exact])).toBe(exact);
    expect(bestClaim([claim({ id: 5, tier: 1, bounds: { lower: 57, upper: null } }), exact])).toBe(exact);
  });

  test('is the narrowest inside the closest, also when a wider one has a closer source or is newer', () => {
    const about = claim({ id: 1, tier: 1, bounds: { lower: 405, upper: 415 } });
    const closer = claim({ id: 2, tier: 2, bounds: { lower: 406, upper: 414 }, publishedOn: NEW });
    const narrower = claim({ id: 3, tier: 4, bounds: { lower: 409, upper: 411 }, publishedOn: OLD });
    for (const claims of [
      [about, closer, narrower],
      [narrower, closer, about],
    ]) {
      expect(bestClaim(claims)).toBe(narrower);
    }
  });

  test('is the one with the closer source among equally narrow ones inside the closest', () => {
    const about = claim({ id: 1, tier: 1, bounds: { lower: 405, upper: 415 } });
    const further = claim({ id: 2, tier: 4, bounds: exactly(410), publishedOn: NEW });
    const closer = claim({ id: 3, tier: 3, bounds: exactly(411), publishedOn: OLD });
    expect(bestClaim([about, further, closer])).toBe(closer);
    expect(bestClaim([closer, further, about])).toBe(closer);
  });
});

describe('claims', () => {
  const best = claim({ id: 1, tier: 1, bounds: { lower: 405, upper: 415 } });

  test.each([
    ['overlap', { lower: 410, upper: 420 }, 'AGREES'],
    ['touch', { lower: 415, upper: 420 }, 'AGREES'],
    ['are open to that side', { lower: 400, upper: null }, 'AGREES'],
    ['have nothing in common', { lower: 416, upper: null }, 'CONFLICTS'],
  ])('that %s agree or conflict', (_name, bounds, agreement) => {
    expect(agreementOf([best, claim({ id: 2, bounds })], best)).toBe(agreement);
  });

  test('conflict as soon as one that counts contradicts the best', () => {
    const others = [claim({ id: 2, bounds: exactly(410) }), claim({ id: 3, bounds: exactly(500) })];
    expect(agreementOf([best, ...others], best)).toBe('CONFLICTS');
  });
});
