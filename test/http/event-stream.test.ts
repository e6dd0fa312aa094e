import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { type Maker, makeMaker } from '../support/makers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const QUIET = 'subscription { changes(filter: {subjects: []}) { cursor } }';
const FIGURES = 'subscription ($after: Cursor) { figureRecorded(after: $after) { cursor } }';
const METHODS = ['GET', 'POST', 'POST of a form'] as const;
/** How clients ask for events; undefined: without the header. */
const TAKING = [
  undefined,
  '*/*',
  'text/event-stream',
  'Text/Event-Stream; charset=utf-8',
  'text/*',
  'application/json, text/event-stream',
  'application/json, */*;q=0.1',
  // urql's.
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
];
const NOT_TAKING = [
  'application/json',
  'application/graphql-response+json',
  'multipart/mixed',
  // Apollo's.
  'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
  'application/json, text/event-stream;q=0',
  'image/png',
];
const combine = (accepts: readonly (string | undefined)[]) =>
  METHODS.flatMap((method) => accepts.map((accept) => ({ method, accept })));
const ID = /^id: ([\w-]+)$/gm;

describe('a subscription, by whatever method and header', () => {
  let server: TestServer;
  let maker: Maker;
  beforeAll(async () => {
    server = await openServer({ maxPerAddress: 100 });
    maker = await makeMaker(server.db);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('begins with the place that it continues from, shares one execution, and ends when its key is revoked', async () => {
    const { id, key } = await server.createKey(['READ']);
    const begun = await server.head();
    const streams = await Promise.all(
      combine(TAKING).map((by) => open(server, { ...by, query: FIGURES, headers: { authorization: `Bearer ${key}` } })),
    );
    await until('all have begun', () => streams.every((stream) => stream.ids().length === 1));
    for (const { response, text } of streams) {
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(text()).toBe(`retry: 1000\n\nid: ${begun}\n\n`);
    }
    await until('all share', () => server.subscriptions.groups === 1 && server.connections.count === streams.length);
    const before = server.subscriptions.counts.executions;
    await maker.record();
    const cursor = await server.head();
    await until('all have it', () => streams.every((stream) => stream.ids().length === 2));
    for (const { ids, text } of streams) {
      expect(ids()).toEqual([begun, cursor]);
      expect(text()).toContain(`event: next\ndata: {"data":{"figureRecorded":{"cursor":"${cursor}"}}}\n\n`);
    }
    expect(server.subscriptions.counts.executions - before).toBe(1);
    await revokeApiKey(server.db, id);
    await until('all have ended', () => streams.every(({ response }) => response.complete));
    expect(streams.filter(({ text }) => text().includes('event: complete'))).toEqual([]);
    expect(server.connections.count).toBe(0);
  });

  test('resumes after the cursor of its operation, or rather after the one that its client kept', async () => {
    const places = [await server.head()];
    for (let count = 0; count < 3; count += 1) {
      await maker.record();
      places.push(await server.head());
    }
    const [before, first, second, third] = places as [string, string, string, string];
    for (const by of combine(['*/*', 'application/json, text/event-stream'])) {
      const whole = await open(server, { ...by, query: FIGURES, variables: { after: before } });
      const rest = await open(server, {
        ...by,
        query: FIGURES,
        variables: { after: before },
        headers: { 'last-event-id': first },
      });
      await until('all came', () => whole.ids().length === 4 && rest.ids().length === 3);
      expect([whole.ids(), rest.ids()]).toEqual([
        [before, first, second, third],
        [first, second, third],
      ]);
      const wrong = await open(server, { ...by, query: FIGURES, headers: { 'last-event-id': 'nonsense' } });
      await until('it has ended', () => wrong.response.complete);
      expect(wrong.text()).toMatch(/"CURSOR_INVALID"(.|\n)+event: complete\ndata:\n\n$/);
      for (const stream of [whole, rest]) stream.stop();
    }
  });

  test('answers a live query again only when the answer differs', async () => {
    const query = (asked: string) => `subscription { live { ${asked} } }`;
    const streams = await Promise.all(
      combine(TAKING).map((by) => open(server, { ...by, query: query(`brand(slug: "${maker.slug}") { slug }`) })),
    );
    const other = await open(server, { query: query('head') });
    const answers = (stream: OpenStream): number => stream.text().split('event: next').length - 1;
    await until('all have an answer', () => [...streams, other].every((stream) => answers(stream) === 1));
    for (let count = 2; count < 5; count += 1) {
      await maker.record();
      await until('the other differs', () => answers(other) === count);
    }
    expect(streams.map(answers)).toEqual(streams.map(() => 1));
    for (const stream of [...streams, other]) stream.stop();
  });

  test('is refused when the client does not accept events, with what to send instead', async () => {
    for (const by of combine(NOT_TAKING)) {
      const { response, text } = await open(server, { ...by, query: FIGURES, headers: { origin: 'http://a.test' } });
      await until('it is answered', () => response.complete);
      expect(response.statusCode).toBe(406);
      expect(response.headers['access-control-allow-origin']).toBe('*');
      expect(JSON.parse(text())).toEqual({
        errors: [{ message: expect.stringContaining('text/event-stream'), extensions: { code: 'NOT_ACCEPTABLE' } }],
      });
    }
  });

  test('is refused when its address has too many', async () => {
    await using small = await openServer({ maxPerAddress: 1 });
    const one = await open(small, { query: QUIET });
    for (const by of combine(TAKING)) {
      const { response, text } = await open(small, { ...by, query: QUIET });
      await until('it is answered', () => response.complete);
      expect([response.statusCode, text()]).toEqual([429, expect.stringContaining('TOO_MANY_CONNECTIONS')]);
    }
    one.stop();
  });

  test('ends when the server stops, as does a new one, so that an EventSource reconnects and does not give up', async () => {
    await using stopping = await openServer();
    const before = await Promise.all(combine(TAKING).map((by) => open(stopping, { ...by, query: QUIET })));
    const drained = stopping.connections.drain(1_000);
    const late = await Promise.all(combine(TAKING).map((by) => open(stopping, { ...by, query: QUIET })));
    await until('the late ones have ended', () => late.every(({ response }) => response.complete));
    for (const { response, text } of late) {
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(text()).toBe('retry: 1000\n\n');
    }
    await drained;
    await until('the other ones have ended', () => before.every(({ response }) => response.complete));
  });
});

test('a quiet stream reports its place every 15 s, and never a place after an event that is still to come', {
  timeout: 60_000,
}, async () => {
  await using server = await openServer();
  const maker = await makeMaker(server.db);
  const begun = await server.head();
  const began = performance.now();
  const quiet = await open(server, { query: QUIET });
  const busy = await open(server, { query: FIGURES });
  const live = await open(server, { query: 'subscription { live { __typename } }' });
  const resumed = await open(server, { query: QUIET, headers: { 'last-event-id': begun } });
  const streams = [quiet, busy, live, resumed];
  await until('all have begun', () => streams.every((stream) => stream.ids().length > 0));
  await maker.record();
  const cursor = await server.head();
  await until('it has the event', () => busy.ids().length === 2);
  await until('all say something', () => streams.every(({ text }) => text().includes('\n\n:\n')), 20_000);
  expect(performance.now() - began).toBeGreaterThan(14_000);
  expect(quiet.text()).toBe(`retry: 1000\n\nid: ${begun}\n\n:\nid: ${cursor}\n\n`);
  expect(resumed.ids()).toEqual([begun, cursor]);
  expect(busy.ids()).toEqual([begun, cursor, cursor]);
  // The cursor of the answer, which contains nothing newer.
  expect(live.ids()).toEqual([begun, begun, begun]);
  for (const stream of streams) stream.stop();
});

test('a client that disconnects before its stream has begun leaves nothing behind', async () => {
  await using server = await openServer();
  const { key } = await server.createKey(['READ']);
  const isAlive = () => fetch(new URL('/livez', server.url)).then((response) => response.text());
  await server.db.$transaction(async (tx) => {
    // No key is looked up until this ends, so no stream begins.
    await tx.$executeRaw`lock table "ApiKey" in access exclusive mode`;
    const all = Array.from({ length: 5 }, () =>
      send(server, { query: FIGURES, headers: { authorization: `Bearer ${key}` } }),
    );
    for (const sent of all) sent.on('error', () => undefined);
    await Promise.all(all.map((sent) => new Promise((resolve) => sent.once('finish', resolve))));
    await isAlive();
    for (const sent of all) sent.destroy();
    await isAlive();
  });
  const last = await open(server, { query: FIGURES, headers: { authorization: `Bearer ${key}` } });
  await until('the last is in', () => last.ids().length === 1);
  last.stop();
  await until('nothing is left', () => server.connections.count === 0 && server.subscriptions.groups === 0);
});

interface Opening {
  readonly method?: (typeof METHODS)[number];
  readonly accept?: string | undefined;
  readonly query: string;
  readonly variables?: object;
  readonly headers?: Record<string, string>;
}

interface OpenStream {
  readonly response: IncomingMessage;
  /** Everything that came so far. */
  text(): string;
  /** The cursors that came so far. */
  ids(): readonly string[];
  stop(): void;
}

/** Opens a stream, by default as an EventSource does. */
function open(server: TestServer, opening: Opening): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const sent = send(server, opening);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => undefined);
      resolve({
        response,
        text: () => text,
        ids: () => [...text.matchAll(ID)].map(([, id]) => id as string),
        stop: () => void sent.destroy(),
      });
    });
    sent.once('error', reject);
  });
}

function send(server: TestServer, opening: Opening) {
  const { method = 'GET', query, variables = {}, headers = {} } = opening;
  const accept = 'accept' in opening ? opening.accept : 'text/event-stream';
  const form = new URLSearchParams({ query, variables: JSON.stringify(variables) }).toString();
  const sent = request(method === 'GET' ? `${server.url}?${form}` : server.url, {
    method: method === 'GET' ? 'GET' : 'POST',
    agent: false,
    headers: {
      ...headers,
      ...(accept === undefined ? {} : { accept }),
      ...(method === 'GET'
        ? {}
        : { 'content-type': `application/${method === 'POST' ? 'json' : 'x-www-form-urlencoded'}` }),
    },
  });
  return sent.end(method === 'GET' ? undefined : method === 'POST' ? JSON.stringify({ query, variables }) : form);
}
