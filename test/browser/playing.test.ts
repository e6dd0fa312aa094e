import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { placeDatabase } from '../support/database.ts';
import { Pages, record, SHOWN } from '../support/pages.ts';
import { startProduct } from '../support/product.ts';

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('a month is played from the chosen day on, over the days on which something became known, and its end is told', async () => {
  const { shown, wrong } = await pages.open('/targets?asOf=2026-01-14', {}, '.target-year');
  await shown.getByRole('button', { name: 'Play a month' }).click();
  const days = new Set<string>();
  await expect
    .poll(() => {
      days.add(dayOf(shown) ?? '');
      return days.size;
    }, SHOWN)
    .toBeGreaterThan(2);
  expect(await shown.locator('.as-of-banner').getAttribute('aria-live')).toBe('off');
  expect(await spoken(shown)).toBe('Plays what became known, day by day, from Jan 14, 2026');
  await shown.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => spoken(shown), SHOWN).toMatch(/^Stopped at /);
  const stopped = dayOf(shown);
  expect(stopped !== null && stopped > '2026-01-14' && stopped < '2026-02-14').toBe(true);
  expect(wrong).toEqual([]);
});

test('it ends after the month, and then the reader goes from change to change', async () => {
  const { shown } = await pages.open('/about?asOf=2026-07-25', {}, '.prose');
  await shown.getByRole('button', { name: 'Play a month' }).click();
  await shown.getByRole('button', { name: 'Next change' }).waitFor(SHOWN);
  expect(dayOf(shown)).toBe('2026-08-24');
  await shown.getByRole('button', { name: 'Day before' }).click();
  expect(dayOf(shown)).toBe('2026-08-23');
  await shown.getByLabel('As of').fill('2026-07-30');
  await shown.getByRole('button', { name: 'Next change' }).click();
  await expect.poll(() => dayOf(shown), SHOWN).not.toBe('2026-07-30');
  expect(dayOf(shown)).toBe('2026-08-09');
});

test('where motion is not wanted nothing plays by itself', async () => {
  const { shown } = await pages.open('/about', { reducedMotion: 'reduce' }, '.prose');
  await shown.getByRole('button', { name: 'Step through a month' }).click();
  // A month before the newest publication.
  await expect.poll(() => dayOf(shown), SHOWN).toBe('2026-07-10');
  expect(await shown.getByRole('button', { name: 'Play a month' }).count()).toBe(0);
  await shown.getByRole('button', { name: 'Day after' }).click();
  expect(dayOf(shown)).toBe('2026-07-11');
});

test('what changes is told to readers of the screen, at most once in ten seconds', async () => {
  const { shown } = await pages.open('/', {}, '.board');
  await shown.locator('.live.live').waitFor(SHOWN);
  await record(pages.product, 'voyah', '2026-07', 15_000);
  await expect.poll(() => spoken(shown), SHOWN).toMatch(/Voyah July 2026 deliveries: 15,000, says Test/);
  const before = Date.now();
  await record(pages.product, 'avatr', '2026-07', 12_000);
  await record(pages.product, 'deepal', '2026-07', 30_000);
  await expect.poll(() => spoken(shown), SHOWN).toMatch(/30,000|more change/);
  // The first of these sentences was said before the clock here was read.
  expect(Date.now() - before).toBeGreaterThan(2_000);
});

test('a page that cannot be read keeps its numbers, and says of when they are', async () => {
  const { shown } = await pages.open('/targets', {}, '.target-year');
  await shown.route('**/graphql*', (route) => route.abort());
  await record(pages.product, 'im', '2026-07', 9_000);
  await shown.getByText(/These are the last numbers that arrived, of /).waitFor(SHOWN);
  expect(await shown.locator('.target-year').count()).toBe(9);
  await shown.unroute('**/graphql*');
  await expect.poll(() => shown.locator('[role=alert]').count(), SHOWN).toBe(0);
});

test('what changed while another page was open is there when the reader comes back', async () => {
  const { shown } = await pages.open('/', {}, '.board');
  await shown.locator('.live.live').waitFor(SHOWN);
  const menu = shown.getByRole('navigation', { name: 'Pages' });
  await menu.getByRole('link', { name: 'About the data' }).click();
  await shown.locator('.prose').waitFor(SHOWN);
  await record(pages.product, 'neta', '2026-07', 4_321);
  await menu.getByRole('link', { name: 'Overview' }).click();
  await shown.getByRole('row', { name: /Neta.*4,321/ }).waitFor(SHOWN);
});

test('a database without figures says so', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  const browser = await launchBrowser();
  try {
    const shown = await browser.newPage({ locale: 'en' });
    const wrong = watchPage(shown, product.url);
    await shown.goto(product.url);
    await shown.getByRole('heading', { name: 'Nothing is recorded yet' }).waitFor(SHOWN);
    expect(await shown.getByRole('link', { name: 'Record the first figure' }).getAttribute('href')).toBe('/graphql');
    expect(wrong).toEqual([]);
  } finally {
    await browser.close();
  }
});

function dayOf(shown: Page): string | null {
  return new URL(shown.url()).searchParams.get('asOf');
}

async function spoken(shown: Page): Promise<string> {
  return (await shown.locator('[data-announcer]').textContent()) ?? '';
}
