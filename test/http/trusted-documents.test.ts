import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { documentIdOf } from '../../src/digest.ts';
import { trustOnly } from '../../src/http/documents.ts';
import { makeMaker } from '../support/makers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const BRAND = 'query Brand($slug: String!) { brand(slug: $slug) { slug } }';
const SEVERAL = 'query A { a: __typename } query B { b: __typename }';
const LIVE = 'subscription { live { __typename } }';
const EVENTS = 'subscription { figureRecorded { cursor } }';
const WRITE =
  'mutation { registerSource(input: { publisher: { slug: "p", name: "P", tier: 1 }, title: "T" }) { userErrors { message } } }';
/** Longer than any other document without a key may be. */
const LONG = `{ __typename } ${'#'.repeat(20_000)}`;
const TRUSTED = { brand: BRAND, several: SEVERAL, live: LIVE, events: EVENTS, write: WRITE, long: LONG };
const NOT_FOUND = 'PERSISTED_DOCUMENT_NOT_FOUND';
const NOT_TRUSTED = 'DOCUMENT_NOT_TRUSTED';

let trusting: TestServer;
let open: TestServer;
let slug: string;
let key: string;

beforeAll(async () => {
  trusting = await openServer({ documents: trustOnly(new Map(Object.entries(TRUSTED))) });
  open = await openServer();
  ({ slug } = await makeMaker(trusting.db));
  ({ key } = await trusting.createKey(['READ', 'WRITE', 'ADMIN']));
});
afterAll(async () => {
  await trusting[Symbol.asyncDispose]();
  await open[Symbol.asyncDispose]();
});

type Params = Readonly<Record<string, unknown>>;
interface Told {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

async function post({ url }: TestServer, params: Params, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(params),
  });
  return { status: response.status, told: (await response.json()) as Told };
}

function get({ url }: TestServer, params: Params, headers: Record<string, string> = {}) {
  const search = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return fetch(`${url}?${new URLSearchParams(search as [string, string][])}`, { headers });
}

/** The first result or error of a stream, which is closed after it. */
async function stream(server: TestServer, params: Params): Promise<Told> {
  const { body } = await get(server, params, { accept: 'text/event-stream' });
  let text = '';
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const [, data] = /^data: (.+)\n\n/m.exec(text) ?? [];
    if (data !== undefined) return JSON.parse(data);
  }
  throw new Error(`The stream ended: ${text}`);
}

/** The first answer over a WebSocket: a result, or the errors. */
async function overSocket(server: TestServer, payload: unknown): Promise<Told> {
  const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws');
  let told: Told | undefined;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
    else if (message.type === 'next') told ??= message.payload;
    else if (message.type === 'error') told ??= { errors: message.payload };
  });
  socket.on('close', (code) => {
    told ??= { data: `closed with ${code}` };
  });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await until('it is answered', () => told !== undefined);
  socket.terminate();
  return told as Told;
}

function codesOf({ errors = [] }: Told): readonly unknown[] {
  return errors.map(({ extensions: { code } }) => code);
}

describe('a server that executes only trusted documents', () => {
  test('executes one by its identifier and by its text, over every transport', async () => {
    const variables = { slug };
    const answer = { data: { brand: { slug } } };
    const digest = documentIdOf(BRAND);
    for (const named of [
      { documentId: 'brand' },
      { documentId: digest },
      { query: BRAND },
      { documentId: 'brand', query: '' },
      { documentId: 'brand', query: null },
    ]) {
      expect((await post(trusting, { ...named, variables })).told).toEqual(answer);
      expect(await overSocket(trusting, { ...named, variables })).toEqual(answer);
      expect(
        await stream(trusting, { ...named, variables: { slug }, ...(named.query === null ? { query: '' } : {}) }),
      ).toEqual(answer);
    }
    expect(await (await get(trusting, { documentId: digest, variables })).json()).toEqual(answer);
    expect((await post(trusting, { documentId: 'several', operationName: 'B' })).told).toEqual({
      data: { b: 'Query' },
    });
    expect(codesOf((await post(trusting, { documentId: 'several' })).told)).toEqual(['BAD_REQUEST']);
  });

  test('pushes to a subscription by its identifier', async () => {
    for (const told of [
      await overSocket(trusting, { documentId: 'live' }),
      await stream(trusting, { documentId: 'live' }),
    ])
      expect(told).toMatchObject({ data: { live: { __typename: 'Query' } } });
  });

  test.each([
    '{ __typename }',
    `${BRAND} `,
    BRAND.replace('brand(', 'b: brand('),
    '{ __schema { queryType { name } } }',
    'subscription { changes { cursor } }',
    'mutation { __typename }',
    '{',
    `{ __typename } ${'#'.repeat(30_000)}`,
  ])('executes nothing else, over every transport and with any key: %.60s', async (query) => {
    const params = { query, variables: { slug } };
    const authorization = `Bearer ${key}`;
    const told = [
      (await post(trusting, params)).told,
      (await post(trusting, params, { authorization })).told,
      (await (await get(trusting, params)).json()) as Told,
      await stream(trusting, params),
      await overSocket(trusting, params),
    ];
    expect(told.map(codesOf)).toEqual(told.map(() => [NOT_TRUSTED]));
  });

  test('does not know other identifiers, over every transport', async () => {
    for (const documentId of [
      'nothing',
      documentIdOf('{ head }'),
      '../../etc/passwd',
      '__proto__',
      'constructor',
      'x'.repeat(5_000),
    ]) {
      const params = { documentId };
      const told = [
        (await post(trusting, params)).told,
        (await (await get(trusting, params)).json()) as Told,
        await stream(trusting, params),
        await overSocket(trusting, params),
      ];
      expect(told.map(codesOf)).toEqual(told.map(() => [NOT_FOUND]));
      expect(JSON.stringify(told).length).toBeLessThan(2_000);
    }
  });

  test('answers as to an error of the operation', async () => {
    const accept = 'application/graphql-response+json';
    expect(await post(trusting, { documentId: 'nothing' })).toMatchObject({ status: 200 });
    expect(await post(trusting, { documentId: 'nothing' }, { accept })).toMatchObject({ status: 400 });
    expect(await post(trusting, { query: '{ head }' })).toMatchObject({ status: 200 });
    expect(await post(trusting, { query: '{ head }' }, { accept })).toMatchObject({ status: 403 });
  });

  test('takes a trusted document of any length without a key, and one to write with it', async () => {
    expect((await post(trusting, { query: LONG })).told).toEqual({ data: { __typename: 'Query' } });
    expect((await post(trusting, { documentId: 'long' })).told).toEqual({ data: { __typename: 'Query' } });
    const authorization = `Bearer ${key}`;
    expect(codesOf((await post(trusting, { documentId: 'write' })).told)).toEqual(['UNAUTHENTICATED']);
    expect((await post(trusting, { documentId: 'write' }, { authorization })).told).toEqual({
      data: { registerSource: { userErrors: [] } },
    });
    const got = await get(trusting, { documentId: 'write' }, { authorization });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('answers a GET that names a document with an ETag, and 304 when it is still current', async () => {
    const params = { documentId: documentIdOf(BRAND), variables: { slug } };
    const first = await get(trusting, params);
    const etag = String(first.headers.get('etag'));
    expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'public, no-cache']);
    expect((await get(trusting, params, { 'if-none-match': etag })).status).toBe(304);
  });

  test('serves badges as before', async () => {
    expect((await fetch(new URL(`/badge/${slug}.svg`, trusting.url))).status).toBe(200);
  });
});

describe('documentId', () => {
  test.each([
    ['a number', { documentId: 5 }],
    ['a list', { documentId: ['brand'] }],
    ['an object', { documentId: { brand: 1 } }],
    ['beside a query', { documentId: 'brand', query: BRAND }],
    ['beside another query', { documentId: documentIdOf(BRAND), query: '{ head }' }],
  ])('as %s is not well-formed', async (_what, params) => {
    for (const server of [trusting, open]) {
      expect(await post(server, params)).toMatchObject({
        status: 400,
        told: { errors: [{ message: expect.stringContaining('documentId'), extensions: { code: 'BAD_REQUEST' } }] },
      });
      expect(codesOf(await overSocket(server, params))).toEqual(['BAD_REQUEST']);
    }
  });

  test('is refused by a server that keeps no documents, which executes any', async () => {
    const refused = { message: expect.stringContaining('keeps no documents'), extensions: { code: NOT_FOUND } };
    const params = { documentId: documentIdOf('{ __typename }') };
    expect((await post(open, params)).told).toEqual({ errors: [refused] });
    expect(await overSocket(open, params)).toEqual({ errors: [refused] });
    expect((await post(open, { query: '{ __typename }' })).told).toEqual({ data: { __typename: 'Query' } });
    expect((await post(open, { query: '{ __typename }', documentId: null })).told).toEqual({
      data: { __typename: 'Query' },
    });
  });

  test("changes nothing of what Apollo's persisted queries are told", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
    for (const server of [trusting, open])
      expect(codesOf((await post(server, { extensions })).told)).toEqual(['PERSISTED_QUERY_NOT_SUPPORTED']);
    expect((await post(trusting, { extensions, query: BRAND, variables: { slug } })).told).toEqual({
      data: { brand: { slug } },
    });
  });
});
