import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeMaker } from '../support/makers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

/** The transports. */
const TRANSPORTS = ['POST', 'GET', 'SSE', 'WebSocket'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** What is sent, the code of its answer or "data", and the transports that cannot answer the same. */
interface Case {
  readonly what: string;
  readonly query: unknown;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
  /** A key that may write if not given. */
  readonly key?: 'none' | 'reader';
  readonly code: string;
  readonly but?: Partial<Record<Transport, string>>;
}

const deep = (levels: number, open: string, close: string, core = ''): string =>
  `${open.repeat(levels)}${core}${close.repeat(levels)}`;
const chain = (count: number): string =>
  `{ ...F0 } ${Array.from({ length: count }, (_, index) => `fragment F${index} on Query { ...F${index + 1} }`).join(' ')} fragment F${count} on Query { head }`;
/** JSON as text, because it is too deep for JSON.stringify. */
class Json {
  constructor(readonly text: string) {}
}
const nest = (levels: number, name: string): Json => new Json(`{"${name}":${deep(levels, '[', ']')}}`);
const BY_SLUG = 'query ($slug: String!) { brand(slug: $slug) { slug } }';
const PAGE = 'query ($first: Int) { figures(first: $first) { totalCount } }';
const RECORD = 'mutation ($input: FigureInput!) { recordFigure(input: $input) { cursor userErrors { code } } }';
const FIGURE = { subject: 'aurora', metric: 'SALES', period: '2025', value: 1, sourceId: 'nonsense' };
const EVENTS = 'subscription ($after: Cursor) { changes(after: $after) { cursor } }';
const ABOVE = 'query ($slug: String!) { company(slug: $slug) ';

/** The protocol requires POST for mutations. */
const BY_GET = { GET: 'METHOD_NOT_ALLOWED' };
/** The protocol closes a socket after an invalid message. */
const CLOSED = { WebSocket: 'closed with 4400' };

const CASES: readonly Case[] = [
  // Valid.
  { what: 'a query', query: '{ head }', code: 'data' },
  { what: 'a query with variables', query: BY_SLUG, variables: { slug: 'aurora' }, code: 'data' },
  { what: 'an unknown slug', query: BY_SLUG, variables: { slug: 'nobody' }, code: 'data' },
  {
    what: 'an operation of several',
    query: 'query A { head } query B { __typename }',
    operationName: 'B',
    code: 'data',
  },
  { what: 'a fragment', query: '{ ...A } fragment A on Query { head }', code: 'data' },
  { what: 'null for no variables', query: '{ head }', variables: null, code: 'data' },
  { what: 'a variable too many', query: '{ head }', variables: { more: 1 }, code: 'data' },
  { what: 'null for no operation name', query: '{ head }', operationName: null, code: 'data' },
  { what: 'extensions', query: '{ head }', extensions: { tracing: true }, code: 'data' },
  {
    what: 'a persisted query that is sent along',
    query: '{ head }',
    extensions: { persistedQuery: { version: 1 } },
    code: 'data',
  },
  { what: 'brackets in a text', query: `{ brand(slug: "${'{'.repeat(1_000)}") { slug } }`, code: 'data' },
  {
    what: 'brackets in a long text',
    query: `{ brand(slug: """a \\""" ${'['.repeat(1_000)}""") { slug } }`,
    code: 'data',
  },
  { what: 'brackets in a comment', query: `{ # ${'('.repeat(1_000)}\n head }`, code: 'data' },
  { what: 'the letters of an escape in a variable', query: BY_SLUG, variables: { slug: '\\u0000' }, code: 'data' },
  { what: 'the letters of an escape in a text', query: '{ brand(slug: "\\\\u0000") { slug } }', code: 'data' },
  { what: 'the letters of an escape in a long text', query: '{ brand(slug: """\\u0000""") { slug } }', code: 'data' },
  {
    what: 'the last instant that can be written',
    query: '{ conflicts(asOf: "9999-12-31T23:59:59Z") { totalCount } }',
    code: 'data',
  },
  { what: 'an invalid id', query: '{ node(id: "nonsense") { id } }', code: 'data' },
  { what: 'introspection', query: '{ __schema { queryType { name } } }', code: 'data' },
  { what: 'many fragments', query: chain(150), code: 'data' },
  { what: 'what the domain refuses', query: RECORD, variables: { input: FIGURE }, code: 'data', but: BY_GET },
  { what: 'a mutation of nothing', query: 'mutation { __typename }', code: 'data', but: BY_GET },
  { what: 'a live query', query: 'subscription { live { head } }', code: 'data' },
  { what: 'events since a cursor', query: EVENTS, variables: { after: 'BEGIN' }, code: 'data' },
  // Syntax errors.
  { what: 'half an operation', query: '{ head', code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'no operation', query: 'hello', code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'only a comment', query: '# nothing', code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'a text without an end', query: '{ brand(slug: "a) { slug } }', code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'an empty selection', query: '{ }', code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'half a mutation', query: 'mutation {', code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'half a subscription', query: 'subscription { changes {', code: 'GRAPHQL_PARSE_FAILED' },
  // Validation errors.
  { what: 'an unknown field', query: '{ nothing }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'an unknown argument', query: '{ head(a: 1) }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'an argument of another kind', query: '{ brand(slug: 1) { slug } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'a missing argument', query: '{ brand { slug } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'a missing selection', query: '{ brand(slug: "a") }', code: 'GRAPHQL_VALIDATION_FAILED' },
  {
    what: 'a variable that is not declared',
    query: '{ brand(slug: $slug) { slug } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'an unknown variable of a type',
    query: 'query ($a: Nothing) { head }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  { what: 'an unknown fragment', query: '{ ...A }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'a fragment in itself', query: '{ ...A } fragment A on Query { ...A }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'an unknown mutation', query: 'mutation { nothing }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'an unknown subscription', query: 'subscription { nothing }', code: 'GRAPHQL_VALIDATION_FAILED' },
  {
    what: 'two subscriptions in one',
    query: 'subscription { changes { cursor } live { head } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'a subscription that a variable may skip',
    query: 'subscription ($skip: Boolean!) { changes @skip(if: $skip) { cursor } }',
    variables: { skip: false },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'a subscription that is skipped for a live query',
    query: 'subscription { changes @skip(if: true) { cursor } live { head } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'a live query that is not included, in a fragment',
    query: 'subscription { ...A changes { cursor } } fragment A on Subscription { live @include(if: false) { head } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'a fragment that is not included',
    query: 'subscription { ... @include(if: false) { live { head } } changes { cursor } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'an unknown enum value',
    query: '{ figures(filter: { metrics: [NOTHING] }) { totalCount } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  // Variables.
  { what: 'a missing variable', query: BY_SLUG, code: 'BAD_USER_INPUT' },
  { what: 'null where there must be one', query: BY_SLUG, variables: { slug: null }, code: 'BAD_USER_INPUT' },
  { what: 'a variable of another kind', query: BY_SLUG, variables: { slug: 1 }, code: 'BAD_USER_INPUT' },
  { what: 'a number that is too large', query: PAGE, variables: { first: 1e12 }, code: 'BAD_USER_INPUT' },
  { what: 'a text for a number', query: PAGE, variables: { first: '10' }, code: 'BAD_USER_INPUT' },
  { what: 'a page that is too large', query: PAGE, variables: { first: 1_000 }, code: 'BAD_USER_INPUT' },
  {
    what: 'null for what has a default',
    query: 'query ($a: Metric) { leaderboard(metric: $a, period: "2025") { period } }',
    variables: { a: null },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'an invalid scalar',
    query: 'query ($at: DateTime) { conflicts(asOf: $at) { totalCount } }',
    variables: { at: 'soon' },
    code: 'BAD_USER_INPUT',
  },
  ...['0000-06-30T00:00:00Z', '0001-01-01T00:00:00+08:00'].map((at) => ({
    what: `the instant ${at}, of a year that the database does not know`,
    query: 'query ($at: DateTime) { conflicts(asOf: $at) { totalCount } }',
    variables: { at },
    code: 'BAD_USER_INPUT',
  })),
  {
    what: 'a cursor with a day of a year that the database does not know',
    query: 'query ($after: String) { figures(after: $after) { nodes { id } } }',
    variables: { after: Buffer.from('["figures","0000-02-29",1]').toString('base64url') },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'an unknown input with a field',
    query: RECORD,
    variables: { input: { ...FIGURE, more: 1 } },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'an input without what is needed',
    query: RECORD,
    variables: { input: {} },
    code: 'BAD_USER_INPUT',
  },
  { what: 'a cursor of another kind', query: EVENTS, variables: { after: 5 }, code: 'BAD_USER_INPUT' },
  {
    what: 'a variable missing of a live query',
    query: 'subscription ($slug: String!) { live { brand(slug: $slug) { slug } } }',
    code: 'BAD_USER_INPUT',
  },
  { what: 'half a character in a variable', query: BY_SLUG, variables: { slug: 'a\ud800b' }, code: 'BAD_USER_INPUT' },
  { what: 'U+0000 in a variable', query: BY_SLUG, variables: { slug: 'a\0b' }, code: 'BAD_USER_INPUT' },
  { what: 'U+0000 in a text', query: '{ brand(slug: "a\\u0000b") { slug } }', code: 'BAD_USER_INPUT' },
  { what: 'U+0000 in a text, otherwise', query: '{ brand(slug: "a\\u{000}b") { slug } }', code: 'BAD_USER_INPUT' },
  { what: 'U+0000 itself in a text', query: '{ brand(slug: "a\0b") { slug } }', code: 'BAD_USER_INPUT' },
  {
    what: 'U+0000 in a mutation',
    query: RECORD,
    variables: { input: { ...FIGURE, note: '\0' } },
    code: 'BAD_USER_INPUT',
  },
  // Keys.
  {
    what: 'a write without a key',
    query: RECORD,
    variables: { input: FIGURE },
    key: 'none',
    code: 'UNAUTHENTICATED',
    but: BY_GET,
  },
  {
    what: 'a write with a key that may only read',
    query: RECORD,
    variables: { input: FIGURE },
    key: 'reader',
    code: 'FORBIDDEN',
    but: BY_GET,
  },
  { what: 'a query without a key', query: '{ head }', key: 'none', code: 'data' },
  // Cursors.
  { what: 'an invalid cursor', query: EVENTS, variables: { after: 'nonsense' }, code: 'CURSOR_INVALID' },
  {
    what: 'an invalid cursor of a query',
    query: 'query ($after: Cursor) { changes(after: $after) { nodes { cursor } } }',
    variables: { after: 'nonsense' },
    code: 'CURSOR_INVALID',
  },
  // Over a limit.
  { what: 'a selection 10,000 levels deep', query: deep(10_000, '{a', '}'), code: 'TOO_COSTLY' },
  { what: 'a list 10,000 levels deep', query: `{ a(b: ${deep(10_000, '[', ']')}) }`, code: 'TOO_COSTLY' },
  { what: 'an object 10,000 levels deep', query: `{ a(b: ${deep(10_000, '{a:', '}', '1')}) }`, code: 'TOO_COSTLY' },
  {
    what: 'a type 10,000 levels deep',
    query: `query ($a: ${deep(10_000, '[', ']', 'Int')}) { head }`,
    code: 'TOO_COSTLY',
  },
  { what: 'a selection 201 levels deep', query: deep(201, '{a', '}'), code: 'TOO_COSTLY' },
  { what: 'a mutation 3,000 levels deep', query: `mutation ${deep(3_000, '{a', '}')}`, code: 'TOO_COSTLY' },
  { what: 'a subscription 3,000 levels deep', query: `subscription ${deep(3_000, '{a', '}')}`, code: 'TOO_COSTLY' },
  { what: 'a variable 10,000 levels deep', query: BY_SLUG, variables: nest(10_000, 'slug'), code: 'TOO_COSTLY' },
  {
    what: 'an unused variable, 10,000 levels deep',
    query: '{ head }',
    variables: nest(10_000, 'more'),
    code: 'TOO_COSTLY',
  },
  { what: 'an input 201 levels deep', query: RECORD, variables: nest(201, 'input'), code: 'TOO_COSTLY' },
  { what: 'fragments 900 levels deep', query: chain(900), code: 'TOO_COSTLY' },
  { what: 'too many fragments', query: chain(1_500), code: 'TOO_COSTLY' },
  {
    what: 'fields 15 levels deep',
    query: `${ABOVE}${deep(13, '{ parent ', '}', '{ slug }')} }`,
    variables: { slug: 'a' },
    code: 'TOO_COSTLY',
  },
  {
    what: 'pages of pages',
    query: '{ figures(first: 100) { nodes { subject { figures(first: 100) { nodes { id value metric period } } } } } }',
    code: 'TOO_COSTLY',
  },
  // Not an operation.
  { what: 'an unknown name', query: 'query A { head }', operationName: 'B', code: 'BAD_REQUEST' },
  { what: 'several operations without a name', query: 'query A { head } query B { head }', code: 'BAD_REQUEST' },
  { what: 'only a fragment', query: 'fragment A on Query { head }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { what: 'an empty text', query: '', code: 'BAD_REQUEST' },
  { what: 'no query', query: undefined, code: 'BAD_REQUEST', but: CLOSED },
  { what: 'a list of variables', query: '{ head }', variables: [], code: 'BAD_REQUEST', but: CLOSED },
  { what: 'a text for variables', query: '{ head }', variables: 'a', code: 'BAD_REQUEST', but: CLOSED },
  { what: 'a list of extensions', query: '{ head }', extensions: [], code: 'BAD_REQUEST', but: CLOSED },
  {
    what: 'a persisted query',
    query: undefined,
    extensions: { persistedQuery: { version: 1 } },
    code: 'PERSISTED_QUERY_NOT_SUPPORTED',
    but: CLOSED,
  },
];

let server: TestServer;
let keys: Readonly<Record<'writer' | 'reader', string>>;
/** A place before the first entry. */
let begin: string;

beforeAll(async () => {
  server = await openServer();
  begin = await server.head();
  await (await makeMaker(server.db)).record();
  const [writer, reader] = [await server.createKey(['READ', 'WRITE']), await server.createKey(['READ'])];
  keys = { writer: writer.key, reader: reader.key };
});
afterAll(() => server[Symbol.asyncDispose]());

test('there are enough operations to compare the transports', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
  expect(new Set(CASES.map(({ what }) => what)).size).toBe(CASES.length);
});

test.each(CASES)('$what is answered with $code over every transport', async ({ code, but = {}, ...sent }) => {
  const given = { ...sent, variables: withBegin(sent.variables) };
  const [post, get, sse, socket] = await Promise.all([
    overPost(given, 'application/json, */*;q=0.1'),
    overGet(given),
    overPost(given, 'text/event-stream'),
    overSocket(given),
  ]);
  expect({ POST: post, GET: get, SSE: sse, WebSocket: socket }).toEqual({
    ...Object.fromEntries(TRANSPORTS.map((transport) => [transport, code])),
    ...but,
  });
});

type Sent = Omit<Case, 'what' | 'code' | 'but'>;

function keyOf({ key }: Sent): Record<string, string> {
  return key === 'none' ? {} : { authorization: `Bearer ${keys[key ?? 'writer']}` };
}

function withBegin(variables: unknown): unknown {
  return (variables as { after?: unknown } | null | undefined)?.after === 'BEGIN' ? { after: begin } : variables;
}

function stringify(value: unknown): string | undefined {
  return value instanceof Json ? value.text : JSON.stringify(value);
}

function bodyOf({ query, variables, operationName, extensions }: Sent): string {
  const parts = Object.entries({ query, variables, operationName, extensions }).filter(
    ([, value]) => value !== undefined,
  );
  return `{${parts.map(([name, value]) => `"${name}":${stringify(value)}`).join(',')}}`;
}

async function overPost(sent: Sent, accept: string): Promise<string> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json', ...keyOf(sent) },
    body: bodyOf(sent),
  });
  return outcomeOf(response);
}

async function overGet(sent: Sent): Promise<string> {
  const address = new URL(server.url);
  for (const name of ['query', 'variables', 'operationName', 'extensions'] as const) {
    const value = sent[name];
    if (value === undefined || value === null) continue;
    address.searchParams.set(
      name,
      typeof value === 'string' && name !== 'variables' ? value : (stringify(value) as string),
    );
  }
  const headers = { accept: 'application/json, */*;q=0.1', ...keyOf(sent) };
  return outcomeOf(await fetch(address, { headers }));
}

/** The code of the first answer, or "data"; a stream is closed after it. */
async function outcomeOf(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
    return codeOf(await response.json());
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const [, data] = /^data: (.+)\n\n/m.exec(text) ?? [];
    if (data !== undefined) return codeOf(JSON.parse(data));
  }
  throw new Error(`The stream ended: ${text}`);
}

async function overSocket(sent: Sent): Promise<string> {
  const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws', { headers: keyOf(sent) });
  let outcome: string | undefined;
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data));
    if (type === 'next') outcome ??= codeOf(payload);
    if (type === 'error') outcome ??= codeOf({ errors: payload });
    if (type !== 'connection_ack') return;
    socket.send(`{"id":"1","type":"subscribe","payload":${bodyOf(sent)}}`);
  });
  socket.on('close', (code) => {
    outcome ??= `closed with ${code}`;
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await until('it is answered', () => outcome !== undefined);
  socket.terminate();
  return outcome as string;
}

interface Told {
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

/** The one code of all errors, or the internals that an error exposes. */
function codeOf({ errors }: Told): string {
  if (errors === undefined) return 'data';
  const codes = new Set(
    errors.map(({ extensions = {} }) => `${extensions.code}${'http' in extensions ? ' with http' : ''}`),
  );
  return [...codes].join(' and ');
}
