import { afterAll, describe, expect, test } from 'vitest';
import { seedDatabase } from '../../prisma/seed/seed.ts';
import { verifyDerived } from '../../src/domain/verify/verify.ts';
import { openApi } from '../support/api.ts';
import { stateOf } from '../support/writes.ts';

const api = await openApi({ seeded: true });
afterAll(() => api[Symbol.asyncDispose]());

describe('first deliveries and launches', () => {
  const LAUNCHES = { onvo: '2024-05-15', aito: '2021-12', 'xiaomi-su7': '2024-03-28', 'aito-m8': '2025-04-16' };
  const FIRST_DELIVERIES = {
    ...{
      nio: '2018-05-31',
      'nio-inc': '2018-05-31',
      'nio-et7': '2022-03-28',
      'nio-et5': '2022-09-30',
      onvo: '2024-09',
    },
    ...{
      xpeng: '2018-12',
      'xpeng-p7': '2020-06',
      'xpeng-g9': '2022-10-27',
      'li-auto': '2019-12',
      'li-auto-inc': '2019-12',
    },
    ...{ 'li-auto-l9': '2022-08-30', 'li-auto-l8': '2022-11', 'xiaomi-auto': '2024-04-03' },
    ...{ aito: '2022-03', 'aito-m7': '2022-08-24', 'aito-m9': '2024-02-26', zeekr: '2021-10' },
  };

  test('of brands and models are as their sources state them', async () => {
    const subjects = await api.db.subject.findMany();
    const datesOf = (column: 'launchedOn' | 'firstDeliveryOn', slugs: object) =>
      Object.fromEntries(subjects.flatMap((one) => (one.slug in slugs ? [[one.slug, one[column]]] : [])));
    expect(datesOf('launchedOn', LAUNCHES)).toEqual(LAUNCHES);
    expect(datesOf('firstDeliveryOn', FIRST_DELIVERIES)).toEqual(FIRST_DELIVERIES);
  });

  test('a company does not begin with a brand of which others are not known: Geely did not begin with Zeekr', async () => {
    expect(await api.db.subject.findUniqueOrThrow({ where: { slug: 'geely' } })).toMatchObject({
      firstDeliveryOn: null,
    });
  });

  test('three sources say when the L9 was first delivered, and the day is more precise than the month', async () => {
    const { model } = await api.ask<{ model: { milestones: { nodes: object[] } } }>(
      '{ model(slug: "li-auto-l9") { milestones(filter: { kinds: [FIRST_DELIVERY] }) { nodes { title reachedOn agreement claims { on } } } } }',
    );
    expect(model.milestones.nodes).toEqual([
      {
        title: 'Li Auto L9 is first delivered',
        reachedOn: '2022-08-30',
        agreement: 'AGREES',
        claims: [{ on: '2022-08' }, { on: '2022-08-30' }, { on: '2022-08-30' }],
      },
    ]);
  });
});

test("Xiaomi's May of 2024 was 8,630 on the day it came out, and is 8,646 since the day after", async () => {
  const observe = (asOf?: string) =>
    api.ask<{ observation: { value: number; history: { value: number; reason: string | null }[] } }>(
      `query ($asOf: DateTime) { observation(subject: "xiaomi-auto", period: "2024-05", asOf: $asOf) { value history { value reason } } }`,
      { asOf },
    );
  expect((await observe('2024-06-01T12:00:00Z')).observation.value).toBe(8_630);
  expect((await observe('2024-06-02T12:00:00Z')).observation.value).toBe(8_646);
  expect((await observe()).observation).toEqual({
    value: 8_646,
    history: [
      { value: 8_630, reason: null },
      { value: 8_646, reason: 'The company restated the month.' },
    ],
  });
});

test('71,525 of Tesla China in September 2025 are retail, and 90,812 wholesale', async () => {
  const period = '2025-09';
  const [retail, wholesale] = await Promise.all(
    ['RETAIL', 'WHOLESALE'].map((metric) =>
      api.ask<{ observation: { value: number; agreement: string } }>(
        'query ($metric: Metric!, $period: Period!) { observation(subject: "tesla-china", metric: $metric, period: $period) { value agreement } }',
        { metric, period },
      ),
    ),
  );
  expect(retail?.observation).toEqual({ value: 71_525, agreement: 'SOLE' });
  expect(wholesale?.observation).toEqual({ value: 90_812, agreement: 'SOLE' });
});

test("HIMA's redefined table counts something else to 2024 than from 2025 on, and growth between them says so", async () => {
  const { hima } = await api.ask<{ hima: Record<string, { change: { acrossBreak: boolean } }> }>(`{
    hima: subject(slug: "hima") {
      first: observation(metric: SALES, period: "2025-01") { change(over: PREVIOUS) { acrossBreak } }
      next: observation(metric: SALES, period: "2025-02") { change(over: PREVIOUS) { acrossBreak } }
      year: observation(metric: SALES, period: "2025-06") { change(over: YEAR_AGO) { acrossBreak } }
      after: observation(metric: SALES, period: "2026-06") { change(over: YEAR_AGO) { acrossBreak } }
    }
  }`);
  expect(Object.entries(hima).map(([name, { change }]) => [name, change.acrossBreak])).toEqual([
    ['first', true],
    ['next', false],
    ['year', true],
    ['after', false],
  ]);
});

test('the claim that AITO makes a quarter of HIMA can be asked for, with what it contradicts', async () => {
  const { figures } = await api.ask<{ figures: { nodes: { value: number; rank: string; rankReason: string }[] } }>(`{
    figures(filter: { subjects: ["aito"], metrics: [MARKET_SHARE], includeDescendants: false }) {
      nodes { value qualifier rank rankReason within { slug } }
    }
  }`);
  expect(figures.nodes).toEqual([
    {
      value: 25,
      qualifier: 'ABOUT',
      rank: 'DEPRECATED',
      within: { slug: 'hima-output' },
      rankReason: expect.stringContaining('AITO alone passed 1,000,000'),
    },
  ]);
});

test('58 charging stations are those of GAC in Thailand, and nothing is said of all', async () => {
  const stations = (within: string | null) =>
    api.ask<{ observation: { value: number; citation: string } | null }>(
      `query ($within: String) {
        observation(subject: "gac", metric: CHARGING_STATIONS, period: "../2026-01-22", within: $within) { value citation }
      }`,
      { within },
    );
  expect((await stations(null)).observation).toBeNull();
  const { observation } = await stations('thailand');
  expect(observation?.value).toBe(58);
  expect(observation?.citation).toMatch(/^GAC had 58 charging stations "Thailand" on 2026-01-22, /);
});

test('the share of Chinese brands grew by 4.3 points in 2025', async () => {
  const share = (period: string) =>
    api.ask<{ observation: { value: number | null; lower: number; upper: number } }>(
      'query ($period: Period!) { observation(subject: "chinese-brands", metric: MARKET_SHARE, within: "china-auto", period: $period) { value lower upper } }',
      { period },
    );
  const [before, now] = [(await share('2024')).observation, (await share('2025')).observation];
  expect([before.lower, before.upper]).toEqual([65.1, 65.3]);
  expect((now.value ?? 0) - (before.value ?? 0)).toBeCloseTo(4.3, 9);
});

test('what the articles expect is listed as expected', async () => {
  const { milestones } = await api.ask<{ milestones: { nodes: { title: string; reachedOn: string }[] } }>(
    '{ milestones(filter: { statuses: [EXPECTED] }) { nodes { title reachedOn } } }',
  );
  expect(milestones.nodes.map(({ title, reachedOn }) => `${reachedOn} ${title}`)).toEqual([
    '2026 Xiaomi Auto passes 1,000,000 deliveries',
    '2026 Li Auto L9 is renewed',
    '2026 Huawei launches automated driving of Level 3 on highways',
    '2026 Automated driving of Level 3 is in wide use on highways',
    '2026 Dongfeng builds solid-state batteries in series',
    '2026-Q2 AITO M6 is launched',
  ]);
});

test('a database of earlier files gets the corrections, once', { timeout: 120_000 }, async () => {
  await using outdated = await openApi({ seeded: true });
  const { db } = outdated;
  const scoopico = await db.source.findFirstOrThrow({ where: { publisher: { slug: 'scoopico' } } });
  await outdated.ask(
    `mutation ($sourceId: ID!) {
      recordFigure(input: {
        subject: "tesla-china", metric: WHOLESALE, period: "2025-09", value: 71525, sourceId: $sourceId
      }) { userErrors { code } }
      updateSubject(slug: "onvo", input: { launchedOn: null }) { userErrors { code } }
    }`,
    { sourceId: Buffer.from(`Source:${scoopico.id}`).toString('base64') },
  );
  const launched = await db.milestone.findFirstOrThrow({ where: { title: 'Xiaomi SU7 is launched' } });
  const earlier = { title: 'Xiaomi SU7 launched', key: launched.key.replace('islaunched', 'launched') };
  expect(earlier.key).not.toBe(launched.key);
  await db.milestone.update({ where: { id: launched.id }, data: earlier });
  await db.seedLoad.deleteMany();

  await seedDatabase(db);
  const wholesale = await outdated.ask(
    '{ observation(subject: "tesla-china", metric: WHOLESALE, period: "2025-09") { value agreement } }',
  );
  expect(wholesale).toEqual({ observation: { value: 90_812, agreement: 'SOLE' } });
  expect(await outdated.ask('{ brand(slug: "onvo") { launchedOn } }')).toEqual({ brand: { launchedOn: '2024-05-15' } });
  expect(await db.milestone.findUniqueOrThrow({ where: { id: launched.id } })).toMatchObject({
    title: launched.title,
    key: launched.key,
  });
  expect((await verifyDerived(db)).differences).toEqual([]);

  const after = await stateOf(outdated);
  await db.seedLoad.deleteMany();
  await seedDatabase(db);
  expect(await stateOf(outdated)).toEqual(after);
});
