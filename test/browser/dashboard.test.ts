import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { auditEverywhere, EVERYWHERE, Pages, record, revise, SHOWN } from '../support/pages.ts';

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('the overview shows the state of things and the newest month, with who has not reported', async () => {
  const { shown, wrong } = await pages.open('/', {}, '.board');
  expect(await shown.locator('.tile').allInnerTexts()).toEqual([
    expect.stringMatching(/^Million club\s+9/),
    expect.stringMatching(/^Next to a million\s+Zeekr\s+1M: between /),
    expect.stringMatching(/^Newest milestone/),
    expect.stringMatching(/^Newest month: July 2026\s+799,369/),
    expect.stringMatching(/^Contradictions\s+11/),
  ]);
  expect(await rowOf(shown, 'BYD')).toMatch(/^1.*BYD sales.*419,211.*\+3\.9%.*\+21\.8%$/);
  expect(await rowOf(shown, 'XPENG')).toMatch(/^5.*1 up since the month before.*38,027/);
  expect(await shown.locator('.missing').innerText()).toContain('Xiaomi Auto');
  expect(await shown.locator('.feed li').first().innerText()).toMatch(/^GAC Aion 2023: aims at 500,000 sales/);
  expect(wrong).toEqual([]);
});

test('the road to a million is drawn, and told in a table', async () => {
  const { shown, wrong } = await pages.open('/', {}, '.board');
  await shown.locator('.chart svg').waitFor(SHOWN);
  await shown.getByText('The same as a table').click();
  const table = await shown.locator('.chart details table').innerText();
  expect(table).toMatch(/Li Auto\s+\d+\s+1,\d{3},\d{3}/);
  expect(wrong).toEqual([]);
});

test('a number opens its sources, which say who said so and how to cite it; Escape leads back to it', async () => {
  const { shown, wrong } = await pages.open('/', {}, '.board');
  const number = shown.getByRole('row', { name: /Leapmotor/ }).getByRole('button');
  await number.click();
  const drawer = shown.getByRole('dialog');
  await drawer.getByRole('heading', { name: 'Who said so', exact: true }).waitFor(SHOWN);
  expect(await drawer.innerText()).toMatch(
    /Leapmotor · July 2026 · deliveries\s+101,267[\s\S]*CnEVPost[\s\S]*Cite\s+Leapmotor had 101,267/,
  );
  expect(new URL(shown.url()).searchParams.get('source')).toBe('leapmotor DELIVERIES 2026-07');
  await shown.keyboard.press('Escape');
  await expect.poll(() => drawer.count()).toBe(0);
  expect(await number.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(wrong).toEqual([]);
});

test('an address of a number that there is not says so', async () => {
  const { shown } = await pages.open('/?source=nio%20NOTHING%20never', {}, '.board');
  await shown.getByRole('dialog').getByText('there is no such number').waitFor(SHOWN);
});

test('a figure that is recorded comes onto the page without a reload, and a restated one shows what it was before', async () => {
  const { shown, wrong } = await pages.open('/', {}, '.board');
  await shown.locator('.live.live').waitFor(SHOWN);
  await shown.evaluate('window.isSamePage = true');
  await record(pages.product, 'voyah', '2026-07', 15_000);
  await shown.getByRole('row', { name: /Voyah/ }).waitFor(SHOWN);
  await expect
    .poll(() => shown.locator('.feed li').first().innerText())
    .toMatch(/Voyah July 2026 deliveries: 15,000, says Test/);
  await revise(pages.product, 'voyah', '2026-07', 15_001);
  await expect.poll(() => rowOf(shown, 'Voyah')).toContain('15,000 → 15,001');
  expect(await shown.evaluate('window.isSamePage')).toBe(true);
  expect(wrong).toEqual([]);
});

test('a page whose server is killed says so, and goes on where it was once the server is back', async () => {
  const { shown } = await pages.open('/', {}, '.board');
  await shown.locator('.live.live').waitFor(SHOWN);
  await shown.evaluate('window.isSamePage = true');
  await pages.product.kill();
  await shown.getByText('Reconnecting').waitFor(SHOWN);
  expect(await rowOf(shown, 'BYD')).toContain('419,211');
  await pages.startAgain();
  await record(pages.product, 'avatr', '2026-07', 12_345);
  await expect.poll(() => shown.getByRole('row', { name: /Avatr/ }).count(), SHOWN).toBe(1);
  await shown.locator('.live.live').waitFor(SHOWN);
  expect(await shown.evaluate('window.isSamePage')).toBe(true);
});

test('as of a day the page shows what was known then, says so, and leads back', async () => {
  const { shown, wrong } = await pages.open('/?asOf=2025-11-15', {}, '.board');
  expect(await shown.locator('.banner').innerText()).toContain('what was known on Nov 15, 2025');
  await shown.getByRole('heading', { name: 'July 2025: who delivered' }).waitFor(SHOWN);
  await shown.getByRole('button', { name: 'Back to now' }).click();
  await shown.getByRole('heading', { name: 'July 2026: who delivered' }).waitFor(SHOWN);
  expect(new URL(shown.url()).search).toBe('');
  expect(wrong).toEqual([]);
});

test('the page is in Chinese for a browser that is', async () => {
  const { shown, wrong } = await pages.open('/', { locale: 'zh-CN' }, '.board');
  expect(await rowOf(shown, '比亚迪')).toContain('419,211');
  expect(await shown.locator('html').getAttribute('lang')).toBe('zh-CN');
  expect(await shown.locator('body').innerText()).toMatch(/百万俱乐部[\s\S]*尚未公布/);
  expect(wrong).toEqual([]);
});

test(
  'nothing is wrong for assistive technology at three widths, light and dark',
  async () => {
    const { shown, wrong } = await pages.open('/', {}, '.board');
    await shown.locator('.chart svg').waitFor(SHOWN);
    expect(await auditEverywhere(shown, 'overview')).toEqual([]);
    await shown.locator('.board .value').first().click();
    await shown.getByRole('heading', { name: 'Who said so', exact: true }).waitFor(SHOWN);
    expect(await auditEverywhere(shown, 'source')).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);

test('on paper the whole feed is there, dark on white also for who reads it in the dark', async () => {
  const { shown } = await pages.open('/', { colorScheme: 'dark', viewport: { width: 720, height: 1_000 } }, '.board');
  await shown.evaluate("document.documentElement.dataset.theme = 'dark'");
  await shown.emulateMedia({ media: 'print' });
  expect(await shown.evaluate('getComputedStyle(document.body).color')).toBe('rgb(23, 32, 42)');
  expect(await shown.locator('.feed').evaluate((feed) => feed.scrollHeight - feed.clientHeight)).toBe(0);
});

test('bars are seen where the system of the reader chooses the colours', async () => {
  const { shown } = await pages.open('/', { forcedColors: 'active' }, '.board .bar');
  const colour = (of: string) =>
    shown
      .locator(of)
      .first()
      .evaluate((one) => getComputedStyle(one).backgroundColor);
  expect(await colour('.board .bar')).not.toBe(await colour('body'));
});

test('without JavaScript the page says what it is, and leads to the API', async () => {
  const { shown } = await pages.open('/', { javaScriptEnabled: false }, 'noscript');
  expect(await shown.locator('noscript').innerHTML()).toContain('href="/graphql"');
});

async function rowOf(shown: Page, maker: string): Promise<string> {
  const text = await shown.getByRole('row', { name: new RegExp(maker) }).textContent();
  return (text ?? '').replace(/\s+/g, ' ').trim();
}
