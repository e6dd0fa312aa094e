import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

interface Contradiction {
  readonly id: string;
  readonly kind: string;
  readonly subject: { readonly slug: string };
  readonly periods: readonly string[];
  readonly gap: number;
  readonly figures: readonly { readonly period: string; readonly value: number | null }[];
  readonly setAside: readonly { readonly period: string; readonly value: number | null }[];
  readonly explanation: string;
}

/** The contradictions of subjects, and of what is below them, the first found first. */
async function contradictionsOf(...subjects: readonly string[]): Promise<readonly Contradiction[]> {
  const { contradictions } = await scenario.api.ask<{ contradictions: { nodes: readonly Contradiction[] } }>(
    `query ($subjects: [String!]) {
      contradictions(filter: { subjects: $subjects }, first: 100) {
        nodes { id kind subject { slug } periods gap figures { period value } setAside { period value } explanation }
      }
    }`,
    { subjects },
  );
  return [...contradictions.nodes].reverse();
}

/** With the publishers as letters, in the order in which they are named. */
function lettered(text: string | undefined): string {
  const names: string[] = [];
  return (text ?? '').replace(/publisher-\d+/g, (name) => {
    if (!names.includes(name)) names.push(name);
    return String.fromCharCode('A'.charCodeAt(0) + names.indexOf(name));
  });
}

/** The only contradiction of a subject and of what is below it, with the publishers as letters. */
async function contradictionOf(subject: string): Promise<Contradiction | undefined> {
  const [found, ...others] = await contradictionsOf(subject);
  expect(others).toEqual([]);
  return found && { ...found, explanation: lettered(found.explanation) };
}

const ACKNOWLEDGED = { acknowledgeOutlier: true };

describe('these are accepted with an acknowledgement, and listed with their figures, the gap and a sentence', () => {
  test('a quarter of 35,000 over months of 33,000', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-01': 10_000, '2025-02': 11_000, '2025-03': 12_000 });
    await scenario.record(brand, { '2025-Q1': 35_000 }, { ...ACKNOWLEDGED, sourceId: await scenario.source(3) });
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'SUM', subject: { slug: brand }, gap: 2_000 },
      periods: ['2025-01', '2025-02', '2025-03', '2025-Q1'],
      figures: [
        { period: '2025-01', value: 10_000 },
        { period: '2025-02', value: 11_000 },
        { period: '2025-03', value: 12_000 },
        { period: '2025-Q1', value: 35_000 },
      ],
      setAside: [{ period: '2025-Q1', value: 35_000 }],
      explanation:
        '2025-01 (10,000 by A), 2025-02 (11,000 by A), 2025-03 (12,000 by A) and 2025-Q1 (35,000 by B) cannot all be true. They are 2,000 apart.',
    });
    expect(await scenario.observe(brand, '2025-Q1')).toMatchObject({
      ...{ value: 33_000, lower: 33_000, upper: 33_000, method: 'DERIVED', agreement: 'CONFLICTS', best: null },
    });
  });

  test('a month of 20,000 in a quarter of 9,000', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-Q1': 9_000 });
    await scenario.record(brand, { '2025-02': 20_000 }, { ...ACKNOWLEDGED, sourceId: await scenario.source(3) });
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'SUM', subject: { slug: brand }, gap: 11_000, periods: ['2025-02', '2025-Q1'] },
      figures: [
        { period: '2025-02', value: 20_000 },
        { period: '2025-Q1', value: 9_000 },
      ],
      setAside: [{ period: '2025-02', value: 20_000 }],
      explanation: '2025-02 (20,000 by A) and 2025-Q1 (9,000 by B) cannot both be true. They are 11,000 apart.',
    });
  });

  test('a lifetime total that falls from 33,000 to 30,000', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-06-30': 33_000, '../2025-07-31': 30_000 }, ACKNOWLEDGED);
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'TO_DATE', subject: { slug: brand }, gap: 3_000, periods: ['../2025-06-30', '../2025-07-31'] },
      figures: [
        { period: '../2025-06-30', value: 33_000 },
        { period: '../2025-07-31', value: 30_000 },
      ],
      setAside: [{ period: '../2025-07-31', value: 30_000 }],
      explanation:
        '../2025-06-30 (33,000 by A) and ../2025-07-31 (30,000 by A) cannot both be true. They are 3,000 apart.',
    });
  });

  test('a company at 15,000 under its brand at 20,000', async () => {
    const company = await scenario.subject('COMPANY');
    const brand = await scenario.subject('BRAND', { parent: company });
    await scenario.subject('BRAND', { parent: company });
    await scenario.record(brand, { '2025-01': 20_000 });
    await scenario.record(company, { '2025-01': 15_000 }, ACKNOWLEDGED);
    expect(await contradictionOf(company)).toMatchObject({
      ...{ kind: 'WHOLE_AND_PARTS', subject: { slug: company }, gap: 5_000, periods: ['2025-01'] },
      figures: [
        { period: '2025-01', value: 20_000 },
        { period: '2025-01', value: 15_000 },
      ],
      setAside: [],
      explanation: `${brand} 2025-01 (20,000 by A) and ${company} 2025-01 (15,000 by A) cannot both be true, because a whole is what its parts add up to. They are 5,000 apart.`,
    });
    // Nothing says which of them is wrong, so each stands for itself.
    expect(await scenario.observe(company, '2025-01')).toMatchObject({ value: 15_000 });
    expect(await scenario.observe(brand, '2025-01')).toMatchObject({ value: 20_000 });
  });

  test('700 delivered before the first delivery', async () => {
    const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2025-06' });
    await scenario.record(brand, { '2025-03': 700 }, ACKNOWLEDGED);
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'BEFORE_FIRST', subject: { slug: brand }, gap: 700, periods: ['2025-03'] },
      ...{ figures: [{ period: '2025-03', value: 700 }], setAside: [] },
      explanation: '2025-03 (700 by A) cannot be true, because nothing is counted before 2025-06. It is 700 off.',
    });
  });

  test('a million announced for June where the figures say February', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-01-31': 990_000, '../2025-02-28': 1_010_000 });
    const milestone = await scenario.announce(brand, { reachedOn: '2025-06-10' });
    expect(milestone).toMatchObject({
      ...{ status: 'DISPUTED', reachedOn: '2025-06-10', window: ['2025-02-01', '2025-02-28'] },
    });
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'MILESTONE', subject: { slug: brand }, gap: 10_001, periods: ['../2025-02-28'] },
      ...{ figures: [{ period: '../2025-02-28', value: 1_010_000 }], setAside: [] },
      explanation:
        '../2025-02-28 (1,010,000 by A) and 1,000,000 announced for 2025-06-10 cannot both be true. They are 10,001 apart.',
    });
  });

  test('an announcement before the first delivery', async () => {
    const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2025-06-01' });
    const milestone = await scenario.announce(brand, { threshold: 10_000, reachedOn: '2025-03-10' });
    expect(milestone).toMatchObject({ status: 'DISPUTED' });
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'MILESTONE', subject: { slug: brand }, gap: 10_000, periods: [], figures: [], setAside: [] },
      explanation:
        '10,000 announced for 2025-03-10 cannot be true, because nothing is counted before 2025-06-01. It is 10,000 off.',
    });
  });

  test('more delivered than produced', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-06-30': 5_000 });
    await scenario.record(brand, { '../2025-06-30': 4_000 }, { metric: 'PRODUCTION' });
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'METRICS', subject: { slug: brand }, gap: 1_000, periods: ['../2025-06-30'] },
      figures: [
        { period: '../2025-06-30', value: 5_000 },
        { period: '../2025-06-30', value: 4_000 },
      ],
      setAside: [],
      explanation:
        'production ../2025-06-30 (4,000 by A) and deliveries ../2025-06-30 (5,000 by A) cannot both be true, because what is delivered was produced. They are 1,000 apart.',
    });
  });

  test('two market shares, which have nothing else to stand against', async () => {
    const brand = await scenario.subject('BRAND');
    const market = await scenario.subject('MARKET');
    const share = { metric: 'MARKET_SHARE', within: market };
    await scenario.record(brand, { '2025-01': 7 }, { ...share, sourceId: await scenario.source(2) });
    await scenario.record(brand, { '2025-01': 9.5 }, { ...share, sourceId: await scenario.source(4) });
    expect(await contradictionOf(brand)).toMatchObject({
      ...{ kind: 'SAME_PERIOD', subject: { slug: brand }, gap: 2.5, periods: ['2025-01'] },
      ...{ figures: [{ value: 7 }, { value: 9.5 }], setAside: [{ period: '2025-01', value: 9.5 }] },
      explanation: 'Of 2025-01, A says 7 and B says 9.5. They are 2.5 apart.',
    });
  });
});

describe('a contradiction', () => {
  test('keeps its id while the same claims contradict each other, is gone when one is withdrawn, and comes back with it', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-01': 10_000, '2025-02': 11_000, '2025-03': 12_000 });
    const other = await scenario.source(3);
    const { ids } = await scenario.record(brand, { '2025-Q1': 35_000 }, { ...ACKNOWLEDGED, sourceId: other });
    const [found] = await contradictionsOf(brand);
    await scenario.record(brand, { '2025-04': 9_000 });
    expect(await contradictionsOf(brand)).toEqual([found]);
    await scenario.rank(ids[0] as string, 'DEPRECATED');
    expect(await contradictionsOf(brand)).toEqual([]);
    await scenario.rank(ids[0] as string, 'NORMAL');
    expect(await contradictionsOf(brand)).toMatchObject([{ id: found?.id }]);
    await scenario.withdraw(ids[0] as string);
    expect(await contradictionsOf(brand)).toEqual([]);
  });

  test('a slip among announced totals does not spoil what the months say', async () => {
    const brand = await scenario.subject('BRAND');
    const months = { '2025-01': 100_000, '2025-02': 105_000, '2025-03': 110_000 };
    const later = { '2025-04': 104_000, '2025-05': 111_000, '2025-06': 111_350 };
    await scenario.record(brand, { ...months, ...later });
    await scenario.record(brand, { '2025-Q1': 315_000, '2025-Q2': 326_350 }, { sourceId: await scenario.source(3) });
    await scenario.record(brand, { '2025-H1': 646_399 }, { ...ACKNOWLEDGED, sourceId: await scenario.source(1) });
    expect(await scenario.observe(brand, '2025-H1')).toMatchObject({
      ...{ value: 641_350, lower: 641_350, upper: 641_350, method: 'DERIVED', agreement: 'CONFLICTS' },
    });
    expect(await contradictionsOf(brand)).toMatchObject([{ kind: 'SUM', gap: 5_049, setAside: [{ value: 646_399 }] }]);
  });

  test('a rounded total never replaces the exact sum, and contradicts nothing', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-01': 109_000, '2025-02': 109_859, '2025-03': 110_000 });
    await scenario.record(brand, { '2025-Q1': 328_900 }, { sourceId: await scenario.source(1) });
    expect(await scenario.observe(brand, '2025-Q1')).toMatchObject({
      value: 328_859,
      method: 'DERIVED',
      agreement: 'SOLE',
    });
    expect(await contradictionsOf(brand)).toEqual([]);
  });
});
