import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { makeMaker } from '../support/makers.ts';
import { type Reader, subscribe, subscribeToEvents, WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { startSlowedClock } from '../support/slowed-clock.ts';
import { until } from '../support/wait.ts';

const QUIET = 'subscription { changes(filter: {subjects: []}) { cursor } }';
/** The network of one machine buffers megabytes, so a reader that stops reading is noticed only after events as large as these. */
const NOTE = 'n'.repeat(2_000);
const LARGE = `subscription { figureRecorded { cursor figure { ${Array.from({ length: 20 }, (_, index) => `n${index}: note`).join(' ')} } } }`;
const EVENTS = 500;
/** A stream has no code of its own. */
const FORBIDDEN = [4403, 0];
/** An answer of megabytes. */
const HUGE_FIGURES = 60;
const HUGE = LARGE.replace('figureRecorded { cursor figure', 'live { figures(first: 100) { totalCount nodes').replace(
  / } }$/,
  ' } } }',
);
const ANSWERS = 20;

type Recorded = { readonly figureRecorded: { readonly cursor: string } };
type Answered = { readonly live: { readonly figures: { readonly totalCount: number } } };

describe('a connection ends', () => {
  let server: TestServer;
  afterEach(() => server[Symbol.asyncDispose]());

  test('with 4403 within 5 s after its key was revoked or has expired, also on a quiet stream', {
    timeout: 60_000,
  }, async () => {
    server = await openServer();
    const revoked = await server.createKey(['READ']);
    const expiresAt = new Date(Date.now() + 4_000);
    const expiring = await server.createKey(['READ'], expiresAt);
    const open = (key?: string) =>
      WAYS.map(([, subscribeBy]) => subscribeBy(server.wsUrl, QUIET, key === undefined ? {} : { key }));
    const [ofRevoked, ofExpiring, anonymous] = [open(revoked.key), open(expiring.key), open()];
    await until('all are open', () => server.connections.count === 6);
    const reasons = [await reasonOfEnd(server, revoked.key), await reasonOfEnd(server, expiring.key)];
    await revokeApiKey(server.db, revoked.id);
    using sinceRevoked = startSlowedClock(() => server.head());
    const codesOf = (readers: typeof ofRevoked) => readers.map(({ closed }) => closed());
    await until('those of the revoked are closed', () => !codesOf(ofRevoked).includes(undefined));
    expect(sinceRevoked.now).toBeLessThan(5_000);
    await sleep(expiresAt.getTime() - Date.now());
    using sinceExpired = startSlowedClock(() => server.head());
    await until('those of the expired are closed', () => !codesOf(ofExpiring).includes(undefined));
    expect(sinceExpired.now).toBeLessThan(5_000);
    expect([codesOf(ofRevoked), codesOf(ofExpiring)]).toEqual([FORBIDDEN, FORBIDDEN]);
    expect(codesOf(anonymous)).toEqual([undefined, undefined]);
    expect(await reasons[0]?.ended).toMatch(/^The key was revoked at 2\d{3}-.+Z\. Ask for a new one\.$/);
    expect(await reasons[1]?.ended).toBe(`The key expired at ${expiresAt.toISOString()}. Ask for a new one.`);
    for (const reader of anonymous) reader.stop();
  });

  test('with 4429 when its address has too many; an event stream gets 429', async () => {
    server = await openServer({ maxPerAddress: 2 });
    const readers = [subscribe(server.wsUrl, QUIET), subscribe(server.wsUrl, QUIET)];
    await until('two are open', () => server.connections.count === 2);
    const third = subscribe(server.wsUrl, QUIET);
    await until('the third is closed', () => third.closed() !== undefined);
    expect(third.closed()).toBe(4429);
    const address = `${server.url}?${new URLSearchParams({ query: QUIET })}`;
    const refused = await fetch(address, { headers: { accept: 'text/event-stream' } });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_MANY_CONNECTIONS' } }] });
    readers[0]?.stop();
    await until('one has left', () => server.connections.count === 1);
    const fourth = subscribeToEvents(server.wsUrl, QUIET);
    await until('the fourth is in', () => server.connections.count === 2);
    for (const reader of [...readers, fourth]) reader.stop();
  });

  test('but not for one subscription too many, which alone is refused', async () => {
    server = await openServer({ maxSubscriptionsPerSocket: 2 });
    const socket = await openSocket(server);
    for (const id of ['1', '2', '3']) socket.send({ id, type: 'subscribe', payload: { query: QUIET } });
    await until('the third is refused', () => socket.messages.some(({ type }) => type === 'error'));
    const refused = socket.messages.find(({ type }) => type === 'error') as {
      id: string;
      payload: { extensions: { code: string } }[];
    };
    expect([refused.id, refused.payload[0]?.extensions.code]).toEqual(['3', 'TOO_MANY_SUBSCRIPTIONS']);
    socket.send({ id: '1', type: 'complete' });
    socket.send({ id: '4', type: 'subscribe', payload: { query: '{ head }' } });
    await until('queries still work', () => socket.messages.some(({ id, type }) => id === '4' && type === 'next'));
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    socket.socket.close();
  });

  test.each(WAYS)(
    'with SLOW_CONSUMER and the last cursor when its reader does not read, over %s, and the reader resumes without loss',
    {
      timeout: 60_000,
    },
    async (_way, subscribeBy) => {
      server = await openServer();
      const maker = await makeMaker(server.db);
      const start = await server.head();
      const slow = subscribeBy<Recorded>(server.wsUrl, LARGE);
      await until('it has joined', () => server.subscriptions.groups === 1);
      slow.pause();
      await maker.recordMany(EVENTS, NOTE);
      await until('it was let go', () => server.subscriptions.groups === 0, 30_000);
      slow.resume();
      await until('the error arrived', () => slow.ended(), 20_000);
      const [error] = slow.error() as { extensions: { code: string; lastCursor: string } }[];
      const cursors = cursorsOf(slow);
      expect(error?.extensions).toEqual({ code: 'SLOW_CONSUMER', lastCursor: cursors.at(-1) });
      const readAfter = (cursor: string | undefined) =>
        subscribeBy<Recorded>(server.wsUrl, `subscription { figureRecorded(after: "${cursor}") { cursor } }`);
      const rest = readAfter(cursors.at(-1));
      await until('the rest came', () => cursors.length + rest.results.length === EVENTS, 30_000);
      const all = readAfter(start);
      await until('all came again', () => all.results.length === EVENTS, 30_000);
      expect([...cursors, ...cursorsOf(rest)]).toEqual(cursorsOf(all));
      for (const reader of [slow, rest, all]) reader.stop();
    },
  );

  test.each(WAYS)(
    'over %s when the server stops, evenly over the window, after what is in flight, and new clients are refused',
    async (_way, subscribeBy) => {
      server = await openServer();
      const readers = Array.from({ length: 40 }, () => subscribeBy(server.wsUrl, QUIET));
      await until('all are open', () => server.connections.count === 40);
      const began = Date.now();
      const drained = server.connections.drain(3_000);
      // Nothing is closed yet: readiness has to fail first. connections.test.ts shows for how long.
      expect([server.connections.draining, server.connections.count]).toEqual([true, 40]);
      const late = subscribeBy(server.wsUrl, QUIET);
      await drained;
      await until('all are closed', () => [late, ...readers].every(({ closed }) => closed() !== undefined));
      // Each 20 ms after the one before.
      expect(Date.now() - began).toBeGreaterThanOrEqual(1_000);
      // Not completed: that would tell a client that the subscription is over.
      for (const { ended, error, closed } of [late, ...readers]) {
        expect([closed(), error()]).toEqual(
          subscribeBy === subscribe ? [1012, expect.objectContaining({ code: 1012 })] : [0, undefined],
        );
        expect(ended()).toBe(subscribeBy === subscribe);
      }
    },
  );
});

test.each(WAYS)(
  'a reader of a live query that stops reading gets only the newest answer when it reads again, over %s',
  {
    timeout: 60_000,
  },
  async (_way, subscribeBy) => {
    await using server = await openServer();
    const maker = await makeMaker(server.db);
    await maker.recordMany(HUGE_FIGURES, NOTE);
    const slow = subscribeBy<Answered>(server.wsUrl, HUGE);
    await until('the first answer came', () => slow.results.length === 1);
    slow.pause();
    const before = server.subscriptions.counts.executions;
    let total = HUGE_FIGURES;
    await until(
      'there were many more answers',
      async () => {
        await maker.record();
        total += 1;
        return server.subscriptions.counts.executions - before > ANSWERS;
      },
      40_000,
    );
    const totals = (): (number | undefined)[] => slow.results.map(({ data }) => data?.live.figures.totalCount);
    slow.resume();
    await until('the newest came', () => totals().at(-1) === total, 20_000);
    expect(totals()).toEqual([...totals()].sort((one = 0, other = 0) => one - other));
    // The events in the network's buffers came before it.
    expect(totals().length).toBeLessThan(ANSWERS);
    expect(slow.error()).toBeUndefined();
    slow.stop();
  },
);

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A socket of the protocol without a client library, which can stop reading. */
async function openSocket(server: TestServer) {
  // What these tests send is so much alike that it would fit into the network's buffers when compressed.
  const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws', { perMessageDeflate: false });
  const messages: Message[] = [];
  socket.on('message', (data) => void messages.push(JSON.parse(String(data)) as Message));
  await new Promise((resolve) => socket.once('open', resolve));
  const send = (message: object): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init' });
  await until('it is acknowledged', () => messages.some(({ type }) => type === 'connection_ack'));
  return { socket, messages, send, pause: () => socket.pause(), resume: () => socket.resume() };
}

function cursorsOf({ results }: Reader<Recorded>): readonly (string | undefined)[] {
  return results.map(({ data }) => data?.figureRecorded.cursor);
}

/** Opens a WebSocket with a key; `ended` is the reason with which it is closed. */
async function reasonOfEnd({ wsUrl }: TestServer, key: string): Promise<{ readonly ended: Promise<string> }> {
  const socket = new WebSocket(wsUrl, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  const ended = new Promise<string>((resolve) => socket.once('close', (_code, reason) => resolve(String(reason))));
  await Promise.race([new Promise((resolve) => socket.once('message', resolve)), ended]);
  return { ended };
}
