import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { announceMilestone } from '../../src/domain/editing/milestones.ts';
import { addDays, dayOf } from '../../src/domain/values/calendar.ts';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, stateOf, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const MILESTONE = `cursor milestone {
  id subject { slug } kind metric threshold title reachedOn window status plant { slug } model { slug } agreement
  elapsed { months days totalDays totalDaysMin totalDaysMax since sinceWhat stated }
  claims { source { id } on statedElapsed { value unit from qualifier } note rank expected }
}`;

interface Announced {
  readonly cursor: string | null;
  readonly milestone: {
    readonly id: string;
    readonly status: string;
    readonly reachedOn: string | null;
    readonly agreement: string;
    readonly elapsed: object | null;
    readonly claims: readonly object[];
  };
}

let sourceId: string;
beforeAll(async () => {
  sourceId = await givenSource(api);
});

/** Announces a millionth vehicle produced, unless said otherwise. */
function announce(input: object) {
  const usual = { kind: 'UNITS', metric: 'PRODUCTION', threshold: 1_000_000, title: 'The millionth', sourceId };
  return write<Announced>(api, 'announceMilestone', { ...usual, ...input }, MILESTONE);
}

test('stores what a source announces, and writes it to the log', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const model = await givenSubject(api, 'MODEL');
  const plant = await givenSubject(api, 'PLANT');
  const statedElapsed = { value: 46, unit: 'months', from: 'FIRST_DELIVERY', qualifier: 'ABOUT' };
  const payload = await announce({
    subject,
    reachedOn: '2026-01-13',
    title: ' Done ',
    model,
    plant,
    statedElapsed,
    note: 'N',
  });
  expect(payload).toEqual({
    cursor: expect.any(String),
    milestone: {
      id: expect.any(String),
      subject: { slug: subject },
      kind: 'UNITS',
      metric: 'PRODUCTION',
      threshold: 1_000_000,
      title: 'Done',
      reachedOn: '2026-01-13',
      window: null,
      status: 'ANNOUNCED',
      plant: { slug: plant },
      model: { slug: model },
      agreement: 'SOLE',
      elapsed: {
        months: 46,
        days: null,
        totalDays: null,
        totalDaysMin: null,
        totalDaysMax: null,
        since: null,
        sinceWhat: 'FIRST_DELIVERY',
        stated: true,
      },
      claims: [
        { source: { id: sourceId }, on: '2026-01-13', statedElapsed, note: 'N', rank: 'NORMAL', expected: false },
      ],
    },
    userErrors: [],
  });
  const data = await api.ask(
    `query ($subject: String!) {
      head changes(filter: { subjects: [$subject] }) { nodes { cursor ... on MilestoneChange { status causedBy { id } milestone { id } } } }
    }`,
    { subject },
  );
  const { cursor, milestone } = payload;
  const entry = { cursor, status: 'ANNOUNCED', causedBy: null, milestone: { id: milestone.id } };
  expect(data).toMatchObject({ head: cursor, changes: { nodes: [{}, entry] } });
});

describe('claims', () => {
  test('about the same subject, kind, metric and threshold are about one milestone, whatever its title', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await announce({ subject, title: 'One million' });
    const second = await announce({ subject, title: 'Eine Million', sourceId: await givenSource(api) });
    expect(second.milestone).toMatchObject({ id: first.milestone.id, title: 'One million' });
    expect(second.milestone.claims).toHaveLength(2);
  });

  test('about another metric, threshold or kind are about another milestone', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const others = [{}, { metric: 'DELIVERIES' }, { threshold: 500_000 }, { kind: 'RECORD' }];
    const ids = new Set<string>();
    for (const other of others) ids.add((await announce({ subject, ...other })).milestone.id);
    expect(ids.size).toBe(others.length);
  });

  test('of other kinds than UNITS are distinguished by their titles, whose case and spacing do not matter', async () => {
    const subject = await givenSubject(api, 'MODEL');
    const launch = { subject, kind: 'LAUNCH', metric: null, threshold: null };
    const first = await announce({ ...launch, title: 'SU7 launched' });
    const same = await announce({ ...launch, title: 'SU 7 Launched', reachedOn: '2024-03-28' });
    const other = await announce({ ...launch, title: 'SU7 Max launched' });
    expect(same.milestone.id).toBe(first.milestone.id);
    expect(other.milestone.id).not.toBe(first.milestone.id);
  });

  test('that are sent twice write nothing the second time', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const first = await announce({ subject, reachedOn: '2025-11' });
    const before = await stateOf(api);
    expect(await announce({ subject, reachedOn: '2025-11' })).toEqual({ ...first, cursor: null });
    expect(await stateOf(api)).toEqual(before);
  });

  test('that are sent ten times at the same time make one claim and one entry in the log', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const payloads = await Promise.all(Array.from({ length: 10 }, () => announce({ subject })));
    expect(payloads.filter(({ cursor }) => cursor !== null)).toHaveLength(1);
    expect(await api.db.milestoneClaim.count({ where: { milestone: { subject: { slug: subject } } } })).toBe(1);
    expect(await api.db.change.count({ where: { kind: 'MILESTONE', subject: { slug: subject } } })).toBe(1);
  });
});

describe('the day', () => {
  test.each([
    ['the only one given', [[3, '2025-11']], '2025-11', 'SOLE'],
    [
      'of the source closest to the fact',
      [
        [4, '2025-11-20'],
        [1, '2025-11-21'],
      ],
      '2025-11-21',
      'CONFLICTS',
    ],
    [
      'known most precisely, of sources equally close',
      [
        [3, '2025-11'],
        [3, '2025-11-20'],
      ],
      '2025-11-20',
      'AGREES',
    ],
    [
      'of a further source that only makes it more precise',
      [
        [1, '2025'],
        [4, '2025-11-20'],
        [4, '2025-11'],
      ],
      '2025-11-20',
      'AGREES',
    ],
    [
      'of the closest, where a further source contradicts it',
      [
        [1, '2025-11'],
        [4, '2025-12-01'],
      ],
      '2025-11',
      'CONFLICTS',
    ],
    [
      'of the one that gives a day at all',
      [
        [1, null],
        [4, '2025-11'],
      ],
      '2025-11',
      'AGREES',
    ],
    [
      'not known where nobody gives one',
      [
        [3, null],
        [1, null],
      ],
      null,
      'AGREES',
    ],
  ])('is that %s', async (_name, said, reachedOn, agreement) => {
    for (const order of [said, said.toReversed()]) {
      const subject = await givenSubject(api, 'BRAND');
      for (const [tier, on] of order as [number, string | null][]) {
        await announce({ subject, reachedOn: on, sourceId: await givenSource(api, { tier }) });
      }
      const data = await api.ask(
        'query ($slug: String!) { brand(slug: $slug) { milestones { nodes { reachedOn agreement } } } }',
        { slug: subject },
      );
      expect(data).toEqual({ brand: { milestones: { nodes: [{ reachedOn, agreement }] } } });
    }
  });
});

describe('the status', () => {
  test('is EXPECTED while it is only expected, then ANNOUNCED', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const tomorrow = addDays(dayOf(new Date()), 1);
    const expected = await announce({ subject, expected: true, reachedOn: tomorrow });
    expect(expected.milestone).toMatchObject({ status: 'EXPECTED', reachedOn: tomorrow, agreement: 'SOLE' });
    const announced = await announce({ subject, reachedOn: '2026-01-13', sourceId: await givenSource(api) });
    expect(announced.milestone).toMatchObject({ status: 'ANNOUNCED', reachedOn: '2026-01-13', agreement: 'SOLE' });
    const still = await announce({ subject, expected: true, reachedOn: '2026-12', sourceId: await givenSource(api) });
    expect(still.milestone).toMatchObject({ status: 'ANNOUNCED', reachedOn: '2026-01-13' });
  });

  test('is DISPUTED when all its claims are deprecated, and shows the day of the best of them', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const { id: source } = await api.db.source.findFirstOrThrow();
    const claim = { subject, kind: 'LAUNCH', title: 'Launched', reachedOn: '2024-04', sourceId: source } as const;
    const { milestone } = await announceMilestone(api.db, { ...claim, rank: 'DEPRECATED', rankReason: 'Not so.' });
    expect(milestone).toMatchObject({ status: 'DISPUTED', reachedOn: '2024-04' });
  });

  test('is DISPUTED when the figures are below the number after the day', async () => {
    const subject = await givenSubject(api, 'BRAND');
    const figure = { subject, metric: 'PRODUCTION', period: '../2026-01-31', value: 900_000, sourceId };
    await write(api, 'recordFigure', figure);
    expect((await announce({ subject, reachedOn: '2026-01-13' })).milestone.status).toBe('DISPUTED');
  });
});

describe('the elapsed time', () => {
  const computed = { sinceWhat: 'FIRST_DELIVERY', stated: false };

  test.each([
    ['2024-03-28', '2025-11-20', { months: 19, days: 23, totalDays: 602 }],
    ['2024-03', '2025-11-20', { months: null, days: null, totalDays: null, totalDaysMin: 599, totalDaysMax: 629 }],
    ['2024-03', '2025-12-31', { months: 21, days: null, totalDays: null, totalDaysMin: 640, totalDaysMax: 670 }],
    ['2024-03-28', '2025-11', { months: null, days: null, totalDays: null, totalDaysMin: 583, totalDaysMax: 612 }],
    ['2024-03-28', '2024-03-28', { months: 0, days: 0, totalDays: 0 }],
  ])('from %s to %s is computed as far as the dates allow', async (firstDeliveryOn, reachedOn, elapsed) => {
    const subject = await givenSubject(api, 'BRAND', { firstDeliveryOn });
    const { milestone } = await announce({ subject, reachedOn });
    expect(milestone.elapsed).toMatchObject({ ...elapsed, since: firstDeliveryOn, ...computed });
  });

  test.each([
    [
      { value: 602.9, unit: 'days' },
      { months: null, totalDays: 602 },
    ],
    [
      { value: 46, unit: 'months' },
      { months: 46, totalDays: null },
    ],
    [
      { value: 4.2, unit: 'years' },
      { months: 50, totalDays: null },
    ],
  ])('is as stated when the days are unknown: %o', async (length, elapsed) => {
    const subject = await givenSubject(api, 'BRAND');
    const { milestone } = await announce({ subject, statedElapsed: { ...length, from: 'FOUNDING' } });
    expect(milestone.elapsed).toMatchObject({ ...elapsed, days: null, sinceWhat: 'FOUNDING', stated: true });
  });

  test('is unknown without a day and a statement', async () => {
    const { milestone } = await announce({ subject: await givenSubject(api, 'BRAND'), reachedOn: '2025-11-20' });
    expect(milestone.elapsed).toBeNull();
  });
});
