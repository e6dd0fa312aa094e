import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

test('scalars name the public specifications that they keep to; partial dates, periods and cursors have none', async () => {
  const { __schema } = await api.ask<{ __schema: { types: { name: string; specifiedByURL: string | null }[] } }>(
    '{ __schema { types { name specifiedByURL } } }',
  );
  const urls = Object.fromEntries(__schema.types.map(({ name, specifiedByURL }) => [name, specifiedByURL]));
  expect(urls).toMatchObject({
    Date: 'https://scalars.graphql.org/andimarek/local-date.html',
    DateTime: 'https://www.rfc-editor.org/rfc/rfc3339',
    PartialDate: null,
    Period: null,
    Cursor: null,
  });
});

test.each([
  ['2024-02-29T23:59:59Z', true],
  ['2024-02-29t23:59:59.123456+08:00', true],
  ['2023-02-29T00:00:00Z', false],
  ['2024-04-31T00:00:00+08:00', false],
  ['2024-04-30T24:00:00Z', false],
  ['2024-04-30T00:00:00', false],
  ['2024-04-30', false],
  ['0001-01-01T00:00:00Z', true],
  ['0001-01-01T00:00:00+08:00', false],
  ['9999-12-31T23:59:59.999Z', true],
  ['9999-12-31T23:59:59-01:00', false],
])('%s as an instant is accepted: %s', async (instant, accepted) => {
  const { errors } = await api.query(
    'query ($at: DateTime) { changes(since: $at) { totalCount } figures(first: 1, asOf: $at) { totalCount } }',
    { at: instant },
  );
  expect(errors?.[0]?.extensions?.code).toBe(accepted ? undefined : 'BAD_USER_INPUT');
});
