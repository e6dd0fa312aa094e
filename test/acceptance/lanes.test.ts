import { expect, test, vi } from 'vitest';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { headOf, overSocket } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes take their time to start on a machine that is busy.
vi.setConfig({ testTimeout: 120_000 });

const READERS = 200;
/** So many writes, one after the other, are acknowledged and pushed before all readers are answered. */
const WRITES = 5;
const HEAVY = `{
  brands(first: 40) {
    nodes { slug name cumulative { value } figures(first: 50) { nodes { value period source { title publisher { name } } } } }
  }
}`;

/** What a reader was answered. */
interface Reading {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string | undefined;
}

test('heavy queries by hundreds at once hold up neither writes nor pushes nor readiness; they wait, or are told to come back', async () => {
  await using place = await placeDatabase('seeded');
  await using product = await startProduct({ place });
  const facts = await createFacts(product);
  await using watch = overSocket<{ event: { cursor: string } }>(
    product,
    `subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor } }`,
    { after: await headOf(product) },
  );
  const readings: Reading[] = [];
  const readers = Array.from({ length: READERS }, async () => {
    readings.push(await read(product));
  });
  for (let write = 1; write <= WRITES; write += 1) {
    const cursor = await facts.record(`2025-0${write}`, write);
    expect((await watch.next()).event.cursor).toBe(cursor);
    expect((await fetch(new URL('/readyz', product.url))).status).toBe(200);
  }
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

async function read({ url }: Product): Promise<Reading> {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: HEAVY }),
  });
  const { errors } = (await response.json()) as { errors?: readonly { extensions: { code: string } }[] };
  const [error] = errors ?? [];
  return { status: response.status, retryAfter: response.headers.get('retry-after'), code: error?.extensions.code };
}
