import { expect, test } from 'vitest';
import { observationOf } from '../../../src/domain/estimates/observation.ts';
import { type SpanClaim, slotsOf } from '../../../src/domain/estimates/weighing.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { historiesOf } from '../../support/histories.ts';
import { numbersFrom, seedOfRun } from '../../support/random.ts';
import { familyOf, readSeedClaims } from '../../support/seed-claims.ts';

const SWAPS_PER_SLOT = 5;

/** All ways to write a value with two neighbouring digits swapped. */
function swapsOf(value: number): readonly number[] {
  const digits = [...String(value)];
  return digits.slice(1).flatMap((digit, index) => {
    const swapped = [...digits];
    [swapped[index], swapped[index + 1]] = [digit, present(digits[index])];
    const number = Number(swapped.join(''));
    return number === value || swapped[0] === '0' ? [] : [number];
  });
}

test('a digit swap in one of three or more agreeing origins never hides the truth, in any slot of the seed', {
  timeout: 300_000,
}, async () => {
  const { relatives, claims } = await readSeedClaims();
  const seed = seedOfRun();
  const pick = numbersFrom(seed);
  let tried = 0;
  let slots = 0;
  const wrong: string[] = [];
  for (const [metric, ofMetric] of claims) {
    for (const [id, ofSubject] of ofMetric) {
      const family = familyOf(relatives, id);
      const agreed = slotsOf(ofSubject).filter(({ voices }) => voices.length === 1 && (voices[0]?.origins ?? 0) >= 3);
      for (const { period, voices } of agreed) {
        const stated = present(voices[0]).claims;
        const truth = present(present(stated[0]).value);
        const swaps = swapsOf(truth);
        const origins = [...new Set(stated.map(({ origin }) => origin))];
        slots += 1;
        for (let swap = 0; swap < SWAPS_PER_SLOT; swap += 1) {
          // By any one of the origins, in all that repeats it.
          const origin = present(origins[pick(origins.length)]);
          const value = present(swaps[pick(swaps.length)]);
          const changed = ofSubject.map(
            (claim): SpanClaim =>
              claim.period === period && claim.origin === origin
                ? { ...claim, value, bounds: { lower: value, upper: value } }
                : claim,
          );
          const history = historiesOf(family, new Map([...ofMetric, [id, changed]]), metric).get(id);
          const observed = observationOf(present(history), present(parsePeriod(period)));
          tried += 1;
          if (observed?.value !== truth)
            wrong.push(`${id} ${metric} ${period}: ${truth} as ${value}, then ${observed?.value}`);
        }
      }
    }
  }
  expect(wrong, `with the seed ${seed}`).toEqual([]);
  expect(slots).toBe(137);
  expect(tried).toBe(slots * SWAPS_PER_SLOT);
});
