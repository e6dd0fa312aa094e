import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays, dayOf } from '../../src/domain/values/calendar.ts';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const TOMORROW = addDays(dayOf(new Date()), 1);
const YEAR_AHEAD = String(Number(TOMORROW.slice(0, 4)) + 1);

let sourceId: string;
beforeAll(async () => {
  await givenSubject(api, 'BRAND', { slug: 'brand' });
  await givenSubject(api, 'PLANT', { slug: 'hefei-plant' });
  sourceId = await givenSource(api);
});

/** Announces a valid milestone with the given changes. */
function announce(other: object) {
  const good = { subject: 'brand', kind: 'UNITS', metric: 'PRODUCTION', threshold: 1_000_000, title: 'T', sourceId };
  return write<{ milestone: object | null }>(api, 'announceMilestone', { ...good, ...other }, 'milestone { status }');
}

const elapsed = (other: object) => ({ statedElapsed: { value: 46, unit: 'months', from: 'FOUNDING', ...other } });

test.each([
  ['UNITS without a metric', { metric: null }, 'INVALID_INPUT input.metric'],
  ['UNITS without a threshold', { threshold: null }, 'INVALID_INPUT input.threshold'],
  ['a threshold of 0', { threshold: 0 }, 'INVALID_VALUE input.threshold'],
  ['a threshold below 0', { threshold: -1 }, 'NEGATIVE_VALUE input.threshold'],
  ['a fraction of a vehicle', { threshold: 0.5 }, 'INVALID_VALUE input.threshold'],
  ['a threshold of nothing', { kind: 'RECORD', metric: null }, 'INVALID_INPUT input.metric'],
  ['a day to come', { reachedOn: TOMORROW }, 'INVALID_INPUT input.reachedOn'],
  ['a year to come', { reachedOn: YEAR_AHEAD }, 'INVALID_INPUT input.reachedOn'],
  ['an invalid day', { reachedOn: '2025-02-30' }, 'INVALID_INPUT input.reachedOn'],
  ['an invalid day, expected', { reachedOn: 'soon', expected: true }, 'INVALID_INPUT input.reachedOn'],
  ['an unknown subject', { subject: 'nobody' }, 'UNKNOWN_SUBJECT input.subject'],
  ['an unknown plant', { plant: 'nowhere' }, 'UNKNOWN_SUBJECT input.plant'],
  ['a subject that is not a plant', { plant: 'brand' }, 'INVALID_INPUT input.plant'],
  ['a subject that is not a model', { model: 'hefei-plant' }, 'INVALID_INPUT input.model'],
  ['an unknown source', { sourceId: 'none' }, 'UNKNOWN_SOURCE input.sourceId'],
  ['no title', { title: '  ' }, 'INVALID_INPUT input.title'],
  ['a title of more than 300 characters', { title: 'x'.repeat(301) }, 'INVALID_INPUT input.title'],
  ['a time of 0', elapsed({ value: 0 }), 'INVALID_VALUE input.statedElapsed.value'],
  ['a time longer than anything', elapsed({ value: 1e12 }), 'INVALID_VALUE input.statedElapsed.value'],
  ['a time in weeks', elapsed({ unit: 'weeks' }), 'INVALID_UNIT input.statedElapsed.unit'],
  ['a time since nothing', elapsed({ from: '' }), 'INVALID_INPUT input.statedElapsed.from'],
])('refuses %s', async (_name, other, problem) => {
  const before = await stateOf(api);
  const payload = await announce(other);
  expect(problemsOf(payload)).toEqual([problem]);
  expect(payload.milestone).toBeNull();
  expect(await stateOf(api)).toEqual(before);
});

test('names all problems at once, each with its path', async () => {
  const payload = await announce({
    subject: 'brandt',
    threshold: -1,
    title: '',
    reachedOn: 'soon',
    plant: 'hefei-plnat',
    model: 'brand',
    sourceId: 'none',
    ...elapsed({ value: -1, unit: 'weeks' }),
  });
  expect(problemsOf(payload)).toEqual([
    'INVALID_INPUT input.model',
    'INVALID_INPUT input.reachedOn',
    'INVALID_INPUT input.title',
    'INVALID_UNIT input.statedElapsed.unit',
    'INVALID_VALUE input.statedElapsed.value',
    'NEGATIVE_VALUE input.threshold',
    'UNKNOWN_SOURCE input.sourceId',
    'UNKNOWN_SUBJECT input.plant',
    'UNKNOWN_SUBJECT input.subject',
  ]);
  const suggestions = payload.userErrors.filter(({ code }) => code === 'UNKNOWN_SUBJECT');
  expect(suggestions.map(({ didYouMean }) => didYouMean)).toEqual([['brand'], ['hefei-plant']]);
});
