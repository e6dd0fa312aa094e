import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, dayOf } from '../../src/domain/values/calendar.ts';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, USER_ERRORS, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const TODAY = dayOf(new Date());
const TOMORROW = addDays(TODAY, 1);

let brand: string;
let market: string;
let sourceId: string;
beforeAll(async () => {
  brand = await givenSubject(api, 'BRAND', { slug: 'leapmotor' });
  market = await givenSubject(api, 'MARKET', { slug: 'china-nev' });
  sourceId = await givenSource(api);
});

/** Sends a valid figure with the given changes. */
function send(other: object) {
  const good = { subject: brand, metric: 'SALES', period: '2025-12', value: 1_000, sourceId };
  return write<{ figure: object | null }>(api, 'recordFigure', { ...good, ...other }, 'figure { id period }');
}

async function expectRefused(other: object, ...problems: string[]): Promise<void> {
  const before = await stateOf(api);
  const payload = await send(other);
  expect(problemsOf(payload)).toEqual(problems);
  expect(payload.figure).toBeNull();
  expect(await stateOf(api)).toEqual(before);
}

describe('refuses', () => {
  test.each([
    ['a negative value', { value: -1 }, 'NEGATIVE_VALUE input.value'],
    ['a fraction of a vehicle', { value: 0.5 }, 'INVALID_VALUE input.value'],
    ['more than 2^53 - 1', { value: 2 ** 53 }, 'INVALID_VALUE input.value'],
    ['no value at all', { value: null }, 'INVALID_VALUE input.value'],
    ['a change of less than -100 percent', { statedChangePercent: -100.1 }, 'INVALID_VALUE input.statedChangePercent'],
    ['BETWEEN without upper', { qualifier: 'BETWEEN', lower: 1 }, 'INVALID_VALUE input.upper'],
    ['BETWEEN without lower', { qualifier: 'BETWEEN', upper: 2_000 }, 'INVALID_VALUE input.lower'],
    ['lower above upper', { qualifier: 'BETWEEN', lower: 2_000, upper: 500 }, 'INVALID_VALUE input.lower'],
    ['a value beside its bounds', { qualifier: 'BETWEEN', lower: 1, upper: 2 }, 'INVALID_VALUE input.value'],
    ['a bound below 0', { qualifier: 'BETWEEN', lower: -1, upper: 2_000 }, 'NEGATIVE_VALUE input.lower'],
    ['lower without BETWEEN', { lower: 1 }, 'INVALID_VALUE input.lower'],
    ['upper without BETWEEN', { qualifier: 'ABOUT', upper: 1 }, 'INVALID_VALUE input.upper'],
    ['the unit of another metric', { unit: 'CNY' }, 'INVALID_UNIT input.unit'],
    ['a share of nothing', { metric: 'MARKET_SHARE', value: 50 }, 'INVALID_INPUT input.within'],
    ['a share above 100', { metric: 'MARKET_SHARE', within: 'china-nev', value: 101 }, 'INVALID_VALUE input.value'],
    ['within a subject that is not a market', { within: 'leapmotor' }, 'INVALID_INPUT input.within'],
    ['within an unknown market', { within: 'mars' }, 'UNKNOWN_SUBJECT input.within'],
    ['an unknown subject', { subject: 'nobody' }, 'UNKNOWN_SUBJECT input.subject'],
    ['an invalid source', { sourceId: 'nonsense' }, 'UNKNOWN_SOURCE input.sourceId'],
    ['an unknown source', { sourceId: base64('Source:99999') }, 'UNKNOWN_SOURCE input.sourceId'],
    ['the id of something else', { sourceId: base64('Publisher:1') }, 'UNKNOWN_SOURCE input.sourceId'],
    ['an empty note', { note: ' ' }, 'INVALID_INPUT input.note'],
    ['a note of more than 2,000 characters', { note: 'x'.repeat(2_001) }, 'INVALID_INPUT input.note'],
  ])('%s', async (_name, other, problem) => {
    await expectRefused(other, problem);
  });

  test.each([
    '2025-13',
    '2025-Q5',
    '2025-W53',
    '2025-02-30',
    '2025-12/2025-01',
    '202512',
    'December',
    '..',
    '',
    '1899',
  ])('the invalid period "%s"', async (period) => {
    await expectRefused({ period }, 'INVALID_PERIOD input.period');
  });

  test.each([
    ['this month', TODAY.slice(0, 7)],
    ['this year', TODAY.slice(0, 4)],
    ['tomorrow', TOMORROW],
    ['everything to tomorrow', `../${TOMORROW}`],
    ['a range that ends today', `2025-01-01/${TODAY}`],
    ['a week to come', '2900-W01'],
  ])('%s, which has not ended', async (_name, period) => {
    await expectRefused({ period }, 'FUTURE_PERIOD input.period');
  });

  test('all problems at once, each with its path', async () => {
    await expectRefused(
      {
        subject: 'leapmoter',
        period: '2025-13',
        value: -1.5,
        lower: 1,
        unit: 'CNY',
        sourceId: 'x',
        within: 'leapmotor',
        statedChangePercent: -101,
        note: '',
      },
      'INVALID_INPUT input.note',
      'INVALID_INPUT input.within',
      'INVALID_PERIOD input.period',
      'INVALID_UNIT input.unit',
      'INVALID_VALUE input.lower',
      'INVALID_VALUE input.statedChangePercent',
      'NEGATIVE_VALUE input.value',
      'UNKNOWN_SOURCE input.sourceId',
      'UNKNOWN_SUBJECT input.subject',
    );
  });
});

test('an unknown subject is refused with suggestions', async () => {
  const { userErrors } = await send({ subject: 'leapmoter', within: 'china-nevs', metric: 'MARKET_SHARE', value: 1 });
  expect(userErrors.map(({ path, didYouMean }) => [path.at(-1), didYouMean])).toEqual([
    ['subject', [brand]],
    ['within', [market]],
  ]);
});

test('today is accepted as a day and as the end of a to-date period', async () => {
  expect((await send({ period: TODAY })).figure).toMatchObject({ period: TODAY });
  expect((await send({ period: `../${TODAY}` })).figure).toMatchObject({ period: `../${TODAY}` });
});

describe('a literal', () => {
  const record = (value: string) =>
    api.query<{ recordFigure: { userErrors: { code: string; path: string[] }[] } }>(
      `mutation ($sourceId: ID!) {
        recordFigure(input: { subject: "leapmotor", metric: SALES, period: "2024", value: ${value}, sourceId: $sourceId }) {
          figure { id } ${USER_ERRORS}
        }
      }`,
      { sourceId },
    );

  test.each(['1e400', '-1e400'])('of %s is not a number', async (value) => {
    const { data, errors } = await record(value);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      recordFigure: { figure: null, userErrors: [{ code: 'INVALID_VALUE', path: ['input', 'value'] }] },
    });
  });

  test('that is just above the largest whole number is not rounded to it', async () => {
    expect((await record('9007199254740993')).data?.recordFigure.userErrors).toMatchObject([{ code: 'INVALID_VALUE' }]);
  });

  test.each(['NaN', 'Infinity', '"41"', 'true'])('of %s does not pass validation', async (value) => {
    const { data, errors } = await record(value);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });
});

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
