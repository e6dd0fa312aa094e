import { beforeEach, describe, expect, test } from 'vitest';
import { about, between, openScenario, over, type Scenario } from '../../support/scenario.ts';
import { statementsOf } from '../../support/statements.ts';

interface Named {
  readonly slug: string;
}

interface Board {
  readonly metric: string;
  readonly period: string;
  readonly latestPeriod: string | null;
  readonly total: number | null;
  readonly ofPopulation: number;
  readonly missing: readonly Named[];
  readonly overlaps: readonly { readonly part: Named; readonly whole: Named }[];
  readonly entries: readonly {
    readonly rank: number;
    readonly rankLower: number;
    readonly rankUpper: number;
    readonly previousRank: number | null;
    readonly yearAgoRank: number | null;
    readonly share: number | null;
    readonly metric: string;
    readonly comparable: boolean;
    readonly subject: Named;
  }[];
}

/** After everything that is recorded, so that it is the same as now, but worked out from the claims. */
const LATER = '2099-01-01T00:00:00Z';
const MONTH = '2025-12';
const ALL = ['BRAND', 'COMPANY', 'ALLIANCE'];

let scenario: Scenario;
beforeEach(async () => {
  scenario = await openScenario();
  return () => scenario[Symbol.asyncDispose]();
});

describe('of several metrics', () => {
  test('each subject is ranked in the first that it has, and only those in the first one are comparable', async () => {
    const [a, b, c, d] = [await brand(), await brand(), await brand(), await brand()];
    await scenario.record(a, { [MONTH]: 50 });
    await scenario.record(a, { [MONTH]: 90 }, { metric: 'SALES' });
    await scenario.record(b, { [MONTH]: 70 }, { metric: 'WHOLESALE' });
    await scenario.record(c, { [MONTH]: over(40) });
    await scenario.record(d, { [MONTH]: about(420) });
    const shown = await board({ metrics: ['DELIVERIES', 'SALES', 'WHOLESALE'] });
    expect(shown.metric).toBe('DELIVERIES');
    expect(shown.entries.map(({ subject, metric, comparable }) => [subject.slug, metric, comparable])).toEqual([
      [d, 'DELIVERIES', true],
      [b, 'WHOLESALE', false],
      [a, 'DELIVERIES', true],
      [c, 'DELIVERIES', false],
    ]);
    expect(shown.ofPopulation).toBe(4);
    expect((await board({})).ofPopulation).toBe(3);
  });

  test('a redefined series that begins within the period is not comparable', async () => {
    const [a, b] = [await brand(), await brand()];
    await scenario.record(a, { '2025-11': 10 });
    await scenario.record(b, { '2025-11': 10, [MONTH]: 10 });
    await scenario.record(a, { [MONTH]: 12 }, { breaks: true });
    expect((await board({ period: '2025-12' })).entries.map(({ comparable }) => comparable)).toEqual([false, true]);
    expect((await board({ period: '2025-11' })).entries.map(({ comparable }) => comparable)).toEqual([true, true]);
  });
});

describe('the ranks that bounds allow', () => {
  test('overlap where it is not certain who is ahead', async () => {
    const [a, b, c, d] = [await brand(), await brand(), await brand(), await brand()];
    await record({ [a]: 60_000, [b]: 41_581, [d]: 10_000 });
    await scenario.record(c, { [MONTH]: over(40_000) });
    expect(boundsOf(await board({}))).toEqual({ [a]: [1, 1, 2], [b]: [2, 2, 3], [c]: [1, 3, 3], [d]: [4, 4, 4] });
  });

  test('are one for equal values, and count those beyond the first', async () => {
    const [a, b, c] = [await brand(), await brand(), await brand()];
    await record({ [a]: 50, [b]: 50 });
    await scenario.record(c, { [MONTH]: between(40, 60) });
    expect(boundsOf(await board({}))).toEqual({ [a]: [1, 1, 2], [b]: [1, 1, 2], [c]: [1, 3, 3] });
    expect(boundsOf(await board({ first: 1 }))).toEqual({ [a]: [1, 1, 2] });
  });
});

test('earlier ranks are among those who are known in both periods', async () => {
  const [a, b, gone, fresh] = [await brand(), await brand(), await brand(), await brand()];
  await record({ [gone]: 90, [a]: 50, [b]: 70 }, '2025-11');
  await record({ [gone]: 90, [a]: 40, [fresh]: 80 }, '2024-12');
  await record({ [a]: 80, [b]: 60, [fresh]: 70 });
  expect(
    (await board({})).entries.map(({ subject, previousRank, yearAgoRank }) => [
      subject.slug,
      previousRank,
      yearAgoRank,
    ]),
  ).toEqual([
    [a, 2, 2],
    [fresh, null, 1],
    [b, 1, null],
  ]);
});

test('earlier ranks do not compare a year of which only some months are known', async () => {
  const [a, b, c] = [await brand(), await brand(), await brand()];
  await record({ [a]: 900, [b]: 800, [c]: 700 }, '2024');
  await record({ [b]: 600, [c]: 650 }, '2023');
  await record({ [a]: 50 }, '2023-07');
  await record({ [a]: 50 }, '2025-01');
  await record({ [b]: 900, [c]: 800 }, '2025');
  const ranksOf = async (period: string) =>
    (await board({ period })).entries.map(({ subject, previousRank }) => [subject.slug, previousRank]);
  expect(await ranksOf('2024')).toEqual([
    [a, null],
    [b, 2],
    [c, 1],
  ]);
  expect(await ranksOf('2025')).toEqual([
    [b, 1],
    [c, 2],
    [a, null],
  ]);
});

describe('without parts', () => {
  test('members of an alliance, brands of companies and parts of brands are left out', async () => {
    const { alliance, company, member, own, part } = await family();
    const outside = await brand();
    await record({ [alliance]: 100, [company]: 50, [own]: 30, [member]: 60, [part]: 10, [outside]: 20 });
    const shown = await board({ kinds: ALL, withoutParts: true });
    expect(slugsOf(shown)).toEqual([alliance, company, outside]);
    expect(shown).toMatchObject({ total: 170, ofPopulation: 3, missing: [], overlaps: [] });
    expect(shown.entries.map(({ share }) => share)).toEqual([100 / 170, 50 / 170, 20 / 170]);
    expect(slugsOf(await board({ kinds: ['BRAND'], withoutParts: true }))).toEqual([member, own, outside]);
  });

  test('the brand stands for a company of which nothing else is known', async () => {
    const { company, own, part } = await family();
    await record({ [own]: 30, [part]: 10 });
    expect(slugsOf(await board({ kinds: ALL, withoutParts: true }))).toEqual([own]);
    // All that is known of the brand itself now is what its part has.
    await record({ [part]: 10 }, '2025-11');
    expect(slugsOf(await board({ kinds: ALL, withoutParts: true, period: '2025-11' }))).toEqual([part]);
    await record({ [company]: 45 });
    expect(slugsOf(await board({ kinds: ALL, withoutParts: true }))).toEqual([company]);
    // A quarter of which months are missing is known from below only, of the part as well.
    expect(slugsOf(await board({ kinds: ALL, withoutParts: true, period: '2025-Q4' }))).toEqual([company]);
  });

  test('a company whose brands are all in an alliance is inside it, as far as it can be', async () => {
    const { alliance, member } = await family();
    const maker = await scenario.subject('COMPANY', { brandsComplete: false });
    await scenario.api.ask(
      `mutation { updateSubject(slug: "${member}", input: { parent: "${maker}" }) { subject { id } } }`,
    );
    await record({ [alliance]: 100, [maker]: 80, [member]: 60 });
    expect(slugsOf(await board({ kinds: ALL, withoutParts: true }))).toEqual([alliance]);
    await record({ [alliance]: 100, [maker]: 300 }, '2025-11');
    const { entries, overlaps, total, missing } = await board({ kinds: ALL, withoutParts: true, period: '2025-11' });
    expect(entries.map(({ subject }) => subject.slug)).toEqual([maker, alliance]);
    expect(overlaps).toEqual([
      { part: { slug: member }, whole: { slug: maker } },
      { part: { slug: member }, whole: { slug: alliance } },
    ]);
    // The alliance has no other member, so that its 100 are vehicles of the maker.
    expect(total).toBe(300);
    // The member is counted in the alliance.
    expect(missing).toEqual([]);
  });

  test('those who have not reported are named once', async () => {
    const { alliance, company, member, own } = await family();
    const outside = await brand();
    await record({ [alliance]: 100, [member]: 60, [company]: 50, [own]: 30, [outside]: 20 }, '2025-11');
    await record({ [outside]: 20 });
    const { missing, ofPopulation } = await board({ kinds: ALL, withoutParts: true });
    expect(missing).toEqual([{ slug: alliance }, { slug: company }]);
    expect(ofPopulation).toBe(3);
  });
});

describe('the newest month', () => {
  test('is the one that half have reported', async () => {
    const [a, b, c, d] = [await brand(), await brand(), await brand(), await brand()];
    await record({ [a]: 1, [b]: 2, [c]: 3, [d]: 4 }, '2025-06');
    await record({ [a]: 1, [b]: 2 }, '2025-08');
    await record({ [a]: 1 }, '2025-09');
    const shown = await board({ period: null });
    expect(shown).toMatchObject({ period: '2025-08', latestPeriod: '2025-08', ofPopulation: 4 });
    expect(slugsOf(shown)).toEqual([b, a]);
    expect(await board({ period: '2025-06' })).toMatchObject({ period: '2025-06', latestPeriod: '2025-08' });
    // A quarter that somebody has reported as such is none.
    await record({ [a]: 5, [b]: 5, [c]: 5, [d]: 5 }, '2025-Q4');
    expect((await board({ period: null })).period).toBe('2025-08');
  });

  test('is not held back by who has been silent for two years, nor by parts, nor in other metrics', async () => {
    const { alliance, member, part } = await family();
    await scenario.join(alliance, await brand());
    const [silent, quiet] = [await brand(), await brand()];
    await record({ [silent]: 1, [quiet]: 2, [member]: 10, [part]: 5, [alliance]: 30 }, '2023-09');
    await record({ [alliance]: 40 }, '2025-09');
    expect((await board({ period: null, kinds: ALL })).period).toBe('2025-09');
    await record({ [member]: 10, [part]: 5 }, '2025-08');
    await record({ [alliance]: 40 }, '2025-08');
    await scenario.record(quiet, { '2025-10': 4 }, { metric: 'SALES' });
    expect((await board({ period: null, kinds: ALL })).period).toBe('2025-08');
    expect((await board({ period: null, kinds: ALL, withoutParts: true })).period).toBe('2025-09');
    expect((await board({ period: null, metrics: ['DELIVERIES', 'SALES'], kinds: ['BRAND'] })).period).toBe('2025-08');
  });

  test('is the newest of all where nobody reports the same, and last month where there is nothing', async () => {
    expect((await board({ period: null })).period).toMatch(/^\d{4}-\d{2}$/);
    expect((await board({ period: null })).latestPeriod).toBe(null);
    const months = ['2025-01', '2025-02', '2025-03'];
    for (const month of months) await record({ [await brand()]: 5 }, month);
    expect((await board({ period: null })).period).toBe('2025-03');
  });
});

describe('within a market', () => {
  test('shares are ranked, which do not add up', async () => {
    const market = await scenario.subject('MARKET');
    const [a, b] = [await brand(), await brand()];
    const share = { metric: 'MARKET_SHARE', within: market };
    await scenario.record(a, { '2025': 20 }, share);
    await scenario.record(b, { '2025': 30.5 }, share);
    const shown = await board({ metric: 'MARKET_SHARE', within: market, period: '2025' });
    expect(slugsOf(shown)).toEqual([b, a]);
    expect(shown).toMatchObject({ total: null, ofPopulation: 2, entries: [{ share: null }, { share: null }] });
    // The newest period is a year where nobody reports months.
    await scenario.record(a, { '2024': 20 }, share);
    const newest = await board({ metric: 'MARKET_SHARE', within: market, period: null });
    expect(newest).toMatchObject({ period: '2025', latestPeriod: '2025' });
    expect(slugsOf(newest)).toEqual([b, a]);
    await scenario.record(a, { '2024-05': 20 }, share);
    expect(await board({ metric: 'MARKET_SHARE', within: market, period: null })).toMatchObject({ period: '2024-05' });
  });

  test('an unknown slug is refused, and that of something else', async () => {
    const market = await scenario.subject('MARKET');
    const other = await brand();
    const ask = (within: string) =>
      scenario.api.query(`{ leaderboard(metric: MARKET_SHARE, period: "2025", within: "${within}") { period } }`);
    expect((await ask(`${market}x`)).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      problems: [{ path: ['within'], didYouMean: [market] }],
    });
    expect((await ask(other)).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      problems: [{ path: ['within'], message: `"${other}" is a brand; shares are of a market.` }],
    });
  });
});

test('shares without their market, and a period that has not begun, are refused', async () => {
  const problemOf = async (args: string) =>
    (await scenario.api.query(`{ leaderboard(${args}) { period } }`)).errors?.[0]?.extensions;
  expect(await problemOf('metric: MARKET_SHARE, period: "2025"')).toMatchObject({
    code: 'BAD_USER_INPUT',
    problems: [{ path: ['within'], message: '`within` is needed: name the market that the shares are of.' }],
  });
  expect(await problemOf('period: "2998-12"')).toMatchObject({
    code: 'BAD_USER_INPUT',
    problems: [{ code: 'INVALID_PERIOD', path: ['period'], message: expect.stringContaining('2998-12 has not begun') }],
  });
  expect(await problemOf('period: "2025/2998"')).toBe(undefined);
});

test('a period is looked for once, and an instant is worked out once', async () => {
  await record({ [await brand()]: 5, [await brand()]: 6 });
  const read = (args: string, more: string) =>
    statementsOf(() =>
      scenario.api.ask(`{ leaderboard(${args}) { period ${more} entries { rank observation { value } } } }`),
    );
  const searches = (await read('metric: DELIVERIES', 'latestPeriod')).filter((text) =>
    text.includes('findLatestPeriod'),
  );
  expect(searches).toHaveLength(1);
  const of = `metric: DELIVERIES, asOf: "${LATER}"`;
  const known = await read(`${of}, period: "${MONTH}"`, '');
  expect(await read(of, 'latestPeriod')).toHaveLength(known.length + 1);
});

/** An alliance with a member, and a company with a brand that has a part. */
async function family() {
  const alliance = await scenario.subject('ALLIANCE');
  const company = await scenario.subject('COMPANY', { brandsComplete: false });
  const member = await brand();
  await scenario.join(alliance, member);
  const own = await scenario.subject('BRAND', { parent: company });
  return { alliance, company, member, own, part: await scenario.subject('BRAND', { parent: own }) };
}

function brand(): Promise<string> {
  return scenario.subject('BRAND');
}

async function record(values: Readonly<Record<string, number>>, period = MONTH): Promise<void> {
  for (const [slug, value] of Object.entries(values))
    await scenario.record(slug, { [period]: value }, { acknowledgeOutlier: true });
}

/** The board of now, which is also that of an instant after everything. */
async function board(args: Readonly<Record<string, unknown>>): Promise<Board> {
  const { now, later } = await scenario.api.ask<{ now: Board; later: Board }>(
    `query ($metric: Metric!, $metrics: [Metric!], $period: Period, $kinds: [SubjectKind!]!, $withoutParts: Boolean, $within: String, $first: Int, $asOf: DateTime) {
      now: leaderboard(metric: $metric, metrics: $metrics, period: $period, kinds: $kinds, withoutParts: $withoutParts, within: $within, first: $first) { ...Shown }
      later: leaderboard(metric: $metric, metrics: $metrics, period: $period, kinds: $kinds, withoutParts: $withoutParts, within: $within, first: $first, asOf: $asOf) { ...Shown }
    }
    fragment Shown on Leaderboard {
      metric period latestPeriod total ofPopulation missing { slug } overlaps { part { slug } whole { slug } }
      entries { rank rankLower rankUpper previousRank yearAgoRank share metric comparable subject { slug } observation { value lower upper } }
    }`,
    { metric: 'DELIVERIES', period: MONTH, kinds: ['BRAND'], asOf: LATER, ...args },
  );
  expect(later).toEqual(now);
  return now;
}

function slugsOf({ entries }: Board): readonly string[] {
  return entries.map(({ subject }) => subject.slug);
}

function boundsOf({ entries }: Board): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    entries.map(({ subject, rankLower, rank, rankUpper }) => [subject.slug, [rankLower, rank, rankUpper]]),
  );
}

test('a brand that joined its alliance in a quarter is part of it from the first day of the quarter', async () => {
  const [alliance, member] = [await scenario.subject('ALLIANCE'), await brand()];
  await scenario.record(member, { '2025-06': 50, '2025-07': 50 });
  await scenario.record(alliance, { '2025-06': 90, '2025-07': 90 });
  await scenario.join(alliance, member, '2025-Q3', '2026-Q1');
  for (const asOf of [null, LATER]) {
    const parts = async (period: string) =>
      (await board({ kinds: ['BRAND', 'ALLIANCE'], period, asOf })).overlaps.map(({ part }) => part.slug);
    expect(await parts('2025-06')).toEqual([]);
    expect(await parts('2025-07')).toEqual([member]);
  }
});
