import { expect, test } from 'vitest';
import type { Estimate } from '../../../src/domain/estimates/observation.ts';
import {
  affectedByEntry,
  type Carried,
  carried,
  observationOfEntry,
  resolvedInEntry,
} from '../../../src/domain/estimates/observation-entry.ts';

/** As version 1 had it, and entries from before there were versions. */
const SAID: Omit<Estimate, 'method' | 'decidedBy' | 'origins' | 'missing'> = {
  ...{ value: 7, lower: 7, upper: null, qualifier: 'OVER', bestId: 1, agreement: 'SOLE' },
  ...{ resolution: 'Only Gasgoo says so.', revised: false },
};
const ESTIMATE: Estimate = { ...SAID, method: 'ASSERTED', decidedBy: 'ONLY', origins: 1, missing: [] };
const FIGURE = { subjectId: 1, metric: 'DELIVERIES', withinId: null, period: '2025-01' } as const;

test('an observation is written with its version, and read as it was', () => {
  expect(carried({ observation: ESTIMATE })).toEqual({ version: 2, observation: ESTIMATE });
  expect(readAgain({ observation: ESTIMATE })).toMatchObject({
    ...ESTIMATE,
    place: { subjectId: 1, metric: 'DELIVERIES', withinId: null, asOf: null },
    period: { text: '2025-01' },
  });
  expect(readAgain({ observation: ESTIMATE })).not.toHaveProperty('version');
});

test('of an observation nothing is written but what is known of the slot', () => {
  const observed = { ...ESTIMATE, place: { ...FIGURE, asOf: null }, period: { text: '2025-01' } };
  expect(carried({ observation: observed })).toEqual({ version: 2, observation: ESTIMATE });
});

test('an observation that follows from others is read as it was', () => {
  const derived: Estimate = {
    ...{ value: null, lower: 9, upper: null, qualifier: 'OVER', method: 'DERIVED', bestId: null, agreement: 'SOLE' },
    ...{ decidedBy: null, origins: 0, resolution: '', revised: false, missing: ['2025-01'] },
  };
  expect(readAgain({ observation: derived })).toMatchObject(derived);
});

test.each([
  ['of version 1', { version: 1, ...SAID }],
  ['from before there were versions', SAID],
])('an observation %s is read as well', (_what, observation) => {
  expect(observationIn(observation)).toMatchObject({
    ...{ ...SAID, method: 'ASSERTED', decidedBy: null, origins: 0, missing: [] },
  });
  expect(affectedByEntry(entryWith(observation))).toEqual([]);
  expect(resolvedInEntry(entryWith(observation))).toBe(false);
});

test('an entry of which nothing is known any more is read as null', () => {
  expect(readAgain({ observation: null })).toBeNull();
  expect(readAgain({})).toBeNull();
  expect(observationIn(null)).toBeNull();
});

test('the slots that an entry affects are written with it, and read as they were', () => {
  const affected = ['1|DELIVERIES|2025-Q1|', '2|DELIVERIES|2025-01|'];
  const written = { observation: ESTIMATE, affected };
  expect(carried(written)).toEqual({ version: 2, observation: ESTIMATE, affected });
  expect(affectedByEntry(entryWith(carried(written)))).toEqual(affected);
  expect(affectedByEntry(entryWith(carried({ observation: null, affected })))).toEqual(affected);
  expect(affectedByEntry(entryWith(carried({ observation: ESTIMATE })))).toEqual([]);
  expect(affectedByEntry(entryWith(null))).toEqual([]);
});

test('an entry of a contradiction tells whether it was resolved', () => {
  expect(resolvedInEntry(entryWith(carried({ resolved: true })))).toBe(true);
  expect(resolvedInEntry(entryWith(carried({ resolved: false })))).toBe(false);
});

test('an entry about no figure has no observation', () => {
  const entry = { position: 17n, kind: 'CONTRADICTION', observation: carried({ resolved: true }) as never } as const;
  expect(observationOfEntry({ ...entry, figure: null })).toBeNull();
});

test.each<[what: string, observation: unknown, problem: RegExp]>([
  ['of a later version', { version: 3, observation: ESTIMATE }, /version/],
  ['without a value', { version: 2, observation: { ...ESTIMATE, value: undefined } }, /value/],
  ['with a text for a number', { version: 2, observation: { ...ESTIMATE, lower: '7' } }, /lower/],
  ['with an unknown qualifier', { version: 2, observation: { ...ESTIMATE, qualifier: 'ROUGHLY' } }, /qualifier/],
  ['with an unknown evidence', { version: 2, observation: { ...ESTIMATE, decidedBy: 'GUESS' } }, /decidedBy/],
  ['of version 1 without a value', { version: 1, ...SAID, value: undefined }, /value/],
  ['that is a number', 7, /expected object/],
])('an observation %s is an error that names its entry', (_what, observation, problem) => {
  const read = () => observationIn(observation);
  expect(read).toThrow('The observation in the FIGURE entry at 17 of the change log cannot be read.');
  expect(read).toThrow(problem);
});

function readAgain(written: Carried) {
  // The database keeps JSON.
  return observationIn(JSON.parse(JSON.stringify(carried(written))));
}

function observationIn(observation: unknown) {
  return observationOfEntry({ ...entryWith(observation), figure: FIGURE });
}

function entryWith(observation: unknown) {
  return { position: 17n, kind: 'FIGURE', observation: observation as never } as const;
}
