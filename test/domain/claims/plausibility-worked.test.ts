import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { between, openScenario, over, type Scenario, type Stated } from '../../support/scenario.ts';
import { statementsOf } from '../../support/statements.ts';

type Values = Readonly<Record<string, number | Stated>>;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

/** Expects that the values are suspect, with these parts in the message, and that they are recorded with an acknowledgement. */
async function expectSuspect(subject: string, values: Values, parts: readonly string[], fields = {}): Promise<void> {
  const indexes = Object.keys(values).map((_period, index) => ({
    ...{ code: 'SUSPECT_MAGNITUDE', path: ['inputs', String(index), 'value'] },
    message: expect.stringMatching(new RegExp(`${parts.map(escaped).join('.*')}.*send acknowledgeOutlier: true\\.$`)),
  }));
  await expect(scenario.record(subject, values, fields)).rejects.toMatchObject({ userErrors: indexes });
  const written = await scenario.record(subject, values, { ...fields, acknowledgeOutlier: true });
  expect(written).toMatchObject({ deduplicated: 0 });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('periods of other lengths', () => {
  const MONTHS = { '2025-07': 40_000, '2025-08': 40_000, '2025-09': 40_000 };

  test('12 for a quarter whose months are 40,000 each is suspect', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, MONTHS);
    await expectSuspect(brand, { '2025-Q3': 12 }, [
      '12 of 2025-Q3 is less than the 40000 of 2025-09, which lies within it. 2 other values say the same.',
      '12 is 10000 times less a month than the 40000 of 2025-07 and ',
      ' (20 times is the limit).',
    ]);
  });

  test('in the same list only the quarter is suspect, because its months agree', async () => {
    const brand = await scenario.subject('BRAND');
    await expect(scenario.record(brand, { '2025-Q3': 12, ...MONTHS })).rejects.toMatchObject({
      userErrors: [{ code: 'SUSPECT_MAGNITUDE', path: ['inputs', '0', 'value'] }],
    });
  });

  test('a quarter after months is compared with them by the month', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-03': 1_000 });
    await expectSuspect(brand, { '2025-Q2': 60_000 }, ['60000 is 20 times more a month than the 1000 of 2025-03']);
    const other = await scenario.subject('BRAND');
    await scenario.record(other, { '2025-03': 1_000 });
    expect(await scenario.record(other, { '2025-Q2': 59_999 })).toMatchObject({ deduplicated: 0 });
  });

  test('a week is compared with a month by the day', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-06': 30_000 });
    await expectSuspect(brand, { '2025-W27': 350 }, ['350 is 20 times less a day than the 30000 of 2025-06']);
    expect(await scenario.record(brand, { '2025-W28': 2_000 })).toMatchObject({ deduplicated: 0 });
  });

  test('a year is compared with the months of the year before', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2023-11': 40_000, '2023-12': 41_000 });
    await expectSuspect(brand, { '2024': 480 }, ['480 is 1030 times less a month than the 41000 of 2023-12']);
  });

  test('what is further away than a year is no measure', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2023-12': 40_000 });
    expect(await scenario.record(brand, { '2025-02': 12 })).toMatchObject({ deduplicated: 0 });
  });

  test('a month of 20,000 in a quarter of 9,000 is suspect', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-Q3': 9_000 });
    await expectSuspect(brand, { '2025-08': 20_000 }, [
      '20000 of 2025-08 is more than the 9000 of 2025-Q3, within which it lies.',
    ]);
  });

  test('a quarter of 35,000 over months of 33,000 is a contradiction, not implausible', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-07': 10_000, '2025-08': 11_000, '2025-09': 12_000 });
    expect(await scenario.record(brand, { '2025-Q3': 35_000 })).toMatchObject({ deduplicated: 0 });
  });

  test('another value for the same period is compared as well', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-10': 410_000 });
    await expectSuspect(brand, { '2025-10': 41 }, ['41 is 10000 times less than the 410000 of 2025-10'], {
      sourceId: await scenario.source(3),
    });
  });

  test('the same value twice in a list does not bear itself out', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-09': 400_000 });
    const input = { subject: brand, metric: 'DELIVERIES', period: '2025-10', value: 41 };
    const sourceId = await scenario.source();
    const { recordFigures } = await scenario.api.ask<{ recordFigures: { userErrors: unknown[] } }>(
      'mutation ($inputs: [FigureInput!]!) { recordFigures(inputs: $inputs) { userErrors { code } } }',
      { inputs: [input, input].map((one) => ({ ...one, sourceId })) },
    );
    expect(recordFigures.userErrors).toEqual([{ code: 'SUSPECT_MAGNITUDE' }, { code: 'SUSPECT_MAGNITUDE' }]);
  });

  test('shares and counts are levels, which have no length', async () => {
    const brand = await scenario.subject('BRAND');
    const within = await scenario.subject('MARKET');
    const fields = { metric: 'MARKET_SHARE', within };
    await scenario.record(brand, { '2025-Q3': 6 }, fields);
    expect(await scenario.record(brand, { '2025-08': 8 }, fields)).toMatchObject({ deduplicated: 0 });
    await expectSuspect(brand, { '2025-09': 0.3 }, ['0.3 is 20 times less than the 6 of 2025-Q3'], fields);
    await scenario.record(brand, { '../2025-06-30': 300 }, { metric: 'COUNTRIES' });
    expect(await scenario.record(brand, { '../2025-07-31': 290 }, { metric: 'COUNTRIES' })).toMatchObject({
      deduplicated: 0,
    });
  });
});

describe('totals to date', () => {
  test('900,000,000 as a first figure to date is suspect', async () => {
    const brand = await scenario.subject('BRAND');
    await expectSuspect(brand, { '../2025-06-30': 900_000_000 }, [
      '900000000 vehicles to 2025-06-30 are more than the 778420272 that the whole world builds in 8 years at its best (97302534 in 2017)',
    ]);
    expect(await scenario.record(await scenario.subject('BRAND'), { '../2025-06-30': 1_000_000 })).toMatchObject({
      deduplicated: 0,
    });
  });

  test('first totals do not bear each other out, nor does a total without a pace a period', async () => {
    const brand = await scenario.subject('BRAND');
    const totals = { '../2025-05-31': 900_000_000, '../2025-06-30': 900_100_000 };
    await expectSuspect(brand, totals, ['that the whole world builds in 8 years']);
    const other = await scenario.subject('BRAND');
    await scenario.record(other, { '../2025-05-31': 33_000 });
    await expectSuspect(other, { '2025-06': 900_000_000 }, ['that the whole world builds in 1 month']);
  });

  test('a first period above what the whole world builds is suspect', async () => {
    const brand = await scenario.subject('BRAND');
    await expectSuspect(brand, { '2025-06': 900_000_000 }, [
      '900000000 vehicles in 2025-06 are more than the 8108544 that the whole world builds in 1 month at its best (97302534 in 2017)',
    ]);
  });

  test('a first total is compared with the pace of what else is known', async () => {
    const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2024-06-01' });
    await scenario.record(brand, { '2025-05': 31_000 });
    // 395 days at 1,000 a day, 20 times.
    await expectSuspect(brand, { '../2025-06-30': 7_900_000 }, [
      '7900000 is 20 times what the pace of the 31000 of 2025-05 gives since 2024-06-01 (20 times is the limit).',
    ]);
    const other = await scenario.subject('BRAND', { firstDeliveryOn: '2024-06-01' });
    await scenario.record(other, { '2025-05': 31_000 });
    expect(await scenario.record(other, { '../2025-06-30': 7_899_999 })).toMatchObject({ deduplicated: 0 });
  });

  test('without a known start, a first total may be a hundred years of the known pace', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-05': 31_000 });
    expect(await scenario.record(brand, { '../2025-06-30': 30_000_000 })).toMatchObject({ deduplicated: 0 });
    const other = await scenario.subject('BRAND');
    await scenario.record(other, { '2025-05': 31_000 });
    await expectSuspect(other, { '../2025-06-30': 40_000_000 }, [
      '40000000 is what the pace of the 31000 of 2025-05 gives in 110 years (100 years is the limit).',
    ]);
  });

  test('a lifetime total falling from 33,000 to 30,000 is suspect, in both orders', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-06-30': 33_000 });
    await expectSuspect(brand, { '../2025-07-31': 30_000 }, [
      '30000 of ../2025-07-31 is less than the 33000 of ../2025-06-30, which lies within it.',
    ]);
    const other = await scenario.subject('BRAND');
    await scenario.record(other, { '../2025-07-31': 30_000 });
    await expectSuspect(other, { '../2025-06-30': 33_000 }, [
      '33000 of ../2025-06-30 is more than the 30000 of ../2025-07-31, within which it lies.',
    ]);
  });

  test('an earlier total is found however long ago it was', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2019-06-30': 33_000 });
    await expectSuspect(brand, { '../2025-07-31': 30_000 }, ['the 33000 of ../2019-06-30, which lies within it.']);
    const other = await scenario.subject('BRAND');
    await scenario.record(other, { '../2025-07-31': 30_000 });
    await expectSuspect(other, { '2019-05': 33_000 }, ['the 30000 of ../2025-07-31, within which it lies.']);
  });

  test('a total is compared with the last one by the pace between them', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-05-31': 33_000, '2025-05': 3_100 });
    await expectSuspect(brand, { '../2025-06-30': 330_000 }, [
      '330000 is 297000 more than the 33000 of ../2025-05-31, and that is 95.8 times more than the 3100 of 2025-05',
    ]);
    const other = await scenario.subject('BRAND');
    await scenario.record(other, { '../2025-05-31': 33_000, '2025-05': 3_100 });
    expect(await scenario.record(other, { '../2025-06-30': 36_000 })).toMatchObject({ deduplicated: 0 });
  });

  test('without any other pace a total is compared with the last one itself, 20 times for each year between', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-05-31': 33_000 });
    await expectSuspect(brand, { '../2025-06-30': 660_000 }, [
      '660000 is 20 times more than the 33000 of ../2025-05-31',
    ]);
    const other = await scenario.subject('BRAND');
    await scenario.record(other, { '../2023-05-31': 33_000 });
    expect(await scenario.record(other, { '../2025-05-31': 1_300_000 })).toMatchObject({ deduplicated: 0 });
    const third = await scenario.subject('BRAND');
    await scenario.record(third, { '../2023-05-31': 33_000 });
    await expectSuspect(third, { '../2021-05-31': 825 }, ['825 is 40 times less than the 33000 of ../2023-05-31']);
  });

  test('a month is compared with the pace between two totals', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-03-31': 33_000, '../2025-06-30': 42_000 });
    await expectSuspect(brand, { '2025-07': 60_000 }, [
      '60000 is 20 times more a month than the 9000 between ../2025-03-31 and ../2025-06-30',
    ]);
  });

  test('a lower bound repeated later is no fall and no standstill', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-05-31': over(1_000_000), '2025-05': 40_000 });
    expect(await scenario.record(brand, { '../2025-07-31': over(1_000_000) })).toMatchObject({ deduplicated: 0 });
    expect(await scenario.record(brand, { '../2025-06-30': 1_030_000 })).toMatchObject({ deduplicated: 0 });
  });
});

describe('the start, the whole and its parts', () => {
  test('700 delivered before the first delivery is suspect', async () => {
    const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2024-04' });
    await expectSuspect(brand, { '2024-03': 700 }, [
      '700 of 2024-03 is before the first delivery, on 2024-04-01 at the earliest.',
    ]);
    expect(await scenario.record(brand, { '2024-04': 700 })).toMatchObject({ deduplicated: 0 });
    expect(await scenario.record(brand, { '2024-02': 0 })).toMatchObject({ deduplicated: 0 });
  });

  test('without a first delivery the launch counts, and production can be earlier', async () => {
    const model = await scenario.subject('MODEL', { launchedOn: '2024-03-28' });
    await expectSuspect(model, { '../2024-03-27': 700 }, [
      '700 of ../2024-03-27 is before the launch, on 2024-03-28 at the earliest.',
    ]);
    await scenario.record(model, { '2024-02': 700 }, { metric: 'PRODUCTION' });
    const delivered = await scenario.subject('MODEL', { launchedOn: '2024-03-28', firstDeliveryOn: '2024-02-01' });
    expect(await scenario.record(delivered, { '2024-02': 700 })).toMatchObject({ deduplicated: 0 });
  });

  test('a company at 15,000 under its brand at 20,000 is suspect, and so is the brand above it', async () => {
    const company = await scenario.subject('COMPANY');
    const brand = await scenario.subject('BRAND', { parent: company });
    await scenario.record(brand, { '2025-08': 20_000 });
    await expectSuspect(company, { '2025-08': 15_000 }, [
      `15000 of ${company} in 2025-08 is less than the 20000 of ${brand}, which is a part of it.`,
    ]);
    await scenario.record(company, { '2025-09': 15_000 });
    await expectSuspect(brand, { '2025-09': 20_000 }, [
      `20000 of ${brand} in 2025-09 is more than the 15000 of ${company}, of which it is a part.`,
    ]);
    expect(await scenario.record(brand, { '2025-09': 20_000 }, { metric: 'EXPORTS' })).toMatchObject({
      deduplicated: 0,
    });
  });

  test('a brand above its alliance is suspect only in a period inside the membership', async () => {
    const alliance = await scenario.subject('ALLIANCE');
    const brand = await scenario.subject('BRAND');
    await scenario.join(alliance, brand, '2025-03-01', '2025-09-01');
    await scenario.record(alliance, { '2025-02': 15_000, '2025-03': 15_000, '2025-08': 15_000, '2025-09': 15_000 });
    for (const period of ['2025-02', '2025-09']) {
      expect(await scenario.record(brand, { [period]: 20_000 })).toMatchObject({ deduplicated: 0 });
    }
    for (const period of ['2025-03', '2025-08']) {
      await expectSuspect(brand, { [period]: 20_000 }, [
        `20000 of ${brand} in ${period} is more than the 15000 of ${alliance}, of which it is a part.`,
      ]);
    }
  });

  test('parts and wholes in the same list are compared', async () => {
    const company = await scenario.subject('COMPANY');
    const brand = await scenario.subject('BRAND', { parent: company });
    const common = { metric: 'DELIVERIES', period: '2025-08', sourceId: await scenario.source() };
    const inputs = [
      { ...common, subject: company, value: 15_000 },
      { ...common, subject: brand, value: 20_000 },
    ];
    const { recordFigures } = await scenario.api.ask<{ recordFigures: { userErrors: unknown[] } }>(
      'mutation ($inputs: [FigureInput!]!) { recordFigures(inputs: $inputs) { userErrors { code path } } }',
      { inputs },
    );
    expect(recordFigures.userErrors).toEqual([
      { code: 'SUSPECT_MAGNITUDE', path: ['inputs', '0', 'value'] },
      { code: 'SUSPECT_MAGNITUDE', path: ['inputs', '1', 'value'] },
    ]);
  });
});

test('a range is compared by its ends, and named at its lower one', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': 400_000 });
  await expect(scenario.record(brand, { '2025-10': between(40, 42) })).rejects.toMatchObject({
    userErrors: [
      {
        ...{ code: 'SUSPECT_MAGNITUDE', path: ['inputs', '0', 'lower'] },
        message: expect.stringContaining('40 to 42 is 9520 times less than the 400000 of 2025-09'),
      },
    ],
  });
  expect(await scenario.record(brand, { '2025-10': between(40, 20_001) })).toMatchObject({ deduplicated: 0 });
});

test('a deprecated or withdrawn claim is no measure', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '2025-Q2': 9_000, '2025-Q3': 9_000 });
  await scenario.withdraw(ids[0] as string);
  await scenario.rank(ids[1] as string, 'DEPRECATED');
  expect(await scenario.record(brand, { '2025-06': 2_000_000 })).toMatchObject({ deduplicated: 0 });
});

test('an acknowledged value in a list is a measure for the others', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source();
  const common = { subject: brand, metric: 'DELIVERIES', sourceId };
  const { recordFigures } = await scenario.api.ask<{ recordFigures: { userErrors: unknown[] } }>(
    'mutation ($inputs: [FigureInput!]!) { recordFigures(inputs: $inputs) { userErrors { code path } } }',
    {
      inputs: [
        { ...common, period: '2025-Q3', value: 9_000, acknowledgeOutlier: true },
        { ...common, period: '2025-08', value: 20_000 },
      ],
    },
  );
  expect(recordFigures.userErrors).toEqual([{ code: 'SUSPECT_MAGNITUDE', path: ['inputs', '1', 'value'] }]);
});

test('the number of statements does not grow with the batch', async () => {
  const brand = await scenario.subject('BRAND', { parent: await scenario.subject('COMPANY') });
  const months = Array.from({ length: 40 }, (_none, index) => [
    `${2020 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`,
    100 + index,
  ]);
  const sourceId = await scenario.source();
  const counts: number[] = [];
  for (const values of [months.slice(0, 1), months.slice(1)]) {
    counts.push((await statementsOf(() => scenario.record(brand, Object.fromEntries(values), { sourceId }))).length);
  }
  expect(counts[1]).toBe(counts[0]);
});

describe('revisions', () => {
  test('a revised value is checked like a new one, and the figure that it replaces is no measure', async () => {
    const brand = await scenario.subject('BRAND');
    const { ids } = await scenario.record(brand, { '2025-09': 400_000, '2025-10': 410_000 });
    const problem = {
      ...{ code: 'SUSPECT_MAGNITUDE', path: ['input', 'value'] },
      message: expect.stringContaining('41 is 9760 times less than the 400000 of 2025-09 (20 times is the limit)'),
    };
    await expect(scenario.revise(ids[1] as string, 41)).rejects.toMatchObject({ userErrors: [problem] });
    const revised = await scenario.revise(ids[1] as string, 41, { acknowledgeOutlier: true });
    // 41 itself is no measure for its correction.
    expect(await scenario.revise(revised.ids[0] as string, 410_000)).toMatchObject({ deduplicated: 0 });
  });

  test('another claim about the same period remains a measure', async () => {
    const brand = await scenario.subject('BRAND');
    const { ids } = await scenario.record(brand, { '2025-10': 410_000 });
    await scenario.record(brand, { '2025-10': 400_000 }, { sourceId: await scenario.source(3) });
    await expect(scenario.revise(ids[0] as string, 41)).rejects.toMatchObject({
      userErrors: [{ code: 'SUSPECT_MAGNITUDE', message: expect.stringContaining('the 400000 of 2025-10') }],
    });
  });

  test('everything wrong with a revision is named at once', async () => {
    const brand = await scenario.subject('BRAND');
    const { ids } = await scenario.record(brand, { '2025-09': 400_000, '2025-10': 410_000 });
    await expect(scenario.revise(ids[1] as string, 41, { reason: '' })).rejects.toMatchObject({
      userErrors: [
        { code: 'INVALID_INPUT', path: ['input', 'reason'] },
        { code: 'SUSPECT_MAGNITUDE', path: ['input', 'value'] },
      ],
    });
  });

  test('the same revision again writes nothing', async () => {
    const brand = await scenario.subject('BRAND');
    const { ids } = await scenario.record(brand, { '2025-09': 400_000, '2025-10': 410_000 });
    await scenario.revise(ids[1] as string, 41, { acknowledgeOutlier: true });
    expect(await scenario.revise(ids[1] as string, 41)).toMatchObject({ deduplicated: 1 });
  });
});
