import fc from 'fast-check';
import { distance } from 'fastest-levenshtein';
import { expect, test } from 'vitest';
import { type Named, NameIndex } from '../../../src/domain/catalog/name-index.ts';
import { foldText } from '../../../src/domain/values/text.ts';

/** Few letters, so that many names are alike; some that share a bit with others, and some that are folded away. */
const letters = fc.constantFrom(...'aabbqr17 -小鹏é');
const text = fc.string({ unit: letters, maxLength: 12 });
const named = fc.uniqueArray(
  fc.record({
    id: fc.nat(50),
    slug: fc.string({ unit: letters, minLength: 1, maxLength: 6 }),
    names: fc.array(text, { maxLength: 3 }),
  }),
  { maxLength: 12, selector: ({ id }) => id },
);
/** What is read differs from what is written, and of some names there is no reading. */
const read = (name: string): string =>
  name.includes('小') ? foldText(name.replaceAll('小', 'ab').replaceAll('鹏', 'qr')) : '';

test('finds exactly the first that comparing every name finds, in the same order', () => {
  fc.assert(
    fc.property(named, text, fc.boolean(), fc.option(fc.nat(1)), fc.nat(12), (things, query, isSpoken, odd, first) => {
      const wanted = foldText(query);
      const passes = ({ id }: Named): boolean => odd === null || id % 2 === odd;
      const found = new NameIndex(things).find(wanted, isSpoken ? read : null, { first, passes });
      expect(found).toEqual(compareAll(things.filter(passes), wanted, isSpoken).slice(0, first));
    }),
    { numRuns: 3_000 },
  );
});

function compareAll(things: readonly Named[], wanted: string, isSpoken: boolean): readonly Named[] {
  if (wanted === '') return [];
  const scoreOf = ({ names }: Named): number =>
    Math.min(
      ...names.map(foldText).map((name) => score(name, wanted)),
      ...(isSpoken ? names.map(read).map((name) => (name.indexOf(wanted) > 0 ? Infinity : score(name, wanted))) : []),
    );
  return things
    .map((thing) => ({ thing, score: scoreOf(thing) }))
    .filter((one) => one.score < Infinity)
    .sort((a, b) => a.score - b.score || a.thing.slug.length - b.thing.slug.length || a.thing.id - b.thing.id)
    .map(({ thing }) => thing);
}

function score(name: string, wanted: string): number {
  if (name === '') return Infinity;
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (name.includes(wanted)) return 2;
  const allowed = Math.ceil(wanted.length / 4);
  const mistakes = distance(name, wanted);
  return wanted.length > 2 && mistakes <= allowed && mistakes < name.length ? 2 + mistakes : Infinity;
}
