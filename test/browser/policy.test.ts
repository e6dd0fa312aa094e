import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { placeDatabase } from '../support/database.ts';
import { SHOWN } from '../support/pages.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';

/** Addresses of the dashboard, and what is there once it has read its numbers. */
const PLACES: readonly (readonly [path: string, shown: string])[] = [
  ['/', '.board'],
  ['/table', 'table td'],
  ['/makers/nio', '.drawing svg'],
  ['/alliances/hima', '.drawing svg'],
  ['/compare?makers=nio,xpeng', '.drawing svg'],
  ['/contradictions', 'main svg'],
  ['/targets', 'main table'],
  ['/about', 'main table'],
  ['/embed/road', '.drawing svg'],
  ['/embed/compare?makers=nio,xpeng', '.drawing svg'],
];

let browser: Browser;
let place: Awaited<ReturnType<typeof placeDatabase>>;
let folder: string;
let page: Page | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  place = await placeDatabase('seeded');
  folder = await mkdtemp(join(tmpdir(), 'milepost-policy-'));
});
afterEach(() => page?.close());
afterAll(async () => {
  await browser.close();
  await place[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Opens a page and collects what goes wrong in it, which includes each violation of its policy. */
async function open(address: string) {
  page = await browser.newPage({ locale: 'en' });
  const wrong = watchPage(page, address);
  await page.goto(address);
  return { shown: page, wrong };
}

/** A page of another origin. */
async function serve(html: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(html));
  server.listen(0, '127.0.0.1');
  await until('it listens', () => server.listening);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a server that executes only trusted documents', () => {
  const trusted = '{ __typename }';
  let product: Product;

  beforeAll(async () => {
    const path = join(folder, 'manifest.json');
    await writeFile(path, JSON.stringify({ mine: trusted }));
    product = await startProduct({
      place,
      environment: { MILEPOST_TRUSTED_DOCUMENTS: path, MILEPOST_INTROSPECTION: 'off', MILEPOST_CORS_ORIGINS: 'off' },
    });
  });
  afterAll(() => product[Symbol.asyncDispose]());

  test.each(PLACES)('has a whole dashboard, whose policy nothing offends: %s', async (path, selector) => {
    const { shown, wrong } = await open(`${product.url}${path}`);
    await shown.locator(selector).first().waitFor(SHOWN);
    await shown.waitForLoadState('networkidle');
    await shown.mouse.wheel(0, 10_000);
    await shown.waitForLoadState('networkidle');
    expect(wrong).toEqual([]);
  });

  test('has pages whose browser reports what offends their policy', async () => {
    const { shown, wrong } = await open(`${product.url}/`);
    await shown.evaluate(`for (const name of ['style', 'script'])
      document.head.append(Object.assign(document.createElement(name), { textContent: 'a = 1' }))`);
    const reported = () => wrong.filter((what) => what.includes('Content Security Policy')).length;
    await expect.poll(reported, SHOWN).toBe(2);
  });

  test('has no links to GraphiQL, which is off', async () => {
    const { shown } = await open(`${product.url}/`);
    await shown.locator('.board').waitFor(SHOWN);
    const links = shown.locator('a[href^="/graphql"]');
    expect(await links.count()).toBeGreaterThan(0);
    expect(await links.filter({ visible: true }).count()).toBe(0);
  });

  test('executes the same for a client by its identifier, and nothing else', async () => {
    const ask = async (search: Record<string, string>) =>
      (await fetch(`${product.url}/graphql?${new URLSearchParams(search)}`)).json();
    expect(await ask({ documentId: 'mine' })).toEqual({ data: { __typename: 'Query' } });
    expect(await ask({ query: '{ head }' })).toMatchObject({
      errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }],
    });
  });

  test('lets no page of another origin read or connect', async () => {
    await using elsewhere = await serve('<p>Elsewhere</p>');
    const { shown } = await open(elsewhere.url);
    const outcome = await shown.evaluate<readonly string[]>(`Promise.all([
      fetch('${product.url}/graphql?documentId=mine').then(() => 'read', () => 'refused'),
      new Promise((resolve) => {
        const socket = new WebSocket('${product.wsUrl}', 'graphql-transport-ws');
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      }),
      new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve('shown');
        image.onerror = () => resolve('refused');
        image.src = '${product.url}/badge/nio.svg';
      }),
    ])`);
    expect(outcome).toEqual(['refused', 'refused', 'shown']);
  });

  test('has charts that pages of others show in frames, and no other page that they can', async () => {
    const frames = ['/embed/road', '/', '/graphql'].map((path) => `<iframe src="${product.url}${path}"></iframe>`);
    await using elsewhere = await serve(frames.join(''));
    const { shown, wrong } = await open(elsewhere.url);
    await shown.frameLocator('iframe >> nth=0').locator('.drawing svg').first().waitFor(SHOWN);
    const refused = () => wrong.filter((what) => what.includes('frame')).length;
    await expect.poll(refused, SHOWN).toBeGreaterThan(0);
    expect(await shown.frameLocator('iframe >> nth=1').locator('#app').count()).toBe(0);
    expect(await shown.frameLocator('iframe >> nth=2').locator('#app').count()).toBe(0);
  });
});

describe('a server without introspection', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct({ place, environment: { MILEPOST_INTROSPECTION: 'off' } });
  });
  afterAll(() => product[Symbol.asyncDispose]());

  test('has links to a GraphiQL that says so, and executes operations', async () => {
    const { shown, wrong } = await open(`${product.url}/`);
    await shown.getByRole('link', { name: 'Explore the API' }).click(SHOWN);
    await shown.locator('.graphiql-query-editor .view-line').first().waitFor(SHOWN);
    const models = '__MONACO.editor.getModels()';
    const answer = () =>
      shown.evaluate<string>(`${models}.find(({ uri }) => uri.path.includes('response'))?.getValue() ?? ''`);
    await expect.poll(answer, SHOWN).toContain('Introspection is switched off on this server');
    await shown.locator('.graphiql-execute-button').click();
    await expect.poll(answer, SHOWN).toContain('"totalCount"');
    expect(wrong.filter((what) => !what.includes('status of 400') && !what.endsWith(': 400'))).toEqual([]);
  });
});
