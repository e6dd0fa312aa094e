import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { subscribe } from '../support/readers.ts';
import { until } from '../support/wait.ts';

const HOUR_MS = 3_600_000;
const CREATE = `mutation ($input: ApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey { id label scopes state createdAt expiresAt revokedAt lastUsedAt }
    userErrors { code path message }
  }
}`;
const REVOKE = `mutation ($id: ID!) {
  revokeApiKey(id: $id) { apiKey { id state revokedAt } userErrors { code path message } }
}`;
const WRITE = 'mutation { updateSubject(slug: "nobody", input: {}) { userErrors { code } } }';

interface Created {
  readonly createApiKey: {
    readonly key: string;
    readonly apiKey: { readonly id: string; readonly createdAt: string };
  };
}

let api: Api;
beforeAll(async () => {
  api = await openApi({ key: ['ADMIN'] });
});
afterAll(() => api[Symbol.asyncDispose]());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function create(input: object): Promise<Created['createApiKey']> {
  return (await api.ask<Created>(CREATE, { input: { label: 'a test', ...input } })).createApiKey;
}

async function codeOf(query: string, key: string): Promise<unknown> {
  const { errors } = await api.query(query, {}, bearer(key));
  return errors?.[0]?.extensions?.code ?? null;
}

describe('an admin key', () => {
  test('makes a key, which is shown once, and what is kept of it', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
    expect(await create({ label: '  our importer ', scope: 'WRITE', expiresAt })).toEqual({
      key: expect.stringMatching(/^mp_[\w-]{32}$/),
      apiKey: {
        id: expect.stringMatching(/^\d+$/),
        label: 'our importer',
        scopes: ['READ', 'WRITE'],
        state: 'VALID',
        createdAt: expect.any(String),
        expiresAt,
        revokedAt: null,
        lastUsedAt: null,
      },
      userErrors: [],
    });
  });

  test('revokes a key, whose next request is refused with when that was', async () => {
    const { key, apiKey } = await create({});
    expect(await codeOf('{ head }', key)).toBeNull();
    const { revokeApiKey } = await api.ask<{ revokeApiKey: { apiKey: { revokedAt: string } } }>(REVOKE, apiKey);
    expect(revokeApiKey).toMatchObject({ apiKey: { id: apiKey.id, state: 'REVOKED' }, userErrors: [] });
    const refused = await api.query('{ head }', {}, bearer(key));
    expect(refused).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'KEY_REVOKED' } }],
    });
    expect(refused.errors?.[0]?.message).toContain(revokeApiKey.apiKey.revokedAt);
  });

  test('sees each key that was made or revoked before, however often it asked the same', async () => {
    const list = async (state: string) => {
      const { apiKeys } = await api.ask<{ apiKeys: { id: string }[] }>(`{ apiKeys(state: ${state}) { id state } }`);
      return apiKeys.map(({ id }) => id);
    };
    await list('VALID');
    const [first, second] = [(await create({})).apiKey.id, (await create({})).apiKey.id];
    expect((await list('VALID')).slice(0, 2)).toEqual([second, first]);
    await api.ask(REVOKE, { id: first });
    expect((await list('VALID'))[0]).toBe(second);
    expect(await list('VALID')).not.toContain(first);
    expect((await list('REVOKED'))[0]).toBe(first);
    const ended = await api.createKey({ expiresAt: new Date(Date.now() - 1) });
    expect(await codeOf('{ head }', ended)).toBe('UNAUTHENTICATED');
    expect(await list('EXPIRED')).toHaveLength(1);
  });

  test.each([
    ['after a tab', '{\tapiKeys { state } }'],
    ['under another name', '{ all: apiKeys { state } }'],
    [
      'in fragments',
      '{ ...Outer } fragment Outer on Query { ... { ...Inner } } fragment Inner on Query { apiKeys { state } }',
    ],
  ])('sees them as they are, also when the field stands %s', async (_where, query) => {
    const ask = async (): Promise<number> => {
      const answer = await api.ask<{ readonly [name: string]: readonly unknown[] }>(query);
      return Object.values(answer)[0]?.length ?? 0;
    };
    const before = await ask();
    await create({});
    expect(await ask()).toBe(before + 1);
  });

  test('writes, and reads, as each scope includes those below it', async () => {
    const keys = await Promise.all(['READ', 'WRITE', 'ADMIN'].map(async (scope) => (await create({ scope })).key));
    // As keys were stored that were made with one scope only.
    keys.push(await api.createKey({ scopes: ['WRITE'] }), await api.createKey({ scopes: ['ADMIN'] }));
    const allowed = await Promise.all(
      keys.map((key) => Promise.all(['{ head }', WRITE, '{ apiKeys { id } }'].map((query) => codeOf(query, key)))),
    );
    const [read, write, admin] = [
      [null, 'FORBIDDEN', 'FORBIDDEN'],
      [null, null, 'FORBIDDEN'],
      [null, null, null],
    ];
    expect(allowed).toEqual([read, write, admin, write, admin]);
  });
});

test.each([
  ['a label of spaces', { label: ' ' }, ['input', 'label']],
  ['a label with a line break', { label: 'a\nb' }, ['input', 'label']],
  ['a label that is too long', { label: 'a'.repeat(201) }, ['input', 'label']],
  ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }, ['input', 'expiresAt']],
])('a key with %s is refused, and not made', async (_what, input, path) => {
  const before = await api.db.apiKey.count();
  expect(await create(input)).toMatchObject({
    key: null,
    apiKey: null,
    userErrors: [{ code: 'INVALID_INPUT', path }],
  });
  expect(await api.db.apiKey.count()).toBe(before);
});

test('a key that there is not, or that is revoked, is not revoked', async () => {
  const { apiKey } = await create({});
  const revoke = async (id: string) =>
    (await api.ask<{ revokeApiKey: { userErrors: object[] } }>(REVOKE, { id })).revokeApiKey.userErrors;
  expect(await revoke(apiKey.id)).toEqual([]);
  const refused = (message: string) => [{ code: 'INVALID_INPUT', path: ['id'], message }];
  expect(await revoke(apiKey.id)).toEqual(refused('The key is revoked already.'));
  for (const id of ['999999', '0', '-1', 'nonsense', '99999999999'])
    expect(await revoke(id)).toEqual(refused('There is no such key.'));
});

test.each([
  ['READ', 'FORBIDDEN'],
  ['WRITE', 'FORBIDDEN'],
  [null, 'UNAUTHENTICATED'],
] as const)('keys are not shown to a client with the key %s', async (scope, code) => {
  const headers = scope === null ? { authorization: '' } : bearer(await api.createKey({ scopes: [scope] }));
  const { data, errors } = await api.query('{ apiKeys { label } }', {}, headers);
  expect({ data, code: errors?.[0]?.extensions?.code }).toEqual({ data: null, code });
});

test('a live query does not follow keys, and says so', async () => {
  const key = await api.createKey({ scopes: ['ADMIN'] });
  const reader = subscribe(api.server.wsUrl, 'subscription { live { apiKeys { id } } }', { key });
  await until('it is answered', () => reader.results.length > 0);
  expect(reader.results[0]).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  reader.stop();
});

test('the last use is written within a few seconds, once a minute, and over WebSocket as well', async () => {
  const { key, apiKey } = await create({});
  const lastUse = async () =>
    (await api.db.apiKey.findUnique({ where: { id: Number(apiKey.id) } }))?.lastUsedAt?.getTime() ?? null;
  expect(await lastUse()).toBeNull();
  const before = Date.now();
  await api.query('{ head }', {}, bearer(key));
  await until('the use is written', async () => (await lastUse()) !== null);
  const first = await lastUse();
  expect(first).toBeGreaterThanOrEqual(before);
  const overSocket = await create({});
  const reader = subscribe(api.server.wsUrl, 'subscription { changes { cursor } }', { key: overSocket.key });
  await api.query('{ head }', {}, bearer(key));
  await until('the use of the other is written', async () => {
    const row = await api.db.apiKey.findUnique({ where: { id: Number(overSocket.apiKey.id) } });
    return row?.lastUsedAt != null;
  });
  reader.stop();
  expect(await lastUse()).toBe(first);
});
