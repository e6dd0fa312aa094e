import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { givenSource, givenSubject } from '../support/writes.ts';

const scenario = await openScenario();
const { api } = scenario;
afterAll(() => scenario[Symbol.asyncDispose]());

const NO_UNITS = { kind: 'OTHER', metric: null, threshold: null };
/** The days of milestones, by their title; of two of them only the figures know something. */
const DAYS = {
  day: '2025-05-10',
  month: '2025-05',
  quarter: '2025-Q2',
  year: '2025',
  later: '2026-01-13',
  never: null,
} as const;
const OWN = Object.keys(DAYS);

beforeAll(async () => {
  await givenSubject(api, 'COMPANY', { slug: 'group' });
  await givenSubject(api, 'BRAND', { slug: 'brand', parent: 'group' });
  await givenSubject(api, 'MODEL', { slug: 'model', parent: 'brand' });
  await givenSubject(api, 'BRAND', { slug: 'stranger' });
  const sourceId = await givenSource(api, { title: 'The YEARBOOK of 100 %' });
  for (const [title, reachedOn] of Object.entries(DAYS))
    await scenario.announce('brand', { ...NO_UNITS, title, reachedOn, ...(title === 'year' ? { sourceId } : {}) });
  await scenario.announce('group', { ...NO_UNITS, title: 'of the group', note: 'Said at a party' });
  await scenario.announce('model', { ...NO_UNITS, title: 'of the model' });
  await scenario.announce('stranger', { ...NO_UNITS, title: 'of a stranger' });
});

async function find(filter: object): Promise<readonly string[]> {
  const { milestones } = await api.ask<{ milestones: { totalCount: number; nodes: { title: string }[] } }>(
    'query ($filter: MilestoneFilter) { milestones(filter: $filter, first: 100) { totalCount nodes { title } } }',
    { filter: { kinds: ['OTHER'], ...filter } },
  );
  expect(milestones.totalCount).toBe(milestones.nodes.length);
  return milestones.nodes.map(({ title }) => title).sort();
}

describe('milestones are found', () => {
  test.each([
    ['of exactly the subject', { subjects: ['group'] }, ['of the group']],
    [
      'of what is below it',
      { subjects: ['group'], includeDescendants: true },
      [...OWN, 'of the group', 'of the model'],
    ],
    ['of a kind of subject', { subjectKinds: ['MODEL', 'COMPANY'] }, ['of the group', 'of the model']],
    ['of a kind below a subject', { subjects: ['group'], includeDescendants: true, subjectKinds: ['BRAND'] }, OWN],
    ['since their day', { reachedSince: '2025-05-10' }, ['day', 'later', 'month', 'quarter', 'year']],
    ['since the day after', { reachedSince: '2025-05-11' }, ['later', 'month', 'quarter', 'year']],
    ['since the next month', { reachedSince: '2025-06-01' }, ['later', 'quarter', 'year']],
    ['since the next quarter', { reachedSince: '2025-07-01' }, ['later', 'year']],
    ['since the next year', { reachedSince: '2026-01-01' }, ['later']],
    ['since a day after all', { reachedSince: '2026-01-14' }, []],
    ['until their day', { reachedUntil: '2025-05-10' }, ['day', 'month', 'quarter', 'year']],
    ['until the day before', { reachedUntil: '2025-05-09' }, ['month', 'quarter', 'year']],
    ['until the month before', { reachedUntil: '2025-04-30' }, ['quarter', 'year']],
    ['until the quarter before', { reachedUntil: '2025-03-31' }, ['year']],
    ['until the year before', { reachedUntil: '2024-12-31' }, []],
    ['on a day', { reachedSince: '2025-05-01', reachedUntil: '2025-05-01' }, ['month', 'quarter', 'year']],
    ['by title', { text: 'OF THE' }, ['of the group', 'of the model']],
    ['by note', { text: 'party' }, ['of the group']],
    ['by source', { text: 'yearbook' }, ['year']],
    ['by a percent sign', { text: '%' }, ['year']],
    ['by no text', { subjects: ['model'], text: '' }, ['of the model']],
  ])('%s', async (_what, filter, expected) => {
    expect(await find(filter)).toEqual([...expected].sort());
  });

  test.each([
    ['reachedSince', '2025'],
    ['reachedUntil', '2025-02-30'],
    ['text', 'x'.repeat(201)],
  ])('never with %s "%s"', async (name, value) => {
    const document = 'query ($filter: MilestoneFilter) { milestones(filter: $filter) { totalCount } }';
    const { errors } = await api.query(document, { filter: { [name]: value } });
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: ['filter', name] }] } },
    ]);
  });
});

test('a milestone without a date is found by the window of its figures', async () => {
  const subject = await givenSubject(api, 'BRAND', { firstDeliveryOn: '2024-01' });
  // Nothing is known of 2024-12 to 2025-01, in which the ten thousandth was delivered.
  await scenario.record(subject, { '../2024-11-30': 9_123, '../2025-01-31': 11_234 });
  const { milestones } = await api.ask<{ milestones: { nodes: { window: unknown; reachedOn: unknown }[] } }>(
    'query ($slug: String!) { milestones(filter: { subjects: [$slug] }) { nodes { window reachedOn } } }',
    { slug: subject },
  );
  expect(milestones.nodes).toEqual([{ window: ['2024-12-01', '2025-01-31'], reachedOn: null }]);
  const counts = async (filter: object) => (await find({ subjects: [subject], kinds: ['UNITS'], ...filter })).length;
  expect(await counts({ reachedSince: '2025-01-31' })).toBe(1);
  expect(await counts({ reachedSince: '2025-02-01' })).toBe(0);
  expect(await counts({ reachedUntil: '2024-12-01' })).toBe(1);
  expect(await counts({ reachedUntil: '2024-11-30' })).toBe(0);
});

test('a subscription lets through what the filter selects', async () => {
  const { head } = await api.ask<{ head: string }>('{ head }');
  await scenario.announce('stranger', { ...NO_UNITS, title: 'Something else', reachedOn: '2025-03-01' });
  await scenario.announce('model', { ...NO_UNITS, title: 'What is WANTED', reachedOn: '2025-03-03' });
  for (const filter of [
    { text: 'wanted' },
    { reachedSince: '2025-03-02' },
    { subjectKinds: ['MODEL'] },
    { subjects: ['group'], includeDescendants: true },
  ]) {
    const events = api.subscribe<{ milestoneReached: { milestone: { title: string } } }>(
      `subscription ($filter: MilestoneFilter, $after: Cursor) {
        milestoneReached(filter: $filter, after: $after) { milestone { title } }
      }`,
      { filter, after: head },
    );
    const { value } = await events.next();
    expect(value?.milestoneReached.milestone.title).toBe('What is WANTED');
    await events.return();
  }
});
