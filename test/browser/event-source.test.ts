import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFacts } from '../acceptance/facts.ts';
import { launchBrowser } from '../support/browser.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';

/** The browser reconnects a second after its connection ended, and retries until a server answers. */
const RETURNED_MS = 30_000;

interface Shown {
  readonly value: number;
  readonly lastEventId: string;
}

let place: TestPlace;
let product: Product;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  place = await placeDatabase('migrated');
  product = await startProduct(options());
});
afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await browser.close();
});

test('an EventSource reconnects by itself after restarts and crashes of the server, and misses nothing', async () => {
  const { brand, record } = await createFacts(product);
  const page = await browser.newPage();
  await page.goto(product.url);
  const shown: Shown[] = [];
  await page.exposeFunction('show', (event: Shown) => shown.push(event));
  await page.evaluate(
    `{
      const query = 'subscription { figureRecorded(filter: { subjects: ["${brand}"] }) { figure { value } } }';
      const events = new EventSource('/graphql?query=' + encodeURIComponent(query));
      events.addEventListener('next', ({ data, lastEventId }) =>
        show({ value: JSON.parse(data).data.figureRecorded.figure.value, lastEventId }));
      events.addEventListener('complete', () => show({ value: NaN }));
    }`,
  );
  const cursors: string[] = [];
  const recordNext = async (): Promise<void> => {
    const value = cursors.length + 1;
    const month = `${2020 + Math.floor(value / 12)}-${String((value % 12) + 1).padStart(2, '0')}`;
    // From the server that runs now.
    const facts = await createFacts(product);
    cursors.push(await facts.record(month, value, brand));
  };
  // Nothing signals when the stream has begun, so figures are recorded until the first is seen.
  cursors.push(await record('2020-02', 1));
  await until('the first is shown', async () => {
    if (shown.length === 0) await recordNext();
    return shown.length > 0;
  });
  const begun = (shown[0] as Shown).value;

  for (const end of ['SIGTERM', 'SIGKILL'] as const) {
    const { port } = product;
    await recordNext();
    await product.stop(end);
    product = await startProduct({ ...options(), port });
    await recordNext();
    await until('what it missed is shown', () => shown.at(-1)?.value === cursors.length, RETURNED_MS);
    await recordNext();
    await until('it is live again', () => shown.at(-1)?.value === cursors.length);
  }
  await page.close();
  expect(shown).toEqual(cursors.map((lastEventId, index) => ({ value: index + 1, lastEventId })).slice(begun - 1));
});

function options() {
  return { place, environment: { MILEPOST_SEED: 'off' } };
}
