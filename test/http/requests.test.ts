import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { takePort } from '../../src/http/listen.ts';
import { ANY_ORIGIN } from '../../src/http/origins.ts';
import { receiveOperation } from '../../src/http/request.ts';
import { serveHttp } from '../../src/http/server.ts';
import { createLogger } from '../../src/logger.ts';
import { heldMemory } from '../support/memory.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { deferred, until } from '../support/wait.ts';

const QUERY = '{"query":"{ __typename }"}';
const DATA = '{"data":{"__typename":"Query"}}';
const MIB = 1024 * 1024;
/** What Java's client and `curl --http2` offer with their first request. */
const OFFER = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA',
];
const NGINX = new URL('../../docker/nginx/http.conf', import.meta.url);

let server: TestServer;
let port: number;
beforeAll(async () => {
  server = await openServer();
  port = Number(new URL(server.url).port);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('an upgrade that is not to a WebSocket', () => {
  test.each([
    ['to HTTP/2', OFFER],
    ['to several protocols', ['Connection: keep-alive, upgrade', 'Upgrade: h2c, websocket']],
    ['to TLS', ['Connection: upgrade', 'Upgrade: TLS/1.0']],
  ])('%s is ignored: the request is answered, with its body, and the connection stays open', async (_what, offer) => {
    await using client = await open();
    client.write(head('POST', [...offer, 'Content-Type: application/json', `Content-Length: ${QUERY.length}`]));
    // The body comes in pieces, and after the head.
    client.write(QUERY.slice(0, 5));
    await client.flushed();
    client.write(QUERY.slice(5));
    expect(await client.answer()).toMatchObject({ status: 200, body: DATA });
    client.write(head('GET', offer, '/graphql?query={__typename}'));
    expect(await client.answer()).toMatchObject({ status: 200, body: DATA });
    client.write(head('GET', [], '/livez'));
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok\n' });
  });

  test('takes a body in chunks, and one that is sent only when asked for', async () => {
    await using client = await open();
    const type = 'Content-Type: application/json';
    client.write(head('POST', [...OFFER, type, 'Transfer-Encoding: chunked']));
    for (const part of [QUERY.slice(0, 7), QUERY.slice(7), ''])
      client.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    expect(await client.answer()).toMatchObject({ status: 200, body: DATA });
    client.write(head('POST', [...OFFER, type, 'Expect: 100-continue', `Content-Length: ${QUERY.length}`]));
    expect(await client.answer()).toMatchObject({ status: 100 });
    client.write(QUERY);
    expect(await client.answer()).toMatchObject({ status: 200, body: DATA });
  });

  test('includes one to a WebSocket by POST or at another path', async () => {
    await using client = await open();
    const offer = ['Connection: Upgrade', 'Upgrade: websocket'];
    client.write(head('POST', [...offer, 'Content-Type: application/json', `Content-Length: ${QUERY.length}`]) + QUERY);
    expect(await client.answer()).toMatchObject({ status: 200, body: DATA });
    client.write(head('GET', offer, '/elsewhere'));
    expect(await client.answer()).toMatchObject({ status: 404 });
  });

  test('waits for earlier requests of the same connection', async () => {
    await using client = await open();
    client.write(head('GET', [], '/graphql?query={head}') + head('GET', OFFER, '/livez') + head('GET', [], '/nothing'));
    const answers = [await client.answer(), await client.answer(), await client.answer()];
    expect(answers.map(({ status, body }) => [status, body.slice(0, 7)])).toEqual([
      [200, '{"data"'],
      [200, 'ok\n'],
      [404, 'There i'],
    ]);
  });

  test('waits as well when it is to a WebSocket', async () => {
    await using client = await open();
    const offer = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Protocol: graphql-transport-ws',
    ];
    client.write(head('GET', [], '/graphql?query={head}') + head('GET', offer));
    expect((await client.answer()).status).toBe(200);
    expect((await client.answer()).status).toBe(101);
  });

  test('may be reset at any moment', async () => {
    for (let time = 0; time < 30; time += 1) {
      const client = await open();
      client.write(head('GET', [], '/graphql?query={head}') + head('GET', OFFER, '/graphql?query={head}'));
      client.reset();
    }
    expect((await fetch(new URL('/livez', server.url))).status).toBe(200);
  });

  test('is what `curl --http2` sends, which gets its answer', async () => {
    const curl = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)('curl', ['-s', '--http2', '-w', ' %{http_version} %{http_code}', ...args, server.url]))
        .stdout;
    expect(await curl('-G', '-d', 'query={__typename}')).toBe(`${DATA} 1.1 200`);
    expect(await curl('-H', 'Content-Type: application/json', '-d', QUERY)).toBe(`${DATA} 1.1 200`);
    expect(
      await curl(
        '-H',
        'Content-Type: application/json',
        '-H',
        'Transfer-Encoding: chunked',
        '-H',
        'Expect: 100-continue',
        '-d',
        QUERY,
      ),
    ).toBe(`${DATA} 1.1 200`);
  });
});

describe('a body', () => {
  test('without a length is read, in any number of chunks', async () => {
    const sent = request(server.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
    for (const part of QUERY) sent.write(part);
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect([response.statusCode, await textOf(response)]).toEqual([200, DATA]);
  });

  test('takes as much memory as it is long, in any number of small chunks', async () => {
    await using client = await open();
    client.write(head('POST', ['Content-Type: application/json', 'Transfer-Encoding: chunked']));
    const before = memory();
    const chunks = `28\r\n${' '.repeat(40)}\r\n`.repeat(MIB / 40 / 32);
    for (let written = 0; written < 16; written += 1) {
      client.write(chunks);
      await client.flushed();
    }
    // By then all of it was read: each turn reads from every connection that has data.
    for (let turn = 0; turn < 100; turn += 1) await fetch(new URL('/livez', server.url));
    expect(memory() - before).toBeLessThan(8 * MIB);
    client.write(`${QUERY.length.toString(16)}\r\n${QUERY}\r\n0\r\n\r\n`);
    expect(await client.answer()).toMatchObject({ status: 200, body: DATA });
  });

  test('counts as what is kept of it, which is more than was sent', async () => {
    const body = Object.assign(new PassThrough(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      complete: true,
    });
    const receiving = receiveOperation(body as never);
    body.write(Buffer.alloc(MIB, ' '));
    body.end(' ');
    expect(await receiving).toMatchObject({ bytes: MIB + 1, kept: 2 * MIB });
  });

  test('that is too large is not read to its end if the rest comes in thousands of tiny parts', async () => {
    await using client = await open();
    client.write(head('POST', ['Content-Type: application/json', 'Transfer-Encoding: chunked']));
    client.write(`${(2 * MIB + 1).toString(16)}\r\n${' '.repeat(2 * MIB + 1)}\r\n`);
    expect(await client.answer()).toMatchObject({ status: 413, body: expect.stringContaining('TOO_LARGE') });
    client.write('1\r\n \r\n'.repeat(10_000));
    await until('it is cut off', () => client.gone, 5_000);
  });

  test.each([
    ['in an unknown coding', ['Transfer-Encoding: xchunked']],
    ['whose length is not a number', ['Content-Length: some']],
    ['whose chunks say more than anybody needs', ['Transfer-Encoding: chunked'], `12;${'x'.repeat(20_000)}\r\n`],
  ])('%s is refused as not being HTTP', async (_what, headers, body = '') => {
    await using client = await open();
    client.write(`${head('POST', ['Content-Type: application/json', ...headers])}${body}`);
    expect(await client.answer()).toMatchObject({ status: 400, body: expect.stringContaining('BAD_REQUEST') });
  });

  test.each(['said', 'not said'])(
    'that is too large, with its length %s, is refused, and the client sees it',
    async (length) => {
      const body = Buffer.alloc(3 * MIB, 'x');
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'http://elsewhere.test' },
        body: length === 'said' ? body : new Blob([body]).stream(),
        duplex: 'half',
      } as RequestInit);
      await expectRefused(response, 413, 'TOO_LARGE', String(2 * MIB));
    },
  );

  test('that is announced as too large is refused before it is sent', async () => {
    await using client = await open();
    client.write(
      head('POST', ['Content-Type: application/json', 'Expect: 100-continue', `Content-Length: ${3 * MIB}`]),
    );
    expect(await client.answer()).toMatchObject({ status: 413, body: expect.stringContaining('TOO_LARGE') });
  });

  test.each([
    ['application/json', QUERY],
    ['Application/JSON; Charset=UTF-8', QUERY],
    ['APPLICATION/JSON;charset="utf-8"', QUERY],
    ['application/json', `\uFEFF${QUERY}`],
    ['Application/GraphQL', '{ __typename }'],
    ['Application/X-WWW-Form-Urlencoded', 'query=%7B+__typename+%7D'],
  ])('of the type %s is read', async (type, body) => {
    const response = await post(body, { 'content-type': type });
    expect([response.status, await response.text()]).toEqual([200, DATA]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['without a type', { 'content-type': '' }, 'no Content-Type'],
    ['of another type', { 'content-type': 'text/plain' }, '"text/plain"'],
    ['of several parts', { 'content-type': 'multipart/form-data; boundary=x' }, '"Content-Type: application/json"'],
    ['in another character set', { 'content-type': 'application/json; charset=utf-16' }, '"utf-16"'],
    ['that is packed', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, '"gzip"'],
  ])('%s is refused, with what to do', async (_what, headers, hint) => {
    await expectRefused(await post(QUERY, headers), 415, 'UNSUPPORTED_MEDIA_TYPE', hint);
  });

  test.each<[string, string | Buffer, string]>([
    ['that is not JSON', '{"query":', 'not JSON'],
    ['that is empty', '', 'not JSON'],
    ['that is not an object', '"{ head }"', 'not a JSON object'],
    ['with several operations', '[{"query":"{ head }"}]', 'one operation in each request'],
    ['with an unknown parameter', '{"query":"{ head }","variable":{}}', '"variable"'],
    ['that is not in UTF-8', Buffer.from('{"query":"{ head } # \xff"}', 'latin1'), 'UTF-8'],
  ])('%s is refused with what is wrong', async (_what, body, hint) => {
    await expectRefused(await post(body, { 'content-type': 'application/json' }), 400, 'BAD_REQUEST', hint);
  });
});

describe('a request', () => {
  test.each([
    ['variables', '{'],
    ['variables', 'hello'],
    ['extensions', '{"a":'],
    ['variables', '[]'],
    ['extensions', '"a"'],
  ])('by GET with broken %s (%s) is refused, with the name of what is broken', async (name, value) => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const address = new URL(server.url);
      address.searchParams.set('query', 'subscription { changes { cursor } }');
      address.searchParams.set(name, value);
      const response = await fetch(address, { headers: { accept } });
      const text = await response.text();
      expect(text).toContain('BAD_REQUEST');
      expect(text).toContain(name);
      if (accept === 'application/json') expect(response.status).toBe(400);
    }
  });

  test.each([
    ['that is invalid', 'Host: ['],
    ['with nonsense in it', 'Host: a b'],
    ['with an invalid port', 'Host: a:b'],
    ['that is missing', 'Not-Host: a'],
  ])('with a Host %s is refused, and no internals are exposed', async (_what, host) => {
    for (const [method, path, more] of [
      ['GET', '/graphql?query={head}', 'Accept: text/html'],
      ['GET', '/graphql?query={head}', 'Accept: text/event-stream'],
      ['OPTIONS', '/graphql', 'Origin: http://elsewhere.test'],
      ['GET', '/', 'Accept: text/html'],
    ] as const) {
      await using client = await open();
      client.write(`${method} ${path} HTTP/1.1\r\n${host}\r\n${more}\r\n\r\n`);
      const { status, body } = await client.answer();
      expect([status, JSON.parse(body)]).toEqual([
        400,
        { errors: [{ message: expect.stringContaining('Host'), extensions: { code: 'BAD_REQUEST' } }] },
      ]);
    }
  });

  test('that is not HTTP is answered with an error', async () => {
    await using client = await open();
    client.write('hello\r\n\r\n');
    expect(await client.answer()).toMatchObject({ status: 400, body: expect.stringContaining('BAD_REQUEST') });
  });

  test('may have a long address, and is told to use POST when it is too long', async () => {
    const ask = (length: number) => fetch(`${server.url}?query={__typename}&variables={"x":"${'x'.repeat(length)}"}`);
    const long = await ask(100_000);
    expect([long.status, await long.text()]).toEqual([200, DATA]);
    const tooLong = await ask(140_000);
    expect(tooLong.status).toBe(431);
    expect(await tooLong.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('POST'), extensions: { code: 'TOO_LARGE' } }],
    });
  });

  test('may have an absolute address, as for a proxy', async () => {
    await using client = await open();
    client.write(head('GET', [], 'http://milepost.test/graphql?query={__typename}'));
    expect(await client.answer()).toMatchObject({ status: 200, body: DATA });
  });

  test('by an unsupported method is answered with the supported ones', async () => {
    for (const method of ['PUT', 'DELETE', 'HEAD']) {
      const response = await fetch(server.url, { method, headers: { origin: 'http://elsewhere.test' } });
      expect(response.headers.get('allow')).toBe('GET, POST');
      if (method === 'HEAD') expect(response.status).toBe(405);
      else await expectRefused(response, 405, 'METHOD_NOT_ALLOWED', 'POST');
    }
    const address = `${server.url}?query=mutation{__typename}`;
    const mutation = await fetch(address, { headers: { origin: 'http://elsewhere.test' } });
    expect(mutation.headers.get('allow')).toBe('POST');
    await expectRefused(mutation, 405, 'METHOD_NOT_ALLOWED', 'POST');
  });

  test.each(['multipart/mixed', 'image/png', 'text/html', 'application/json; charset=latin1'])(
    'for an answer of the type %s is answered with the supported types',
    async (accept) => {
      await expectRefused(
        await post(QUERY, { 'content-type': 'application/json', accept }),
        406,
        'NOT_ACCEPTABLE',
        'application/json',
      );
    },
  );

  test.each([
    ['application/json', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    ['*/*', 'application/json'],
    ['APPLICATION/*', 'application/json'],
    ['application/json;q=0.5, application/graphql-response+json', 'application/graphql-response+json'],
    ['text/event-stream', 'text/event-stream'],
    ['text/event-stream, application/json', 'text/event-stream'],
    ['application/json, text/event-stream', 'application/json'],
    ['*/*, application/json;q=0', 'application/graphql-response+json'],
    ['multipart/mixed;deferSpec=20220824, application/json', 'application/json'],
  ])('for %s is answered with %s', async (accept, type) => {
    const response = await post(QUERY, { 'content-type': 'application/json', accept });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`]);
    expect(await response.text()).toContain(DATA);
  });

  test('from a page of another origin is accepted, with its key', async () => {
    const preflight = await fetch(server.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://elsewhere.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type',
    });
  });

  test('with something other than a key is told how to send a key', async () => {
    for (const authorization of ['mp_abc', 'Basic abc', 'Bearer']) {
      const response = await post(QUERY, { 'content-type': 'application/json', authorization });
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      await expectRefused(response, 401, 'UNAUTHENTICATED', 'Authorization: Bearer <key>');
    }
    const unknown = await post(QUERY, { 'content-type': 'application/json', authorization: 'Bearer mp_abc' });
    await expectRefused(unknown, 401, 'UNAUTHENTICATED', 'not known');
  });

  test('is told whether its key is unknown, was revoked, has expired, or lacks the word before it', async () => {
    const [revoked, expired, valid] = [
      await server.createKey(['READ']),
      await server.createKey(['READ'], new Date('2026-01-02T03:04:05Z')),
      await server.createKey(['READ']),
    ];
    await revokeApiKey(server.db, revoked.id);
    const refusalOf = async (authorization: string) => {
      const response = await post(QUERY, { 'content-type': 'application/json', authorization });
      expect(response.status).toBe(401);
      const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
      expect(errors).toHaveLength(1);
      return errors[0];
    };
    const refused = (reason: string, message: string) => ({
      message: expect.stringContaining(message),
      extensions: { code: 'UNAUTHENTICATED', reason },
    });
    expect(await refusalOf(`Bearer ${valid.key}x`)).toEqual(refused('KEY_UNKNOWN', 'The key is not known.'));
    expect(await refusalOf(`Bearer ${revoked.key}`)).toEqual(refused('KEY_REVOKED', 'The key was revoked at 2'));
    expect(await refusalOf(`Bearer ${expired.key}`)).toEqual(
      refused('KEY_EXPIRED', 'The key expired at 2026-01-02T03:04:05.000Z.'),
    );
    expect(await refusalOf(valid.key)).toEqual(refused('KEY_MALFORMED', 'The word Bearer is missing'));
    expect(await refusalOf(`Token ${valid.key}`)).toEqual(refused('KEY_MALFORMED', 'Authorization: Bearer <key>'));
  });

  test('for a persisted query is told to send the whole query', async () => {
    const body = JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } });
    const response = await post(body, { 'content-type': 'application/json' });
    expect([response.status, response.headers.get('cache-control')]).toEqual([
      200,
      'private, no-cache, must-revalidate',
    ]);
    expect(await response.json()).toEqual({
      errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    });
  });
});

function memory(): number {
  const { heapUsed, arrayBuffers } = heldMemory();
  return heapUsed + arrayBuffers;
}

describe('requests that arrive together over one connection', () => {
  const HELD = `/graphql?${new URLSearchParams({ query: '{ sources { totalCount } }' })}`;
  const EVENTS = `/graphql?${new URLSearchParams({ query: 'subscription { changes { cursor } }' })}`;

  /** Locks the sources for others until it is disposed. */
  const holdSources = async (mode: 'share' | 'access exclusive'): Promise<AsyncDisposable> => {
    const [taken, free] = [deferred(), deferred()];
    const holding = server.db.$transaction(
      async (tx) => {
        await tx.$executeRawUnsafe(`/* holdSources */ lock table "Source" in ${mode} mode`);
        taken.resolve();
        await free.promise;
      },
      { timeout: 30_000 },
    );
    await taken.promise;
    return {
      [Symbol.asyncDispose]: async () => {
        free.resolve();
        await holding;
      },
    };
  };

  test('are answered one after the other, so that each sees the effects of those before it', async () => {
    const { key } = await server.createKey(['WRITE']);
    const countSources = async (): Promise<unknown> => (await fetch(new URL(HELD, server.url))).json();
    const before = (await countSources()) as { data: { sources: { totalCount: number } } };
    const body = JSON.stringify({
      query: 'mutation ($input: SourceInput!) { registerSource(input: $input) { userErrors { code } } }',
      variables: { input: { publisher: { slug: 'first', name: 'First', tier: 4 }, title: 'The first' } },
    });
    const lines = [`Authorization: Bearer ${key}`, 'Content-Type: application/json', `Content-Length: ${body.length}`];
    await using client = await open();
    {
      await using _held = await holdSources('share');
      client.write(head('POST', lines) + body + head('GET', [], HELD));
      // Requests over other connections are answered meanwhile, without its effect.
      expect(await countSources()).toEqual(before);
    }
    expect(await client.answer()).toMatchObject({ body: '{"data":{"registerSource":{"userErrors":[]}}}' });
    const totalCount = before.data.sources.totalCount + 1;
    expect(await client.answer()).toMatchObject({ body: JSON.stringify({ data: { sources: { totalCount } } }) });
  });

  test('are not begun for a client that has gone before their turn', async () => {
    {
      await using _held = await holdSources('access exclusive');
      await using client = await open();
      client.write(head('GET', [], HELD) + head('GET', ['Accept: text/event-stream'], EVENTS).repeat(3));
      await client.flushed();
      // By then the server works on them.
      await fetch(new URL('/livez', server.url));
    }
    const stream = await fetch(new URL(EVENTS, server.url), { headers: { accept: 'text/event-stream' } });
    expect(server.connections.count).toBe(1);
    await stream.body?.cancel();
    await until('nobody is left', () => server.connections.count === 0);
  });

  test('may be a hundred and one, and a client that sends more is cut off', async () => {
    await using client = await open();
    await using greedy = await open();
    {
      await using _held = await holdSources('access exclusive');
      client.write(head('GET', [], HELD) + head('GET', [], '/livez').repeat(100));
      greedy.write(head('GET', [], HELD) + head('GET', [], '/livez').repeat(101));
      await until('the greedy one is cut off', () => greedy.gone);
    }
    expect(await client.answer()).toMatchObject({ status: 200 });
    for (let count = 0; count < 100; count += 1) expect(await client.answer()).toMatchObject({ body: 'ok\n' });
    expect(client.gone).toBe(false);
  });
});

test('a text may contain the letters of an escape sequence, and is stored as it was sent', async () => {
  const { key } = await server.createKey(['WRITE']);
  const title = 'It is written \\u0000 there, and \\u{0} here';
  const response = await post(
    JSON.stringify({
      query:
        'mutation ($input: SourceInput!) { registerSource(input: $input) { source { title } userErrors { code } } }',
      variables: { input: { publisher: { slug: 'letters', name: 'Letters', tier: 4 }, title } },
    }),
    { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  );
  expect(await response.json()).toEqual({ data: { registerSource: { source: { title }, userErrors: [] } } });
});

test('a connection is kept open for longer than nginx keeps it', async () => {
  const response = await fetch(new URL('/livez', server.url));
  const [, ours] = /timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '') ?? [];
  const [, theirs] = /keepalive_timeout (\d+)s;/.exec(await readFile(NGINX, 'utf8')) ?? [];
  expect(Number(ours)).toBeGreaterThan(Number(theirs));
});

test('an unexpected error is answered with a number, and its details are not exposed', async () => {
  const seen: unknown[] = [];
  await using port = await takePort('127.0.0.1', 0);
  serveHttp(port, {
    graphql: async () => {
      throw new Error('a secret at /home/secret.ts');
    },
    upgrade: (_request, socket) => socket.destroy(),
    badge: async () => undefined,
    files: () => null,
    origins: ANY_ORIGIN,
    maxPerNetwork: null,
    readiness: async () => ({ ready: true, checks: {} }),
    metrics: async () => undefined,
    logger: createLogger('silent'),
    trustProxy: false,
    maskError: (error) => {
      seen.push(error);
      return new GraphQLError('Masked.', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
    },
  });
  const response = await fetch(`${port.address}/graphql`);
  expect([response.status, await response.json()]).toEqual([
    500,
    { errors: [{ message: 'Masked.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
  ]);
  expect(seen).toMatchObject([{ message: 'a secret at /home/secret.ts' }]);
});

test('connections that the system has no file for end nothing: connected clients are answered', async () => {
  await using port = await takePort('127.0.0.1', 0);
  port.serve((listening) => {
    listening.on('request', (_request, response) => response.end('answered'));
    // Node's event for such a connection. The system cannot be made to send it reliably.
    for (const _ of [1, 2]) listening.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  });
  expect(await (await fetch(port.address)).text()).toBe('answered');
});

async function expectRefused(response: Response, status: number, code: string, hint: string): Promise<void> {
  expect([response.status, await response.json()]).toEqual([
    status,
    { errors: [{ message: expect.stringContaining(hint), extensions: expect.objectContaining({ code }) }] },
  ]);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
}

/** Posts from a page of another origin. */
function post(body: string | Buffer, headers: Record<string, string>): Promise<Response> {
  return fetch(server.url, {
    method: 'POST',
    headers: { origin: 'http://elsewhere.test', ...headers },
    body: Buffer.from(body),
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

function head(method: string, lines: readonly string[], path = '/graphql'): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: milepost.test', ...lines, '', ''].join('\r\n');
}

interface RawClient extends AsyncDisposable {
  write(text: string): void;
  /** Resolves once everything written has gone out. */
  flushed(): Promise<void>;
  /** The next answer. */
  answer(): Promise<{ readonly status: number; readonly body: string }>;
  reset(): void;
  /** Whether the connection has ended, in any way. */
  readonly gone: boolean;
}

/** A raw connection, for requests that no library would send. */
async function open(): Promise<RawClient> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'connect');
  const take = (): { status: number; body: string } | null => {
    const end = text.indexOf('\r\n\r\n');
    if (end === -1) return null;
    const lines = text.slice(0, end);
    const length = Number(/^content-length: (\d+)$/im.exec(lines)?.[1] ?? 0);
    if (text.length < end + 4 + length) return null;
    const body = text.slice(end + 4, end + 4 + length);
    text = text.slice(end + 4 + length);
    return { status: Number(lines.split(' ', 2)[1]), body };
  };
  return {
    write: (sent) => void socket.write(sent),
    flushed: () => new Promise((resolve) => void socket.write('', () => resolve())),
    answer: async () => {
      let found: ReturnType<typeof take> = null;
      await until('there is an answer', () => {
        found ??= take();
        return found !== null;
      });
      return found as never;
    },
    reset: () => void socket.resetAndDestroy(),
    get gone() {
      return socket.destroyed;
    },
    [Symbol.asyncDispose]: async () => void socket.destroy(),
  };
}
