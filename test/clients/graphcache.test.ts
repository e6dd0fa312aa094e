import { type AnyVariables, Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { AFFECTED, clientFile, LIVE, QUARTERS, quartersOf, type Shown, servePage } from './page.ts';

const keys = Object.fromEntries(clientFile<string[]>('graphcache-keys.json').map((name) => [name, () => null]));
const page = servePage();

/** A client with the cache, what it asked the server for besides subscriptions, and what its cache warned of. */
function open() {
  const warnings: string[] = [];
  const asked: string[] = [];
  const client = new Client({
    url: page.scenario().api.server.url,
    preferGetMethod: false,
    exchanges: [
      cacheExchange({
        keys,
        possibleTypes: clientFile('possible-types.json'),
        logger: (severity, message) => void (severity === 'debug' || warnings.push(message)),
      }),
      mapExchange({ onOperation: ({ kind }) => void (kind === 'query' && asked.push(kind)) }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: page
              .socket()
              .subscribe({ query, variables: variables as Record<string, unknown> }, sink as never),
          }),
        }),
      }),
    ],
  });
  return { client, asked, warnings };
}

/** What a mounted query shows, one after the other. */
function mount(client: Client, variables: AnyVariables) {
  const shown: Shown[] = [];
  const { unsubscribe } = client.query<Shown>(QUARTERS, variables).subscribe(({ data }) => {
    if (data !== undefined) shown.push(data);
  });
  return { shown, unmount: unsubscribe };
}

test('what a figure moves changes in a mounted query of urql, with no further request', async () => {
  const maker = await page.maker();
  const { client, asked, warnings } = open();
  const { shown, unmount } = mount(client, maker);
  await until('the page is shown', () => shown.length > 0);
  expect(quartersOf(shown)).toEqual([
    [null, 3_000],
    [null, 3_000],
  ]);
  const after = await page.scenario().api.server.head();
  const { unsubscribe } = client.subscription(AFFECTED, { after }).subscribe(() => undefined);
  await page.scenario().record(maker.brand, { '2025-03': 4_000 });
  await until('the quarter is shown', () => shown.at(-1)?.company.observation.value != null);
  expect(quartersOf(shown)).toEqual([
    [7_000, 7_000],
    [7_000, 7_000],
  ]);
  unsubscribe();
  unmount();
  expect([asked, warnings]).toEqual([['query'], []]);
});

test('a live query changes a mounted query of urql that asks the same', async () => {
  const maker = await page.maker();
  const { client, asked, warnings } = open();
  const { shown, unmount } = mount(client, maker);
  await until('the page is shown', () => shown.length > 0);
  const { unsubscribe } = client.subscription(LIVE, maker).subscribe(() => undefined);
  await page.scenario().record(maker.brand, { '2025-03': 4_000 });
  await until('the quarter is shown', () => shown.at(-1)?.company.observation.value != null);
  expect(quartersOf(shown)).toEqual([
    [7_000, 7_000],
    [7_000, 7_000],
  ]);
  unsubscribe();
  unmount();
  expect([asked, warnings]).toEqual([['query'], []]);
});
