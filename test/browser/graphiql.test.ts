import { readdir, readFile } from 'node:fs/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { audit, Pages, record, SHOWN } from '../support/pages.ts';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);
const EDITOR = '.graphiql-query-editor .view-line';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** GraphiQL writes its tabs half a second after a change. */
const KEPT_MS = 500;
/** What axe finds in GraphiQL's own parts: tabs with a button inside, the colours of its editor in the dark, and menus outside of `main`. */
const NOT_OURS =
  /^(?:nested-interactive: (?:li|\.graphiql-tab)|color-contrast: .*(?:line-numbers|\.mtk\d)|region: div\[data-radix-popper)/;

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('the dashboard leads to GraphiQL, and nothing is fetched from other hosts', async () => {
  const { shown, wrong } = await pages.open('/');
  await shown.getByRole('link', { name: 'Explore the API' }).click();
  await shown.locator(EDITOR).first().waitFor(SHOWN);
  // Introspection has arrived once the docs show something.
  await shown.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await shown.getByRole('link', { name: 'Query' }).click(SHOWN);
  await shown.getByText('All queries. Reading needs no key', { exact: false }).waitFor(SHOWN);
  expect(shown.url()).toBe(`${pages.product.url}/graphql`);
  expect(await shown.title()).toBe('GraphiQL · Milepost');
  expect(wrong).toEqual([]);
});

test('the first visit takes less than two megabytes, and a repeated one nothing but "not modified"', async () => {
  const { shown } = await openGraphiQL();
  const received = new Map<string, { path: string; status: number }>();
  const responses: { path: string; status: number; bytes: number }[] = [];
  const session = await shown.context().newCDPSession(shown);
  await session.send('Network.enable');
  session.on('Network.responseReceived', ({ requestId, response }) => {
    const { pathname } = new URL(response.url);
    received.set(requestId, { path: pathname, status: response.status });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const response = received.get(requestId);
    if (response !== undefined) responses.push({ ...response, bytes: encodedDataLength });
  });
  const load = async (): Promise<number> => {
    responses.length = 0;
    await shown.reload();
    await shown.locator(EDITOR).first().waitFor(SHOWN);
    await expect.poll(() => responses.some(({ path }) => path === '/graphql'), SHOWN).toBe(true);
    await shown.waitForLoadState('networkidle');
    return responses.reduce((sum, { bytes }) => sum + bytes, 0);
  };
  await session.send('Network.clearBrowserCache');
  expect(await load()).toBeLessThan(2_000_000);
  // What the page loads late, or the browser has not written to its cache yet, comes once more.
  await expect.poll(load, { timeout: 60_000 }).toBeLessThan(10_000);
});

test('the first tabs are the examples that fit, and a click opens each', async () => {
  const { shown, wrong } = await openGraphiQL();
  const names = await shown.getByRole('tab').allInnerTexts();
  expect(names).toEqual((await readOperationNames()).slice(0, names.length));
  expect(names.length).toBeGreaterThan(3);
  const add = await shown.getByRole('button', { name: 'New tab' }).boundingBox();
  expect(add?.x).toBeLessThan(1_280);
  for (const name of names) await openTab(shown, name);
  expect(wrong).toEqual([]);
});

test('the menu has all examples, opens one in a new tab, and restores a changed one', async () => {
  const { shown, wrong } = await openGraphiQL();
  const tabs = await shown.getByRole('tab').count();
  await openMenu(shown);
  const items = await shown.getByRole('menuitem').locator('b').allInnerTexts();
  expect(items.toSorted()).toEqual((await readOperationNames()).toSorted());
  await shown.getByRole('menuitem', { name: /^MarketShares/ }).click();
  await expect.poll(() => shown.getByRole('tab', { name: 'MarketShares' }).count()).toBe(1);
  await expect.poll(() => queryOf(shown)).toContain('query MarketShares');
  expect(await shown.getByRole('tab').count()).toBe(tabs + 1);
  await shown.locator(EDITOR).first().click();
  await shown.keyboard.type('# mine');
  await expect.poll(() => queryOf(shown)).toContain('# mine');
  await openMenu(shown);
  await shown.getByRole('menuitem', { name: 'Restore MarketShares in this tab' }).click(SHOWN);
  await expect.poll(() => queryOf(shown)).not.toContain('# mine');
  expect(await queryOf(shown)).toContain('query MarketShares');
  expect(wrong).toEqual([]);
});

test('the first tab answers with the million club', async () => {
  const { shown, wrong } = await openGraphiQL();
  await run(shown);
  await expect.poll(() => answerOf(shown), SHOWN).toContain('"slug": "li-auto"');
  expect(wrong).toEqual([]);
});

test('an operation in the address opens in a tab of its own, beside those of earlier visits', async () => {
  const search = new URLSearchParams({
    query: 'query Asked($slug: String!) { brand(slug: $slug) { name } }',
    variables: '{"slug":"nio"}',
  });
  const { shown, wrong } = await openGraphiQL(`/graphql?${search}`);
  expect(await shown.getByRole('tab', { selected: true }).innerText()).toBe('Asked');
  expect(shown.url()).toBe(`${pages.product.url}/graphql`);
  await run(shown);
  await expect.poll(() => answerOf(shown), SHOWN).toContain('"name": "NIO"');
  await shown.waitForTimeout(KEPT_MS);
  const tabs = await shown.getByRole('tab').count();
  await shown.goto(`${pages.product.url}/graphql?query=${encodeURIComponent('query Another { head }')}`);
  await expect.poll(() => shown.getByRole('tab').count(), SHOWN).toBe(tabs + 1);
  expect(await shown.getByRole('tab', { selected: true }).innerText()).toBe('Another');
  await expect.poll(() => queryOf(shown), SHOWN).toContain('query Another { head }');
  expect(wrong).toEqual([]);
});

test('tabs that an earlier version has kept are there again', async () => {
  const { shown, wrong } = await openGraphiQL();
  const tab = { id: 'a', hash: null, variables: null, headers: null, operationName: null, response: null };
  const tabs = [
    { ...tab, title: 'Mine', query: 'query Mine { head }' },
    { ...tab, id: 'b', title: 'Other', query: 'query Other { head }' },
  ];
  await shown.waitForTimeout(KEPT_MS);
  const state = JSON.stringify(JSON.stringify({ tabs, activeTabIndex: 0 }));
  await shown.evaluate(`localStorage.setItem('graphiql:tabState', ${state})`);
  await shown.reload();
  await expect.poll(() => shown.getByRole('tab').allInnerTexts(), SHOWN).toEqual(['Mine', 'Other']);
  await expect.poll(() => queryOf(shown), SHOWN).toBe('query Mine { head }');
  expect(wrong).toEqual([]);
});

test('the key is entered once: every tab sends it, also after a reload, and nothing of it is kept for good', async () => {
  const { shown } = await openGraphiQL();
  const mutation =
    'mutation Write { recordFigure(input: { subject: "", metric: DELIVERIES, period: "", value: 1, sourceId: "" }) { userErrors { message } } }';
  await shown.goto(`${pages.product.url}/graphql?query=${encodeURIComponent(mutation)}`);
  await shown.locator(EDITOR).first().waitFor(SHOWN);
  await run(shown);
  await expect.poll(() => answerOf(shown), SHOWN).toMatch(/"code": "(UNAUTHENTICATED|FORBIDDEN)"/);
  await shown.getByLabel('Key', { exact: true }).fill(pages.product.adminKey);
  await run(shown);
  await expect.poll(() => answerOf(shown), SHOWN).toContain('"userErrors"');
  await shown.reload();
  await shown.locator(EDITOR).first().waitFor(SHOWN);
  expect(await shown.getByLabel('Key', { exact: true }).inputValue()).toBe(pages.product.adminKey);
  await openTab(shown, 'Brand');
  const sent = shown.waitForRequest((request) => request.method() === 'POST');
  await run(shown);
  expect((await sent).headers().authorization).toBe(`Bearer ${pages.product.adminKey}`);
  await shown.waitForTimeout(KEPT_MS);
  expect(await shown.evaluate('JSON.stringify(localStorage)')).not.toContain(pages.product.adminKey);
});

test('pushes are listed newest first with their times, over a WebSocket that sends the key', async () => {
  const { shown, wrong } = await openGraphiQL();
  const sent: string[] = [];
  const sockets: string[] = [];
  shown.on('websocket', (socket) => {
    sockets.push(socket.url());
    socket.on('framesent', ({ payload }) => sent.push(String(payload)));
  });
  await shown.getByLabel('Key', { exact: true }).fill(pages.product.adminKey);
  await openTab(shown, 'WatchFigures');
  await run(shown);
  await expect.poll(() => sent.some((text) => text.includes('"subscribe"')), SHOWN).toBe(true);
  expect(sockets).toEqual([pages.product.wsUrl]);
  expect(sent[0]).toContain(`"authorization":"Bearer ${pages.product.adminKey}"`);
  // Nothing signals when the subscription has begun, so figures are recorded for one day after the other.
  let day = 0;
  await expect
    .poll(
      async () => {
        day += 1;
        await record(pages.product, 'aito', `2026-03-${String(day).padStart(2, '0')}`, 1_233 + day);
        return answerOf(shown);
      },
      { ...SHOWN, interval: 250 },
    )
    .toMatch(/"received": [2-9]/);
  await expect.poll(() => answerOf(shown)).toContain(`"value": ${1_233 + day}`);
  expect(await answerOf(shown)).toMatch(/"pushes": \[\s*\{\s*"number": (\d+),\s*"at": "\d\d:\d\d:\d\d\.\d{3}"/);
  await shown.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => sent.some((text) => text.includes('"complete"')), SHOWN).toBe(true);
  expect(await answerOf(shown)).toContain('"pushes"');
  expect(wrong).toEqual([]);
});

test('at 390 px the editor, the button and the answer are on the page, which does not scroll sideways', async () => {
  const { shown, wrong } = await openGraphiQL('/graphql', PHONE);
  expect(await shown.getByRole('tab').count()).toBeLessThan(4);
  await shown.locator('.graphiql-execute-button').tap();
  await expect.poll(() => answerOf(shown), SHOWN).toContain('"totalCount"');
  for (const part of [
    '.graphiql-query-editor',
    '.graphiql-execute-button',
    '.graphiql-response',
    '.graphiql-sidebar',
  ]) {
    const box = await shown.locator(part).boundingBox();
    expect(box?.x, part).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0), part).toBeLessThanOrEqual(390);
    expect((box?.y ?? 0) + (box?.height ?? 0), part).toBeLessThanOrEqual(844);
    expect(box?.height, part).toBeGreaterThan(30);
  }
  expect((await shown.locator('.graphiql-response').boundingBox())?.height).toBeGreaterThan(200);
  expect(await shown.evaluate('document.documentElement.scrollWidth')).toBe(390);
  await shown.screenshot({ path: 'test-results/graphiql-390.png' });
  await openMenu(shown);
  await shown.screenshot({ path: 'test-results/graphiql-390-examples.png' });
  const menu = await shown.getByRole('menu').boundingBox();
  expect((menu?.x ?? 0) + (menu?.width ?? 999)).toBeLessThanOrEqual(390);
  await shown.keyboard.press('Escape');
  await shown.getByRole('button', { name: 'Show Documentation Explorer' }).tap();
  const docs = await shown.locator('.graphiql-plugin').boundingBox();
  expect([docs?.x, docs?.width]).toEqual([0, 390]);
  await shown.getByRole('button', { name: 'Hide Documentation Explorer' }).tap();
  await expect.poll(() => shown.locator('.graphiql-plugin > *').count()).toBe(0);
  expect(wrong).toEqual([]);
});

test.each(['light', 'dark'] as const)('nothing of ours is wrong for assistive technology, %s', async (colorScheme) => {
  const { shown, wrong } = await openGraphiQL('/graphql', { colorScheme });
  await shown.screenshot({ path: `test-results/graphiql-${colorScheme}.png` });
  const found = await audit(shown);
  expect(found.filter((violation) => !NOT_OURS.test(violation))).toEqual([]);
  await openMenu(shown);
  await shown.screenshot({ path: `test-results/graphiql-${colorScheme}-examples.png` });
  expect((await audit(shown)).filter((violation) => !NOT_OURS.test(violation))).toEqual([]);
  expect(wrong).toEqual([]);
});

async function openGraphiQL(path = '/graphql', options: BrowserContextOptions = {}) {
  return pages.open(path, options, EDITOR);
}

async function openTab(shown: Page, name: string): Promise<void> {
  await shown.getByRole('tab').getByText(name, { exact: true }).click();
  await expect.poll(() => queryOf(shown)).toContain(` ${name} {`);
}

async function openMenu(shown: Page): Promise<void> {
  await shown.getByRole('button', { name: 'Examples' }).click(SHOWN);
  await shown.getByRole('menu').waitFor(SHOWN);
}

async function run(shown: Page): Promise<void> {
  await shown.locator('.graphiql-execute-button').click();
}

/** The text of the whole tab, also of what is not in sight. */
async function queryOf(shown: Page): Promise<string> {
  return textOf(shown, 'operation');
}

async function answerOf(shown: Page): Promise<string> {
  return textOf(shown, 'response');
}

async function textOf(shown: Page, file: string): Promise<string> {
  const models = '__MONACO.editor.getModels()';
  return shown.evaluate<string>(`${models}.find(({ uri }) => uri.path.includes('${file}'))?.getValue() ?? ''`);
}

async function readOperationNames(): Promise<readonly string[]> {
  const files = (await readdir(OPERATIONS)).filter((file) => file.endsWith('.graphql')).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, OPERATIONS), 'utf8')));
  return texts.map((text) => /^(?:query|mutation|subscription) (\w+)/m.exec(text)?.[1] ?? '');
}
