import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { expect, test, vi } from 'vitest';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { ask, headOf, openSocket, overSocket } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** One client asks for more than it may. */
const UNBOUNDED = { MILEPOST_BUDGET: 'off' };
const READERS = 200;
/** How many writes, one after the other, are acknowledged and pushed before all readers are answered. */
const WRITES = 3;
const HEAVY = `
  brands(first: 40) {
    nodes { slug name cumulative { value } figures(first: 50) { nodes { value period source { title publisher { name } } } } }
  }`;
const ADDRESS = '127.0.0.1';
/** Another address of this machine, if the system gives it all of 127.0.0.0/8. */
const OTHER_ADDRESS = process.platform === 'linux' ? '127.0.0.2' : null;
/** How many different live queries there are; every write touches all of them. */
const LIVE = 20;

/** The answer that a reader got. */
interface Reading {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string | undefined;
}

test('hundreds of heavy queries at once delay neither writes nor pushes nor readiness; they wait, or are told to come back', async () => {
  await using place = await placeDatabase('seeded');
  await using product = await startProduct({ place, environment: UNBOUNDED });
  const facts = await createFacts(product);
  await using watch = overSocket<{ event: { cursor: string } }>(
    product,
    `subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor } }`,
    { after: await headOf(product) },
  );
  const readings: Reading[] = [];
  const readers = Array.from({ length: READERS }, async (_none, index) => {
    // Each in its own words: the same ones would be executed once.
    readings.push(await read(product, `# ${index}\n{ ${HEAVY} }`, ADDRESS));
  });
  for (let write = 1; write <= WRITES; write += 1) {
    const cursor = await facts.record(`2025-0${write}`, write);
    expect((await watch.next()).event.cursor).toBe(cursor);
    expect((await fetch(new URL('/readyz', product.url))).status).toBe(200);
  }
  // Nor a client with another address.
  if (OTHER_ADDRESS !== null) expect(await read(product, '{ head }', OTHER_ADDRESS)).toMatchObject({ status: 200 });
  expect(readings.length).toBeLessThan(READERS);
  await Promise.all(readers);
  const answered = readings.filter(({ status }) => status === 200);
  const refused = readings.filter(({ status }) => status !== 200);
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.filter(({ code }) => code !== undefined)).toEqual([]);
  for (const reading of refused) {
    expect(reading).toEqual({ status: 503, retryAfter: '2', code: 'TEMPORARILY_UNAVAILABLE' });
  }
});

test('dozens of heavy live queries delay neither writes nor pushes nor readiness, and end with the answers of fresh queries', async () => {
  await using place = await placeDatabase('seeded');
  await using product = await startProduct({ place, environment: UNBOUNDED });
  const facts = await createFacts(product);
  await using watch = overSocket<{ event: { cursor: string } }>(
    product,
    `subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor } }`,
    { after: await headOf(product) },
  );
  const socket = openSocket(product);
  const live = Array.from({ length: LIVE }, (_none, index) => {
    const query = `${HEAVY} asked${index}: observation(subject: "${facts.brand}", metric: DELIVERIES, period: "2025-0${WRITES}") { value }`;
    return {
      query,
      watched: socket.subscribe<{ live: Record<string, unknown> }>(`subscription { live { ${query} } }`),
    };
  });
  for (let write = 1; write <= WRITES; write += 1) {
    const cursor = await facts.record(`2025-0${write}`, write);
    expect((await watch.next()).event.cursor).toBe(cursor);
    expect((await fetch(new URL('/readyz', product.url))).status).toBe(200);
  }
  for (const { query, watched } of live) {
    const fresh = await ask(product, `{ ${query} }`);
    // An answer may have been computed during a write; the one for that write comes after it.
    while (!isDeepStrictEqual((await watched.next()).live, fresh));
    await watched.close();
  }
});

/** Asks from one of the addresses of this machine. */
async function read({ url }: Product, query: string, localAddress: string): Promise<Reading> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(new URL('/graphql', url), { method: 'POST', headers, agent: false, localAddress });
    sent.once('response', resolve).once('error', reject).end(JSON.stringify({ query }));
  });
  const { errors } = JSON.parse(await text(response)) as { errors?: readonly { extensions: { code: string } }[] };
  const [error] = errors ?? [];
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'] ?? null,
    code: error?.extensions.code,
  };
}
