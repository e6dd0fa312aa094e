import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect, test } from 'vitest';
import { makeMaker } from '../support/makers.ts';
import { openRawSocket, type RawSocket } from '../support/raw-socket.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const MIB = 1024 * 1024;
/** As many as are worked on at once; more are not read. */
const MOST_AT_WORK = 10;
/** An answer of 2 MiB, so that ten are more than the network takes; and one of 9 MiB. */
const [LARGE, VERY_LARGE] = [askFor(11), askFor(44)] as const;
const RENAME = `mutation { updateSubject(slug: "aurora", input: { name: "Aurora" }) { subject { ... on Brand ${LARGE} } } }`;
const SLOW = { type: 'error', payload: [{ extensions: { code: 'SLOW_CONSUMER' } }] };

test('answers that wait for a client count, and those beyond what may wait are refused', async () => {
  await using server = await openServer({ ofClient: { waitingBytes: 5 * MIB } });
  await makeNotes(server);
  using client = await openSocket(server);
  client.socket.pause();
  const ids = Array.from({ length: MOST_AT_WORK }, (_none, index) => String(index));
  client.say(...ids.map((id) => asking(id, LARGE)));
  await until('all are answered', async () => (await underWay(server)) === 0);
  client.socket.resume();
  await until('all arrive', () => ids.every((id) => endOf(client, id) !== undefined));
  const refused = ids.filter((id) => endOf(client, id)?.type === 'error');
  expect(refused.length).toBeGreaterThan(3);
  expect(refused.length).toBeLessThan(9);
  for (const id of refused) expect(endOf(client, id)).toMatchObject(SLOW);
  client.say(asking('next', LARGE));
  await until('the next is answered', () => endOf(client, 'next')?.type === 'complete');
});

test('what waited for a socket that is gone counts no longer', async () => {
  await using server = await openServer({ ofClient: { waitingBytes: 5 * MIB } });
  await makeNotes(server);
  const gone = await openSocket(server);
  using other = await openSocket(server);
  gone.socket.pause();
  gone.say(...Array.from({ length: MOST_AT_WORK }, (_none, index) => asking(String(index), LARGE)));
  await until('all are answered', async () => (await underWay(server)) === 0);
  other.say(asking('before', LARGE));
  await until('another of its sockets is refused', () => endOf(other, 'before') !== undefined);
  expect(endOf(other, 'before')).toMatchObject(SLOW);
  gone[Symbol.dispose]();
  await until('it is gone', () => server.connections.count === 1);
  other.say(asking('after', LARGE));
  await until('it is answered', () => endOf(other, 'after')?.type === 'complete');
});

test.each(['application/json', 'text/event-stream'])(
  'answers over HTTP count until they are taken: %s',
  async (accept) => {
    await using server = await openServer({ ofClient: { waitingBytes: 10 * MIB } });
    await makeNotes(server);
    const headers = { accept, 'content-type': 'application/json' };
    const sent = request(server.url, { method: 'POST', headers, agent: false });
    const answered = once(sent, 'response');
    sent.end(JSON.stringify({ query: VERY_LARGE }));
    const [unread] = (await answered) as [IncomingMessage];
    expect(unread.statusCode).toBe(200);
    const ask = () => fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query: LARGE }) });
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'SLOW_CONSUMER' } }] });
    unread.destroy();
    await until('nothing waits', async () => (await ask()).status === 200);
  },
);

test('a mutation is answered whatever waits', async () => {
  await using server = await openServer({ ofClient: { waitingBytes: MIB } });
  await makeNotes(server);
  const { key } = await server.createKey(['READ', 'WRITE']);
  using client = await openSocket(server, key);
  client.say(asking('query', LARGE), asking('mutation', RENAME));
  await until('both are answered', () => ['query', 'mutation'].every((id) => endOf(client, id) !== undefined));
  expect(endOf(client, 'query')).toMatchObject(SLOW);
  expect(endOf(client, 'mutation')).toMatchObject({ type: 'complete' });
});

function askFor(times: number): string {
  const each = Array.from({ length: times }, (_none, index) => `of${index}: figures(first: 100) { nodes { note } }`);
  return `{ ${each.join(' ')} }`;
}

/** A hundred figures with long notes. */
async function makeNotes({ db }: TestServer): Promise<void> {
  const maker = await makeMaker(db);
  await maker.recordMany(100, 'x'.repeat(2_000));
}

async function openSocket({ wsUrl }: TestServer, key?: string): Promise<RawSocket> {
  const client = await openRawSocket(wsUrl);
  const payload = key === undefined ? {} : { authorization: `Bearer ${key}` };
  client.say({ type: 'connection_init', payload });
  await until('it is acknowledged', () => client.heard.length === 1);
  return client;
}

function asking(id: string, query: string) {
  return { id, type: 'subscribe', payload: { query } };
}

function endOf({ heard }: RawSocket, id: string) {
  return heard.find((message) => message.id === id && message.type !== 'next');
}

async function underWay(server: TestServer): Promise<number> {
  return Number(/^milepost_operations_under_way (\d+)$/m.exec(await server.metrics())?.[1]);
}
