import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { auditEverywhere, EVERYWHERE, Pages, record, revise, SHOWN } from '../support/pages.ts';

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('a maker has its newest month with the changes and its rank, what it belongs to, and its other names', async () => {
  const { shown, wrong } = await pages.open('/makers/leapmotor', {}, '.tile');
  expect(await shown.title()).toBe('Leapmotor · Milepost');
  expect(await shown.locator('h1').innerText()).toBe('Leapmotor 零跑汽车');
  expect(await tile(shown, 'July 2026')).toMatch(/101,267.*vs month before.*vs year before/);
  await expect.poll(() => tile(shown, 'Rank, July 2026'), SHOWN).toMatch(/Rank, July 2026 2 of 8 on the board/);
  expect(await tile(shown, '2026 so far')).toMatch(/457,754.*until Jul 31, 2026/);
  const facts = (await shown.locator('.facts').innerText()).replace(/\s+/g, ' ');
  expect(facts).toMatch(/Brand Belongs to Leapmotor Technology.*Also called .*零跑/);
  expect(wrong).toEqual([]);
});

test('its series and its total to date are drawn, and told in tables', async () => {
  const { shown, wrong } = await pages.open('/makers/nio-inc', {}, '.tile');
  await expect.poll(() => shown.locator('.chart svg').count(), SHOWN).toBe(2);
  expect(await rowOf(shown, 'July 2026')).toBe('July 2026 35,934 −11.5% +71.0%');
  for (const summary of await shown.getByText('The same as a table').all()) await summary.click();
  expect(await shown.locator('.chart').first().innerText()).toMatch(/June 2018\s+100/);
  expect(await shown.locator('.chart').nth(1).innerText()).toMatch(/Jul 31, 2026\s+1,224,649/);
  expect(wrong).toEqual([]);
});

test('the length of the periods and what is counted are chosen in the address', async () => {
  const { shown, wrong } = await pages.open('/makers/nio-inc?by=quarter', {}, '.periods');
  expect(await shown.locator('.periods').innerText()).toMatch(/Q2 2026\s+\d/);
  await shown.getByRole('radio', { name: 'Year' }).check();
  await shown.getByRole('row', { name: /^2025 326,028/ }).waitFor(SHOWN);
  await shown.getByLabel('Counted').selectOption('WHOLESALE');
  await shown.getByRole('heading', { name: 'Wholesale period by period' }).waitFor(SHOWN);
  expect(new URL(shown.url()).search).toBe('?by=year&metric=WHOLESALE');
  await shown.getByRole('radio', { name: 'Month' }).check();
  await shown.getByLabel('Counted').selectOption('DELIVERIES');
  expect(new URL(shown.url()).search).toBe('');
  expect(wrong).toEqual([]);
});

test('a target has a bar, the verdict in words, where it should be by now and what is projected', async () => {
  const { shown, wrong } = await pages.open('/makers/leapmotor', {}, '.target-line');
  const line = shown.locator('.target-line').first();
  expect((await line.innerText()).replace(/\s+/g, ' ')).toMatch(
    /Leapmotor 2026 aims at 1,000,000 sales.*behind pace.*457,754 deliveries by Jul 31, 2026 · 583,333 would be on pace · projected 1,004,718 \(860,336–1,004,718\)/,
  );
  expect(await line.getByRole('img').getAttribute('aria-label')).toBe('45.8% of the target');
  expect(await line.locator('.reached').evaluate((bar: HTMLElement) => parseFloat(bar.style.inlineSize))).toBeCloseTo(
    43,
    0,
  );
  expect(wrong).toEqual([]);
});

test('a brand shows the targets of its company, with whose they are', async () => {
  const { shown } = await pages.open('/makers/nio', {}, '.target-line');
  expect(await shown.locator('.target-line').first().innerText()).toMatch(/NIO Inc\.\s+2026 aims at \+40% – \+50%/);
  await shown.locator('.target-line').first().getByRole('link', { name: 'NIO Inc.' }).click();
  await shown.getByRole('heading', { level: 1, name: 'NIO Inc.' }).waitFor(SHOWN);
  expect(new URL(shown.url()).pathname).toBe('/makers/nio-inc');
});

test('milestones say how they are known, and how long they took since the first delivery and since the one before', async () => {
  const { shown } = await pages.open('/makers/nio-inc', {}, '.milestones li');
  const found = (await shown.locator('.milestones > li').allInnerTexts()).map((item) => item.replace(/\s+/g, ' '));
  expect(found).toContainEqual(
    expect.stringMatching(
      /^○ NIO Inc. passes 1,000,000 deliveries · January 2026 follows from the numbers since the first delivery \(May 31, 2018\): 2,772–2,802 days \(about 7\.6–7\.7 years\) · since the one before: 580–640 days \(about 19–21 months\)$/,
    ),
  );
  expect(found).toContainEqual(
    expect.stringMatching(
      /^● NIO passes 1,000,000 vehicles produced · Jan 6, 2026 announced: Gasgoo · NIO ES8 · NIO Hefei Xinqiao plant/,
    ),
  );
});

test('it tells who said most, with the newest document of each', async () => {
  const { shown } = await pages.open('/makers/nio-inc', {}, '.sources');
  expect(await shown.getByText(/claims; these are the newest 100/).innerText()).toMatch(/^3\d\d claims/);
  expect(await rowOf(shown, 'electrive')).toMatch(/^electrive trade press 3 NIO Q2 2025 figures/);
});

test('a recorded month comes onto the page without a reload, and a restated one shows what it was before', async () => {
  const { shown, wrong } = await pages.open('/makers/deepal', {}, '.tile');
  await shown.locator('.live.live').waitFor(SHOWN);
  await shown.evaluate('window.isSamePage = true');
  await record(pages.product, 'deepal', '2026-08', 30_000);
  await expect.poll(() => tile(shown, 'August 2026'), SHOWN).toMatch(/30,000/);
  await revise(pages.product, 'deepal', '2026-08', 30_001);
  await expect.poll(() => tile(shown, 'August 2026'), SHOWN).toMatch(/30,000 → 30,001/);
  await expect.poll(() => rowOf(shown, 'August 2026'), SHOWN).toMatch(/30,001.*r/);
  expect(await shown.evaluate('window.isSamePage')).toBe(true);
  expect(wrong).toEqual([]);
});

test('as of a day a maker is shown as it was known then, and links keep the day', async () => {
  const { shown, wrong } = await pages.open('/makers/nio-inc?asOf=2025-11-15', {}, '.tile');
  expect(await tile(shown, 'October 2025')).toMatch(/40,397/);
  expect(await shown.locator('.target-line').first().innerText()).not.toContain('2026');
  await shown.getByRole('link', { name: 'ONVO' }).first().click();
  await shown.getByRole('heading', { level: 1, name: 'ONVO' }).waitFor(SHOWN);
  expect(new URL(shown.url()).search).toBe('?asOf=2025-11-15');
  expect(wrong).toEqual([]);
});

test('in Chinese the maker, its targets and its milestones are told in Chinese', async () => {
  const { shown, wrong } = await pages.open('/makers/leapmotor', { locale: 'zh-CN' }, '.target-line');
  expect(await shown.locator('h1').innerText()).toBe('零跑汽车 Leapmotor');
  const content = (await shown.locator('main').innerText()).replace(/\s+/g, ' ');
  expect(content).toMatch(/2026年 目标 销量 1,000,000 辆 .*落后于进度/);
  expect(content).toMatch(/累计产量 500,000 辆/);
  expect(wrong).toEqual([]);
});

test('the file of a chart has plain numbers and periods, for programs', async () => {
  const { shown } = await pages.open('/makers/nio-inc', {}, '.periods');
  const [download] = await Promise.all([
    shown.waitForEvent('download'),
    shown.getByRole('button', { name: 'CSV' }).first().click(),
  ]);
  const file = await readFile(await download.path(), 'utf8');
  expect(file).toMatch(/Period,Vehicles,Lower bound,Upper bound,vs period before \(%\),vs year before \(%\),Source/);
  expect(file).toMatch(/\r\n2026-07,35934,35934,35934,-11\.49,70\.98,/);
});

test('a maker of which no number is known says so, and shows what else is known', async () => {
  const { shown, wrong } = await pages.open('/makers/huawei', {}, '.milestones li');
  expect(await shown.locator('main').innerText()).toMatch(/No number of vehicles is known[\s\S]*No target is known/);
  expect(wrong).toEqual([]);
});

test('an unknown maker leads to those that may have been meant', async () => {
  const { shown } = await pages.open('/makers/nioo', {}, 'h1');
  expect(await shown.locator('h1').innerText()).toBe('Nobody here is called “nioo”');
  await shown.getByRole('link', { name: 'NIO', exact: true }).click();
  await shown.getByRole('heading', { level: 1, name: 'NIO' }).waitFor(SHOWN);
  expect(new URL(shown.url()).pathname).toBe('/makers/nio');
});

test('an alliance at the address of a maker gets its own', async () => {
  const { shown, wrong } = await pages.open('/makers/hima?lang=zh', {}, '.members');
  expect(new URL(shown.url()).pathname + new URL(shown.url()).search).toBe('/alliances/hima?lang=zh');
  expect(wrong).toEqual([]);
});

test('an alliance shows its members, what they add up to, and how much of that is known', async () => {
  const { shown, wrong } = await pages.open('/alliances/hima', {}, '.bases .big');
  await expect.poll(() => shown.locator('.chart svg').count(), SHOWN).toBe(3);
  expect(await shown.locator('main').innerText()).toMatch(
    /Of \d+ months, at least one member is known in \d+; in the best of them 1 of 5/,
  );
  expect(await rowOf(shown, 'AITO Seres')).toMatch(/^AITO Seres Group from the start January 2026 deliveries 40,016/);
  const bases = (await shown.locator('.bases').innerText()).replace(/\s+/g, ' ');
  expect(bases).toMatch(/57,915 January 2026 deliveries .*>40,016 1 of 5 members known.*>40,016 1 of 5 members known/);
  expect(await shown.getByText('17,899 of the total is of members that are not known').count()).toBe(1);
  await shown.locator('.section-head select').selectOption('2025');
  await expect.poll(() => shown.locator('.bases').innerText(), SHOWN).toContain('588,717');
  expect(new URL(shown.url()).searchParams.get('period')).toBe('2025');
  expect(wrong).toEqual([]);
});

test('the board leads to the makers', async () => {
  const { shown } = await pages.open('/', {}, '.board');
  await shown.getByRole('row', { name: /XPENG/ }).getByRole('link').click();
  await shown.getByRole('heading', { level: 1, name: 'XPENG' }).waitFor(SHOWN);
});

test.each(['makers/nio-inc', 'alliances/hima'])(
  'nothing is wrong for assistive technology on /%s at three widths, light and dark',
  async (path) => {
    const { shown, wrong } = await pages.open(`/${path}`, {}, '.tile');
    await expect.poll(() => shown.locator('.chart svg').count(), SHOWN).toBeGreaterThan(1);
    await shown.locator('.sources').first().waitFor(SHOWN);
    expect(await auditEverywhere(shown, path)).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);

async function tile(shown: Page, name: string): Promise<string> {
  const found = shown.getByRole('region', { name, exact: true });
  return ((await found.count()) === 0 ? '' : await found.innerText()).replace(/\s+/g, ' ');
}

async function rowOf(shown: Page, name: string): Promise<string> {
  const found = shown.locator('table:not(.chart table)').getByRole('row', { name: new RegExp(`^${name}`) });
  return (await found.first().innerText()).replace(/\s+/g, ' ').trim();
}
