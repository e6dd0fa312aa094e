import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasTooManyValues, mentionedIn } from '../../src/http/variables.ts';
import { type Message, openRawSocket, type RawSocket } from '../support/raw-socket.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const INIT = { type: 'connection_init' };
/** Nearly 2 MiB of empty lists. To look at all of them took the thread for more than a second. */
const LISTS = `[${Array.from({ length: 9_500 }, () => `[${'[],'.repeat(69)}[]]`).join(',')}]`;
const MANY = `{"query":"query ($a: [Period!]) { figures(filter: { periods: $a }) { totalCount } }","variables":{"a":${LISTS}}}`;

let server: TestServer;
/** How often much was sent, so that no operation is known. */
let sent = 0;
beforeAll(async () => {
  server = await openServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test('more values than anything needs are refused before they are read', async () => {
  const response = await post(MANY);
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_LARGE' } }] });

  using client = await openInitialised();
  client.say(`{"id":"1","type":"subscribe","payload":${MANY}}`);
  await until('it is closed', () => client.closed !== null);
  expect(client.closed).toEqual({ code: 4400, reason: 'Too many values at once' });
});

test.each([
  ['a lone quote before it', (lists: string) => `x="&variables={"a":${lists}}`],
  ['their signs encoded', (lists: string) => `variables=${encodeURIComponent(`{"a":${lists}}`)}`],
  ['extensions', (lists: string) => `extensions={"a":${lists}}`],
])('they are counted in a form as well, with %s', async (_what, parameter) => {
  const lists = `[${'[],'.repeat(150_000)}[]]`;
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `query={ __typename }&${parameter(lists)}`,
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_LARGE' } }] });
});

test('a form has few parameters: to take a million apart would keep the thread busy', async () => {
  const ask = async (body: string): Promise<Response> =>
    fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
  expect(await (await ask(`query={ __typename }${'&a'.repeat(99)}`)).json()).toEqual({ data: { __typename: 'Query' } });
  const refused = await ask(`query={ __typename }${'&a'.repeat(1_000_000)}`);
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { errors: [{ message: 'The form has more than 100 parameters.', extensions: { code: 'BAD_REQUEST' } }] },
  ]);
});

test('values are counted outside of texts only', () => {
  const count = hasTooManyValues;
  const signs = '[,{"\\,'.repeat(50_000);
  expect(count(JSON.stringify({ signs, rest: 1 }))).toBe(false);
  expect(count(JSON.stringify([signs, ...Array.from({ length: 99_000 }, () => 1)]))).toBe(false);
  expect(count(JSON.stringify([signs, ...Array.from({ length: 100_000 }, () => 1)]))).toBe(true);
});

test('variables that a document does not mention are dropped: they have no effect, and would be kept', async () => {
  const hits = async (): Promise<number> =>
    Number(/^milepost_answer_cache_lookups_total\{outcome="hit"\} (\d+)$/m.exec(await server.metrics())?.[1]);
  const before = await hits();
  for (let round = 0; round < 3; round += 1) {
    const response = await post(`{"query":"{ unmentioned: __typename }","variables":{"a":${round}}}`);
    expect(await response.json()).toEqual({ data: { unmentioned: 'Query' } });
  }
  expect((await hits()) - before).toBe(2);
  expect(mentionedIn('query ($a: Int) { b(c: $a, d: "$e") }', { a: 1, b: 2, e: 3 })).toEqual({ a: 1, e: 3 });
  // The sign and the name are two tokens.
  expect(mentionedIn('query ($ a: Int) { b(c: $ a) }', { a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
});

test('a client with too much that waits to be read is told to come later, and then is served', async () => {
  const refused = await sendMuch(await Promise.all(Array.from({ length: 70 }, () => openInitialised())));
  expect(refused.length).toBeGreaterThan(10);
  expect(refused.length).toBeLessThan(250);
  for (const { payload } of refused)
    expect(payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED', limit: 500, retryAfter: 2 } }]);
  expect(await (await post('{"query":"{ later: __typename }"}')).json()).toEqual({ data: { later: 'Query' } });
});

test('clients behind one address wait each in its own queue', async () => {
  const keys = [(await server.createKey(['READ'])).key, (await server.createKey(['READ'])).key];
  const open = (_: unknown, index: number) => openInitialised(`Bearer ${keys[index % 2]}`);
  expect(await sendMuch(await Promise.all(Array.from({ length: 70 }, open)))).toEqual([]);
});

/** Sends ten operations on each socket at once; returns those that are refused. */
async function sendMuch(clients: readonly RawSocket[]): Promise<readonly Message[]> {
  const fields = Array.from({ length: 5 }, (_, index) => `f${index}: __type(name: "Brand") { name kind }`);
  sent += 1;
  for (const [index, client] of clients.entries()) {
    const messages = Array.from({ length: 10 }, (_, number) => ({
      id: String(number),
      type: 'subscribe',
      payload: { query: `{ a${sent}x${index}x${number}: head ${fields.join(' ')} }` },
    }));
    client.say(...messages);
  }
  const ended = (): readonly Message[] =>
    clients.flatMap(({ heard }) => heard.filter(({ type }) => type === 'error' || type === 'complete'));
  await until('all are answered', () => ended().length === 700, 60_000);
  for (const { socket } of clients) socket.destroy();
  return ended().filter(({ type }) => type === 'error');
}

function post(body: string): Promise<Response> {
  return fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

async function openInitialised(authorization?: string): Promise<RawSocket> {
  const client = await openRawSocket(server.wsUrl);
  client.say({ ...INIT, payload: { authorization } });
  await until('it was acknowledged', () => client.heard.length > 0);
  return client;
}
