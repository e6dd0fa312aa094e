import fc from 'fast-check';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { expect, test } from 'vitest';
import { makePatch } from '../../src/execution/json-patch.ts';

const RUNS = 2_000;
/** Names that paths have to escape, that every object has in JavaScript, and that libraries refuse. */
const NAMES = ['id', 'a', 'b', 'c/d', 'e~f', '0', '', 'constructor', 'prototype', '__proto__', 'toString'] as const;

const { json } = fc.letrec<{ json: unknown; list: unknown; object: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(fc.constantFrom(null, true, 0, 1, 1.5, '', 'one', 'two'), fc.string({ maxLength: 3 })),
  list: fc.array(tie('json'), { maxLength: 6 }),
  object: fc
    .array(fc.tuple(fc.constantFrom(...NAMES), tie('json')), { maxLength: 4 })
    // As JSON.parse makes them: with __proto__ as a name like any other.
    .map((entries) => Object.fromEntries(entries)),
  json: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('object')),
}));
const row = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), value: fc.nat(3), rank: fc.nat(9) });
/** Lists whose rows come, go, move and change. */
const rows = fc.uniqueArray(row, { selector: ({ id }) => id });
const answer = fc.record({ data: json, nodes: rows, edges: rows.map((nodes) => nodes.map((node) => ({ node }))) });

test('a patch makes one answer the other, or is left out because a library refuses its path', () => {
  let refused = 0;
  fc.assert(
    fc.property(answer, answer, (before, after) => {
      const patch = makePatch(before, after);
      if (patch === null) refused += 1;
      else expect(applied(before, patch)).toEqual(after);
    }),
    { numRuns: RUNS },
  );
  expect(refused).toBeLessThan(RUNS / 2);
});

test('patches applied one after the other keep a reader at the answer', () => {
  fc.assert(
    fc.property(fc.array(answer, { minLength: 2, maxLength: 6 }), (answers) => {
      let [kept, ...rest] = answers as [unknown, ...unknown[]];
      for (const next of rest) {
        const patch = makePatch(kept, next);
        kept = patch === null ? next : applied(kept, patch);
        expect(kept).toEqual(next);
      }
    }),
    { numRuns: RUNS / 10 },
  );
});

test('equal answers have an empty patch', () => {
  fc.assert(
    fc.property(answer, (value) => {
      expect(makePatch(value, JSON.parse(JSON.stringify(value)))).toEqual([]);
    }),
  );
});

/** As the client applies it. */
function applied(before: unknown, patch: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(patch)) as Operation[];
  return jsonPatch.applyPatch(before, copy, true, false).newDocument;
}
