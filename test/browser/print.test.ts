import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { audit, Pages, SHOWN } from '../support/pages.ts';

/** What is left of A4 between the margins, upright and across, in pixels of CSS. */
const UPRIGHT = 703;
const ACROSS = 1_046;

let pages: Pages;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages[Symbol.asyncDispose]());
afterEach(() => pages.close());

test.each([
  ['/', '.board', UPRIGHT],
  ['/table?year=2025', '.months .value', ACROSS],
  ['/makers/nio', '.periods', UPRIGHT],
  ['/targets', '.target-line', UPRIGHT],
  ['/contradictions', '.contradiction', UPRIGHT],
  ['/compare', '.compare table', ACROSS],
] as const)(
  '%s fits on paper, dark on white also for a reader of the dark page, and without what can be pressed',
  async (path, until, width) => {
    const { shown } = await pages.open(path, { colorScheme: 'dark', viewport: { width, height: 1_000 } }, until);
    await shown.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await cutIn(shown)).toEqual([]);
    expect(await shown.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect((await audit(shown)).filter((found) => found.startsWith('color-contrast'))).toEqual([]);
    for (const pressed of ['header nav', 'main select', '.as-of', '.tools'])
      expect(await shown.locator(pressed).filter({ visible: true }).count(), pressed).toBe(0);
  },
);

test('the table of a year is printed across', async () => {
  const { shown } = await pages.open('/table?year=2025', {}, '.months .value');
  const paper = (await shown.pdf({ preferCSSPageSize: true })).toString('latin1');
  const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(paper) ?? [];
  expect(Number(width)).toBeGreaterThan(Number(height));
});

/** Tables that are wider than their place on paper. */
async function cutIn(shown: Page): Promise<readonly string[]> {
  await shown
    .locator('main table')
    .first()
    .waitFor({ ...SHOWN, state: 'attached' });
  return shown.locator('main table').evaluateAll((tables) =>
    tables.flatMap((table) => {
      const place = table.closest('main')?.clientWidth ?? 0;
      return table.scrollWidth > place ? [`${table.className}: ${table.scrollWidth} of ${place}`] : [];
    }),
  );
}
