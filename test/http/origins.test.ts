import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { takePort } from '../../src/http/listen.ts';
import { judgeOrigins } from '../../src/http/origins.ts';
import { openServer, type TestServer } from '../support/server.ts';

const LISTED = 'https://charts.example';
const OTHER = 'https://other.example';
const QUERY = '/graphql?query={__typename}';
const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-mine' };

interface Received {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

describe.each([
  ['*', '*' as const],
  ['a list', [LISTED, 'http://localhost:8080']],
  ['off', []],
])('with MILEPOST_CORS_ORIGINS as %s', (_what, corsOrigins) => {
  const isOpen = corsOrigins === '*';
  const isListed = corsOrigins.includes(LISTED);
  let server: TestServer;
  let own: string;

  beforeAll(async () => {
    server = await openServer({ corsOrigins });
    own = new URL(server.url).origin;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const ask = (headers: Record<string, string>, path = QUERY, method = 'GET') =>
    receive(server.url, path, headers, method);
  test('a page that may use the API reads answers, and is told so by name or by *', async () => {
    const origins = isOpen ? [OTHER, 'null', LISTED] : [own, ...(isListed ? [LISTED] : [])];
    for (const origin of origins) {
      const { status, headers } = await ask({ origin });
      expect(status).toBe(200);
      expect(headers['access-control-allow-origin']).toBe(isOpen ? '*' : origin);
      expect(headers['access-control-expose-headers']).toContain('Retry-After');
    }
  });

  test('no answer allows credentials', async () => {
    for (const method of ['GET', 'OPTIONS'])
      for (const origin of [own, LISTED, OTHER]) {
        const { headers } = await ask({ origin, cookie: 'a=b', ...PREFLIGHT }, QUERY, method);
        expect(headers['access-control-allow-credentials']).toBe(undefined);
      }
  });

  test('caches are told whether the answer depends on the page', async () => {
    const { headers } = await ask({});
    expect(String(headers.vary).includes('Origin')).toBe(!isOpen);
    expect(headers['access-control-allow-origin']).toBe(isOpen ? '*' : undefined);
  });

  test('a preflight is answered with what is allowed, and kept', async () => {
    const { status, headers } = await ask({ origin: isOpen ? OTHER : own, ...PREFLIGHT }, '/graphql', 'OPTIONS');
    expect([status, headers]).toMatchObject([
      204,
      {
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization,x-mine',
        'access-control-max-age': '7200',
      },
    ]);
  });

  test('whatever is not a browser is answered', async () => {
    expect((await ask({})).status).toBe(200);
    expect((await ask({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await ask({ 'sec-fetch-site': 'none' })).status).toBe(200);
  });

  test('a WebSocket is judged by the same list', async () => {
    const allowed = isOpen ? [OTHER, 'null', undefined] : [own, undefined, ...(isListed ? [LISTED] : [])];
    for (const origin of allowed) expect(await openSocket(server.wsUrl, origin)).toBe('open');
    const refused = isOpen ? [] : [OTHER, 'null', ...(isListed ? [] : [LISTED])];
    for (const origin of refused) expect(await openSocket(server.wsUrl, origin)).toBe('403 ORIGIN_NOT_ALLOWED');
  });

  test('what is not HTTP, and an upgrade that is not a WebSocket, are told why, with the same headers', async () => {
    for (const sent of [
      'hello\r\n\r\n',
      'GET /graphql HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    ]) {
      const answer = await raw(server.url, sent);
      expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"BAD_REQUEST"/);
      expect(answer).toMatch(/^x-content-type-options: nosniff\r$/m);
      expect(/^access-control-allow-origin: \*\r$/m.test(answer)).toBe(isOpen);
      expect(answer).not.toContain('credentials');
    }
  });

  test('also while the server starts', async () => {
    await using port = await takePort('127.0.0.1', 0, {}, judgeOrigins(corsOrigins));
    const { status, headers } = await receive(port.address, '/graphql', { origin: OTHER });
    expect([status, headers['access-control-allow-origin']]).toEqual([503, isOpen ? '*' : undefined]);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe.each([
  ['a list', [LISTED]],
  ['off', []],
])('with MILEPOST_CORS_ORIGINS as %s, which leaves some out,', (_what, corsOrigins) => {
  let server: TestServer;
  let own: string;

  beforeAll(async () => {
    server = await openServer({ corsOrigins });
    own = new URL(server.url).origin;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const ask = (headers: Record<string, string>, path = QUERY, method = 'GET') =>
    receive(server.url, path, headers, method);
  const expectRefused = ({ status, headers, text }: Received): void => {
    expect([status, JSON.parse(text).errors[0].extensions.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    expect(headers['access-control-allow-origin']).toBe(undefined);
  };

  test('other pages are refused before anything is executed', async () => {
    const others = [
      OTHER,
      'null',
      `${LISTED}.evil.example`,
      `${LISTED}:444`,
      'not an origin',
      `${own.replace('http', 'https')}1`,
    ];
    for (const origin of [...others, ...(corsOrigins.length > 0 ? [] : [LISTED])]) {
      expectRefused(await ask({ origin }));
      expectRefused(await ask({ origin, accept: 'text/event-stream' }));
      expectRefused(await ask({ origin, ...PREFLIGHT }, '/graphql', 'OPTIONS'));
    }
  });

  test('what a browser sends for other pages without asking, as an image or a form, is refused', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expectRefused(await ask({ 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }));
      expectRefused(
        await ask(
          { 'sec-fetch-site': site, 'content-type': 'application/x-www-form-urlencoded', origin: 'null' },
          '/graphql',
          'POST',
        ),
      );
    }
    // A link of another page leads to GraphiQL, which executes nothing by itself.
    const page = await ask({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', accept: 'text/html' });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  });
});

/** With an Origin, which fetch would not send. */
async function receive(
  address: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<Received> {
  const { hostname, port } = new URL(address);
  const sent = request({ hostname, port, path, method, headers, agent: false });
  sent.end(headers['content-type'] === undefined ? undefined : 'query={__typename}');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, text };
}

async function openSocket(url: string, origin: string | undefined): Promise<string> {
  const socket = new WebSocket(url, 'graphql-transport-ws', origin === undefined ? {} : { headers: { origin } });
  const outcome = await new Promise<string>((resolve) => {
    socket.once('open', () => resolve('open'));
    socket.once('unexpected-response', async (_request, response: IncomingMessage) => {
      const { errors } = JSON.parse(Buffer.concat(await response.toArray()).toString());
      resolve(`${response.statusCode} ${errors[0].extensions.code}`);
    });
  });
  socket.on('error', () => undefined);
  socket.terminate();
  return outcome;
}

/** Everything that is answered to a text, up to the end of the connection. */
async function raw(address: string, text: string): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.end(text);
  return Buffer.concat(await socket.toArray()).toString();
}
