import { request as send } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { DASHBOARD } from '../support/dashboard.ts';

const BUDGET_BYTES = 8 * 1024;

let api: Api;
beforeAll(async () => {
  api = await openApi({ seeded: true });
});
afterAll(() => api[Symbol.asyncDispose]());

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Sends a request without the client's own handling of encodings. */
function receive(
  { query = DASHBOARD, method = 'POST', path }: { query?: string; method?: string; path?: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<Received> {
  const url = new URL(api.server.url);
  const target = path ?? (method === 'POST' ? '/graphql' : `/graphql?query=${encodeURIComponent(query)}`);
  return new Promise((resolve, reject) => {
    const request = send(
      { port: url.port, path: target, method, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    request.on('error', reject);
    request.end(method === 'POST' ? JSON.stringify({ query }) : undefined);
  });
}

describe('compression', () => {
  test('the dashboard goes out in at most 8 KiB, in the encoding that the client prefers', async () => {
    const plain = await receive({});
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body.length).toBeGreaterThan(40_000);
    const brotli = await receive({}, { 'accept-encoding': 'gzip, deflate, br, zstd' });
    expect(brotli.headers).toMatchObject({ 'content-encoding': 'br', 'content-length': String(brotli.body.length) });
    expect(brotli.body.length).toBeLessThan(BUDGET_BYTES);
    expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
    const gzipped = await receive({}, { 'accept-encoding': 'gzip, br;q=0.5' });
    expect(gzipped.headers['content-encoding']).toBe('gzip');
    expect(gzipped.body.length).toBeLessThan(BUDGET_BYTES);
    expect(gunzipSync(gzipped.body)).toEqual(plain.body);
  });

  test.each([
    ['none is accepted', 'identity'],
    ['all are refused', 'br;q=0, gzip;q=0'],
    ['only unknown ones are accepted', 'zstd, compress'],
    ['the header is not readable', ';;=,,q='],
  ])('nothing is compressed if %s', async (_when, accepted) => {
    const { headers, status } = await receive({}, { 'accept-encoding': accepted });
    expect([status, headers['content-encoding']]).toEqual([200, undefined]);
  });

  test('a small answer is sent as it is', async () => {
    const { headers, body } = await receive({ query: '{ __typename }' }, { 'accept-encoding': 'br' });
    expect([headers['content-encoding'], body.toString()]).toEqual([undefined, '{"data":{"__typename":"Query"}}']);
  });

  test('caches are told what the answer depends on', async () => {
    const { headers } = await receive({ method: 'GET' }, { 'accept-encoding': 'br', origin: 'http://a.example' });
    expect(String(headers.vary).split(', ').sort()).toEqual(['Accept', 'Accept-Encoding', 'Authorization']);
  });
});

test('a number that JSON cannot tell from null is refused', async () => {
  const response = await fetch(api.server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query": "query ($first: Int) { brands(first: $first) { totalCount } }", "variables": {"first": 1e999}}',
  });
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
});

describe('ETag', () => {
  test('a GET that names it is answered with 304 and no body, whatever the encoding', async () => {
    const first = await receive({ method: 'GET' });
    const { etag } = first.headers;
    expect(etag).toMatch(/^W\/".{22}"$/);
    for (const named of [String(etag), `"other", ${etag}`, '*', String(etag).slice(2)]) {
      const again = await receive({ method: 'GET' }, { 'if-none-match': named, 'accept-encoding': 'br' });
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag]);
    }
    expect((await receive({ method: 'GET' }, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('a POST is answered whole', async () => {
    const { headers } = await receive({});
    expect((await receive({}, { 'if-none-match': String(headers.etag) })).status).toBe(200);
  });

  test('it is the same for the same answer and differs for another one', async () => {
    const tags = await Promise.all(
      ['{ __typename }', '{ __typename }', '{ a: __typename }'].map(
        async (query) => (await receive({ query, method: 'GET' })).headers.etag,
      ),
    );
    expect(tags[0]).toBe(tags[1]);
    expect(tags[0]).not.toBe(tags[2]);
  });
});

describe('Cache-Control', () => {
  test('an answer without a key may be kept by all caches, one with a key only by the client', async () => {
    const key = await api.createKey({ scopes: ['READ'] });
    expect((await receive({ method: 'GET' })).headers['cache-control']).toBe('public, no-cache');
    const { headers } = await receive({ method: 'GET' }, { authorization: `Bearer ${key}` });
    expect(headers['cache-control']).toBe('private, no-cache');
  });

  test.each([
    ['an invalid operation', '{ nothing }'],
    ['an operation with errors', '{ brands(after: "none") { totalCount nodes { id } } }'],
  ])('%s is not kept', async (_what, query) => {
    expect((await receive({ query, method: 'GET' })).headers['cache-control']).toBe('no-store');
  });

  test('a mutation is not kept', async () => {
    const key = await api.createKey();
    const input = '{ publisher: { slug: "a", name: "A", tier: 1 }, title: "T" }';
    const query = `mutation { registerSource(input: ${input}) { userErrors { code } } }`;
    const { headers, body } = await receive({ query }, { authorization: `Bearer ${key}` });
    expect(JSON.parse(String(body))).toEqual({ data: { registerSource: { userErrors: [] } } });
    expect(headers['cache-control']).toBe('no-store');
  });
});

test('the pages are checked by their ETag, and what GraphiQL loads is compressed and kept', async () => {
  const page = await receive({ method: 'GET', path: '/graphql' }, { accept: 'text/html' });
  expect(page.headers).toMatchObject({
    'cache-control': 'public, no-cache',
    'content-type': 'text/html; charset=utf-8',
  });
  const again = await receive(
    { method: 'GET', path: '/graphql' },
    { accept: 'text/html', 'if-none-match': String(page.headers.etag) },
  );
  expect([again.status, again.body.length]).toEqual([304, 0]);
  const [, path = ''] = /<script[^>]* src="([^"]+)"/.exec(String(page.body)) ?? [];
  const script = await receive({ method: 'GET', path }, { 'accept-encoding': 'br' });
  expect(script.headers).toMatchObject({
    'content-encoding': 'br',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect(brotliDecompressSync(script.body).toString()).toContain('graphiql');
  const head = await receive({ method: 'HEAD', path: '/' });
  expect([head.status, head.body.length]).toEqual([200, 0]);
});
