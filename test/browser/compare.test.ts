import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Download, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { audit, auditEverywhere, EVERYWHERE, Pages, record, SHOWN } from '../support/pages.ts';

const CHART = '.chart [role="img"] > svg';
const THREE = '/compare?makers=nio,xpeng,li-auto&metric=DELIVERIES&from=2024-01&to=2026-07';
/** Width and height are at these places of a PNG, in four bytes each. */
const PNG = { width: 16, height: 20 };

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('without a choice the first five of the newest month are compared', async () => {
  const { shown, wrong } = await pages.open('/compare', {}, CHART);
  await expect
    .poll(() => shown.locator('.makers li').allInnerTexts(), SHOWN)
    .toEqual(
      ['BYD', 'Leapmotor', 'Tesla China', 'Harmony Intelligent Mobility Alliance', 'XPENG'].map((name) =>
        expect.stringContaining(name),
      ),
    );
  expect(new URL(shown.url()).search).toBe('');
  expect(await rowOf(shown, 'Leapmotor')).toContain('101,267');
  expect(await endNames(shown)).toContain('BYD (sales)');
  expect(wrong).toEqual([]);
});

test('the choice in the address is shown, with real numbers and gaps where nothing is known', async () => {
  const { shown, wrong } = await pages.open(THREE, {}, CHART);
  expect(await shown.locator('figcaption').innerText()).toBe('Deliveries by month: NIO, XPENG, Li Auto');
  expect(await rowOf(shown, 'XPENG')).toMatch(/8,250.*January 2024.*38,027.*July 2026.*\+361%/);
  await shown.getByText('The same as a table').click();
  const table = shown.locator('.chart details table');
  expect(await table.locator('thead').innerText()).toMatch(/Period\s+NIO\s+XPENG\s+Li Auto/);
  // NIO's own brand was not reported in January 2024.
  expect(await table.getByRole('row', { name: /^January 2024/ }).innerText()).toMatch(
    /January 2024\s+–\s+8,250\s+31,165/,
  );
  expect(wrong).toEqual([]);
});

test('scale, values, metric and length of the periods are chosen, and are in the address', async () => {
  const { shown, wrong } = await pages.open(THREE, {}, CHART);
  await shown.getByLabel('Logarithmic').check();
  await shown.getByLabel('Indexed').check();
  await expect.poll(() => axisName(shown), SHOWN).toBe('September 2024 = 100');
  await shown.getByLabel('What is counted').selectOption('');
  await shown.getByRole('combobox', { name: 'By', exact: true }).selectOption('QUARTER');
  await shown.locator('figcaption', { hasText: 'Vehicles by quarter: NIO, XPENG, Li Auto' }).waitFor(SHOWN);
  expect(Object.fromEntries(new URL(shown.url()).searchParams)).toEqual({
    makers: 'nio,xpeng,li-auto',
    from: '2024-01',
    to: '2026-07',
    scale: 'log',
    base: 'indexed',
    by: 'QUARTER',
  });
  await shown.reload();
  await shown.locator('figcaption', { hasText: 'Vehicles by quarter: NIO, XPENG, Li Auto' }).waitFor(SHOWN);
  expect(await shown.getByLabel('Indexed').isChecked()).toBe(true);
  expect(wrong).toEqual([]);
});

test('makers are found by name, Chinese or pinyin, added and taken out, with the keyboard alone', async () => {
  const { shown, wrong } = await pages.open(`${THREE}&scale=log`, {}, CHART);
  const search = shown.getByRole('combobox', { name: 'Add a maker' });
  await search.focus();
  for (const [typed, found, slug] of [
    ['lingpao', 'Leapmotor', 'leapmotor'],
    ['极氪', 'Zeekr', 'zeekr'],
  ] as const) {
    await shown.keyboard.type(typed);
    await shown.getByRole('option', { name: found, selected: true }).waitFor(SHOWN);
    expect(await audit(shown)).toEqual([]);
    await shown.keyboard.press('Enter');
    await shown.getByRole('button', { name: `Take out ${found}` }).waitFor(SHOWN);
    expect(makersOf(shown).at(-1)).toBe(slug);
  }
  await shown.keyboard.type('xiao');
  const options = shown.getByRole('listbox', { name: 'Makers' }).getByRole('option');
  await options.nth(1).waitFor(SHOWN);
  await shown.keyboard.press('ArrowDown');
  expect(await options.nth(1).getAttribute('aria-selected')).toBe('true');
  expect(await search.getAttribute('aria-activedescendant')).toBe(await options.nth(1).getAttribute('id'));
  await shown.keyboard.press('Escape');
  await expect.poll(() => options.count()).toBe(0);
  await shown.getByRole('button', { name: 'Take out XPENG' }).press('Enter');
  await expect.poll(() => makersOf(shown)).toEqual(['nio', 'li-auto', 'leapmotor', 'zeekr']);
  await expect.poll(() => endNames(shown), SHOWN).toEqual(['NIO', 'Li Auto', 'Leapmotor', 'Zeekr']);
  expect(wrong).toEqual([]);
});

test('no more than eight are compared, and a page without anybody says what to do', async () => {
  const { shown } = await pages.open(
    '/compare?makers=nio,xpeng,li-auto,leapmotor,zeekr,avatr,deepal,voyah,im',
    {},
    CHART,
  );
  expect(await shown.locator('.makers li').count()).toBe(8);
  expect(await shown.getByRole('combobox', { name: 'Add a maker' }).isDisabled()).toBe(true);
  await shown.getByText('8 at most').waitFor(SHOWN);
  const { shown: empty } = await pages.open('/compare?makers=', {}, '.controls');
  await empty.getByText('Add makers to compare them.').waitFor(SHOWN);
});

test('the names at the ends of lines do not overlap, at any width', async () => {
  for (const width of [360, 1_600]) {
    const { shown } = await pages.open(
      '/compare?makers=nio,xpeng,li-auto,leapmotor,zeekr,aito,xiaomi-auto,onvo',
      { viewport: { width, height: 900 } },
      CHART,
    );
    const boxes = await shown.evaluate<{ top: number; bottom: number; right: number }[]>(
      `[...document.querySelectorAll('${CHART} > text')].map((text) => text.getBoundingClientRect().toJSON())`,
    );
    expect(boxes.length).toBeGreaterThan(5);
    const sorted = boxes.toSorted((one, other) => one.top - other.top);
    sorted.forEach(({ top, right }, index) => {
      expect(right).toBeLessThanOrEqual(width);
      expect(top).toBeGreaterThanOrEqual((sorted[index - 1]?.bottom ?? 0) - 3);
    });
  }
});

test('an unknown maker in the address is named, and the others are compared', async () => {
  const { shown } = await pages.open('/compare?makers=nobody,xpeng', {}, CHART);
  expect(await shown.getByRole('alert').innerText()).toContain('nobody');
  expect(await endNames(shown)).toEqual(['XPENG']);
});

test('a figure that is recorded comes into the chart without a reload', async () => {
  const { shown, wrong } = await pages.open('/compare?makers=voyah,xpeng&from=2026-01', {}, CHART);
  await shown.locator('.live.live').waitFor(SHOWN);
  await shown.evaluate('window.isSamePage = true');
  await record(pages.product, 'voyah', '2026-07', 15_432);
  await expect.poll(() => rowOf(shown, 'Voyah'), SHOWN).toContain('15,432');
  expect(await shown.evaluate('window.isSamePage')).toBe(true);
  expect(wrong).toEqual([]);
});

test('as of a day what was known then is compared, to that day', async () => {
  const { shown, wrong } = await pages.open('/compare?makers=xpeng,li-auto&asOf=2025-11-15', {}, CHART);
  expect(await rowOf(shown, 'XPENG')).toMatch(/November 2022|December 2022/);
  expect(await rowOf(shown, 'XPENG')).toContain('October 2025');
  await expect.poll(() => shown.locator('.chart .under p').innerText(), SHOWN).toContain('Nov 15, 2025');
  expect(wrong).toEqual([]);
});

test('the page is in Chinese for a browser that is, also the axis and the file', async () => {
  const { shown, wrong } = await pages.open(THREE, { locale: 'zh-CN' }, CHART);
  expect(await shown.locator('figcaption').innerText()).toBe('蔚来、小鹏汽车、理想汽车：交付（按月）');
  expect(await shown.locator(CHART).textContent()).toMatch(/2025年[\s\S]*小鹏汽车/);
  expect((await rowsOf(await save(shown, 'CSV')))[0]?.slice(0, 4)).toEqual(['厂商', '指标', '时期', '数值']);
  expect(wrong).toEqual([]);
});

test('the picture has title, source and address, and needs nothing else', async () => {
  const { shown, wrong } = await pages.open(THREE, { colorScheme: 'dark' }, CHART);
  const file = await save(shown, 'SVG');
  expect(file.suggestedFilename()).toMatch(/^milepost-deliveries-by-month-nio-xpeng-li-auto-\d{4}-\d\d-\d\d\.svg$/);
  const svg = await textOf(file);
  for (const part of ['Deliveries by month: NIO, XPENG, Li Auto', 'Source: CnEVPost', 'by Milepost, ', '/compare?'])
    expect(svg).toContain(part);
  expect(svg).not.toMatch(/var\(|currentColor|light-dark|class=|<style|undefined|NaN/);
  // Printed on white, whatever the reader's screen is like.
  expect(svg).toContain('fill="#ffffff"');
  expect(svg).toContain('rgb(23, 32, 42)');
  expect(wrong).toEqual([]);
  await shown.setContent(svg);
  await shown.screenshot({ path: 'test-results/compare-picture.png' });
});

test('the picture in pixels has twice as many, also from a phone', async () => {
  const { shown, wrong } = await pages.open(THREE, { viewport: { width: 360, height: 800 } }, CHART);
  const bytes = await bytesOf(await save(shown, 'PNG'));
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(bytes.readUInt32BE(PNG.width)).toBe(2 * (960 + 48));
  expect(bytes.readUInt32BE(PNG.height)).toBeGreaterThan(1_000);
  expect(wrong).toEqual([]);
});

test('the data has each number with its bounds, its publishers and its source', async () => {
  const { shown, wrong } = await pages.open(THREE, {}, CHART);
  const [head, ...rows] = await rowsOf(await save(shown, 'CSV'));
  expect(head?.slice(0, 8)).toEqual([
    'Maker',
    'Metric',
    'Period',
    'Value',
    'Lower bound',
    'Upper bound',
    'Qualifier',
    'Method',
  ]);
  const july = rows.find(([maker, , period]) => maker === 'XPENG' && period === '2026-07');
  expect(july?.slice(1, 8)).toEqual(['deliveries', '2026-07', '38027', '38027', '38027', 'EXACT', 'ASSERTED']);
  expect(july?.[8]).not.toBe('');
  expect(july?.[9]).toMatch(/^Source: .*by Milepost, .*http:\/\/localhost.*\/compare\?makers=nio,xpeng,li-auto/);
  expect(wrong).toEqual([]);
});

test('the road to a million is a picture and data as well', async () => {
  const { shown, wrong } = await pages.open('/', {}, CHART);
  expect(await textOf(await save(shown, 'SVG'))).toMatch(/The road to a million[\s\S]*Source: [\s\S]*by Milepost, /);
  expect((await rowsOf(await save(shown, 'CSV')))[0]?.[0]).toBe('Maker');
  expect(wrong).toEqual([]);
});

test('the button Embed copies a frame that shows the chart alone, at the same choice', async () => {
  const { shown, wrong } = await pages.open(THREE, { permissions: ['clipboard-read', 'clipboard-write'] }, CHART);
  await shown.getByRole('button', { name: 'Embed' }).click();
  await shown.getByRole('button', { name: 'Copied' }).waitFor(SHOWN);
  const html = await shown.evaluate<string>('navigator.clipboard.readText()');
  expect(html).toMatch(/^<iframe [^>]*title="Deliveries by month: NIO, XPENG, Li Auto"[^>]*><\/iframe>$/);
  const page = `<!doctype html><link rel="icon" href="/logo.svg"><title>Another page</title>${html}`;
  await shown.route('**/another-page', (route) => route.fulfill({ contentType: 'text/html', body: page }));
  await shown.goto(`${pages.product.url}/another-page`);
  const frame = shown.frameLocator('iframe');
  await frame.locator(CHART).waitFor(SHOWN);
  expect(await frame.locator('header').count()).toBe(0);
  expect(await frame.getByRole('link', { name: 'Open in Milepost' }).getAttribute('href')).toBe(
    `${pages.product.url}${THREE}`,
  );
  expect(wrong).toEqual([]);
});

test.each(['/embed/compare?makers=nio,xpeng', '/embed/road'])(
  '%s is a chart with a source and a link',
  async (path) => {
    const { shown, wrong } = await pages.open(path, {}, CHART);
    expect(await shown.locator('header').count()).toBe(0);
    await expect.poll(() => shown.locator('.chart .under p').innerText(), SHOWN).toMatch(/^Source: .*; by Milepost/);
    expect(await audit(shown)).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);

test(
  'nothing is wrong for assistive technology at three widths, light and dark',
  async () => {
    const { shown, wrong } = await pages.open('/compare', {}, CHART);
    await shown.getByText('The same as a table').click();
    expect(await auditEverywhere(shown, 'compare')).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);

async function rowOf(shown: Page, maker: string): Promise<string> {
  const text = await shown
    .locator('section[aria-labelledby="summary"]')
    .getByRole('row', { name: maker })
    .textContent();
  return (text ?? '').replace(/\s+/g, ' ').trim();
}

/** The names at the ends of the lines. */
function endNames(shown: Page): Promise<readonly string[]> {
  return shown.locator(`${CHART} > text`).allTextContents();
}

async function axisName(shown: Page): Promise<string | null> {
  return shown.locator(`${CHART} [aria-label="y-axis label"]`).textContent();
}

function makersOf(shown: Page): readonly string[] {
  return (new URL(shown.url()).searchParams.get('makers') ?? '').split(',');
}

/** Presses a button of the chart once it is known whose numbers they are, and takes the file. */
async function save(shown: Page, format: 'SVG' | 'PNG' | 'CSV'): Promise<Download> {
  const button = shown.locator('.tools').getByRole('button', { name: format });
  const [file] = await Promise.all([shown.waitForEvent('download', SHOWN), button.click(SHOWN)]);
  return file;
}

async function bytesOf(file: Download): Promise<Buffer> {
  return readFile(await file.path());
}

async function textOf(file: Download): Promise<string> {
  return (await bytesOf(file)).toString();
}

async function rowsOf(file: Download): Promise<string[][]> {
  return parse(await bytesOf(file), { bom: true });
}
