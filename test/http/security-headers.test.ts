import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';

const HTML = { accept: 'text/html' };
const JSON_BODY = { 'content-type': 'application/json' };

let api: Api;

beforeAll(async () => {
  api = await openApi({ seeded: true, key: null });
});
afterAll(() => api[Symbol.asyncDispose]());

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, api.server.url), init);
}

const KINDS: [what: string, path: string, init?: RequestInit][] = [
  ['an answer', '/graphql?query={__typename}'],
  ['an answer to POST', '/graphql', { method: 'POST', headers: JSON_BODY, body: '{"query":"{ head }"}' }],
  ['a parse error', '/graphql?query={'],
  ['a wrong key', '/graphql?query={head}', { headers: { authorization: 'Bearer nothing' } }],
  ['a wrong type', '/graphql', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }],
  ['a body that is too large', '/graphql', { method: 'POST', headers: JSON_BODY, body: Buffer.alloc(3_000_000) }],
  ['a wrong method', '/graphql', { method: 'DELETE' }],
  ['a preflight', '/graphql', { method: 'OPTIONS' }],
  ['events', '/graphql?query=subscription{live{head}}', { headers: { accept: 'text/event-stream' } }],
  ['events that are refused', '/graphql?query={', { headers: { accept: 'text/event-stream' } }],
  ['the dashboard', '/', { headers: HTML }],
  ['a chart', '/embed/road', { headers: HTML }],
  ['GraphiQL', '/graphql', { headers: HTML }],
  ['a picture', '/logo.svg'],
  ['a badge', '/badge/nio.svg'],
  ['a badge of nobody', '/badge/nobody-at-all.svg'],
  ['a badge that is refused', '/badge/nio.svg?metric=x'],
  ['health', '/livez'],
  ['readiness', '/readyz'],
  ['nothing', '/nothing'],
  ['another method', '/', { method: 'POST' }],
];

test.each(KINDS)('%s has the headers that browsers need to take it for what it is', async (what, path, init) => {
  const { headers, body } = await ask(path, init);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; /);
  const isEmbedded = /badge|chart/.test(what) && what !== 'a badge that is refused';
  if (what !== 'a badge that is refused')
    expect(headers.get('cross-origin-resource-policy')).toBe(isEmbedded ? 'cross-origin' : 'same-origin');
  if (what === 'a chart') expect(headers.get('content-security-policy')).not.toContain('frame-ancestors');
  else expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'$/);
  // Nobody learns what answers.
  expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
  await body?.cancel();
});

describe('a page', () => {
  test.each(['/', '/table', '/makers/nio', '/embed/road', '/graphql'])(
    '%s has a window of its own and uses no device',
    async (path) => {
      const { headers } = await ask(path, { headers: HTML });
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('permissions-policy')).toContain('camera=(), ');
      expect(headers.get('x-frame-options')).toBe(path.startsWith('/embed/') ? null : 'DENY');
      expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*'unsafe/);
    },
  );

  test('says so as well when it was not modified', async () => {
    const { headers } = await ask('/', { headers: HTML });
    const again = await ask('/', { headers: { ...HTML, 'if-none-match': String(headers.get('etag')) } });
    expect(again.status).toBe(304);
    expect(again.headers.get('content-security-policy')).toBe(headers.get('content-security-policy'));
  });

  test('loads files that are taken for nothing else', async () => {
    const html = await (await ask('/', { headers: HTML })).text();
    for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      expect((await ask(path)).headers.get('x-content-type-options')).toBe('nosniff');
  });
});
