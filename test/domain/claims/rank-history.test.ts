import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClaimRank } from '../../../src/database/generated/client.ts';
import { rankFigure } from '../../../src/domain/editing/amend-figures.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { reviseFigure } from '../../../src/domain/editing/revise-figures.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

const MONTH = '2024-01';
const BEFORE = '2024-05-01T12:00:00Z';
const FAR = '2999-01-01T00:00:00Z';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

/** A brand of whose month the maker said 101, and the press said 90 a day later. */
async function disputed(): Promise<{ brand: string; maker: string; press: string }> {
  const brand = await scenario.subject('BRAND');
  const sources = [await scenario.source(1, '2024-02-01'), await scenario.source(4, '2024-02-02')] as const;
  const [maker] = (await scenario.record(brand, { [MONTH]: 101 }, { sourceId: sources[0] })).ids;
  const [press] = (await scenario.record(brand, { [MONTH]: 90 }, { sourceId: sources[1] })).ids;
  return { brand, maker: maker as string, press: press as string };
}

function rowOf(id: string): number {
  return Number(Buffer.from(id, 'base64').toString().split(':')[1]);
}

interface Ranked {
  readonly value: number;
  readonly rank: ClaimRank;
  readonly rankReason: string | null;
}

/** The value of the month, with the ranks of its claims. */
async function read(subject: string, asOf?: string) {
  const { observation } = await scenario.api.ask<{
    observation: {
      value: number;
      agreement: string;
      best: Ranked;
      inputs: readonly Ranked[];
      claims: readonly Ranked[];
      history: readonly Ranked[];
    } | null;
  }>(
    `query ($subject: String!, $asOf: DateTime) {
      observation(subject: $subject, period: "${MONTH}", asOf: $asOf) {
        value agreement best { ...ranked } inputs { ...ranked } claims { ...ranked source { title } } history { ...ranked }
      }
    }
    fragment ranked on Figure { value rank rankReason }`,
    { subject, asOf },
  );
  return observation;
}

test('ranking a figure today does not change what was known before', async () => {
  const { brand, maker, press } = await disputed();
  const before = await read(brand, BEFORE);
  expect(before).toMatchObject({
    value: 101,
    agreement: 'CONFLICTS',
    best: { value: 101, rank: 'NORMAL', rankReason: null },
  });
  await scenario.rank(maker, 'DEPRECATED');
  await scenario.rank(press, 'PREFERRED');
  expect(await read(brand, BEFORE)).toEqual(before);
  const now = await read(brand);
  expect(now).toMatchObject({ value: 90, agreement: 'SOLE', best: { rank: 'PREFERRED', rankReason: 'Checked.' } });
  expect(await read(brand, FAR)).toEqual(now);
});

test('claims that were deprecated later are among the claims of then, with the rank of then', async () => {
  const { brand, maker } = await disputed();
  await scenario.rank(maker, 'DEPRECATED');
  const ranksOf = (figures: readonly Ranked[] | undefined) => figures?.map(({ value, rank }) => `${value} ${rank}`);
  const [then, now] = [await read(brand, BEFORE), await read(brand)];
  expect(ranksOf(then?.claims)).toEqual(['101 NORMAL', '90 NORMAL']);
  expect(ranksOf(then?.history)).toEqual(['101 NORMAL', '90 NORMAL']);
  expect(ranksOf(then?.inputs)).toEqual(['101 NORMAL']);
  expect(ranksOf(now?.claims)).toEqual(['90 NORMAL']);
  expect(ranksOf(now?.history)).toEqual(['101 DEPRECATED', '90 NORMAL']);
  expect(ranksOf(now?.inputs)).toEqual(['90 NORMAL']);
});

test('a conflict that a ranking settled is still one as of then, and so are the boards', async () => {
  const { brand, maker } = await disputed();
  const ask = (asOf?: string) =>
    scenario.api.ask<{ conflicts: { totalCount: number }; leaderboard: { entries: object[] } }>(
      `query ($subjects: [String!], $asOf: DateTime) {
        conflicts(filter: { subjects: $subjects }, asOf: $asOf) { totalCount }
        leaderboard(period: "${MONTH}", first: 100, asOf: $asOf) { entries { subject { slug } observation { value } } }
      }`,
      { subjects: [brand], asOf },
    );
  const valuesOf = ({ leaderboard }: Awaited<ReturnType<typeof ask>>) =>
    leaderboard.entries.filter((entry) => JSON.stringify(entry).includes(`"${brand}"`));
  const before = await ask(BEFORE);
  await scenario.rank(maker, 'DEPRECATED');
  const [then, now] = [await ask(BEFORE), await ask()];
  expect([before.conflicts.totalCount, then.conflicts.totalCount, now.conflicts.totalCount]).toEqual([1, 1, 0]);
  expect(valuesOf(then)).toEqual([{ subject: { slug: brand }, observation: { value: 101 } }]);
  expect(valuesOf(now)).toEqual([{ subject: { slug: brand }, observation: { value: 90 } }]);
});

test('each rank holds from the instant at which it was given until the next', async () => {
  const { brand, maker } = await disputed();
  const given = [
    ['2024-06-01T00:00:00Z', 'DEPRECATED'],
    ['2024-07-01T00:00:00Z', 'PREFERRED'],
    ['2024-08-01T00:00:00Z', 'DEPRECATED'],
  ] as const;
  for (const [at, rank] of given)
    await rankFigure(scenario.api.db, rowOf(maker), rank, `${rank} on ${at}`, new Date(at));
  // The same again is no new rank.
  await rankFigure(scenario.api.db, rowOf(maker), 'DEPRECATED', `DEPRECATED on ${given[2][0]}`);
  expect(await scenario.api.db.figureRank.count({ where: { figureId: rowOf(maker) } })).toBe(3);
  const valueAt = async (asOf: string) => (await read(brand, asOf))?.value;
  expect(await valueAt('2024-05-31T23:59:59.999Z')).toBe(101);
  expect(await valueAt('2024-06-01T00:00:00Z')).toBe(90);
  expect(await valueAt('2024-06-30T23:59:59.999Z')).toBe(90);
  expect(await read(brand, '2024-07-01T00:00:00Z')).toMatchObject({ value: 101, agreement: 'SOLE' });
  expect(await valueAt('2024-08-01T00:00:00Z')).toBe(90);
});

test('a rank that comes with the figure holds from when the figure is known', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = rowOf(await scenario.source(1, '2024-02-01'));
  const claim = {
    subject: brand,
    metric: 'DELIVERIES',
    period: MONTH,
    value: 7,
    qualifier: 'EXACT',
    sourceId,
  } as const;
  const { figures } = await recordFigure(scenario.api.db, { ...claim, rank: 'DEPRECATED', rankReason: 'A slip.' });
  expect(await read(brand, BEFORE)).toBeNull();
  await rankFigure(scenario.api.db, figures[0]?.id ?? null, 'NORMAL', 'Right after all.');
  expect(await read(brand, BEFORE)).toBeNull();
  expect(await read(brand)).toMatchObject({ value: 7, best: { rank: 'NORMAL', rankReason: 'Right after all.' } });
});

test('a revision carries the rank on from when the revision is known', async () => {
  const { brand, maker } = await disputed();
  const { db } = scenario.api;
  await rankFigure(db, rowOf(maker), 'PREFERRED', 'Checked.', new Date('2024-03-01T00:00:00Z'));
  const sourceId = rowOf(await scenario.source(1, '2024-06-01'));
  await reviseFigure(db, rowOf(maker), { value: 102, qualifier: 'EXACT', sourceId, reason: 'Restated.' });
  const readAt = async (asOf?: string) => {
    const observation = await read(brand, asOf);
    return [observation?.value, observation?.best.rank, observation?.agreement];
  };
  expect(await readAt('2024-02-15T00:00:00Z')).toEqual([101, 'NORMAL', 'CONFLICTS']);
  expect(await readAt(BEFORE)).toEqual([101, 'PREFERRED', 'SOLE']);
  expect(await readAt('2024-06-02T00:00:00Z')).toEqual([102, 'PREFERRED', 'SOLE']);
  expect(await readAt()).toEqual([102, 'PREFERRED', 'SOLE']);
});

test('a figure that never had another rank has no row, and ranking adds one in the same transaction as its entry', async () => {
  const { maker } = await disputed();
  const { db } = scenario.api;
  const rows = () => db.figureRank.count({ where: { figureId: rowOf(maker) } });
  expect(await rows()).toBe(0);
  const refused = db.$extends({
    query: {
      $allOperations: ({ operation, args, query }) => {
        // The first raw statement after the rank is written is the log's.
        if (operation === '$queryRaw' && JSON.stringify(args).includes('appendChanges'))
          throw new Error('The log is away.');
        return query(args);
      },
    },
  }) as unknown as typeof db;
  await expect(rankFigure(refused, rowOf(maker), 'DEPRECATED', 'Doubtful.')).rejects.toThrow('The log is away.');
  expect(await rows()).toBe(0);
  await rankFigure(db, rowOf(maker), 'DEPRECATED', 'Doubtful.');
  expect(await rows()).toBe(1);
});
