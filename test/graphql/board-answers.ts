import { expect } from 'vitest';

/** Part of the answers to the examples of boards and tables. Those of the seed are counted by hand in prisma/seed/monthly.csv. */
export const BOARD_ANSWERS: Readonly<Record<string, object>> = {
  '19-monthly-table': {
    series: [
      {
        subject: { slug: 'byd' },
        observations: monthsOf(
          [300_538, 322_846, 377_420, 380_089, 382_476, 382_585, 344_296, 373_626, 396_270, 441_706, 480_186, 420_398],
          () => 'SALES',
        ),
        missing: [],
      },
      { subject: { slug: 'tesla-china' }, observations: Array(12).fill({ value: expect.any(Number) }), missing: [] },
      {
        subject: { slug: 'xiaomi-auto' },
        // Of September and October it says "over 40,000" deliveries.
        observations: monthsOf(
          [22_897, 23_728, 29_244, 28_585, 28_013, 25_459, 30_452, 36_396, 40_000, 40_000, 46_249, 50_212],
          (month) => (month >= 8 && month <= 10 ? 'DELIVERIES' : 'SALES'),
        ),
        missing: [],
      },
      {
        subject: { slug: 'gac-aion' },
        observations: [27_848, 26_557, 27_044, 29_113, 40_066].map((value) => ({ metric: 'SALES', value })),
        missing: ['01', '02', '03', '04', '05', '10', '11'].map((month) => `2025-${month}`),
      },
      { subject: { slug: 'nio-inc' }, observations: Array(12).fill({ metric: 'DELIVERIES' }), missing: [] },
    ],
  },
  '20-board-of-the-month': {
    leaderboard: {
      period: '2026-07',
      // Of 15 makers 8 have reported July; Xiaomi's newest month is June.
      ofPopulation: 15,
      entries: [
        ['byd', 419_211, 'SALES', false],
        ['leapmotor', 101_267, 'DELIVERIES', true],
        ['tesla-china', 93_579, 'WHOLESALE', false],
        ['hima', 45_046, 'SALES', false],
        ['xpeng', 38_027, 'DELIVERIES', true],
        ['nio-inc', 35_934, 'DELIVERIES', true],
        ['zeekr', 35_837, 'DELIVERIES', true],
        ['li-auto', 30_468, 'DELIVERIES', true],
      ].map(([slug, value, metric, comparable], index) => ({
        ...{ rank: index + 1, subject: { slug }, metric, comparable, observation: { value } },
      })),
      total: 419_211 + 101_267 + 93_579 + 45_046 + 38_027 + 35_934 + 35_837 + 30_468,
      overlaps: [],
      missing: expect.arrayContaining([expect.objectContaining({ slug: 'xiaomi-auto' })]),
    },
  },
  '21-who-moved': {
    leaderboard: {
      period: '2025-12',
      latestPeriod: '2026-07',
      // HIMA: 89,611; 81,864 the month before, and 49,474 the year before, when Li Auto had 58,513.
      entries: [
        ['byd', 1, 1],
        ['tesla-china', 2, 2],
        ['hima', 3, 4],
        ['leapmotor', 4, 5],
        ['xiaomi-auto', 5, 9],
        ['nio-inc', 7, 7],
        ['li-auto', 8, 3],
        ['gac-aion', null, null],
        ['xpeng', 6, 6],
        ['zeekr', 9, 8],
      ].map(([slug, previousRank, yearAgoRank], index) => ({
        ...{
          rank: index + 1,
          rankLower: index + 1,
          rankUpper: index + 1,
          previousRank,
          yearAgoRank,
          subject: { slug },
        },
      })),
      missing: ['neta', 'deepal', 'avatr', 'voyah', 'im'].map((slug) => ({ slug })),
    },
  },
  '22-market-shares': {
    leaderboard: {
      entries: [
        { rank: 1, rankLower: 1, rankUpper: 2, subject: { slug: 'chinese-brands' }, observation: { value: 69.5 } },
        // Over half.
        { rank: 2, rankLower: 1, rankUpper: 2, subject: { slug: 'china-nev' }, observation: { value: 50 } },
      ],
    },
  },
};

/** The observations of the months of 2025. */
function monthsOf(values: readonly number[], metricOf: (month: number) => string): readonly object[] {
  return values.map((value, index) => ({
    period: `2025-${String(index + 1).padStart(2, '0')}`,
    metric: metricOf(index + 1),
    value,
  }));
}
