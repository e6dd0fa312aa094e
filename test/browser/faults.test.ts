import type { Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Pages, record, revise, SHOWN } from '../support/pages.ts';

const API = /\/graphql(\?|$)/;

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('a page that is opened while the server cannot answer is filled once it can', async () => {
  const { shown } = await pages.open('/about');
  await shown.route(API, (route) => route.fulfill({ status: 503, body: '' }));
  await shown.goto(pages.product.url);
  await shown.getByText('Reconnecting').waitFor(SHOWN);
  await shown.unroute(API);
  await shown.locator('.board').waitFor(SHOWN);
  await shown.locator('.live.live').waitFor(SHOWN);
});

test('a page that is paused before it has connected follows the log only when it goes on', async () => {
  const { shown } = await pages.open('/about');
  let sockets = 0;
  shown.on('websocket', () => {
    sockets += 1;
  });
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await shown.route(API, async (route) => {
    await answered;
    await route.continue();
  });
  await shown.reload();
  await shown.getByRole('button', { name: 'Pause' }).click();
  await shown.getByText('Paused').waitFor(SHOWN);
  answer();
  await (await shown.waitForResponse(API)).finished();
  // What would be connected after the answer would be by now.
  await shown.waitForTimeout(500);
  expect(sockets).toBe(0);
  await shown.getByRole('button', { name: 'Go on' }).click();
  await shown.locator('.live.live').waitFor(SHOWN);
  expect(sockets).toBe(1);
});

test('what changes is shown while changes keep coming faster than the server answers', async () => {
  const { shown } = await pages.open('/', {}, '.board');
  await shown.locator('.live.live').waitFor(SHOWN);
  await record(pages.product, 'voyah', '2026-07', 15_000);
  await shown.getByRole('row', { name: /Voyah/ }).waitFor(SHOWN);
  await shown.route(API, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue().catch(() => undefined);
  });
  await record(pages.product, 'avatr', '2026-07', 12_345);
  let isShown = false;
  const row = shown
    .getByRole('row', { name: /Avatr/ })
    .waitFor(SHOWN)
    .then(() => {
      isShown = true;
    });
  for (let more = 1; more <= 40 && !isShown; more += 1) await revise(pages.product, 'voyah', '2026-07', 15_000 + more);
  expect(isShown).toBe(true);
  await row;
});

test('what cannot be read is said to be of when the server last answered, not of when it was shown', async () => {
  const { shown } = await pages.open('/about');
  await shown.clock.setFixedTime('2026-08-01T04:00:00Z');
  await shown.getByRole('link', { name: 'Targets', exact: true }).click();
  await shown.locator('.target-year').first().waitFor(SHOWN);
  await shown.getByRole('link', { name: 'About the data', exact: true }).click();
  await shown.route(API, (route) => route.abort());
  await shown.clock.setFixedTime('2026-08-01T06:30:00Z');
  await shown.getByRole('link', { name: 'Targets', exact: true }).click();
  const said = await shown.getByText(/last numbers that arrived/).innerText(SHOWN);
  const hours = await shown.evaluate<number>('new Date("2026-08-01T04:00:00Z").getHours() % 12 || 12');
  expect(said).toContain(`${hours}:00`);
});

test('in a frame whose browser forbids to keep anything a chart is drawn all the same', async () => {
  const { shown, wrong } = await pages.open('/about');
  await shown.addInitScript(
    `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('No.', 'SecurityError'); } })`,
  );
  await shown.goto(`${pages.product.url}/embed/road`);
  await shown.locator('.chart svg').waitFor(SHOWN);
  expect(wrong).toEqual([]);
});

test('a chart is drawn anew when any of its lines has changed', async () => {
  const { shown } = await pages.open('/', {}, '.chart svg');
  await shown.locator('.live.live').waitFor(SHOWN);
  const before = await linesOf(shown);
  await revise(pages.product, 'xpeng', '2026-07', 98_027);
  await expect.poll(() => linesOf(shown), SHOWN).not.toEqual(before);
});

test('a choice that cannot be read says so, and leaves no drawing of another one', async () => {
  const { shown } = await pages.open('/makers/xpeng', {}, '.chart svg');
  const series = shown.locator('section[aria-labelledby=series]');
  await series.locator('.chart svg').waitFor(SHOWN);
  await shown.route(API, (route) => route.abort());
  await series.getByLabel('Year', { exact: true }).check();
  await series.getByText('This cannot be read now').waitFor(SHOWN);
  expect(await series.locator('.chart svg').count()).toBe(0);
});

test('a chart that cannot be drawn says so', async () => {
  const { shown } = await pages.open('/about');
  await shown.route(/\/assets\/draw-road-/, (route) => route.abort());
  await shown.getByRole('link', { name: 'Overview', exact: true }).click();
  await shown.locator('.chart').getByText('This cannot be shown').waitFor(SHOWN);
});

test('a page of an older build, whose files are gone, goes over to the newer one where it is', async () => {
  const { shown } = await pages.open('/about');
  await shown.evaluate('window.isSamePage = true');
  let isGone = true;
  await shown.route('**/assets/**', async (route: Route) => {
    if (!isGone) return route.continue();
    if (route.request().method() === 'HEAD') isGone = false;
    return route.fulfill({ status: 404, body: '' });
  });
  await shown.getByRole('link', { name: 'Targets', exact: true }).click();
  await shown.locator('.target-year').first().waitFor(SHOWN);
  expect(await shown.evaluate('window.isSamePage')).toBe(undefined);
  expect(new URL(shown.url()).pathname).toBe('/targets');
});

test('a mistake in one page leaves the way to the others', async () => {
  const { shown } = await pages.open('/about');
  await shown.route(API, (route) => {
    const request = route.request();
    if (!`${request.url()} ${request.postData()}`.includes('AllTargets')) return route.continue();
    const targets = { __typename: 'SubjectConnection', totalCount: 1, nodes: [null] };
    return route.fulfill({ json: { data: { targets } } });
  });
  await shown.getByRole('link', { name: 'Targets', exact: true }).click();
  await shown.getByText('This cannot be shown').waitFor(SHOWN);
  await shown.getByRole('link', { name: 'Contradictions', exact: true }).click();
  await shown.getByRole('heading', { name: 'Contradictions' }).waitFor(SHOWN);
});

test('a text is copied also where the browser has no clipboard for the page', async () => {
  const { shown } = await pages.open('/about');
  await shown.addInitScript(`Object.defineProperty(navigator, 'clipboard', { value: undefined });
    document.addEventListener('copy', () => { window.copied = document.activeElement.value; });`);
  await shown.goto(`${pages.product.url}/?source=leapmotor DELIVERIES 2026-07`);
  const drawer = shown.getByRole('dialog');
  await drawer.getByRole('heading', { name: 'Cite' }).waitFor(SHOWN);
  await drawer.getByRole('button', { name: 'Copy' }).first().click();
  await drawer.getByRole('button', { name: 'Copied' }).waitFor(SHOWN);
  expect(await shown.evaluate('window.copied')).toMatch(/Leapmotor/);
});

test('the language that the reader chooses holds after a reload of an address in another one', async () => {
  const { shown } = await pages.open('/about?lang=zh');
  await shown.getByRole('button', { name: 'English' }).click();
  await shown.reload();
  await shown.getByRole('heading', { name: 'About the data' }).waitFor(SHOWN);
});

test('the button for the theme follows the system until the reader has chosen', async () => {
  const { shown } = await pages.open('/about', { colorScheme: 'light' });
  await shown.getByRole('button', { name: 'Dark' }).waitFor(SHOWN);
  await shown.emulateMedia({ colorScheme: 'dark' });
  await shown.getByRole('button', { name: 'Light' }).waitFor(SHOWN);
});

test('a day that there is not is no day to show the page as of', async () => {
  const { shown } = await pages.open('/?asOf=2026-02-30', {}, '.board');
  expect(await shown.locator('.as-of-banner').count()).toBe(0);
});

test('rows keep their place under the pointer when the focus leaves them', async () => {
  const { shown } = await pages.open('/table?year=2026&sort=2026-07', {}, '.months tbody .value');
  await shown.locator('.live.live').waitFor(SHOWN);
  const names = () => shown.locator('.months tbody th a').allInnerTexts();
  const row = shown.getByRole('row', { name: /^BYD/ });
  await row.locator('.value').first().focus();
  await row.hover();
  await shown.evaluate('document.activeElement.blur()');
  const before = await names();
  await record(pages.product, 'xiaomi-auto', '2026-07', 999_000);
  await shown.getByRole('row', { name: /^Xiaomi Auto.*999,000/ }).waitFor(SHOWN);
  expect(await names()).toEqual(before);
});

test('a maker that is found at another address keeps the choices', async () => {
  const { shown } = await pages.open('/makers/hima?by=year', {}, 'h1');
  await expect.poll(() => new URL(shown.url()).pathname, SHOWN).toBe('/alliances/hima');
  expect(new URL(shown.url()).search).toBe('?by=year');
});

function linesOf(shown: Page): Promise<readonly (string | null)[]> {
  return shown.locator('.chart svg path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
}
