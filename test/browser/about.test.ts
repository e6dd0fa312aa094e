import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { audit, auditEverywhere, EVERYWHERE, Pages, SHOWN } from '../support/pages.ts';

const PROSE = '.prose';

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('it says what counts as what, and who published how many documents', async () => {
  const { shown, wrong } = await pages.open('/about', {}, PROSE);
  await shown.getByText('219 publishers with 330 documents').waitFor(SHOWN);
  await shown.getByText('All publishers').click();
  const rows = await shown.locator('details tbody tr').allInnerTexts();
  expect(rows).toHaveLength(219);
  expect(rows[0]).toMatch(/^InsideEVs\s.*19$/);
  expect(await shown.getByRole('row', { name: /^deliveries/ }).innerText()).toContain('handed over to customers');
  expect(wrong).toEqual([]);
});

test('the list of its parts leads to them', async () => {
  const { shown } = await pages.open('/about', {}, PROSE);
  await shown
    .getByRole('navigation', { name: 'On this page' })
    .getByRole('link', { name: /Licence/ })
    .click();
  expect(new URL(shown.url()).hash).toBe('#licence');
  expect(await shown.locator('#licence').evaluate((element) => element.getBoundingClientRect().top)).toBeLessThan(900);
});

test('it leads to the contradictions as of the same day', async () => {
  const { shown } = await pages.open('/about?asOf=2026-02-03', {}, PROSE);
  await shown.getByRole('link', { name: 'All contradictions that there are now' }).click();
  await shown.locator('.contradiction').first().waitFor(SHOWN);
  expect(new URL(shown.url()).search).toBe('?asOf=2026-02-03');
});

test('the page is in Chinese for a browser that is', async () => {
  const { shown, wrong } = await pages.open('/about', { locale: 'zh-CN' }, PROSE);
  await shown.getByText('219 家发布者，330 份文件').waitFor(SHOWN);
  expect(await shown.locator('main').innerText()).toMatch(/关于数据[\s\S]*统计什么[\s\S]*许可与引用/);
  expect(wrong).toEqual([]);
});

test(
  'nothing is wrong for assistive technology at three widths, light and dark',
  async () => {
    const { shown, wrong } = await pages.open('/about', {}, PROSE);
    expect(await auditEverywhere(shown, 'about')).toEqual([]);
    await shown.getByText('All publishers').click();
    await shown.setViewportSize({ width: 360, height: 900 });
    expect(await shown.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await audit(shown)).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);
