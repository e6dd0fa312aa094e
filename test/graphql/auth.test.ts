import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey, ensureAdminKey, revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { schema } from '../../src/graphql/schema.ts';
import { openApi } from '../support/api.ts';
import { stateOf } from '../support/writes.ts';

const api = await openApi({ key: null });
afterAll(() => api[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;
const CREATE = 'mutation { createSubject(input: { kind: BRAND, slug: "brand", name: "Brand" }) { subject { slug } } }';

/** Every mutation, with arguments that it would take. */
const WRITES: Readonly<Record<string, string>> = {
  registerSource: '(input: { publisher: { slug: "p", name: "P", tier: 1 }, title: "T" }) { deduplicated }',
  createSubject: '(input: { kind: BRAND, slug: "b", name: "B" }) { cursor }',
  updateSubject: '(slug: "there", input: { name: "B" }) { cursor }',
  recordFigure: '(input: { subject: "there", metric: SALES, period: "2025", value: 1, sourceId: "1" }) { cursor }',
  recordFigures: '(inputs: [{ subject: "there", metric: SALES, period: "2025", value: 1, sourceId: "1" }]) { cursor }',
  reviseFigure: '(id: "1", input: { value: 1, reason: "R" }) { cursor }',
  reviseFigures: '(inputs: [{ id: "1", input: { value: 1, reason: "R" } }]) { cursor }',
  withdrawFigure: '(id: "1", reason: "R") { cursor }',
  rankFigure: '(id: "1", rank: PREFERRED, reason: "R") { cursor }',
  announceMilestone: '(input: { subject: "there", kind: LAUNCH, title: "T", sourceId: "1" }) { cursor }',
  setTarget: '(input: { subject: "there", metric: SALES, value: 1, sourceId: "1" }) { cursor }',
  joinAlliance: '(input: { alliance: "a", brand: "there" }) { cursor }',
  createApiKey: '(input: { label: "L" }) { key }',
  revokeApiKey: '(id: "1") { apiKey { id } }',
  leaveAlliance: '(membershipId: "1", leftOn: "2025") { cursor }',
};

/** What manages keys, which takes another scope than to write. */
const OF_KEYS = ['createApiKey', 'revokeApiKey'];
const scopeFor = (name: string) => (OF_KEYS.includes(name) ? 'admin' : 'write');

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

beforeAll(async () => {
  await api.query(CREATE.replace('"brand"', '"there"'), {}, bearer(await api.createKey()));
});

test('the list of writes is complete', () => {
  expect(Object.keys(WRITES).sort()).toEqual(Object.keys(schema.getMutationType()?.getFields() ?? {}).sort());
});

describe.each(Object.entries(WRITES))('%s', (name, rest) => {
  const document = `mutation { ${name}${rest} }`;

  test('needs a key, and writes nothing without one', async () => {
    const before = await stateOf(api);
    const { data, errors } = await api.query(document);
    expect(data).toBeNull();
    const message = `This needs a key with the scope "${scopeFor(name)}": send it as "Authorization: Bearer …".`;
    expect(errors).toMatchObject([{ message, path: [name], extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await stateOf(api)).toEqual(before);
  });

  test('needs a key that may write, and writes nothing with another', async () => {
    const before = await stateOf(api);
    const { data, errors } = await api.query(document, {}, bearer(await api.createKey({ scopes: ['READ'] })));
    expect(data).toBeNull();
    const message = `This key does not have the scope "${scopeFor(name)}"; it has "read".`;
    expect(errors).toMatchObject([{ message, path: [name], extensions: { code: 'FORBIDDEN' } }]);
    expect(await stateOf(api)).toEqual(before);
  });
});

test('what manages keys names the scope admin, also to a key that may write', async () => {
  const headers = bearer(await api.createKey({ scopes: ['READ', 'WRITE'] }));
  const message = 'This key does not have the scope "admin"; it has "write".';
  for (const document of ['{ apiKeys { id } }', ...OF_KEYS.map((name) => `mutation { ${name}${WRITES[name]} }`)])
    expect((await api.query(document, {}, headers)).errors).toMatchObject([
      { message, extensions: { code: 'FORBIDDEN' } },
    ]);
});

describe('a key', () => {
  test('that may write is accepted, in any spelling of Bearer', async () => {
    const key = await api.createKey({ expiresAt: new Date(Date.now() + HOUR_MS) });
    for (const authorization of [`Bearer ${key}`, `bearer ${key}`, `BEARER  ${key}`]) {
      const { errors } = await api.query(
        'mutation { updateSubject(slug: "there", input: {}) { cursor } }',
        {},
        { authorization },
      );
      expect(errors).toBeUndefined();
    }
  });

  test('that is unknown, revoked or expired is refused, also for reading, and writes nothing', async () => {
    const known = await api.createKey();
    const headers = [
      'Bearer mp_unknown',
      bearer(await api.createKey({ revokedAt: new Date() })).authorization,
      bearer(await api.createKey({ expiresAt: new Date(Date.now() - 1) })).authorization,
      known,
      `Basic ${known}`,
      'Bearer',
      `Bearer ${known} ${known}`,
    ];
    const before = await stateOf(api);
    for (const authorization of headers) {
      for (const document of [CREATE, '{ head }']) {
        const { status, data, errors } = await api.query(document, {}, { authorization });
        expect({ status, data, code: errors?.[0]?.extensions?.code }, authorization).toEqual({
          status: 401,
          data: undefined,
          code: 'UNAUTHENTICATED',
        });
      }
    }
    expect(await stateOf(api)).toEqual(before);
  });
});

test('a client without a key may read', async () => {
  expect(await api.ask('{ head subject(slug: "there") { slug } figures { totalCount } }')).toEqual({
    head: expect.any(String),
    subject: { slug: 'there' },
    figures: { totalCount: 0 },
  });
});

describe('the admin key', () => {
  test('is made only on the first start, may write, and is stored as a hash', async () => {
    await using fresh = await openApi({ key: null });
    const key = await ensureAdminKey(fresh.db, undefined);
    expect(key).toMatch(/^mp_[\w-]{32}$/);
    expect(await ensureAdminKey(fresh.db, undefined)).toBeNull();
    const rows = await fresh.db.apiKey.findMany();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(key);
    expect((await fresh.query(CREATE, {}, bearer(key as string))).errors).toBeUndefined();
  });

  test('can be configured, and is then the only configured one', async () => {
    await using fresh = await openApi({ key: null });
    const [one, other] = ['1', '2'].map((digit) => digit.repeat(32)) as [string, string];
    const codeOf = async (key: string) =>
      (await fresh.query('{ head }', {}, bearer(key))).errors?.[0]?.extensions?.code;
    expect(await ensureAdminKey(fresh.db, one)).toBeNull();
    expect(await ensureAdminKey(fresh.db, one)).toBeNull();
    expect(await fresh.db.apiKey.count()).toBe(1);
    expect(await codeOf(one)).toBeUndefined();
    await ensureAdminKey(fresh.db, other);
    expect([await codeOf(one), await codeOf(other)]).toEqual(['UNAUTHENTICATED', undefined]);
    await ensureAdminKey(fresh.db, one);
    expect([await codeOf(one), await codeOf(other)]).toEqual([undefined, 'UNAUTHENTICATED']);
    expect(await ensureAdminKey(fresh.db, undefined)).toBeNull();
  });

  test('that is configured is valid and may write, whatever it was before, and keeps its label', async () => {
    await using fresh = await openApi({ key: null });
    const before = await createApiKey(fresh.db, { label: 'dashboard', scopes: ['READ'], expiresAt: new Date() });
    await revokeApiKey(fresh.db, before.row.id);
    await ensureAdminKey(fresh.db, before.key);
    const row = await fresh.db.apiKey.findUniqueOrThrow({ where: { id: before.row.id } });
    expect(row).toMatchObject({ label: 'dashboard', expiresAt: null, revokedAt: null });
    expect(row.scopes).toContain('ADMIN');
    expect((await fresh.query(CREATE, {}, bearer(before.key))).errors).toBeUndefined();
  });

  test('is told by what configured it, not by its label', async () => {
    await using fresh = await openApi({ key: null });
    const made = await createApiKey(fresh.db, { label: 'importer', scopes: ['READ'], expiresAt: null });
    const other = await createApiKey(fresh.db, { label: 'MILEPOST_ADMIN_KEY', scopes: ['READ'], expiresAt: null });
    await ensureAdminKey(fresh.db, made.key);
    await ensureAdminKey(fresh.db, '4'.repeat(32));
    const isValid = async (key: string) => (await fresh.query('{ head }', {}, bearer(key))).errors === undefined;
    expect([await isValid(made.key), await isValid(other.key)]).toEqual([false, true]);
  });

  test('is stored once when two instances start with it at the same time', async () => {
    await using fresh = await openApi({ key: null });
    const key = '3'.repeat(32);
    await Promise.all(Array.from({ length: 5 }, () => ensureAdminKey(fresh.db, key)));
    expect(await fresh.db.apiKey.count()).toBe(1);
    expect((await fresh.query('{ head }', {}, bearer(key))).errors).toBeUndefined();
  });
});
