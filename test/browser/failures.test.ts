import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Pages, record, revise, SHOWN } from '../support/pages.ts';

/** Much longer than from one change to the next, in milliseconds. */
const SLOW = 1_500;
const CHANGES = 60;
let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('a page that is opened while the server is starting shows its numbers once they can be read', async () => {
  const { shown } = await pages.open('/', {}, '.board');
  const endFailing = await failAll(shown, 503);
  await shown.reload();
  await shown.getByText('Reconnecting').waitFor(SHOWN);
  expect(await shown.locator('header').innerText()).not.toContain('the numbers are of');
  await endFailing();
  await shown.locator('.board').waitFor(SHOWN);
  await shown.locator('.live.live').waitFor(SHOWN);
});

test('a page shows what has changed also while more changes come than it can be asked for', async () => {
  const { shown } = await pages.open('/', {}, '.board');
  await shown.locator('.live.live').waitFor(SHOWN);
  await shown.route(
    ({ search }) => search.includes('query+Board'),
    async (route) => {
      try {
        const response = await route.fetch();
        await new Promise((resolve) => setTimeout(resolve, SLOW));
        await route.fulfill({ response });
      } catch {
        // The page has given it up.
      }
    },
  );
  await record(pages.product, 'voyah', '2026-07', 15_000);
  let written = 0;
  const isShown = () => shown.getByRole('row', { name: /Voyah/ }).count();
  while (written < CHANGES && (await isShown()) === 0) {
    written += 1;
    await record(
      pages.product,
      'avatr',
      `${2025 - Math.floor(written / 12)}-${String((written % 12) + 1).padStart(2, '0')}`,
      900 + written,
    );
  }
  expect(written).toBeLessThan(CHANGES);
  await shown.unrouteAll({ behavior: 'ignoreErrors' });
});

test('the road to a million is drawn anew when a number on it is restated', async () => {
  const { shown } = await pages.open('/', {}, '.chart svg');
  await shown.locator('.live.live').waitFor(SHOWN);
  const drawn = () => shown.locator('.chart svg').innerHTML();
  const before = await drawn();
  await revise(pages.product, 'xpeng', '2026-06', 90_000);
  await expect.poll(drawn, SHOWN).not.toBe(before);
});

test('a page that may keep nothing in the browser is shown all the same', async () => {
  const { shown, wrong } = await pages.open('/about');
  await shown.addInitScript(
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })",
  );
  await shown.goto(`${pages.product.url}/embed/road`);
  await shown.locator('.chart svg').waitFor(SHOWN);
  expect(wrong).toEqual([]);
});

test('an address with what no name can have names nobody', async () => {
  const { shown } = await pages.open('/makers/%00', {}, 'h1');
  expect(await shown.locator('h1').innerText()).toContain('Nobody here is called');
});

test('a day that is not in the calendar is as none', async () => {
  const { shown, wrong } = await pages.open('/?asOf=2026-00-10', {}, '.board');
  await shown.locator('.live.live').waitFor(SHOWN);
  expect(wrong).toEqual([]);
});

/** Answers every question with an error. Returns what ends it. */
async function failAll(shown: Page, status: number): Promise<() => Promise<void>> {
  const questions = (url: URL): boolean => url.pathname === '/graphql';
  await shown.route(questions, (route) => route.fulfill({ status, body: '' }));
  return () => shown.unroute(questions);
}
