import { beforeEach, describe, expect, test } from 'vitest';
import { datesWorkedOut } from '../../support/calendar-work.ts';
import { about, openScenario, over, type Scenario } from '../../support/scenario.ts';

interface Entry {
  readonly rank: number;
  readonly previousRank: number | null;
  readonly share: number | null;
  readonly subject: { readonly slug: string };
  readonly observation: { readonly value: number | null; readonly lower: number | null };
}

interface Board {
  readonly entries: readonly Entry[];
  readonly overlaps: readonly { readonly part: { readonly slug: string }; readonly whole: { readonly slug: string } }[];
}

const MONTH = '2025-12';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await openScenario();
  return () => scenario[Symbol.asyncDispose]();
});

describe('ranks', () => {
  test('equal values share a rank, and the next is skipped', async () => {
    const [a, b, c, d] = await brands(4);
    await record({ [a]: 50, [b]: 70, [c]: 50, [d]: 10 });
    expect(ranksOf(await board())).toEqual([
      [1, b],
      [2, a],
      [2, c],
      [4, d],
    ]);
  });

  test('come with those of the period before, null for subjects without a value then', async () => {
    const [a, b, c] = await brands(3);
    await record({ [a]: 50, [b]: 70 }, '2025-11');
    await record({ [a]: 80, [b]: 60, [c]: 70 });
    expect((await board()).entries.map(({ subject, previousRank }) => [subject.slug, previousRank])).toEqual([
      [a, 2],
      [c, null],
      [b, 1],
    ]);
  });

  test('also work for sums: a quarter is ranked from its months, with a gap by the months that are known', async () => {
    const [a, b] = await brands(2);
    await record({ [a]: 10, [b]: 100 }, '2025-10');
    await record({ [a]: 10, [b]: 100 }, '2025-11');
    await record({ [a]: 10 });
    const quarter = await board({ period: '2025-Q4' });
    expect(quarter.entries).toMatchObject([
      {
        rank: 1,
        subject: { slug: b },
        observation: { value: null, lower: 200, qualifier: 'OVER', missing: ['2025-12'] },
      },
      { rank: 2, subject: { slug: a }, observation: { value: 30, lower: 30, qualifier: 'EXACT', missing: [] } },
    ]);
    expect(sharesOf(quarter)).toEqual({ [b]: 200 / 230, [a]: 30 / 230 });
  });

  test('of all years there are take no more work than those of the known ones', async () => {
    const [a, b] = await brands(2);
    await record({ [a]: 10, [b]: 100 }, '2024-10');
    await record({ [a]: 10, [b]: 100 }, '2025-10');
    expect(ranksOf(await board({ period: '1900/2999' }))).toEqual([
      [1, b],
      [2, a],
    ]);
    const near = await datesWorkedOut(() => board({ period: '2023/2026' }));
    expect(await datesWorkedOut(() => board({ period: '1900/2999' }))).toBeLessThanOrEqual(near);
  });

  test('have a real 0 last, and leave out subjects without a value', async () => {
    const [a, b] = await brands(3);
    await record({ [a]: 0, [b]: 5 });
    expect(ranksOf(await board())).toEqual([
      [1, b],
      [2, a],
    ]);
  });

  test('leave out the company that is its only brand under another name, and rank it once something is known of itself', async () => {
    const company = await scenario.subject('COMPANY');
    const brand = await scenario.subject('BRAND', { parent: company });
    await record({ [brand]: 50 });
    const kinds = ['BRAND', 'COMPANY'];
    expect(ranksOf(await board({ kinds }))).toEqual([[1, brand]]);
    // A period that is not kept is worked out when it is asked for, by the same rule.
    expect(ranksOf(await board({ kinds, period: '2025-11/2025-12' }))).toEqual([[1, brand]]);
    await record({ [company]: 40 }, '2025-11');
    expect(ranksOf(await board({ kinds }))).toEqual([
      [1, company],
      [1, brand],
    ]);
  });

  test('leave out subjects of which nothing more than an upper bound is known', async () => {
    const [a, b] = await brands(2);
    await scenario.record(a, { [MONTH]: { value: 70, qualifier: 'UNDER' } });
    await record({ [b]: 5 });
    expect(ranksOf(await board({ period: '2025-Q4' }))).toEqual([[1, b]]);
  });

  test('are by the value, or by its lower bound', async () => {
    const [a, b, c] = await brands(3);
    await scenario.record(a, { [MONTH]: over(57_000) });
    await scenario.record(b, { [MONTH]: about(58_000) });
    await scenario.record(c, { [MONTH]: { lower: 57_500, upper: 60_000, qualifier: 'BETWEEN' } });
    expect(ranksOf(await board()).map(([, slug]) => slug)).toEqual([b, c, a]);
  });

  test('are of one metric', async () => {
    const [a, b] = await brands(2);
    await record({ [a]: 50 });
    await scenario.record(b, { [MONTH]: 70 }, { metric: 'SALES' });
    expect(ranksOf(await board())).toEqual([[1, a]]);
    expect(ranksOf(await board({ metric: 'SALES' }))).toEqual([[1, b]]);
  });
});

describe('shares', () => {
  test('are of the sum of all that have a value, also beyond the first', async () => {
    const [a, b, c] = await brands(3);
    await record({ [a]: 50, [b]: 30, [c]: 20 });
    expect(sharesOf(await board({ first: 2 }))).toEqual({ [a]: 0.5, [b]: 0.3 });
  });

  test('do not count a subject a second time inside another', async () => {
    const [alliance, company] = [
      await scenario.subject('ALLIANCE'),
      await scenario.subject('COMPANY', { brandsComplete: false }),
    ];
    const [member, outside] = await brands(2);
    const own = await scenario.subject('BRAND', { parent: company });
    await scenario.join(alliance, member);
    await record({ [alliance]: 100, [member]: 60, [company]: 70, [own]: 40, [outside]: 30 });
    // The alliance, the company and the outside brand are 200; the member and the company's own brand are inside these.
    expect(sharesOf(await board({ kinds: ['BRAND', 'COMPANY', 'ALLIANCE'] }))).toEqual({
      ...{ [alliance]: 0.5, [company]: 0.35, [member]: 0.3, [own]: 0.2, [outside]: 0.15 },
    });
  });

  test('are unknown when all values are 0', async () => {
    const [a] = await brands(1);
    await record({ [a]: 0 });
    expect((await board()).entries).toMatchObject([{ share: null }]);
  });
});

describe('overlaps', () => {
  test('name the brand inside its company and inside its alliance', async () => {
    const { alliance, inside, company, outside } = await overlapping();
    await record({ [alliance]: 100, [inside]: 60, [company]: 70, [outside]: 30 });
    const { overlaps } = await board({ kinds: ['BRAND', 'COMPANY', 'ALLIANCE'] });
    expect(overlaps.map(({ part, whole }) => [part.slug, whole.slug]).sort()).toEqual(
      [
        [inside, alliance],
        [inside, company],
      ].sort(),
    );
  });

  test('span several steps, and name only subjects on the board', async () => {
    const { alliance, inside, company } = await overlapping();
    const model = await scenario.subject('MODEL', { parent: inside });
    await record({ [alliance]: 100, [company]: 70, [model]: 20 });
    const { overlaps } = await board({ kinds: ['MODEL', 'COMPANY', 'ALLIANCE'] });
    expect(overlaps.map(({ part, whole }) => [part.slug, whole.slug]).sort()).toEqual(
      [
        [model, alliance],
        [model, company],
      ].sort(),
    );
    expect((await board({ kinds: ['COMPANY'] })).overlaps).toEqual([]);
    expect((await board({ kinds: ['MODEL', 'COMPANY', 'ALLIANCE'], first: 2 })).overlaps).toEqual([]);
  });

  test('follow a chain of brands up to the company and the alliance, and a part is counted once', async () => {
    const { alliance, company, inside } = await overlapping();
    const part = await scenario.subject('BRAND', { parent: inside });
    await record({ [alliance]: 100, [company]: 80, [inside]: 60, [part]: 20 });
    const shown = await board({ kinds: ['BRAND', 'COMPANY', 'ALLIANCE'] });
    const wholesOf = (slug: string) =>
      shown.overlaps.filter((overlap) => overlap.part.slug === slug).map(({ whole }) => whole.slug);
    expect(wholesOf(part).sort()).toEqual([alliance, company, inside].sort());
    expect(wholesOf(inside).sort()).toEqual([alliance, company].sort());
    // All brands of the company are in the alliance, so that the alliance of 100 counts everything.
    expect(sharesOf(shown)[part]).toBeCloseTo(20 / 100, 10);
    const brandsOnly = await board();
    expect(brandsOnly.overlaps).toEqual([{ part: { slug: part }, whole: { slug: inside } }]);
    expect(sharesOf(brandsOnly)).toEqual({ [inside]: 1, [part]: 20 / 60 });
  });

  test('come in the order of the board, now as with an instant and in periods that are not kept', async () => {
    const { alliance, inside, company, outside } = await overlapping();
    const part = await scenario.subject('BRAND', { parent: outside });
    await scenario.join(alliance, outside);
    // The last that was created is the first on the board.
    await record({ [inside]: 10, [part]: 30, [outside]: 30, [company]: 50, [alliance]: 90 });
    const kinds = ['BRAND', 'COMPANY', 'ALLIANCE'];
    const pairsOf = ({ overlaps }: Board) => overlaps.map(({ part: below, whole }) => [below.slug, whole.slug]);
    const pairs = [
      [outside, alliance],
      [part, alliance],
      [part, outside],
      [inside, alliance],
      [inside, company],
    ];
    expect(pairsOf(await board({ kinds }))).toEqual(pairs);
    expect(pairsOf(await board({ kinds, asOf: '2099-01-01T00:00:00Z' }))).toEqual(pairs);
    expect(pairsOf(await board({ kinds, period: '2025-11/2025-12' }))).toEqual(pairs);
  });

  test('are those of the last day of the period', async () => {
    const alliance = await scenario.subject('ALLIANCE');
    const [brand] = await brands(1);
    await scenario.join(alliance, brand, '2025-01-01', '2025-12-31');
    await record({ [alliance]: 100, [brand]: 60 }, '2025-11');
    await record({ [alliance]: 100, [brand]: 60 });
    const kinds = ['BRAND', 'ALLIANCE'];
    expect((await board({ kinds, period: '2025-11' })).overlaps).toHaveLength(1);
    expect((await board({ kinds })).overlaps).toEqual([]);
  });
});

test('kinds can be mixed, and only brands are ranked if none are named', async () => {
  const { alliance, inside, company, outside } = await overlapping();
  await record({ [alliance]: 100, [inside]: 60, [company]: 70, [outside]: 30 });
  expect(ranksOf(await board({ kinds: ['BRAND', 'COMPANY', 'ALLIANCE'] })).map(([, slug]) => slug)).toEqual([
    ...[alliance, company, inside, outside],
  ]);
  expect(ranksOf(await board()).map(([, slug]) => slug)).toEqual([inside, outside]);
});

test('the first ones are shown, with their ranks among all', async () => {
  const slugs = await brands(5);
  await record(Object.fromEntries(slugs.map((slug, index) => [slug, 10 * (index + 1)])));
  expect(ranksOf(await board({ first: 3 }))).toEqual([
    [1, slugs[4]],
    [2, slugs[3]],
    [3, slugs[2]],
  ]);
});

test('the board can be read as of an instant', async () => {
  const [a, b] = await brands(2);
  await scenario.record(a, { [MONTH]: 50 }, { sourceId: await scenario.source(1, '2026-01-01') });
  await scenario.record(b, { [MONTH]: 70 }, { sourceId: await scenario.source(1, '2026-01-05') });
  expect(ranksOf(await board({ asOf: '2026-01-02T00:00:00Z' }))).toEqual([[1, a]]);
  expect(ranksOf(await board({ asOf: '2026-01-06T00:00:00Z' }))).toEqual([
    [1, b],
    [2, a],
  ]);
});

test('a period about which nothing is known has an empty board', async () => {
  expect(await board()).toEqual({ entries: [], overlaps: [] });
});

/** A brand inside a company and inside an alliance, and a brand outside of both. */
async function overlapping() {
  const [alliance, company] = [
    await scenario.subject('ALLIANCE'),
    await scenario.subject('COMPANY', { brandsComplete: false }),
  ];
  const inside = await scenario.subject('BRAND', { parent: company });
  await scenario.join(alliance, inside);
  return { alliance, company, inside, outside: await scenario.subject('BRAND') };
}

async function brands<Count extends number>(count: Count): Promise<[string, string, string, string, ...string[]]> {
  const slugs: string[] = [];
  for (let made = 0; made < count; made += 1) slugs.push(await scenario.subject('BRAND'));
  return slugs as [string, string, string, string];
}

async function record(values: Readonly<Record<string, number>>, period = MONTH): Promise<void> {
  for (const [slug, value] of Object.entries(values)) await scenario.record(slug, { [period]: value });
}

async function board(args: Readonly<Record<string, unknown>> = {}): Promise<Board> {
  const { leaderboard } = await scenario.api.ask<{ leaderboard: Board }>(
    `query($metric: Metric!, $period: Period!, $kinds: [SubjectKind!]!, $first: Int, $asOf: DateTime) {
      leaderboard(metric: $metric, period: $period, kinds: $kinds, first: $first, asOf: $asOf) {
        entries { rank previousRank share subject { slug } observation { value lower qualifier missing } }
        overlaps { part { slug } whole { slug } }
      }
    }`,
    { metric: 'DELIVERIES', period: MONTH, kinds: ['BRAND'], first: 20, ...args },
  );
  return leaderboard;
}

function ranksOf({ entries }: Board): readonly (readonly [number, string | undefined])[] {
  return entries.map(({ rank, subject }) => [rank, subject.slug]);
}

function sharesOf({ entries }: Board): Readonly<Record<string, number | null>> {
  return Object.fromEntries(entries.map(({ subject, share }) => [subject.slug, share]));
}
