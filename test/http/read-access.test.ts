import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { TemporarilyUnavailable } from '../../src/errors.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const QUIET = 'subscription { changes(filter: {subjects: []}) { cursor } }';

let server: TestServer;
let origin: string;
let key: string;
beforeAll(async () => {
  server = await openServer({ readAccess: 'key' });
  origin = new URL(server.url).origin;
  ({ key } = await server.createKey(['READ']));
});
afterAll(() => server[Symbol.asyncDispose]());

function get(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}?${new URLSearchParams({ query })}`, { headers });
}

function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function expectMissing(response: Response): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'Reading from this server needs a key: send it as "Authorization: Bearer <key>".',
        extensions: { code: 'UNAUTHENTICATED', reason: 'KEY_MISSING' },
      },
    ],
  });
}

describe('a server that is read with a key', () => {
  test.each([
    ['a query', '{ head }'],
    ['introspection', '{ __schema { queryType { name } } }'],
    ['a query that is not valid, without telling about the schema', '{ hea }'],
    ['what is no query at all', '{'],
    ['a subscription', QUIET],
  ])('refuses %s without one', async (_what, query) => {
    await expectMissing(await get(query));
    await expectMissing(await get(query, { accept: 'text/event-stream' }));
    await expectMissing(await post({ query }));
    await expectMissing(await post({ query }, { accept: 'application/graphql-response+json' }));
  });

  test('refuses a mutation, a batch and a body of another type without one', async () => {
    await expectMissing(await post({ query: 'mutation { withdrawFigure(id: "1", reason: "R") { cursor } }' }));
    await expectMissing(await post([{ query: '{ head }' }]));
    await expectMissing(await fetch(server.url, { method: 'POST', body: '{ head }' }));
  });

  test('tells nothing about its schema while keys cannot be looked up', async () => {
    const { findMany } = server.db.apiKey;
    Object.assign(server.db.apiKey, { findMany: () => Promise.reject(new TemporarilyUnavailable()) });
    try {
      for (const query of ['{ hea }', '{ head }', '{'])
        for (const accept of ['application/json', 'text/event-stream']) {
          const refused = await post({ query }, { authorization: `Bearer ${key}`, accept });
          expect([refused.status, await refused.json()]).toMatchObject([
            503,
            { errors: [{ extensions: { code: 'TEMPORARILY_UNAVAILABLE' } }] },
          ]);
        }
    } finally {
      Object.assign(server.db.apiKey, { findMany });
    }
  });

  test('answers with one, and lets only the client itself keep that', async () => {
    const answer = await get('{ head }', { authorization: `Bearer ${key}` });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    expect(answer.headers.get('vary')).toContain('Authorization');
    expect(await answer.json()).toEqual({ data: { head: expect.any(String) } });
    const stream = await get(QUIET, { authorization: `Bearer ${key}`, accept: 'text/event-stream' });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/event-stream'),
    ]);
    await stream.body?.cancel();
  });

  test('refuses badges, as they show numbers', async () => {
    await expectMissing(await fetch(`${origin}/badge/nobody.svg`));
    const badge = await fetch(`${origin}/badge/nobody.svg`, { headers: { authorization: `Bearer ${key}` } });
    expect(badge.status).toBe(404);
  });

  test('serves the pages and the checks of health to everyone', async () => {
    for (const path of ['/', '/table', '/embed/nio', '/logo.svg', '/livez', '/readyz'])
      expect([path, (await fetch(`${origin}${path}`)).status]).toEqual([path, 200]);
    const page = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });

  test('closes a WebSocket without one with 4401, after which clients do not come back, and with a wrong one with 4403', async () => {
    const closeOf = async (payload: object) => {
      using socket = await openRawSocket(server.wsUrl);
      socket.say({ type: 'connection_init', payload });
      await until('it is closed', () => socket.closed !== null);
      expect(socket.heard).toEqual([]);
      return socket.closed;
    };
    const missing = { code: 4401, reason: expect.stringContaining('needs a key') };
    expect(await closeOf({})).toEqual(missing);
    expect(await closeOf({ authorization: '' })).toEqual(missing);
    const ended = await server.createKey(['READ']);
    await revokeApiKey(server.db, ended.id);
    expect(await closeOf({ authorization: `Bearer ${ended.key}` })).toEqual({
      code: 4403,
      reason: expect.stringMatching(/^The key was revoked at 2/),
    });
    using socket = await openRawSocket(server.wsUrl);
    socket.say({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
    await until('it is acknowledged', () => socket.heard.length === 1);
    expect(socket.heard).toMatchObject([{ type: 'connection_ack' }]);
  });
});
