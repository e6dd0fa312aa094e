import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const opened: AsyncDisposable[] = [];
let product: Product;
let browser: Browser;
let sourceId: string;
let days = 0;

beforeAll(async () => {
  const keep = <Part extends AsyncDisposable>(part: Part): Part => {
    opened.unshift(part);
    return part;
  };
  browser = keep(await launchBrowser());
  product = keep(await startProduct({ place: keep(await placeDatabase('seeded')) }));
  const { registerSource } = await send<{ registerSource: { source: { id: string } } }>(
    'registerSource(input: { publisher: { slug: "test", name: "Test", tier: 4 }, title: "A test" }) { source { id } }',
  );
  sourceId = registerSource.source.id;
});
afterAll(async () => {
  for (const part of opened) await part[Symbol.asyncDispose]();
});

test('the snippet for Node shows a figure', async () => {
  const [code = ''] = await readSnippets('From Node');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT });
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
  }
  await until('it shows one', async () => {
    await recordFigure();
    return shown.includes('\n');
  });
  child.kill();
  expect(shown).toMatch(/^RECORDED aito EXPORTS 2020-\d\d-\d\d 1234\n/);
});

test('the snippet with EventSource shows a figure and its cursor, in a page of another origin', async () => {
  const [code = ''] = await readSnippets('From a browser');
  const { page, shown } = await openPage(code);
  await until('it shows one', async () => {
    await recordFigure();
    return shown.length > 0;
  });
  await page.close();
  expect(shown[0]).toMatch(/^RECORDED aito EXPORTS 2020-\d\d-\d\d 1234 [\w-]+$/);
});

test('the snippet with graphql-ws shows a milestone, in a page of another origin', async () => {
  const [, code = ''] = await readSnippets('From a browser');
  const { page, shown } = await openPage(code);
  await until('it shows one', async () => {
    await announceMilestone();
    return shown.length > 0;
  });
  await page.close();
  expect(shown[0]).toMatch(/^ANNOUNCED Day \d+ \d{4}-\d\d-\d\d$/);
});

/** The code of a section of the README, with the address of this test's server. */
async function readSnippets(title: string): Promise<readonly string[]> {
  const readme = await readFile(`${ROOT}/README.md`, 'utf8');
  const section = readme.split(/^#{2,3} /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^```js\n([\s\S]+?)^```$/gm)].map(([, code]) =>
    (code as string).replaceAll('localhost:4000', `localhost:${product.port}`),
  );
}

/** Runs code in a page of another origin than the server's, and collects what it logs. */
async function openPage(code: string): Promise<{ readonly page: Page; readonly shown: readonly string[] }> {
  const bundle = await build({
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true,
    write: false,
    format: 'esm',
  });
  // The server's own pages run nothing but their own files; those of others may run this.
  const page = await browser.newPage({ bypassCSP: true });
  const shown: string[] = [];
  page.on('console', (message) => shown.push(message.text()));
  await page.goto(product.url.replace('localhost', '127.0.0.1'));
  await page.addScriptTag({ content: bundle.outputFiles[0]?.text ?? '', type: 'module' });
  return { page, shown };
}

async function recordFigure(): Promise<void> {
  await send(
    `recordFigure(input: { subject: "aito", metric: EXPORTS, period: "${nextDay()}", value: 1234, sourceId: "${sourceId}" }) { cursor }`,
  );
}

async function announceMilestone(): Promise<void> {
  const reachedOn = nextDay();
  await send(
    `announceMilestone(input: { subject: "aito", kind: OTHER, title: "Day ${days}", reachedOn: "${reachedOn}", sourceId: "${sourceId}" }) { cursor }`,
  );
}

function nextDay(): string {
  days += 1;
  return new Date(Date.UTC(2020, 0, days)).toISOString().slice(0, 10);
}

async function send<Data>(mutation: string): Promise<Data> {
  const response = await fetch(`${product.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${product.adminKey}` },
    body: JSON.stringify({ query: `mutation { ${mutation} }` }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}
