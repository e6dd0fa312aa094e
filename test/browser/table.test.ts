import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { auditEverywhere, EVERYWHERE, Pages, record, revise, SHOWN } from '../support/pages.ts';

const SHOWN_ROW = '.months tbody .value';

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test('the table of a year has a row a maker, the largest first, and names what is not deliveries', async () => {
  const { shown, wrong } = await pages.open('/table?year=2025', {}, SHOWN_ROW);
  expect((await rowsOf(shown)).slice(0, 3)).toEqual([
    expect.stringMatching(/^BYD sales .*300,538.*420,398.*4,602,436Σ \+7.7%$/),
    expect.stringMatching(/^Tesla China wholesale .*63,238.*97,171.*851,732Σ −7.1%$/),
    expect.stringMatching(
      /^Leapmotor January 2024 to December 2025: 24 of 24 months known, from 6,566 to 70,327 25,170.*60,423.*596,555Σ \+103%$/,
    ),
  ]);
  const [onvo] = (await rowsOf(shown)).filter((row) => row.startsWith('ONVO'));
  expect(onvo).toMatch(/5,912 wholesale 4,049 4,820/);
  // Unknown is not zero, and an owner that says no more than its brand has no row.
  expect((await rowsOf(shown)).find((row) => row.startsWith('Deepal'))).toMatch(/–unknown –unknown –unknown 20,138/);
  expect(await namesOf(shown)).not.toContain('Geely');
  expect(await shown.title()).toBe('2025: what each maker reported, month by month · Milepost');
  expect(wrong).toEqual([]);
});

test('a year is read by two operations, and the next one as well', async () => {
  const { shown } = await pages.open('/about', {}, 'main');
  const asked: string[] = [];
  shown.on('request', (request) => {
    const text = `${decodeURIComponent(request.url())} ${request.postData() ?? ''}`;
    const [, name] = /query[ +](TableMakers|MonthlyTable)/.exec(text) ?? [];
    if (name !== undefined) asked.push(name);
  });
  await shown.getByRole('link', { name: 'Table' }).click();
  await shown.locator(SHOWN_ROW).first().waitFor(SHOWN);
  expect(asked).toEqual(['TableMakers', 'MonthlyTable']);
  await shown.getByRole('button', { name: '‹ 2025' }).click();
  await shown.locator('.months[aria-busy=false]').getByText('4,602,436').waitFor(SHOWN);
  expect(asked).toEqual(['TableMakers', 'MonthlyTable', 'TableMakers', 'MonthlyTable']);
});

test('it says how many have reported each month, and of whom nothing is known', async () => {
  const { shown } = await pages.open('/table?year=2025', {}, SHOWN_ROW);
  expect(await shown.locator('.months tfoot').innerText()).toMatch(
    /^Have reported\s+11 of 19\s+15 of 19[\s\S]*18 of 19\s+15 of 19\s*$/,
  );
  await shown.getByText('15 of 19 makers have reported December 2025; 11 of them every month').waitFor();
  expect(await shown.locator('.silent').innerText()).toBe('Nothing is known of 2025 Neta');
});

test('a year that is not over adds up to the newest month, and does not call missing what is still to come', async () => {
  const { shown } = await pages.open('/table', {}, SHOWN_ROW);
  expect(await shown.getByRole('columnheader').last().innerText()).toBe('vs year before');
  await shown.getByRole('columnheader', { name: 'To Jul' }).waitFor();
  const xiaomi = (await rowsOf(shown)).find((row) => row.startsWith('Xiaomi'));
  expect(xiaomi).toMatch(/34,738 …not reported yet .*…not reported yet >185,055/);
});

test('each column sorts, what is unknown stays last, and the choice is in the address', async () => {
  const { shown, wrong } = await pages.open('/table?year=2025', {}, SHOWN_ROW);
  const march = shown.getByRole('columnheader', { name: 'Mar', exact: true });
  await march.getByRole('button').click();
  expect((await namesOf(shown)).slice(0, 2)).toEqual(['BYD', 'Tesla China']);
  expect(await march.getAttribute('aria-sort')).toBe('descending');
  const last = (await namesOf(shown)).at(-1);
  await march.getByRole('button').press('Enter');
  expect((await namesOf(shown))[0]).toBe('ONVO');
  expect((await namesOf(shown)).at(-1)).toBe(last);
  expect(new URL(shown.url()).search).toBe('?year=2025&sort=2025-03&order=asc');
  await shown.getByRole('button', { name: '‹ 2024' }).click();
  await shown.locator('.months[aria-busy=false]').waitFor(SHOWN);
  await expect.poll(async () => (await rowsOf(shown)).length).toBeGreaterThan(5);
  expect(new URL(shown.url()).search).toBe('?year=2024&sort=2024-03&order=asc');
  await shown.reload();
  await shown.locator(SHOWN_ROW).first().waitFor(SHOWN);
  expect(await shown.getByRole('columnheader', { name: 'Mar', exact: true }).getAttribute('aria-sort')).toBe(
    'ascending',
  );
  expect(wrong).toEqual([]);
});

test('it can be narrowed to a kind of makers and to a name, in either language', async () => {
  const { shown } = await pages.open('/table?year=2025', {}, SHOWN_ROW);
  await shown.getByLabel('Makers').selectOption('Companies');
  expect(await namesOf(shown)).toEqual(['Seres Group', 'NIO Inc.', 'Geely', 'GAC', 'Changan', 'Dongfeng Motor']);
  await shown.getByLabel('Find a maker').fill('蔚来');
  expect(await namesOf(shown)).toEqual(['NIO Inc.']);
  expect(new URL(shown.url()).searchParams.get('kinds')).toBe('COMPANY');
  expect(new URL(shown.url()).searchParams.get('find')).toBe('蔚来');
  await shown.getByLabel('Find a maker').fill('nobody');
  await shown.getByText('No maker is called “nobody”.').waitFor();
  await shown.goto(`${pages.product.url}/table?year=2025&kinds=ALLIANCE`);
  await shown.locator(SHOWN_ROW).first().waitFor(SHOWN);
  const maker = shown.getByRole('link', { name: 'Harmony Intelligent Mobility Alliance' });
  expect(await maker.getAttribute('href')).toBe('/alliances/hima');
});

test('a number opens its sources, whose query opens in GraphiQL with its variables', async () => {
  const { shown, wrong } = await pages.open('/table?year=2025&find=leap', {}, SHOWN_ROW);
  await shown.getByRole('button', { name: '60,423' }).click();
  const drawer = shown.getByRole('dialog');
  await drawer.getByRole('heading', { name: 'Leapmotor · December 2025 · deliveries' }).waitFor(SHOWN);
  const asked = await asksOf(shown, '[role=dialog] a, dialog a');
  expect(asked.query).toMatch(/^query Source\(/m);
  expect(asked.variables).toMatchObject({ subject: 'leapmotor', metric: 'DELIVERIES', period: '2025-12' });
  expect(wrong).toEqual([]);
});

test("the table's own query opens in GraphiQL, and is one that the API answers", async () => {
  const { shown } = await pages.open('/table?year=2025&kinds=ALLIANCE', {}, SHOWN_ROW);
  const asked = await asksOf(shown, '.controls a');
  const response = await fetch(`${pages.product.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  });
  expect(await response.json()).toMatchObject({
    data: { series: [{ subject: { slug: 'hima', total: { value: 588_717 } } }] },
  });
});

test('the table is copied and saved as CSV, as it is shown', async () => {
  const { shown } = await pages.open('/table?year=2025&kinds=ALLIANCE', {}, SHOWN_ROW);
  await shown.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await shown.getByRole('button', { name: 'Copy as CSV' }).click();
  await shown.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await shown.evaluate<string>('navigator.clipboard.readText()');
  expect(copied).toMatch(/# Source: Milepost http:.*\/table\?year=2025&kinds=ALLIANCE\r?\n/);
  expect(copied).toMatch(
    /\nHarmony Intelligent Mobility Alliance,鸿蒙智行,hima,ALLIANCE,34987,.*,588717,DERIVED,31.38/,
  );
  const [download] = await Promise.all([
    shown.waitForEvent('download'),
    shown.getByRole('button', { name: 'Save as CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('milepost-2025.csv');
});

test('a month that is reported comes into the table without a reload, and rows stay under the pointer', async () => {
  const { shown, wrong } = await pages.open('/table?year=2026&sort=2026-07', {}, SHOWN_ROW);
  await shown.locator('.live.live').waitFor(SHOWN);
  await shown.evaluate('window.isSamePage = true');
  const before = await namesOf(shown);
  await shown.getByRole('row', { name: /^BYD/ }).hover();
  await record(pages.product, 'xiaomi-auto', '2026-07', 199_000);
  await shown.getByRole('row', { name: /^Xiaomi Auto.*199,000/ }).waitFor(SHOWN);
  expect(await namesOf(shown)).toEqual(before);
  await shown.getByRole('heading', { level: 1 }).hover();
  expect((await namesOf(shown))[1]).toBe('Xiaomi Auto');
  await revise(pages.product, 'xiaomi-auto', '2026-07', 199_001);
  await expect.poll(async () => (await rowsOf(shown))[1], SHOWN).toMatch(/^Xiaomi Auto .*199,000 → 199,001/);
  expect(await shown.evaluate('window.isSamePage')).toBe(true);
  expect(wrong).toEqual([]);
});

test('as of a day it shows what was known then, in the year of that day', async () => {
  const { shown, wrong } = await pages.open('/table?asOf=2025-11-15', {}, SHOWN_ROW);
  await shown.getByRole('heading', { name: '2025: what each maker reported' }).waitFor();
  expect((await rowsOf(shown)).find((row) => row.startsWith('XPENG'))).toMatch(
    /42,013 …not reported yet …not reported/,
  );
  expect(await shown.getByRole('button', { name: '2026 ›' }).isDisabled()).toBe(true);
  expect(wrong).toEqual([]);
});

test('the table is in Chinese for a browser that is', async () => {
  const { shown, wrong } = await pages.open('/table?year=2025&sort=maker', { locale: 'zh-CN' }, SHOWN_ROW);
  expect((await rowsOf(shown)).find((row) => row.startsWith('鸿蒙智行'))).toMatch(/^鸿蒙智行 联盟 .*34,987.*588,717/);
  expect(await shown.locator('main').innerText()).toMatch(/2025年：各家逐月公布的数字[\s\S]*已公布家数/);
  expect(wrong).toEqual([]);
});

test('an address with choices that there are not shows the usual ones, and a year of nothing says so', async () => {
  const { shown, wrong } = await pages.open('/table?year=9999&sort=nothing&order=up&kinds=MODEL', {}, SHOWN_ROW);
  await shown.getByRole('heading', { name: '2026: what each maker reported' }).waitFor();
  expect((await namesOf(shown))[0]).toBe('BYD');
  await shown.goto(`${pages.product.url}/table?year=1999`);
  await shown.getByText('Nothing was recorded for 1999.').waitFor(SHOWN);
  expect(wrong).toEqual([]);
});

test(
  'nothing is wrong for assistive technology at three widths, light and dark',
  async () => {
    const { shown, wrong } = await pages.open('/table?year=2025', {}, SHOWN_ROW);
    expect(await auditEverywhere(shown, 'table')).toEqual([]);
    expect(wrong).toEqual([]);
  },
  EVERYWHERE,
);

async function rowsOf(shown: Page): Promise<readonly string[]> {
  const cells = await shown
    .locator('.months tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? '')),
    );
  return cells.map((row) => row.join(' ').replace(/\s+/g, ' ').trim());
}

function namesOf(shown: Page): Promise<string[]> {
  return shown.locator('.months tbody th a').allInnerTexts();
}

/** What a link to GraphiQL asks there. */
async function asksOf(shown: Page, links: string): Promise<{ query: string | null; variables: unknown }> {
  const link = shown.locator(links).filter({ hasText: 'Open in GraphiQL' });
  const search = new URL((await link.getAttribute('href')) ?? '', shown.url()).searchParams;
  return { query: search.get('query'), variables: JSON.parse(search.get('variables') ?? '') };
}
