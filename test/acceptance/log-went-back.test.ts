import { expect, inject, test, vi } from 'vitest';
import { copyPlace, replacePlace } from '../support/copies.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { headOf, refusalOf, send, TRANSPORTS, type Watch } from './clients.ts';
import { createFacts, type Facts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const FIGURES = `subscription ($filter: FigureFilter, $after: Cursor) {
  event: figureRecorded(filter: $filter, after: $after) { cursor figure { value } }
}`;
const CHANGES = `subscription ($after: Cursor) { event: changes(after: $after) { cursor } }`;
const LIVE = `subscription ($brand: String!) { live { brand(slug: $brand) { figures(first: 1) { totalCount } } } }`;
const LOG = `query ($after: Cursor) { changes(after: $after) { nodes { cursor } } }`;
const INVALID = 'CURSOR_INVALID';

interface Pushed {
  readonly event: { readonly cursor: string; readonly figure: { readonly value: number } };
}

test('when two copies both continue, each refuses the new cursors of the other and accepts those from before', async () => {
  await using place = await placeDatabase('migrated');
  const first = await startOn(place);
  const { brand, record } = await createFacts(first);
  const common = await record('2025-01', 1);
  await first.stop();
  await using copy = await copyPlace(place);
  await using one = await startOn(place);
  await using other = await startOn(copy);
  const { record: recordOnOther } = await createFacts(other);
  const { record: recordOnOne } = await createFacts(one);
  // Either log continues past the other's cursors.
  const ofOne = [await recordOnOne('2025-02', 2, brand), await recordOnOne('2025-03', 3, brand)];
  const ofOther = [await recordOnOther('2025-02', 20, brand)];
  for (const period of ['2025-03', '2025-04', '2025-05', '2025-06']) {
    ofOther.push(await recordOnOther(period, 20, brand));
  }
  await recordOnOne('2025-04', 4, brand);
  await recordOnOne('2025-05', 5, brand);
  const filter = { subjects: [brand] };
  for (const [product, foreign, values] of [
    [one, ofOther.slice(0, 3), [2, 3, 4, 5]],
    [other, ofOne, [20, 20, 20, 20, 20]],
  ] as const) {
    for (const after of foreign) {
      expect((await send(product, LOG, { after })).errors?.[0]?.extensions?.code).toBe(INVALID);
      for (const [, subscribe] of TRANSPORTS) {
        await using watch = subscribe<Pushed>(product, FIGURES, { filter, after });
        expect(await refusalOf(watch)).toContain(INVALID);
      }
    }
    await using watch = TRANSPORTS[0]?.[1]<Pushed>(product, FIGURES, { filter, after: common }) as Watch<Pushed>;
    for (const value of values) expect((await watch.next()).event.figure.value).toBe(value);
  }
});

test.runIf(inject('backend') === 'postgres')(
  'a backup that is restored under running instances ends every reader, whether the log is then shorter or longer than their places',
  async () => {
    await using place = await placeDatabase('migrated');
    await using one = await startOn(place);
    await using other = await startOn(place);
    const products = [one, other];
    const facts = await createFacts(one);
    await facts.record('2025-01', 1);
    await using shorter = await copyPlace(place);
    await using longer = await copyPlace(place);

    const readers = await gather(products, facts);
    const lost = await tellAll(readers, () => facts.record('2025-02', 2));
    await replacePlace(place, shorter);
    // Nobody writes: the log ends before what the readers have.
    await allEnd(readers);
    await allRefuse(products, lost);

    const again = await gather(products, facts);
    const lostToo = await tellAll(again, () => facts.record('2025-02', 22));
    let head: string;
    {
      await using restored = await startOn(longer);
      const { record } = await createFacts(restored);
      for (const period of ['2025-02', '2025-03', '2025-04', '2025-05']) await record(period, 3, facts.brand);
      head = await headOf(restored);
    }
    await replacePlace(place, longer);
    await allEnd(again);
    await allRefuse(products, lost, lostToo);

    // The log continues normally.
    const later = await gather(products, facts, head);
    await tellAll(later, () => facts.record('2025-06', 4));
    for (const { watch } of later) await watch.close();
  },
);

function startOn(place: TestPlace): Promise<Product> {
  return startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
}

interface Reader {
  readonly watch: Watch<unknown>;
  readonly isLive: boolean;
}

/** A reader of the log and one of a live query on each instance over each transport; all have begun. */
async function gather(products: readonly Product[], { brand }: Facts, after?: string): Promise<readonly Reader[]> {
  for (const product of products) await until('it answers', async () => isThere(product));
  const place = after ?? (await headOf(products[0] as Product));
  const readers = products.flatMap((product) =>
    TRANSPORTS.flatMap(([, subscribe]): Reader[] => [
      { watch: subscribe(product, CHANGES, { after: place }), isLive: false },
      { watch: subscribe(product, LIVE, { brand }), isLive: true },
    ]),
  );
  for (const { watch, isLive } of readers) if (isLive) await watch.next();
  return readers;
}

/** Writes once the database is back; all readers get it. Returns the cursor after it. */
async function tellAll(readers: readonly Reader[], record: () => Promise<string>): Promise<string> {
  const cursor = await record();
  for (const { watch, isLive } of readers) {
    const told = await watch.next();
    if (!isLive) expect(told).toEqual({ event: { cursor } });
  }
  return cursor;
}

async function allEnd(readers: readonly Reader[]): Promise<void> {
  for (const { watch } of readers) {
    expect(await refusalOf(watch)).toContain(INVALID);
    await watch.close();
  }
}

async function allRefuse(products: readonly Product[], ...cursors: readonly string[]): Promise<void> {
  for (const product of products) {
    await until('it answers', async () => isThere(product));
    for (const after of cursors) {
      for (const [, subscribe] of TRANSPORTS) {
        await using watch = subscribe(product, CHANGES, { after });
        expect(await refusalOf(watch)).toContain(INVALID);
      }
    }
  }
}

/** Whether the instance has recovered from the loss of its connections. */
async function isThere(product: Product): Promise<boolean> {
  return (await send(product, '{ head }')).errors === undefined;
}
