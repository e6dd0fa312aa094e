import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { auditEverywhere, EVERYWHERE, Pages, record, SHOWN } from '../support/pages.ts';
import { sendTo } from '../support/send-to.ts';

const CARD = '.contradiction';

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('each contradiction of a period is on a line of values, with who says what and what is set aside', async () => {
  const { shown, wrong } = await pages.open('/contradictions', {}, CARD);
  expect(await shown.locator(CARD).count()).toBe(11);
  const card = shown.getByRole('article', { name: /Leapmotor · January 2026/ });
  expect(await card.getByRole('img').getAttribute('aria-label')).toMatch(
    /28,364 \(Ukravtomobil\); 32,059 \(Beijing Business Today.*3,695 apart/,
  );
  expect(await card.locator('circle.counted').count()).toBe(4);
  expect(await card.locator('circle.aside').count()).toBe(1);
  expect(await card.getByRole('row', { name: /Ukravtomobil/ }).innerText()).toMatch(/set aside\s+28,364/);
  expect(await card.innerText()).toContain('11.5% of the value');
  expect(wrong).toEqual([]);
});

test('periods that do not add up are on one line of time, with their sum', async () => {
  const { shown } = await pages.open('/contradictions?kind=TO_DATE', {}, CARD);
  const card = shown.locator(CARD);
  expect(await card.count()).toBe(1);
  expect(await card.getByRole('img').getAttribute('aria-label')).toBe(
    '38,906 (to Apr 30, 2020) + 3,436 (May 2020) + 3,740 (June 2020) = 46,082. Stated: 46,078 (to Jun 30, 2020). They are 4 apart.',
  );
  expect(await card.locator('rect').count()).toBe(4);
  expect(await card.locator('rect.aside').count()).toBe(1);
});

test('a number opens its sources', async () => {
  const { shown, wrong } = await pages.open('/contradictions?maker=firefly', {}, CARD);
  await shown.getByRole('button', { name: '231' }).click();
  const drawer = shown.getByRole('dialog');
  await drawer.getByRole('heading', { name: 'Who said so', exact: true }).waitFor(SHOWN);
  expect(await drawer.innerText()).toContain('Firefly · April 2025');
  expect(wrong).toEqual([]);
});

test('maker, kind and order are chosen in the address', async () => {
  const { shown, wrong } = await pages.open('/contradictions?order=gap', {}, CARD);
  expect(await shown.locator(CARD).first().innerText()).toContain('Leapmotor');
  await shown.getByLabel('Maker').selectOption('zeekr');
  await expect.poll(() => shown.locator(CARD).count()).toBe(1);
  expect(new URL(shown.url()).search).toBe('?order=gap&maker=zeekr');
  await shown.getByLabel('What contradicts what').selectOption('TO_DATE');
  await shown.getByText('No contradiction is like this.').waitFor(SHOWN);
  await shown.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(() => shown.locator(CARD).count()).toBe(11);
  expect(wrong).toEqual([]);
});

test('as of a day they are those of then', async () => {
  const { shown, wrong } = await pages.open('/contradictions?asOf=2022-12-31', {}, CARD);
  const text = await shown.locator('main').innerText();
  expect(text).toContain('Worked out again from what was known then.');
  expect(text).toContain('BYD · December 2021');
  expect(text).not.toContain('Leapmotor');
  expect(text).not.toContain('Resolved');
  expect(wrong).toEqual([]);
});

test('one that appears is there without a reload, and is found among the resolved ones once it is gone', async () => {
  const { shown, wrong } = await pages.open('/contradictions', {}, CARD);
  await shown.locator('.live.live').waitFor(SHOWN);
  await record(pages.product, 'xpeng', '2026-07', 38_100);
  const card = shown.getByRole('article', { name: /XPENG · July 2026/ });
  await card.waitFor(SHOWN);
  expect(await card.innerText()).toMatch(/73\s+apart/);
  const { figures } = await sendTo<{ figures: { nodes: { id: string; value: number }[] } }>(
    pages.product,
    '{ figures(filter: { subjects: ["xpeng"], periods: ["2026-07"] }) { nodes { id value } } }',
  );
  const id = figures.nodes.find(({ value }) => value === 38_100)?.id;
  await sendTo(pages.product, `mutation { withdrawFigure(id: "${id}", reason: "A test") { userErrors { message } } }`);
  await expect.poll(() => card.count(), SHOWN).toBe(0);
  await shown.getByRole('button', { name: 'Look for resolved ones' }).click();
  await shown
    .locator('.resolved')
    .getByRole('article', { name: /XPENG · July 2026/ })
    .waitFor(SHOWN);
  expect(wrong).toEqual([]);
});

test('the page is in Chinese for a browser that is', async () => {
  const { shown, wrong } = await pages.open('/contradictions?maker=zeekr', { locale: 'zh-CN' }, CARD);
  expect(await shown.locator('main').innerText()).toMatch(
    /矛盾[\s\S]*极氪 · 2026年1月 · 交付[\s\S]*同一时期两个数值[\s\S]*未采用/,
  );
  expect(wrong).toEqual([]);
});

test(
  'nothing is wrong for assistive technology at three widths, light and dark',
  async () => {
    const { shown, wrong } = await pages.open('/contradictions', {}, CARD);
    expect(await auditEverywhere(shown, 'contradictions')).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);
