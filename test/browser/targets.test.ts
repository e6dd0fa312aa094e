import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { auditEverywhere, EVERYWHERE, Pages, record, SHOWN } from '../support/pages.ts';

const YEAR = '.target-year';

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('targets stand by year and verdict, with what is projected and what they were before', async () => {
  const { shown, wrong } = await pages.open('/targets', {}, YEAR);
  expect(await shown.locator(`${YEAR} > h2`).allInnerTexts()).toEqual([
    '2030',
    '2028',
    '2026',
    '2025',
    '2024',
    '2023',
    '2022',
    '2021',
    '2019',
  ]);
  const of2026 = await shown.getByRole('region', { name: '2026', exact: true }).innerText();
  expect(of2026).toMatch(/ahead of pace 1\s+NIO Inc\.[\s\S]*behind pace 2\s+Leapmotor/);
  expect(of2026).toContain('projected 1,004,718 (860,336–1,004,718)');
  const of2025 = await shown.getByRole('region', { name: '2025', exact: true }).innerText();
  expect(of2025).toMatch(/Leapmotor 2025 aims at 580,000–650,000 sales \(before: 500,000–600,000 sales\)/);
  expect(wrong).toEqual([]);
});

test('it is counted who keeps its word', async () => {
  const { shown } = await pages.open('/targets', {}, YEAR);
  const rows = await shown.locator('.standings tbody tr').allInnerTexts();
  const words = rows.map((row) => row.trim().replace(/\s+/g, ' '));
  expect(words).toContain('NIO Inc. 8 2 1 2 0');
  expect(words).toContain('Leapmotor 1 0 1 0 1');
});

test('maker, verdict and kind are chosen in the address', async () => {
  const { shown, wrong } = await pages.open('/targets?verdict=MISSED', {}, YEAR);
  expect(await shown.locator('.target-line').count()).toBe(6);
  await choice(shown, 'Maker').selectOption('li-auto');
  await choice(shown, 'Kind').selectOption('GUIDANCE');
  await expect.poll(() => shown.locator('.target-line').count()).toBe(1);
  expect(new URL(shown.url()).search).toBe('?verdict=MISSED&maker=li-auto&kind=GUIDANCE');
  await choice(shown, 'Verdict').selectOption('AHEAD');
  await shown.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(() => shown.locator('.target-line').count()).toBe(33);
  expect(wrong).toEqual([]);
});

test('as of a day there are the targets that were known then', async () => {
  const { shown, wrong } = await pages.open('/targets?asOf=2023-12-15', {}, YEAR);
  const text = await shown.locator('main').innerText();
  expect(text).toContain('BYD 2022 aims at 1,500,000 sales');
  expect(text).not.toContain('2026 aims at');
  expect(wrong).toEqual([]);
});

test('a day shows the same again after the reader was at another', async () => {
  const { shown } = await pages.open('/targets?asOf=2025-08-10', {}, YEAR);
  const list = shown.locator('main');
  // What was said of it then; later another document stood for it.
  expect(await list.innerText()).toContain('Raised on 18 March 2025.');
  await shown.getByRole('button', { name: 'Back to now' }).click();
  await expect.poll(() => list.innerText(), SHOWN).not.toContain('Raised on 18 March 2025.');
  await shown.getByLabel('As of').fill('2025-08-10');
  await expect.poll(() => list.innerText(), SHOWN).toContain('Raised on 18 March 2025.');
});

test('whoever steps from a day to now and back sees what was known then, also who said so', async () => {
  const { shown } = await pages.open('/targets?asOf=2025-09-02&maker=xiaomi-auto', {}, YEAR);
  const line = shown.locator('.target-line').filter({ hasText: 'aims at 350,000' });
  const then = await line.innerText();
  await shown.getByRole('button', { name: 'Back to now' }).click();
  await expect.poll(() => line.innerText(), SHOWN).not.toBe(then);
  await shown.locator('.as-of input').fill('2025-09-02');
  await shown.locator('.as-of-banner').waitFor(SHOWN);
  await expect.poll(() => line.innerText(), SHOWN).toBe(then);
});

test('a month that is recorded moves the verdict without a reload', async () => {
  const { shown, wrong } = await pages.open('/targets?maker=leapmotor', {}, YEAR);
  await shown.locator('.live.live').waitFor(SHOWN);
  await record(pages.product, 'leapmotor', '2026-08', 300_000);
  const line = shown.locator('.target-line').filter({ hasText: 'aims at 1,000,000 sales' });
  await expect.poll(() => line.innerText(), SHOWN).toMatch(/ahead of pace[\s\S]*757,754 deliveries by Aug 31, 2026/);
  expect(wrong).toEqual([]);
});

test('the page is in Chinese for a browser that is', async () => {
  const { shown, wrong } = await pages.open('/targets?maker=xiaomi-auto', { locale: 'zh-CN' }, YEAR);
  expect(await shown.locator('main').innerText()).toMatch(/目标[\s\S]*谁说到做到[\s\S]*小米汽车[\s\S]*落后于进度/);
  expect(wrong).toEqual([]);
});

test(
  'nothing is wrong for assistive technology at three widths, light and dark',
  async () => {
    const { shown, wrong } = await pages.open('/targets', {}, YEAR);
    expect(await auditEverywhere(shown, 'targets')).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);

function choice(shown: Page, label: string) {
  return shown.locator('.choice', { hasText: new RegExp(`^${label}`) }).locator('select');
}
