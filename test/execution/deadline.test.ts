import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cancelWith } from '../../src/database/cancel.ts';
import { type Api, type ApiOptions, openApi } from '../support/api.ts';
import { holdTable } from '../support/held-table.ts';
import { subscribe } from '../support/readers.ts';
import { holdSubjects } from '../support/subject-lock.ts';
import { until } from '../support/wait.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

const DEADLINE_SECONDS = 1;
/** Reads the publisher in a statement of its own. */
const QUERY = '{ figures(first: 1) { nodes { source { publisher { name } } } } }';
const RECORD = 'mutation ($input: FigureInput!) { recordFigure(input: $input) { cursor userErrors { message } } }';
const LIVE = `subscription { live ${QUERY} }`;
const EVENTS = `subscription { changes { cursor subject { ... on Subject ${QUERY} } } }`;

test('a query is ended after its deadline, and so is its statement', async () => {
  await using api = await openFigures();
  await using table = await holdTable(api.db, 'Publisher');
  const answer = api.query(QUERY);
  await table.waitedForBy(1);
  expect(await answer).toMatchObject({ status: 504, errors: [{ extensions: { code: 'TIMED_OUT' } }] });
  await table.waitedForBy(0);
  const counted = 'milepost_operations_total{operation="unnamed",type="query",outcome="timed_out"} 1';
  expect(await api.server.metrics()).toContain(counted);
});

test('the statement of a client that leaves is cancelled, over HTTP and over WebSocket', async () => {
  await using api = await openFigures({ deadlineSeconds: 60 });
  await using table = await holdTable(api.db, 'Publisher');
  const leave = new AbortController();
  const answer = send(api, QUERY, leave.signal);
  const reader = subscribe(
    api.server.wsUrl,
    '{ sources: figures(first: 1) { nodes { source { publisher { name } } } } }',
  );
  await table.waitedForBy(2);
  leave.abort();
  await expect(answer).rejects.toThrow();
  await table.waitedForBy(1);
  reader.stop();
  await table.waitedForBy(0);
});

test('who asks the same as a client that leaves still gets the answer', async () => {
  await using api = await openFigures({ deadlineSeconds: 60 });
  const table = await holdTable(api.db, 'Publisher');
  const leave = new AbortController();
  const left = send(api, QUERY, leave.signal);
  await table.waitedForBy(1);
  const other = api.query(QUERY);
  leave.abort();
  await expect(left).rejects.toThrow();
  await table.release();
  expect(await other).toMatchObject({ status: 200, data: { figures: { nodes: [{}] } } });
});

test('a client that leaves does not end the statement for a row that others ask for as well', async () => {
  await using api = await openFigures({ deadlineSeconds: 60 });
  const db = api.server.database.lanes.read;
  const { slug } = await db.publisher.findFirstOrThrow({ select: { slug: true } });
  const table = await holdTable(api.db, 'Publisher');
  const [leave, other, last] = [new AbortController(), new AbortController(), new AbortController()];
  const find = ({ signal }: AbortController) =>
    cancelWith(signal, async () => db.publisher.findUnique({ where: { slug }, select: { slug: true } }));
  const left = Promise.allSettled([find(leave), find(other)]);
  await table.waitedForBy(1);
  const apart = find(last);
  await table.waitedForBy(2);
  leave.abort();
  last.abort();
  await expect(apart).rejects.toThrow();
  await table.waitedForBy(1);
  other.abort();
  await table.waitedForBy(0);
  expect((await left).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await table.release();
  expect(await find(new AbortController())).toEqual({ slug });
});

test('who asks the same after a client has left is not cut off with it', async () => {
  await using api = await openFigures({ deadlineSeconds: 60 });
  const table = await holdTable(api.db, 'Publisher');
  const leave = new AbortController();
  const left = send(api, QUERY, leave.signal);
  await table.waitedForBy(1);
  leave.abort();
  await expect(left).rejects.toThrow();
  await table.waitedForBy(0);
  const other = api.query(QUERY);
  await table.waitedForBy(1);
  await table.release();
  expect(await other).toMatchObject({ status: 200, data: { figures: { nodes: [{}] } } });
});

test('who asks the same shortly before the deadline of another has its own time', async () => {
  await using api = await openFigures({ deadlineSeconds: 2 });
  const table = await holdTable(api.db, 'Publisher');
  const first = api.query(QUERY);
  await table.waitedForBy(1);
  await sleep(1_000);
  const others = [api.query(QUERY), api.query(QUERY)];
  expect(await first).toMatchObject({ status: 504, errors: [{ extensions: { code: 'TIMED_OUT' } }] });
  await table.waitedForBy(1);
  await table.release();
  for (const other of others) expect(await other).toMatchObject({ status: 200, data: { figures: { nodes: [{}] } } });
});

test('cancelling never hits the statement of another client', async () => {
  await using api = await openFigures({ deadlineSeconds: 60 });
  let cancelled = 0;
  const askAndLeave = async (round: number): Promise<void> => {
    const leave = new AbortController();
    setTimeout(() => leave.abort(), round % 7);
    await send(
      api,
      `{ a${round}: figures(first: ${(round % 9) + 1}) { nodes { source { publisher { name } } } } }`,
      leave.signal,
    ).catch(() => {
      cancelled += 1;
    });
  };
  const askAndStay = async (round: number): Promise<unknown> =>
    api.query(`{ b${round}: figures(first: ${(round % 9) + 1}) { nodes { source { publisher { name } } } } }`);
  const answers: unknown[] = [];
  for (let round = 0; round < 60; round += 1) {
    const both = [askAndStay(round), askAndLeave(4 * round), askAndLeave(4 * round + 1), askAndLeave(4 * round + 2)];
    answers.push((await Promise.all(both))[0]);
  }
  expect(cancelled).toBeGreaterThan(20);
  for (const answer of answers) expect(answer).toMatchObject({ status: 200 });
});

test('a mutation that cannot be done in time writes nothing, and says so', async () => {
  await using api = await openFigures();
  const sourceId = await givenSource(api);
  const held = await holdSubjects(api.db, ['nio']);
  const answer = api.query(RECORD, {
    input: { subject: 'nio', metric: 'DELIVERIES', period: '2025-02', value: 2, sourceId },
  });
  await held.waitedForBy(1);
  expect(await answer).toMatchObject({ errors: [{ extensions: { code: 'TEMPORARILY_UNAVAILABLE' } }] });
  await held.waitedForBy(0);
  await held.release();
  expect(await api.db.figure.count()).toBe(1);
});

test('a mutation goes on when its client has left', async () => {
  await using api = await openFigures();
  const sourceId = await givenSource(api);
  const held = await holdSubjects(api.db, ['nio']);
  const leave = new AbortController();
  const input = { subject: 'nio', metric: 'DELIVERIES', period: '2025-02', value: 2, sourceId };
  const answer = send(api, RECORD, leave.signal, { input });
  await held.waitedForBy(1);
  leave.abort();
  await expect(answer).rejects.toThrow();
  await held.release();
  await until('it is written', async () => (await api.db.figure.count()) === 2);
});

test('a live query that nobody reads any more is cancelled', async () => {
  await using api = await openFigures({ deadlineSeconds: 60 });
  await using table = await holdTable(api.db, 'Publisher');
  const reader = subscribe(api.server.wsUrl, LIVE);
  await table.waitedForBy(1);
  reader.stop();
  await table.waitedForBy(0);
});

test('a live query that takes too long again and again is ended', async () => {
  await using api = await openFigures();
  await using table = await holdTable(api.db, 'Publisher');
  const reader = subscribe(api.server.wsUrl, LIVE);
  await until('it is ended', () => reader.error() !== undefined, 30_000);
  expect(reader.error()).toMatchObject([{ extensions: { code: 'TIMED_OUT' } }]);
  await table.waitedForBy(0);
});

test('an event that takes too long again and again ends its subscription, which says where to go on', async () => {
  await using api = await openFigures();
  const after = await api.server.head();
  const reader = subscribe(api.server.wsUrl, EVENTS);
  await until('it is open', () => api.server.subscriptions.groups === 1);
  await using table = await holdTable(api.db, 'Publisher');
  await api.ask('mutation { updateSubject(slug: "nio", input: { name: "NIO" }) { cursor } }');
  await until('it is ended', () => reader.error() !== undefined, 30_000);
  expect(reader.error()).toMatchObject([{ extensions: { code: 'TIMED_OUT', lastCursor: after } }]);
  await table.waitedForBy(0);
});

test('an event whose readers have all left is cancelled', async () => {
  await using api = await openFigures({ deadlineSeconds: 60 });
  const reader = subscribe(api.server.wsUrl, EVENTS);
  await until('it is open', () => api.server.subscriptions.groups === 1);
  await using table = await holdTable(api.db, 'Publisher');
  await api.ask('mutation { updateSubject(slug: "nio", input: { name: "NIO" }) { cursor } }');
  await table.waitedForBy(1);
  reader.stop();
  await table.waitedForBy(0);
});

/** One figure of one brand. */
async function openFigures(options: ApiOptions = {}): Promise<Api> {
  const api = await openApi({ deadlineSeconds: DEADLINE_SECONDS, ...options });
  const sourceId = await givenSource(api);
  await givenSubject(api, 'BRAND', { slug: 'nio' });
  await write(api, 'recordFigure', { subject: 'nio', metric: 'DELIVERIES', period: '2025-01', value: 1, sourceId });
  return api;
}

/** Sends an operation with a key that may write, for a client that may leave. */
async function send(api: Api, query: string, signal: AbortSignal, variables: object = {}): Promise<Response> {
  const authorization = `Bearer ${await api.createKey()}`;
  return fetch(api.server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query, variables }),
    signal,
  });
}
