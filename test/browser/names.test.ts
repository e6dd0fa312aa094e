import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Pages, record, SHOWN } from '../support/pages.ts';
import { sendTo } from '../support/send-to.ts';

const NARROW = { viewport: { width: 320, height: 700 } };
const LONG = 'L'.repeat(200);
const MARKUP = '<img src=x onerror=alert(1)>';
let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
  await create('long', LONG);
  await create('markup', MARKUP);
  for (const slug of ['long', 'markup']) {
    await record(pages.product, slug, '2026-06', 15_000);
    await record(pages.product, slug, '2026-07', 16_000);
  }
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test.each([
  ['the overview', '/', '.board'],
  ['the table', '/table', '.months'],
  ['its page', '/makers/long', '.periods'],
  ['a comparison', '/compare?makers=long,markup', '.chart'],
  ['a comparison with an unknown name', `/compare?makers=${'x'.repeat(900)}`, '.makers'],
  ['a search that finds nothing', `/table?find=${'x'.repeat(900)}`, '.controls'],
  ['the page of nobody', `/makers/${'x'.repeat(900)}`, 'h1'],
])('however long a name is, %s is not wider than the screen', async (_place, path, until) => {
  const { shown } = await pages.open(path, NARROW, until);
  await shown.waitForTimeout(1_000);
  expect(await shown.evaluate('document.documentElement.scrollWidth')).toBe(320);
});

test('a name that looks like markup is shown as it is', async () => {
  const { shown, wrong } = await pages.open('/compare?makers=markup', {}, '.chart svg');
  await shown.getByRole('heading', { name: 'Compare makers' }).waitFor(SHOWN);
  expect(await shown.locator('main').innerText()).toContain(MARKUP);
  expect(await shown.locator('img').count()).toBe(0);
  expect(wrong).toEqual([]);
});

async function create(slug: string, name: string): Promise<void> {
  const { createSubject } = await sendTo<{ createSubject: { userErrors: unknown[] } }>(
    pages.product,
    `mutation { createSubject(input: { slug: "${slug}", name: "${name}", kind: BRAND }) { userErrors { message } } }`,
  );
  expect(createSubject.userErrors).toEqual([]);
}
