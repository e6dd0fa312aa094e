import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { type Reader, subscribe } from '../support/readers.ts';
import { until } from '../support/wait.ts';
import { BOARD_ANSWERS } from './board-answers.ts';
import { FURTHER_ANSWERS } from './operation-answers.ts';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);

/** Part of the answer to each example; for a subscription, what it pushes after the example mutation has run. */
const ANSWERS: Readonly<Record<string, object>> = {
  '01-million-club': {
    milestones: {
      totalCount: 6,
      nodes: [
        member('li-auto', '2024-10-15', 'PRODUCTION'),
        member('leapmotor', '2025-09-25', 'PRODUCTION'),
        member('hima', '2025-10-28', 'DELIVERIES'),
        member('xpeng', '2025-11-21', 'PRODUCTION'),
        member('nio-inc', '2026-01-06', 'PRODUCTION'),
        member('aito', '2026-01-13', 'PRODUCTION'),
      ],
    },
  },
  '02-brand': {
    brand: {
      name: 'AITO',
      nameZh: '问界',
      company: { slug: 'seres-group' },
      alliance: {
        leader: { name: 'Huawei' },
        members: ['AITO', 'Luxeed', 'Stelato', 'Maextro', 'Shangjie'].map((name) => ({ brand: { name } })),
      },
      models: { nodes: ['aito-m5', 'aito-m6', 'aito-m7', 'aito-m8', 'aito-m9'].map((slug) => ({ slug })) },
    },
  },
  '03-disagreeing-sources': {
    figures: {
      totalCount: 5,
      nodes: expect.arrayContaining([
        expect.objectContaining({ value: 32_059 }),
        expect.objectContaining({ value: 28_364, source: expect.objectContaining({ url: expect.any(String) }) }),
      ]),
    },
  },
  '04-search': {
    misspelt: [{ slug: 'xiaomi' }, { slug: 'xiaomi-auto' }],
    chinese: [{ slug: 'aito' }, { slug: 'aito-m5' }, { slug: 'aito-m6' }],
    pinyin: [{ slug: 'xpeng' }],
    alliances: [{ slug: 'hima' }],
  },
  '05-watch-figures': {
    figureRecorded: {
      cursor: expect.any(String),
      action: 'RECORDED',
      figure: { subject: { slug: 'aito' }, metric: 'PRODUCTION', period: '../2026-01-13', value: 1_000_000 },
    },
  },
  '06-watch-any-query': {
    live: {
      brand: {
        cumulative: { value: 1_000_000, agreement: 'SOLE' },
        milestones: { nodes: [{ reachedOn: '2026-01-13', status: 'CONFIRMED' }] },
      },
    },
  },
  '07-register-source': {
    registerSource: { source: { publisher: { slug: 'example-daily' } }, deduplicated: false, userErrors: [] },
  },
  '08-record-figure': {
    recordFigure: {
      // The file names this article by its id, so it must stay the first row of prisma/seed/sources.csv.
      figure: { value: 1_000_000, source: { title: 'NEV Startup’s New Threshold: The Million-Unit Level?' } },
      milestones: expect.arrayContaining([
        expect.objectContaining({ title: 'AITO passes 1,000,000 vehicles produced', status: 'CONFIRMED' }),
      ]),
      cursor: expect.any(String),
      deduplicated: false,
      userErrors: [],
    },
  },
  '09-targets': {
    targets: {
      nodes: expect.arrayContaining([
        expect.objectContaining({ kind: 'TARGET', metric: 'DELIVERIES', period: '2025', value: 300_000 }),
        expect.objectContaining({
          ...{ metric: 'DELIVERIES', period: '2026', value: 550_000 },
          claims: [
            expect.objectContaining({ statedMetric: 'DELIVERIES', value: 550_000 }),
            expect.objectContaining({ statedMetric: 'SALES', value: 550_000 }),
            expect.objectContaining({ statedMetric: 'DELIVERIES', value: 550_000 }),
          ],
          progress: expect.objectContaining({
            metric: 'SALES',
            achieved: 185_055,
            verdict: 'BEHIND',
            projectedOn: null,
          }),
        }),
        expect.objectContaining({
          ...{ period: '2025', value: null, lower: 580_000, upper: 650_000 },
          revises: expect.objectContaining({ lower: 500_000, upper: 600_000 }),
        }),
        expect.objectContaining({
          ...{ metric: 'SALES', period: '2026', value: 1_000_000 },
          progress: expect.objectContaining({
            ...{ metric: 'DELIVERIES', achieved: 457_754 },
            growth: { percent: expect.closeTo(68.4, 1), base: 271_793 },
            projected: expect.objectContaining({ value: 1_004_718, lower: 860_336, upper: 1_004_718 }),
          }),
        }),
        expect.objectContaining({
          ...{ period: '2026', growthMinPercent: 40, growthMaxPercent: 50 },
          progress: expect.objectContaining({ growth: { percent: expect.closeTo(68, 1), base: 135_167 } }),
        }),
      ]),
    },
  },
  '10-resume': {
    head: expect.any(String),
    brand: { name: 'AITO' },
    changes: {
      nodes: expect.arrayContaining([
        expect.objectContaining({ milestone: expect.objectContaining({ reachedOn: '2026-01-13' }) }),
      ]),
      pageInfo: { endCursor: expect.any(String) },
    },
  },
  '11-contradictions': {
    contradictions: {
      totalCount: 5,
      nodes: expect.arrayContaining([
        contradiction('firefly', ['2025-04'], { gap: 231 - 230, setAside: 230 }),
        contradiction('onvo', ['2025-10'], { gap: 17_343 - 17_342, setAside: 17_343 }),
        contradiction('nio-inc', ['2022-08'], { gap: 10_766 - 10_677, setAside: 10_766 }),
        contradiction('nio-inc', ['2024-03'], { gap: 11_866 - 11_813, setAside: 11_813 }),
        // 38,906 to the end of April 2020, 3,436 in May and 3,740 in June make 46,082 and not 46,078.
        contradiction('nio-inc', ['../2020-04-30', '2020-05', '../2020-06-30', '2020-06'], {
          gap: 4,
          setAside: 46_078,
        }),
      ]),
    },
  },
  '18-next-millions': {
    brands: {
      nodes: expect.arrayContaining([
        expect.objectContaining({
          slug: 'zeekr',
          nextMilestone: expect.objectContaining({
            threshold: 1_000_000,
            earliest: '2026-12-01',
            latest: '2027-04-09',
          }),
        }),
        expect.objectContaining({
          slug: 'xpeng',
          nextMilestone: expect.objectContaining({
            threshold: 2_000_000,
            earliest: '2028-02-11',
            latest: '2030-06-25',
          }),
        }),
      ]),
    },
  },
  '17-curves': {
    subjects: {
      nodes: expect.arrayContaining([
        expect.objectContaining({
          slug: 'li-auto',
          curve: {
            start: '2019-12',
            points: expect.arrayContaining([
              { on: '2020-08-31', monthsSinceStart: 8, value: null, lower: 2_711, upper: 21_755 },
              { on: '2026-07-31', monthsSinceStart: 79, value: 1_764_155, lower: 1_764_155, upper: 1_764_155 },
            ]),
          },
        }),
      ]),
    },
  },
  '13-what-changed': {
    changes: {
      totalCount: expect.any(Number),
      nodes: expect.arrayContaining([
        expect.objectContaining({
          subject: expect.objectContaining({ slug: 'xiaomi-auto' }),
          target: expect.objectContaining({ metric: 'DELIVERIES', period: '2025', value: 300_000 }),
        }),
        expect.objectContaining({
          status: 'EXPECTED',
          milestone: expect.objectContaining({ title: 'AITO M6 is launched', reachedOn: '2026-Q2' }),
        }),
      ]),
      pageInfo: { hasPreviousPage: true, startCursor: expect.any(String) },
    },
    // The only row of prisma/seed/revisions.csv, and the last one of monthly.csv.
    figures: {
      totalCount: expect.any(Number),
      nodes: expect.arrayContaining([
        expect.objectContaining({
          subject: expect.objectContaining({ slug: 'xiaomi-auto' }),
          ...{ metric: 'DELIVERIES', period: '2024-05', value: 8_646 },
        }),
        expect.objectContaining({
          subject: expect.objectContaining({ slug: 'zeekr' }),
          ...{ metric: 'DELIVERIES', period: '2026-07', value: 35_837 },
        }),
      ]),
    },
  },
  '12-watch-affected': {
    figureRecorded: {
      cursor: expect.any(String),
      affected: expect.arrayContaining([
        {
          id: expect.any(String),
          ...{ subject: about('aito'), metric: 'PRODUCTION', period: '../2026-01-13', method: 'ASSERTED' },
          ...{ value: 1_000_000, lower: 1_000_000, upper: 1_000_000, qualifier: 'EXACT' },
        },
      ]),
    },
  },
  '14-how-sure': {
    observation: {
      ...{ value: 32_059, lower: 32_059, upper: 32_059, agreement: 'CONFLICTS', decidedBy: 'ORIGINS', origins: 4 },
      notes: ["Ukravtomobil's 28,364 is set aside, because other claims contradict it."],
      contradictions: [{ gap: 32_059 - 28_364 }],
      claims: [32_059, 32_059, 32_059, 32_059, 28_364].map((value) => ({ value, rank: 'NORMAL' })),
    },
  },
  '15-citation': {
    stated: {
      citation: expect.stringMatching(/^Xiaomi Auto had about 410,000 \(405,000 to 415,000\) deliveries in 2025, /),
      url: expect.stringMatching(/^\/v\/[\w-]+\/xiaomi-auto\/DELIVERIES\/2025$/),
    },
    summed: {
      citation: expect.stringMatching(/^NIO Inc. had 107,658 deliveries in 2026-Q2, the sum of 3 periods, /),
      // 29,356 + 37,705 + 40,597 = 107,658; 72,056 in the same quarter of 2025.
      change: { percent: expect.closeTo((107_658 / 72_056 - 1) * 100, 9), stated: null, acrossBreak: false },
    },
  },
  '16-one-screen': {
    brand: {
      metrics: [
        { metric: 'SALES', from: '2019-09', to: '2026-07' },
        { metric: 'WHOLESALE', from: '2021-09', to: '2021-09', observations: 1, claims: 1 },
      ],
      headlineMetric: 'SALES',
      // 344,296 in July 2025.
      latest: {
        ...{ metric: 'SALES', period: '2026-07', value: 419_211 },
        change: { percent: expect.closeTo((419_211 / 344_296 - 1) * 100, 9) },
      },
      latestYear: { period: '2025', value: 4_602_436 },
    },
  },
  ...FURTHER_ANSWERS,
  ...BOARD_ANSWERS,
};
const SUBSCRIPTIONS = [
  '05-watch-figures',
  '06-watch-any-query',
  '12-watch-affected',
  '30-watch-milestones',
  '31-watch-changes',
];
/** These begin at a place of the log, because nothing but the mutation makes one arrive. */
const OF_MILESTONES = ['30-watch-milestones'];
const MUTATION = '08-record-figure';
const OTHER_FIGURE = `mutation {
  recordFigure(input: { subject: "aito", metric: DELIVERIES, period: "$DAY", value: 1500, sourceId: "U291cmNlOjE=", acknowledgeOutlier: true }) {
    userErrors { message }
  }
}`;

let place: TestPlace;
let product: Product;
beforeAll(async () => {
  place = await placeDatabase('seeded');
  product = await startProduct({ place });
});
afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

test('every example is checked here', async () => {
  const names = (await readdir(OPERATIONS)).filter((name) => name.endsWith('.graphql'));
  expect(names.map((name) => name.replace('.graphql', '')).sort()).toEqual(Object.keys(ANSWERS).sort());
});

test.each(Object.keys(ANSWERS))('%s begins with its purpose, and is named', async (name) => {
  expect(await readOperation(name)).toMatch(/^(# .+\n){1,3}(query|mutation|subscription) [A-Z]\w+ \{\n/);
});

test.each(Object.keys(ANSWERS).filter((name) => !SUBSCRIPTIONS.includes(name) && name !== MUTATION))(
  '%s is answered',
  async (name) => {
    expect(await run(await readOperation(name))).toMatchObject({ data: ANSWERS[name] });
  },
);

test('the example subscriptions show what the example mutation records, and it records once', async () => {
  const readers = new Map<string, Reader<unknown>>();
  const { data } = (await run('{ head }')) as { data: { head: string } };
  for (const name of SUBSCRIPTIONS) {
    const operation = await readOperation(name);
    const placed = operation.replace('milestoneReached(', `milestoneReached(after: "${data.head}", `);
    readers.set(name, subscribe(product.wsUrl, placed));
  }
  // Nothing signals when a subscription to events has begun, so other figures are recorded until one arrives.
  let days = 0;
  await until('both have begun', async () => {
    days += 1;
    await run(OTHER_FIGURE.replace('$DAY', new Date(Date.UTC(2024, 0, days)).toISOString().slice(0, 10)));
    return [...readers].every(([name, { results }]) => OF_MILESTONES.includes(name) || results.length > 0);
  });
  const mutation = await readOperation(MUTATION);
  expect(await run(mutation)).toMatchObject({ data: ANSWERS[MUTATION] });
  for (const [name, { results, stop }] of readers) {
    await until(`${name} shows it`, () => isMatching(results.at(-1), { data: ANSWERS[name] })).catch(() => {
      expect(results.at(-1)).toMatchObject({ data: ANSWERS[name] });
    });
    stop();
  }
  expect(await run(mutation)).toMatchObject({ data: { recordFigure: { deduplicated: true, cursor: null } } });
});

test('the examples that correct and that join do so with ids and slugs of their own', async () => {
  const recorded = await readOperation('33-record-figures');
  const own = recorded.replaceAll('2025-01', '2024-01').replaceAll('2025-02', '2024-02');
  const figures = ['RmlndXJlOjA=', 'RmlndXJlOi0x'];
  const { data } = (await run(own)) as { data: { recordFigures: { figures: { id: string }[] } } };
  const ids = data.recordFigures.figures.map(({ id }) => id);
  let correct = await readOperation('35-correct');
  for (const [at, id] of figures.entries()) correct = correct.replace(id, ids[at] ?? '');
  expect(await run(correct)).toMatchObject({
    data: {
      reviseFigure: { figure: { value: 1_250 }, observation: { value: 1_250 }, userErrors: [] },
      reviseFigures: { figures: [{ value: 1_350 }], userErrors: [] },
    },
  });
  const membership = await readOperation('36-membership');
  const joined = membership.replace('example-alliance', 'hima').replace('example-brand', 'voyah');
  expect(await run(joined)).toMatchObject({
    data: { joinAlliance: { membership: { brand: { slug: 'voyah' }, alliance: { slug: 'hima' } }, userErrors: [] } },
  });
});

function contradiction(slug: string, periods: readonly string[], { gap, setAside }: { gap: number; setAside: number }) {
  const aside = [expect.objectContaining({ value: setAside })];
  return expect.objectContaining({ subject: about(slug), periods, gap, setAside: aside });
}

/** The subject of an object that is compared as a whole. */
function about(slug: string): unknown {
  return expect.objectContaining({ slug });
}

function member(slug: string, reachedOn: string, metric: string): object {
  return { subject: { slug }, reachedOn, metric, claims: expect.arrayContaining([expect.anything()]) };
}

function isMatching(value: unknown, pattern: object): boolean {
  try {
    expect(value).toMatchObject(pattern);
    return true;
  } catch {
    return false;
  }
}

function readOperation(name: string): Promise<string> {
  return readFile(new URL(`${name}.graphql`, OPERATIONS), 'utf8');
}

/** Runs one operation with a key that may write. */
async function run(query: string): Promise<unknown> {
  const response = await fetch(`${product.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${product.adminKey}` },
    body: JSON.stringify({ query }),
  });
  return response.json();
}
