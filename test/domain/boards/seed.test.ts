import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

interface Board {
  readonly entries: readonly {
    readonly rank: number;
    readonly rankLower: number;
    readonly rankUpper: number;
    readonly share: number | null;
    readonly metric: string;
    readonly comparable: boolean;
    readonly subject: { readonly slug: string };
    readonly observation: { readonly value: number | null; readonly lower: number | null };
  }[];
  readonly overlaps: readonly { readonly part: { readonly slug: string }; readonly whole: { readonly slug: string } }[];
  readonly total: number;
  readonly ofPopulation: number;
  readonly missing: readonly { readonly slug: string }[];
}

interface Pushed {
  readonly cursor: string;
  readonly milestone?: { readonly subject: { readonly slug: string }; readonly threshold: number };
}

async function boardOf(args: string, more = ''): Promise<Board> {
  const { leaderboard } = await scenario.api.ask<{ leaderboard: Board }>(
    `{ leaderboard(first: 100, ${args}) {
      ${more}
      entries { rank rankLower rankUpper previousRank yearAgoRank metric share subject { slug } observation { value lower } }
      overlaps { part { slug } whole { slug } } total ofPopulation missing { slug }
    } }`,
  );
  return leaderboard;
}

const slugsOf = (board: Board) => board.entries.map(({ subject }) => subject.slug);

describe('Tesla China, which is a part of Tesla', () => {
  const ALL = 'metric: WHOLESALE, period: "2025-12", kinds: [BRAND, COMPANY, ALLIANCE]';

  test('is counted once in Tesla and in Tesla, Inc., of which nothing else is known', async () => {
    for (const slug of ['tesla', 'tesla-inc'])
      expect(await scenario.observe(slug, '2025-12', { metric: 'WHOLESALE' })).toMatchObject({
        ...{ value: null, lower: 97_171, upper: null, method: 'DERIVED' },
        inputs: [{ value: 97_171 }],
      });
  });

  test('is named as an overlap, and is added to the shares only once', async () => {
    const { entries, overlaps, total } = await boardOf(ALL);
    expect(overlaps.filter(({ part, whole }) => /tesla/.test(part.slug + whole.slug))).toEqual([
      { part: { slug: 'tesla-china' }, whole: { slug: 'tesla' } },
    ]);
    // Tesla, Leapmotor, Seres, NIO, Li Auto and XPENG.
    expect(total).toBe(97_171 + 60_423 + 53_654 + 48_135 + 44_246 + 37_508);
    const shares = entries.map(({ subject, share }) => [subject.slug, share]).slice(0, 2);
    expect(shares).toEqual([
      ['tesla', 97_171 / total],
      ['tesla-china', 97_171 / total],
    ]);
  });

  test('stands on a board of brands below Tesla, and the total of brands counts it once', async () => {
    const { entries, overlaps, total } = await boardOf('metric: WHOLESALE, period: "2025-12"');
    expect(overlaps).toEqual([{ part: { slug: 'tesla-china' }, whole: { slug: 'tesla' } }]);
    const sizes = entries.map(({ subject, observation }) =>
      subject.slug === 'tesla-china' ? 0 : (observation.value ?? observation.lower ?? 0),
    );
    expect(total).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });
});

describe('a company that is its only brand under another name', () => {
  /** The company, its brand, and the metrics in which nothing is claimed of the company itself. */
  const COMPANIES = [
    ['li-auto-inc', 'li-auto', ['DELIVERIES', 'SALES', 'WHOLESALE']],
    ['xpeng-inc', 'xpeng', ['DELIVERIES', 'WHOLESALE']],
    ['leapmotor-inc', 'leapmotor', ['DELIVERIES', 'SALES', 'WHOLESALE']],
    ['xiaomi-auto-inc', 'xiaomi-auto', ['DELIVERIES', 'SALES', 'WHOLESALE']],
    ['byd-inc', 'byd', ['SALES', 'WHOLESALE']],
    ['tesla-inc', 'tesla', ['RETAIL', 'WHOLESALE']],
    ['hozon-auto', 'neta', ['DELIVERIES']],
    ['avatr-technology', 'avatr', ['DELIVERIES']],
    ['im-motors', 'im', ['DELIVERIES', 'SALES']],
  ] as const;

  test('is one of these', async () => {
    const rows = await scenario.api.db.observation.findMany({
      where: { isAnotherName: true },
      distinct: ['subjectId', 'metric'],
      select: { metric: true, subject: { select: { slug: true } } },
    });
    const found = rows.map(({ metric, subject }) => `${subject.slug} ${metric}`);
    expect(found.sort()).toEqual(
      COMPANIES.flatMap(([company, , metrics]) => metrics.map((metric) => `${company} ${metric}`)).sort(),
    );
  });

  test.each(COMPANIES)('%s answers what %s answers, and has no milestones', async (company, brand, metrics) => {
    const { db } = scenario.api;
    for (const metric of metrics) {
      const kept = (slug: string) =>
        db.observation.findMany({
          where: { subject: { slug }, metric, withinId: null },
          select: { period: true, value: true, lower: true, upper: true },
          orderBy: { period: 'asc' },
        });
      const own = await kept(company);
      expect(own.length).toBeGreaterThan(0);
      const ofBrand = await kept(brand);
      for (const row of own) expect(ofBrand).toContainEqual(row);
    }
    const detected = await db.milestone.findMany({ where: { subject: { slug: company }, kind: 'UNITS' } });
    expect(detected.filter(({ metric }) => metrics.some((one) => one === metric))).toEqual([]);
  });

  test('has no row of its own on any board', async () => {
    const { db } = scenario.api;
    const metrics = [...new Set(COMPANIES.flatMap(([, , all]) => all))];
    let boards = 0;
    for (const metric of metrics) {
      const periods = await db.observation.findMany({
        where: { isAnotherName: true, metric, kind: { in: ['QUARTER', 'YEAR'] } },
        distinct: ['period'],
        select: { period: true },
      });
      const companies = COMPANIES.filter(([, , all]) => all.some((one) => one === metric));
      for (const { period } of periods) {
        const board = await boardOf(`metric: ${metric}, period: "${period}", kinds: [BRAND, COMPANY, ALLIANCE]`);
        boards += 1;
        for (const [company] of companies) expect(slugsOf(board)).not.toContain(company);
        expect(board.missing.filter(({ slug }) => companies.some(([company]) => company === slug))).toEqual([]);
      }
    }
    expect(boards).toBeGreaterThan(50);
  });

  test('a figure of XPENG pushes one milestone, of XPENG and not of its company as well', async () => {
    const { head } = await scenario.api.ask<{ head: string }>('{ head }');
    // Nothing is known of its sales yet.
    const written = await scenario.record('xpeng', { '2025-12': 12_345 }, { metric: 'SALES' });
    expect(written.milestones).toMatchObject([{ metric: 'SALES', threshold: 10_000, status: 'DETECTED' }]);
    const pushed: string[] = [];
    const pushes = scenario.api.subscribe<{ changes: Pushed }>(
      `subscription ($after: Cursor) {
        changes(after: $after) { __typename cursor ... on MilestoneChange { milestone { subject { slug } threshold } } }
      }`,
      { after: head },
    );
    for await (const { changes } of pushes) {
      if (changes.milestone !== undefined)
        pushed.push(`${changes.milestone.subject.slug} ${changes.milestone.threshold}`);
      if (changes.cursor === written.cursor) break;
    }
    expect(pushed).toEqual(['xpeng 10000']);
  });
});

describe('a board of all makers without parts', () => {
  const makers = (period: string) =>
    boardOf(
      `metrics: [DELIVERIES, SALES, WHOLESALE], kinds: [ALLIANCE, COMPANY, BRAND], withoutParts: true, period: "${period}"`,
      'entries { comparable }',
    );

  test('has each vehicle once: HIMA for AITO and Seres, NIO Inc. for its brands, and brands for their companies', async () => {
    const { entries, overlaps, total } = await makers('2025-12');
    expect(
      entries.map(({ subject, observation, metric, comparable }) => [
        ...[subject.slug, observation.value, metric, comparable],
      ]),
    ).toEqual([
      ['byd', 420_398, 'SALES', false],
      ['tesla-china', 97_171, 'WHOLESALE', false],
      ['hima', 89_611, 'DELIVERIES', true],
      ['leapmotor', 60_423, 'DELIVERIES', true],
      ['xiaomi-auto', 50_212, 'SALES', false],
      ['nio-inc', 48_135, 'DELIVERIES', true],
      ['li-auto', 44_246, 'DELIVERIES', true],
      ['gac-aion', 40_066, 'SALES', false],
      ['xpeng', 37_508, 'DELIVERIES', true],
      ['zeekr', 30_267, 'DELIVERIES', true],
    ]);
    expect(overlaps).toEqual([]);
    expect(total).toBe(420_398 + 97_171 + 89_611 + 60_423 + 50_212 + 48_135 + 44_246 + 40_066 + 37_508 + 30_267);
  });

  test('has no row for a company of which only a brand is known, also over a quarter or a year', async () => {
    for (const period of ['2025-Q4', '2025', '2024', '2026-Q2']) {
      const slugs = slugsOf(await makers(period));
      for (const slug of ['geely', 'gac', 'changan', 'dongfeng-motor', 'tesla', 'seres-group', 'aito'])
        expect(slugs, period).not.toContain(slug);
    }
  });

  test('Xiaomi, with over 40,000 in September 2025, is no certain one', async () => {
    const { entries } = await boardOf('period: "2025-09"');
    const places = entries.map(({ subject, rankLower, rank, rankUpper }) => [subject.slug, rankLower, rank, rankUpper]);
    // 66,657 and 41,581, over 40,000, and 33,951.
    expect(places.slice(0, 4)).toEqual([
      ['leapmotor', 1, 1, 2],
      ['xpeng', 2, 2, 3],
      ['xiaomi-auto', 1, 3, 3],
      ['li-auto', 4, 4, 4],
    ]);
  });
});

test('AITO, which is in HIMA and in Seres Group, is counted once where kinds are mixed', async () => {
  const { entries, total } = await boardOf('period: "2025-12", kinds: [ALLIANCE, COMPANY, BRAND]');
  // HIMA, Leapmotor, NIO Inc., Li Auto, XPENG and Zeekr.
  expect(total).toBe(89_611 + 60_423 + 48_135 + 44_246 + 37_508 + 30_267);
  expect(entries[0]).toMatchObject({ subject: { slug: 'hima' }, share: 89_611 / 310_190 });
});

test('without a period the shares of a market are those of its newest year or day', async () => {
  const shares = (within: string) =>
    boardOf(`metric: MARKET_SHARE, within: "${within}", kinds: [MODEL, BRAND, MARKET]`, 'period latestPeriod');
  expect(await shares('china-auto')).toMatchObject({ period: '2025', latestPeriod: '2025' });
  const day = await shares('class-500k');
  expect(day).toMatchObject({ period: '2026-01-13', latestPeriod: '2026-01-13' });
  expect(slugsOf(day)).toEqual(['aito-m9']);
});

test('Seres Group is not missing beside HIMA, of which nothing is known in the week either', async () => {
  const { missing } = await boardOf(
    'metrics: [DELIVERIES, SALES, WHOLESALE], kinds: [ALLIANCE, COMPANY, BRAND], withoutParts: true, period: "2025-W12"',
  );
  const slugs = missing.map(({ slug }) => slug);
  expect(slugs).toContain('hima');
  expect(slugs).not.toContain('seres-group');
});

test('Tesla China, of which one month of 2023 is known, has no rank to compare in 2024', async () => {
  const { entries } = await boardOf(
    'metrics: [DELIVERIES, SALES, WHOLESALE], kinds: [ALLIANCE, COMPANY, BRAND], withoutParts: true, period: "2024"',
  );
  const tesla = entries.find(({ subject }) => subject.slug === 'tesla-china');
  expect(tesla).toMatchObject({ previousRank: null });
});

describe('a board as of an instant', () => {
  const december = (asOf: string) => boardOf(`metric: DELIVERIES, period: "2025-12", asOf: "${asOf}"`);
  /** All brands of which a value is known now, in this month or another. */
  const BRANDS = [
    ...['nio', 'onvo', 'firefly', 'li-auto', 'xpeng', 'leapmotor', 'xiaomi-auto'],
    ...['aito', 'zeekr', 'neta', 'deepal', 'avatr', 'voyah', 'im'],
  ];

  test('before the first figures of the month names everybody as missing', async () => {
    const { entries, ofPopulation, missing } = await december('2025-12-01T12:00:00Z');
    expect(entries).toEqual([]);
    expect(ofPopulation).toBe(BRANDS.length);
    expect(missing.map(({ slug }) => slug)).toEqual(BRANDS);
  });

  test('ranks those of whom a dated source had reported, and names the others', async () => {
    // Of the others no source says on which day it was published, so they are known from their recording.
    const board = await december('2026-01-02T00:00:00Z');
    expect(slugsOf(board)).toEqual(['nio', 'onvo', 'firefly']);
    expect(board.ofPopulation).toBe(BRANDS.length);
    expect(board.missing.map(({ slug }) => slug)).toEqual(BRANDS.filter((slug) => !slugsOf(board).includes(slug)));
  });

  test.each(['2026-07', '2026-Q2', '2025', '2025-09', '2025-12', '2024-H2', '2024', '2023-10', null])(
    'in the far future is the board of now: %s, in several metrics, with and without parts',
    async (period) => {
      for (const parts of ['', ', withoutParts: true']) {
        const of = `metrics: [DELIVERIES, SALES, WHOLESALE], kinds: [ALLIANCE, COMPANY, BRAND]${parts}`;
        const asked = period === null ? of : `${of}, period: "${period}"`;
        const more = 'period latestPeriod entries { comparable }';
        const now = await boardOf(asked, more);
        expect(await boardOf(`${asked}, asOf: "2999-01-01T00:00:00Z"`, more)).toEqual(now);
        expect(now.entries.length).toBeGreaterThan(5);
        for (const { rankLower, rank, rankUpper } of now.entries) {
          expect(rankLower).toBeLessThanOrEqual(rank);
          expect(rank).toBeLessThanOrEqual(rankUpper);
        }
      }
    },
  );

  test('in the far future is the board of now', async () => {
    const now = await boardOf('metric: DELIVERIES, period: "2025-12"');
    expect(await december('2999-01-01T00:00:00Z')).toEqual(now);
    expect(now.missing.map(({ slug }) => slug)).toEqual(['xiaomi-auto', 'neta', 'deepal', 'avatr', 'voyah', 'im']);
  });
});
