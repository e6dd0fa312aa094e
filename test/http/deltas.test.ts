import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEvents } from '../acceptance/clients.ts';
import { shown } from '../support/deltas.ts';
import { type Maker, makeMaker } from '../support/makers.ts';
import { type Result, WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const LIVE = `subscription { live { brand(slug: "aurora") {
  name figures(first: 50, orderBy: PERIOD_DESC) { totalCount nodes { id period value } }
} } }`;
/** Deeper than JSON.stringify can go. */
const NESTED = 50_000;
const DELTA = { delta: 'json-patch' };

let server: TestServer;
let maker: Maker;
beforeAll(async () => {
  server = await openServer();
  maker = await makeMaker(server.db);
  await maker.recordMany(20, 'A note.');
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(WAYS)('a live query with differences over %s', (_way, open) => {
  test('begins with the whole answer as revision 1, and then sends patches', async () => {
    const reader = open(server.wsUrl, LIVE, { extensions: DELTA });
    await until('the whole came', () => reader.results.length === 1);
    expect(reader.results[0]).toEqual({
      data: { live: { brand: expect.anything() } },
      extensions: { cursor: expect.stringMatching(/^[\w-]{39}~1~[\w-]{22}$/) },
      revision: 1,
    });
    const value = await maker.record();
    await until('the patch came', () => reader.results.length === 2);
    const at = '/live/brand/figures';
    expect(reader.results[1]).toEqual({
      patch: [
        { op: 'replace', path: `${at}/totalCount`, value: expect.any(Number) },
        { op: 'add', path: `${at}/nodes/0`, value: expect.objectContaining({ value }) },
      ],
      extensions: { cursor: expect.stringMatching(/^[\w-]{39}~2~[\w-]{22}$/) },
      revision: 2,
    });
    reader.stop();
  });

  test('gives the same answers as one without, as the client of the format applies it', async () => {
    const whole = open(server.wsUrl, LIVE);
    const reader = open(server.wsUrl, LIVE, { extensions: { ...DELTA, unknown: { is: 'ignored' } } });
    await until('both have begun', () => whole.results.length === 1 && reader.results.length === 1);
    for (let count = 2; count < 7; count += 1) {
      await maker.record();
      await until('both have the next', () => whole.results.length === count && reader.results.length === count);
    }
    expect(reader.results.slice(1).every(({ patch }) => patch !== undefined)).toBe(true);
    const answers = await shown(reader.results);
    expect(answers).toEqual(whole.results.map(({ data }) => data));
    expect(whole.results.every((result) => Object.keys(result).join() === 'data')).toBe(true);
    for (const each of [whole, reader]) each.stop();
    await until('it ends with its readers', () => server.subscriptions.groups === 0);
  });

  test('continues after the last result with one patch, of whatever happened meanwhile', async () => {
    const reader = open(server.wsUrl, LIVE, { extensions: DELTA });
    await until('the whole came', () => reader.results.length === 1);
    await maker.record();
    await until('a patch came', () => reader.results.length === 2);
    reader.stop();
    await until('it has ended', () => server.subscriptions.groups === 0);
    await maker.record();
    await maker.record();
    const resumed = open(server.wsUrl, LIVE, { extensions: { ...DELTA, after: cursorOf(reader.results[1]) } });
    await until('the patch came', () => resumed.results.length === 1);
    expect(resumed.results[0]).toMatchObject({ patch: expect.anything(), revision: 3 });
    const fresh = open(server.wsUrl, LIVE);
    await until('a whole one came', () => fresh.results.length === 1);
    expect((await shown([...reader.results, ...resumed.results])).at(-1)).toEqual(fresh.results[0]?.data);
    for (const each of [resumed, fresh]) each.stop();
  });

  test('is the whole again when the answer that its reader has is not known', async () => {
    const known = open(server.wsUrl, LIVE, { extensions: DELTA });
    await until('it has begun', () => known.results.length === 1);
    const other = cursorOf(known.results[0]).replace(/~.*/, '~7~0123456789012345678901');
    const reader = open(server.wsUrl, LIVE, { extensions: { ...DELTA, after: other } });
    await until('the whole came', () => reader.results.length === 1);
    expect(reader.results[0]).toMatchObject({ data: known.results[0]?.data, revision: 1 });
    for (const each of [known, reader]) each.stop();
  });

  test.each([
    ['of another format', LIVE, { delta: 'json-patch-plus' }, 'BAD_REQUEST', 'the only format is "json-patch"'],
    ['of no format', LIVE, { delta: true }, 'BAD_REQUEST', 'extensions.delta is not a text; the only format is'],
    ['of a long format', LIVE, { delta: 'x'.repeat(100_000) }, 'BAD_REQUEST', `is "${'x'.repeat(50)}"; the only`],
    ['of events', 'subscription { changes { cursor } }', DELTA, 'BAD_REQUEST', 'subscribe to live { … }'],
    ['after no text', LIVE, { ...DELTA, after: 7 }, 'BAD_REQUEST', 'extensions.after must be a string'],
    ['after no cursor', LIVE, { ...DELTA, after: 'nonsense' }, 'CURSOR_INVALID', ''],
    ['after no place', LIVE, { ...DELTA, after: 'nonsense~1~0123456789012345678901' }, 'CURSOR_INVALID', ''],
  ])('refuses differences %s', async (_what, query, extensions, code, message) => {
    const reader = open(server.wsUrl, query, { extensions });
    await until('it is refused', () => reader.error() !== undefined);
    expect(reader.error()).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(message),
        extensions: expect.objectContaining({ code }),
      }),
    ]);
    reader.stop();
  });

  test.each([
    ['extensions: null', null],
    ['delta: null', { delta: null, after: 7 }],
    ['extensions of others', { other: { delta: 'x' } }],
  ])('sends whole answers with %s', async (_what, extensions) => {
    const reader = open(server.wsUrl, LIVE, { extensions: extensions as never });
    await until('it has begun', () => reader.results.length === 1);
    expect(Object.keys(reader.results[0] ?? {})).toEqual(['data']);
    reader.stop();
  });
});

test('readers with and without differences share one execution', async () => {
  const readers = WAYS.flatMap(([, open]) =>
    Array.from({ length: 10 }, (_, index) => open(server.wsUrl, LIVE, index % 2 === 0 ? { extensions: DELTA } : {})),
  );
  await until('all have an answer', () => readers.every(({ results }) => results.length === 1));
  const before = server.subscriptions.counts.executions;
  await maker.record();
  await until('all have the next', () => readers.every(({ results }) => results.length === 2));
  expect(server.subscriptions.counts.executions - before).toBe(1);
  const patches = readers.flatMap(({ results }) => (results[1]?.patch === undefined ? [] : [results[1]]));
  expect(patches).toHaveLength(10);
  for (const result of patches) expect(result).toEqual(patches[0]);
  for (const reader of readers) reader.stop();
});

test('a wish that is nested too deeply to be printed is refused like any other', async () => {
  const nested = `${'['.repeat(NESTED)}${']'.repeat(NESTED)}`;
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: `{"query":${JSON.stringify(LIVE)},"extensions":{"delta":${nested}}}`,
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    { errors: [expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })] },
  ]);
});

test('an EventSource that is cut off continues with a patch, by the id of the last event', async () => {
  const address = `${server.url}?${new URLSearchParams({ query: LIVE, extensions: JSON.stringify(DELTA) })}`;
  const take = async (lastEventId: string | null) => {
    const stop = new AbortController();
    const headers = { accept: 'text/event-stream', ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) };
    try {
      const events = readEvents(await fetch(address, { headers, signal: stop.signal }));
      for await (const { event, id, data } of events)
        if (event === 'next') return { id: String(id), result: JSON.parse(data) as Result<unknown> };
      throw new Error('The stream had no event.');
    } finally {
      stop.abort();
    }
  };
  const first = await take(null);
  expect(first.id).toBe(cursorOf(first.result));
  const second = await take(first.id);
  expect(second.result).toMatchObject({ patch: [], revision: 2 });
  await maker.record();
  const third = await take(second.id);
  expect(third.result).toMatchObject({ patch: [expect.anything(), expect.anything()], revision: 3 });
});

function cursorOf(result: Result<unknown> | undefined): string {
  return String(result?.extensions?.cursor);
}
