import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Pages, SHOWN } from '../support/pages.ts';

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

/** Answers every question with an error. Returns what ends it. */
async function failAll(shown: Page, status: number): Promise<() => Promise<void>> {
  const questions = (url: URL): boolean => url.pathname === '/graphql';
  await shown.route(questions, (route) => route.fulfill({ status, body: '' }));
  return () => shown.unroute(questions);
}
