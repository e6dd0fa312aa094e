import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Pages, SHOWN } from '../support/pages.ts';

const PHONE = { locale: 'zh-CN', viewport: { width: 390, height: 844 } };
/** Two lines of text. */
const TWO_LINES = 60;

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('the board fits on a phone, with both changes in view', async () => {
  const { shown } = await pages.open('/', PHONE, '.board');
  expect(await hidden(shown.locator('.scrolling', { has: shown.locator('.board') }))).toBeLessThanOrEqual(0);
});

test('a chart that is far below is not drawn at once on a phone, and is there for whoever comes to it', async () => {
  const { shown } = await pages.open('/', PHONE, '.board');
  await shown.waitForLoadState('networkidle');
  expect(await shown.locator('.chart svg').count()).toBe(0);
  await shown.locator('.chart').scrollIntoViewIfNeeded();
  await shown.locator('.chart svg').waitFor({ timeout: 5_000 });
});

test('the table of a year begins with its newest month on a phone', async () => {
  const { shown } = await pages.open('/table', PHONE, '.months .value');
  const newest = shown.getByRole('columnheader', { name: '7月', exact: true });
  await expect.poll(async () => (await newest.boundingBox())?.x ?? 999, SHOWN).toBeLessThan(330);
  expect((await newest.boundingBox())?.x).toBeGreaterThan(0);
});

test('Chinese names stay in one or two lines in narrow tables', async () => {
  const { shown } = await pages.open('/targets', PHONE, '.standings');
  for (const name of await shown.locator('.standings tbody th').all())
    expect((await name.boundingBox())?.height).toBeLessThan(TWO_LINES);
});

test('who reports no targets missed has no mark of a missed one', async () => {
  const { shown } = await pages.open('/targets', { locale: 'en' }, '.standings');
  const row = shown.getByRole('row', { name: /^BYD/ });
  expect(await row.locator('.parts .met').count()).toBe(1);
  expect(await row.locator('.parts .missed').count()).toBe(0);
});

test('the drawer and the contradictions are told in Chinese', async () => {
  const { shown } = await pages.open('/table?year=2025&source=onvo%20DELIVERIES%202025-10', PHONE, '.drawer .claims');
  const text = await shown.getByRole('dialog').innerText();
  expect(text).toContain('Quick Assets Market 的说法与其他时期及各部分相符，其余说法不符。');
  expect(text).toContain(
    '乐道2025年10月交付 17,342 辆，据 Quick Assets Market：《NIO, XPeng, BYD October 2025 deliveries》，2025年11月3日发布。',
  );
  expect(await hidden(shown.getByRole('dialog'))).toBeLessThanOrEqual(0);
});

test('a brand whose company alone has reported the newest month says so, and leads there', async () => {
  const { shown } = await pages.open('/makers/nio', { locale: 'en' }, '.tiles .tile');
  const tile = shown.locator('.tile', { hasText: 'January 2026' }).first();
  await tile.getByText('July 2026 is known of the whole company only').waitFor(SHOWN);
  expect(await tile.getByRole('link', { name: 'NIO Inc.' }).getAttribute('href')).toBe('/makers/nio-inc');
});

test('the board of an earlier month can be chosen, and is in the address', async () => {
  const { shown, wrong } = await pages.open('/', { locale: 'en' }, '.board');
  await shown
    .locator('.choice', { hasText: /^Month/ })
    .locator('select')
    .selectOption('2025-10');
  await shown.getByRole('heading', { name: 'October 2025: who delivered how many' }).waitFor(SHOWN);
  expect(new URL(shown.url()).searchParams.get('month')).toBe('2025-10');
  expect(await shown.getByRole('row', { name: /Leapmotor/ }).innerText()).toContain('70,289');
  expect(await shown.locator('.tile', { hasText: 'October 2025' }).innerText()).toMatch(/^October 2025\s+897,983/);
  expect(wrong).toEqual([]);
});

test('the tile of the million club tells who is in it', async () => {
  const { shown } = await pages.open('/', { locale: 'en' }, '.board');
  await shown.getByText('Who they are').click();
  expect(await shown.locator('.members-of-club a').count()).toBe(9);
  await shown.locator('.members-of-club').getByRole('link', { name: 'XPENG', exact: true }).waitFor(SHOWN);
});

test('on a wall the text is twice as large, and charts fill their place', async () => {
  const { shown } = await pages.open('/', { locale: 'en', viewport: { width: 3_840, height: 2_160 } }, '.chart svg');
  expect(await shown.evaluate('getComputedStyle(document.body).fontSize')).toBe('32px');
  const [place, drawing] = await Promise.all([
    shown.locator('.chart .drawing').first().boundingBox(),
    shown.locator('.chart .drawing svg').first().boundingBox(),
  ]);
  expect(drawing?.width).toBeCloseTo(place?.width ?? 0, 0);
});

test('a page looks the same, whichever was open before it', async () => {
  const { shown } = await pages.open('/table', { locale: 'en' }, '.months .value');
  const looks = (): Promise<unknown> =>
    shown.locator('.controls').evaluate((element) => {
      const { borderTopWidth, alignItems, marginTop, marginBottom, paddingTop } = getComputedStyle(element);
      return { borderTopWidth, alignItems, marginTop, marginBottom, paddingTop };
    });
  const before = await looks();
  await shown.getByRole('navigation').getByRole('link', { name: 'Compare' }).click();
  await shown
    .locator('.compare table')
    .first()
    .waitFor({ ...SHOWN, state: 'attached' });
  await shown.getByRole('navigation').getByRole('link', { name: 'Table' }).click();
  await shown.locator('.months .value').first().waitFor(SHOWN);
  expect(await looks()).toEqual(before);
});

/** How many pixels of a box are out of view at its side. */
function hidden(box: Locator): Promise<number> {
  return box.evaluate((element) => element.scrollWidth - element.clientWidth);
}
