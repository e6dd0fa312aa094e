import { readdir, readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { sendTo } from '../support/send-to.ts';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);
/** The page has nine megabytes of script. */
const LOADED = { timeout: 15_000 };

const opened: AsyncDisposable[] = [];
let product: Product;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  browser = await launchBrowser();
  opened.unshift(browser);
  const place = await placeDatabase('seeded');
  opened.unshift(place);
  product = await startProduct({ place });
  opened.unshift(product);
});
afterAll(async () => {
  for (const part of opened) await part[Symbol.asyncDispose]();
});
beforeEach(async () => {
  page = await browser.newPage();
  wrong = watchPage(page, product.url);
});
afterEach(() => page.close());

test('the dashboard leads to GraphiQL, and nothing is fetched from other hosts', async () => {
  await page.goto(product.url);
  expect(await page.title()).toBe('Milepost');
  await page.getByRole('link', { name: 'Explore the API' }).click();
  await page.waitForSelector('.graphiql-execute-button', LOADED);
  // Introspection has arrived once the docs show something.
  await openDocs();
  await page.getByRole('link', { name: 'Query' }).click();
  await page.getByText('All queries. Reading needs no key.').waitFor();
  expect(page.url()).toBe(`${product.url}/graphql`);
  expect(await page.title()).toBe('Milepost');
  expect(wrong).toEqual([]);
});

test('the tabs are the example operations, and a click opens each', async () => {
  await openGraphiQL();
  const names = await readOperationNames();
  expect(await page.getByRole('tab').allInnerTexts()).toEqual(names);
  for (const name of names) await openTab(name);
  expect(wrong).toEqual([]);
});

test('the first tab answers with the million club', async () => {
  await openGraphiQL();
  await run();
  await expect.poll(() => textOf('.graphiql-response')).toContain('"slug": "li-auto"');
  expect(wrong).toEqual([]);
});

test('a subscription over a WebSocket shows what is recorded while it runs', async () => {
  await openGraphiQL();
  await openTab('WatchFigures');
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  // GraphiQL needs a moment to read the operation of a tab; if run earlier, it reports an error about the previous one.
  const runUntilConnected = async (): Promise<readonly string[]> => {
    if (sockets.length === 0) await run();
    return sockets;
  };
  await expect.poll(runUntilConnected, { interval: 500, timeout: 5_000 }).toEqual([product.wsUrl]);
  const sourceId = await registerSource();
  // Nothing signals when the subscription has begun, so figures are recorded for one day after the other.
  let day = 0;
  await expect
    .poll(
      async () => {
        day += 1;
        await recordFigure(sourceId, `2026-03-${String(day).padStart(2, '0')}`, 1_234);
        return textOf('.graphiql-response');
      },
      { interval: 250, timeout: 6_000 },
    )
    .toContain('"value": 1234');
  expect(wrong).toEqual([]);
});

async function openGraphiQL(): Promise<void> {
  await page.goto(`${product.url}/graphql`);
  await page.waitForSelector('.graphiql-query-editor .view-line', LOADED);
}

async function openTab(name: string): Promise<void> {
  await page.getByRole('tab').getByText(name, { exact: true }).click();
  await expect.poll(() => textOf('.graphiql-query-editor')).toContain(` ${name} {`);
}

async function openDocs(): Promise<void> {
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
}

async function run(): Promise<void> {
  await page.locator('.graphiql-execute-button').click();
}

/** The editors write non-breaking spaces. */
async function textOf(selector: string): Promise<string> {
  return (await page.locator(selector).innerText()).replaceAll('\u00a0', ' ');
}

async function readOperationNames(): Promise<readonly string[]> {
  const files = (await readdir(OPERATIONS)).filter((file) => file.endsWith('.graphql')).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, OPERATIONS), 'utf8')));
  return texts.map((text) => /^(?:query|mutation|subscription) (\w+)/m.exec(text)?.[1] ?? '');
}

async function registerSource(): Promise<string> {
  const input = '{ publisher: { slug: "test", name: "Test", tier: 4 }, title: "Recorded by a test" }';
  const { registerSource } = await sendTo<{ registerSource: { source: { id: string } } }>(
    product,
    `mutation { registerSource(input: ${input}) { source { id } } }`,
  );
  return registerSource.source.id;
}

async function recordFigure(sourceId: string, period: string, value: number): Promise<void> {
  const input = `{ subject: "aito", metric: DELIVERIES, period: "${period}", value: ${value}, sourceId: "${sourceId}" }`;
  const { recordFigure } = await sendTo<{ recordFigure: { userErrors: unknown[] } }>(
    product,
    `mutation { recordFigure(input: ${input}) { userErrors { message } } }`,
  );
  expect(recordFigure.userErrors).toEqual([]);
}
