import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createElement } from 'react';
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';
import { expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { servePage } from './page.ts';
import { Page } from './relay/page.tsx';
import { show } from './screen.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = servePage();

test('what the compiler makes of the page is up to date, and it has nothing against the schema', () => {
  const compiler = `${ROOT}node_modules/relay-compiler/cli.js`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '--validate', 'relay.config.json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  expect(stderr).not.toMatch(/warn|error/i);
});

test("a page of Relay's pages through a list, refetches an object, and shows what is pushed", async () => {
  const { brand, id, slugs, after } = await page.list();
  const { environment, asked } = open();
  await using screen = await show(createElement(Page, { environment, brand: id, after }));

  await until('the page is shown', () => screen.texts().length > 0);
  expect(screen.texts()).toEqual([...slugs.slice(0, 2), `${brand} in 2025-Q1: at least 3000`]);

  screen.press('More');
  await until('more is shown', () => screen.texts().length > 3);
  expect(screen.texts().slice(0, -1)).toEqual(slugs.slice(0, 4));

  await page.scenario().record(brand, { '2025-03': 4_000 });
  await until('the quarter is shown', () => screen.texts().at(-1) === `${brand} in 2025-Q1: 7000`);
  expect(asked).toEqual(['pageQuery', 'pageListQuery']);

  screen.press('Half');
  await until('the half is shown', () => screen.texts().at(-1) === `${brand} in 2025-H1: at least 7000`);
  expect(asked).toEqual(['pageQuery', 'pageListQuery', 'pageBrandQuery']);
});

/** An environment, and what it asked the server for besides subscriptions. */
function open() {
  const asked: string[] = [];
  const environment = new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(
      async ({ name, text }, variables) => {
        asked.push(name);
        const response = await fetch(page.scenario().api.server.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: text, variables }),
        });
        return response.json();
      },
      ({ text }, variables) =>
        Observable.create((sink) => page.socket().subscribe({ query: text ?? '', variables }, sink as never)),
    ),
  });
  return { environment, asked };
}
