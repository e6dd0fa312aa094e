import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchBrowser, watchPage } from './browser.ts';
import { placeDatabase } from './database.ts';
import { type Product, startProduct } from './product.ts';
import { sendTo } from './send-to.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** A machine with other work takes long; how soon a change is there is measured elsewhere. */
export const SHOWN = { timeout: 40_000 };
const WIDTHS = [360, 900, 1_600];
const SCHEMES = ['light', 'dark'] as const;
/** How long charts take to be drawn at another width, in milliseconds. */
const DRAWN_AGAIN = 400;

/** The product with the seed, and a browser to look at its pages. */
export class Pages implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #place: Awaited<ReturnType<typeof placeDatabase>>;
  #product: Product;
  #page: Page | undefined;

  static async start(): Promise<Pages> {
    const browser = await launchBrowser();
    const place = await placeDatabase('seeded');
    return new Pages(browser, place, await startProduct({ place }));
  }

  private constructor(browser: Browser, place: Awaited<ReturnType<typeof placeDatabase>>, product: Product) {
    this.#browser = browser;
    this.#place = place;
    this.#product = product;
  }

  get product(): Product {
    return this.#product;
  }

  /** Starts the product again after it was killed, at the same address. */
  async startAgain(): Promise<void> {
    this.#product = await startProduct({ place: this.#place, port: this.#product.port });
  }

  /** Opens an address in a browser of its own, waits for what is to be there, and collects what goes wrong. */
  async open(path: string, options: BrowserContextOptions = {}, until = 'main') {
    await this.close();
    const shown = await this.#browser.newPage({ locale: 'en', ...options });
    this.#page = shown;
    const wrong = watchPage(shown, this.#product.url);
    await shown.goto(`${this.#product.url}${path}`);
    await shown
      .locator(until)
      .first()
      .waitFor({ ...SHOWN, state: 'attached' });
    return { shown, wrong };
  }

  /** Closes the page that was opened. */
  async close(): Promise<void> {
    await this.#page?.close();
    this.#page = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#product[Symbol.asyncDispose]();
    await this.#place[Symbol.asyncDispose]();
    await this.#browser.close();
  }
}

/** How long `auditEverywhere` may take on a machine with other work, in milliseconds. */
export const EVERYWHERE = 240_000;

/** What is wrong with a page for assistive technology, or wider than the screen, at three widths, light and dark. Each is a picture as well. */
export async function auditEverywhere(shown: Page, name: string): Promise<readonly string[]> {
  const found: string[] = [];
  await shown.evaluate(await readFile(AXE, 'utf8'));
  for (const width of WIDTHS) {
    await shown.setViewportSize({ width, height: 900 });
    for (const colorScheme of SCHEMES) {
      await shown.emulateMedia({ colorScheme });
      await shown.waitForTimeout(DRAWN_AGAIN);
      const place = `${name} at ${width} px, ${colorScheme}`;
      const wide = await shown.evaluate<number>('document.documentElement.scrollWidth');
      if (wide > width) found.push(`${place}: ${wide} px wide`);
      await shown.screenshot({ path: `test-results/${name}-${width}-${colorScheme}.png`, fullPage: true });
      found.push(...(await violationsOf(shown)).map((violation) => `${place}: ${violation}`));
    }
  }
  return found;
}

/** What axe finds, in a line each. */
export async function audit(shown: Page): Promise<readonly string[]> {
  await shown.evaluate(await readFile(AXE, 'utf8'));
  return violationsOf(shown);
}

async function violationsOf(shown: Page): Promise<readonly string[]> {
  const { violations } = await shown.evaluate<AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`),
  );
}

/** Records a figure of a test through the API. */
export async function record(product: Product, subject: string, period: string, value: number): Promise<void> {
  const source = '{ publisher: { slug: "test", name: "Test", tier: 4 }, title: "Recorded by a test" }';
  const { registerSource } = await sendTo<{ registerSource: { source: { id: string } } }>(
    product,
    `mutation { registerSource(input: ${source}) { source { id } } }`,
  );
  const input = `{ subject: "${subject}", metric: DELIVERIES, period: "${period}", value: ${value}, sourceId: "${registerSource.source.id}", acknowledgeOutlier: true }`;
  const { recordFigure } = await sendTo<{ recordFigure: { userErrors: unknown[] } }>(
    product,
    `mutation { recordFigure(input: ${input}) { userErrors { message } } }`,
  );
  expect(recordFigure.userErrors).toEqual([]);
}

/** Restates the figure that decides a number. */
export async function revise(product: Product, subject: string, period: string, value: number): Promise<void> {
  const { observation } = await sendTo<{ observation: { best: { id: string } } }>(
    product,
    `{ observation(subject: "${subject}", period: "${period}") { best { id } } }`,
  );
  const { reviseFigure } = await sendTo<{ reviseFigure: { userErrors: unknown[] } }>(
    product,
    `mutation { reviseFigure(id: "${observation.best.id}", input: { value: ${value}, reason: "Counted again" }) { userErrors { message } } }`,
  );
  expect(reviseFigure.userErrors).toEqual([]);
}
