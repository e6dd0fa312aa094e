import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test, vi } from 'vitest';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { type SlowedClock, startSlowedClock } from '../support/slowed-clock.ts';
import { until } from '../support/wait.ts';
import { headOf, readLog } from './clients.ts';
import { createFacts } from './facts.ts';
import { type Ending, type Read, readSocket, readStream } from './reading.ts';

// Thousands of clients are slow on a busy machine.
vi.setConfig({ testTimeout: 600_000 });

const SOCKETS = 5_000;
const STREAMS = 200;
const OPENED_AT_ONCE = 100;
/** By a slowed clock, as are the pauses between two writes: each write is 5,000 messages, here as well. */
const SETTLED_MS = 20_000;
const WRITE_PAUSE_MS = 250;
/** The documented values: the window is 10 s by default, and 8 s later the process ends in any case. */
const WINDOW_MS = 10_000;
const DEADLINE_MS = WINDOW_MS + 8_000;
/** How long after readiness fails the first connections are closed. */
const NOTICE_MS = 1_000;
const LATE_MS = WINDOW_MS / 2;
/** Clocks count whole milliseconds. */
const CLOCK_MS = 5;

const FIGURES = `subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor } }`;

test.runIf(inject('backend') === 'postgres')(
  'with 5,000 sockets readiness fails first, then the sockets are closed evenly over the window, and clients continue elsewhere without loss',
  async () => {
    await using place = await placeDatabase('migrated');
    const environment = {
      MILEPOST_SEED: 'off',
      MILEPOST_MAX_SOCKETS_PER_ADDRESS: '6000',
      MILEPOST_REPLAYS_PER_CLIENT: '6000',
      MILEPOST_DRAIN_SECONDS: '',
    };
    await using stopping = await startProduct({ place, environment });
    await using staying = await startProduct({ place, environment });
    const { record } = await createFacts(staying);
    const start = await headOf(staying);
    // Other load on the machine delays the answers of the stopping server, and its closes as well.
    using clock = startSlowedClock(() => fetch(new URL('/readyz', stopping.url)));
    const subscribers = await subscribeAll([stopping, staying], start, clock);
    const askBoth = () => Promise.allSettled([stopping, staying].map(({ url }) => fetch(new URL('/readyz', url))));
    using ofBoth = startSlowedClock(askBoth);
    const writing = startWriting((count) => record(monthOf(count), count), ofBoth);
    const settled = (what: string, holds: (one: Subscriber) => boolean) =>
      untilSettled(what, subscribers, holds, ofBoth);
    await settled('live', ({ cursors }) => cursors.length > 0);

    const began = Date.now();
    const beganSlowed = clock.now;
    const notReadyAfter = watchReadiness(stopping, began);
    stopping.signal('SIGTERM');
    expect(await stopping.ended).toEqual({ code: 0, signal: null });
    expect(clock.now - beganSlowed).toBeLessThan(DEADLINE_MS);
    await writing.stop();
    await settled('told of the end', ({ end }) => end !== null);

    const ends = subscribers.map(({ end }) => end).filter((end) => end !== null);
    expect(ends).toHaveLength(SOCKETS + STREAMS);
    expect(new Set(ends.slice(0, SOCKETS).map(({ ending }) => ending))).toEqual(new Set(['restart']));
    const sorted = ends.sort((one, other) => one.at - other.at);
    expect(await notReadyAfter).toBeLessThan((sorted[0]?.at ?? 0) - began);
    expectEven(sorted.map(({ at, slowedAt }) => ({ at: at - began, slowedAt: slowedAt - beganSlowed })));
    // Many figures together reach numbers that are milestones, of which these subscribers are not told.
    const changes = await readLog<{ __typename: string; cursor: string }>(staying, '__typename cursor', start);
    const log = changes.flatMap(({ __typename, cursor }) => (__typename === 'FigureChange' ? [cursor] : []));
    await settled('at the last event', ({ cursors }) => cursors.at(-1) === log.at(-1));
    for (const { cursors } of subscribers) expect(cursors).toEqual(log);
    for (const { stop } of subscribers) stop();
    expect([stopping.complaints, staying.complaints]).toEqual(['', '']);
  },
);

interface Subscriber {
  /** All events so far, over both its connections. */
  readonly cursors: readonly string[];
  /** How and when its first connection ended. */
  readonly end: (Moment & { readonly ending: Ending }) | null;
  readonly stop: () => void;
}

/** A time by the system clock, and by one that slows down together with the server. */
interface Moment {
  readonly at: number;
  readonly slowedAt: number;
}

/** Opens all, a few at a time, on the first of the products; each continues at the second. */
async function subscribeAll(
  products: readonly Product[],
  start: string,
  clock: SlowedClock,
): Promise<readonly Subscriber[]> {
  const reads = [...Array<Read>(SOCKETS).fill(readSocket), ...Array<Read>(STREAMS).fill(readStream)];
  const subscribers: Subscriber[] = [];
  for (const [index, read] of reads.entries()) {
    if (index % OPENED_AT_ONCE === 0) await sleep(50);
    subscribers.push(subscribe(products, read, start, clock));
  }
  return subscribers;
}

function subscribe(products: readonly Product[], read: Read, start: string, clock: SlowedClock): Subscriber {
  const cursors: string[] = [];
  const stop = new AbortController();
  const subscriber = { cursors, end: null as Subscriber['end'], stop: () => stop.abort() };
  const run = async (): Promise<void> => {
    for (const product of products) {
      const variables = { after: cursors.at(-1) ?? start };
      const receive = ({ event }: { event: { cursor: string } }): void => void cursors.push(event.cursor);
      const ending = await read(product, { document: FIGURES, variables }, stop.signal, receive);
      subscriber.end ??= { ending, at: Date.now(), slowedAt: clock.now };
    }
  };
  run().catch((error: unknown) => cursors.push(String(error)));
  return subscriber;
}

/** Waits until it holds of all, as long as the server has time for it; else says where they are. */
async function untilSettled(
  what: string,
  subscribers: readonly Subscriber[],
  holds: (one: Subscriber) => boolean,
  clock: SlowedClock,
): Promise<void> {
  const giveUp = clock.now + SETTLED_MS;
  while (!subscribers.every(holds) && clock.now < giveUp) await sleep(50);
  const others = subscribers.filter((one) => !holds(one));
  const states = others.map(
    ({ cursors, end }) => `${end?.ending ?? 'open'}, ${cursors.length} events, ${cursors.at(-1)}`,
  );
  expect(states.slice(0, 5), `${others.length} of ${subscribers.length} are not ${what}`).toEqual([]);
}

/** Writes one after the other until it is stopped. */
function startWriting(write: (count: number) => Promise<unknown>, clock: SlowedClock): { stop(): Promise<void> } {
  let isStopping = false;
  const run = async (): Promise<void> => {
    for (let count = 1; !isStopping; count += 1) {
      await write(count);
      const next = clock.now + WRITE_PAUSE_MS;
      while (!isStopping && clock.now < next) await sleep(50);
    }
  };
  const done = run();
  return {
    stop: () => {
      isStopping = true;
      return done;
    },
  };
}

function monthOf(count: number): string {
  return new Date(Date.UTC(1990, count, 1)).toISOString().slice(0, 7);
}

/** How long it takes until readiness fails, in milliseconds. */
async function watchReadiness(product: Product, since: number): Promise<number> {
  const address = new URL('/readyz', product.url);
  await until('it is not ready', async () => (await fetch(address)).status === 503);
  return Date.now() - since;
}

/**
 * None ends before its time; after the notice they end evenly over the rest of the window. The slowed clock measures how late one ends.
 * connections.test.ts checks it to the millisecond.
 */
function expectEven(ends: readonly Moment[]): void {
  for (const [index, { at, slowedAt }] of ends.entries()) {
    const due = NOTICE_MS + (index / ends.length) * (WINDOW_MS - NOTICE_MS);
    expect(at).toBeGreaterThan(due - CLOCK_MS);
    expect(slowedAt).toBeLessThan(due + LATE_MS);
  }
}
