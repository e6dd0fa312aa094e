import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createElement } from 'react';
import { expect, test } from 'vitest';
import { until } from '../support/wait.ts';
import { ApolloPage } from './apollo-page.tsx';
import { AFFECTED, clientFile, LIVE, QUARTERS, quartersOf, type Shown, servePage } from './page.ts';
import { show } from './screen.ts';

const page = servePage();

/** A client with the cache, and what it asked the server for besides subscriptions. */
function open() {
  const asked: (string | undefined)[] = [];
  const counting = new ApolloLink((operation, forward) => {
    asked.push(operation.operationName);
    return forward(operation);
  });
  const client = new ApolloClient({
    cache: new InMemoryCache({
      possibleTypes: clientFile('possible-types.json'),
      typePolicies: { Query: { fields: { brands: relayStylePagination() } } },
    }),
    link: ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      new GraphQLWsLink(page.socket()),
      counting.concat(new HttpLink({ uri: page.scenario().api.server.url })),
    ),
  });
  return { client, asked };
}

/** What a mounted query shows, one after the other. */
function mount(client: ApolloClient, variables: Record<string, string>) {
  const shown: Shown[] = [];
  const subscription = client
    .watchQuery<Shown>({ query: gql(QUARTERS), variables })
    .subscribe(({ data, dataState }) => {
      if (dataState === 'complete') shown.push(data as Shown);
    });
  return { shown, unmount: () => subscription.unsubscribe() };
}

test.each([
  ['what a figure moves', AFFECTED],
  ['a live query that asks the same', LIVE],
])('%s changes a mounted query of Apollo, with no further request', async (_what, subscription) => {
  const maker = await page.maker();
  const { client, asked } = open();
  const { shown, unmount } = mount(client, maker);
  await until('the page is shown', () => shown.length > 0);
  expect(quartersOf(shown)).toEqual([
    [null, 3_000],
    [null, 3_000],
  ]);
  const variables = subscription === LIVE ? maker : { after: await page.scenario().api.server.head() };
  const watching = client.subscribe({ query: gql(subscription), variables }).subscribe(() => undefined);
  await page.scenario().record(maker.brand, { '2025-03': 4_000 });
  await until('the quarter is shown', () => shown.at(-1)?.company.observation.value != null);
  expect(quartersOf(shown)).toEqual([
    [7_000, 7_000],
    [7_000, 7_000],
  ]);
  watching.unsubscribe();
  unmount();
  client.stop();
  expect(asked).toEqual(['Quarters']);
});

test("a page of Apollo's pages through a list, refetches an object, and shows what is pushed", async () => {
  const { brand, id, slugs, after } = await page.list();
  const { client, asked } = open();
  await using screen = await show(createElement(ApolloPage, { client, brand: id, after }));

  await until('the page is shown', () => screen.texts().length > 2);
  expect(screen.texts()).toEqual([...slugs.slice(0, 2), `${brand} in 2025-Q1: at least 3000`]);

  screen.press('More');
  await until('more is shown', () => screen.texts().length > 3);
  expect(screen.texts().slice(0, -1)).toEqual(slugs.slice(0, 4));

  await page.scenario().record(brand, { '2025-03': 4_000 });
  await until('the quarter is shown', () => screen.texts().at(-1) === `${brand} in 2025-Q1: 7000`);
  expect([...asked].sort()).toEqual(['Brands', 'Brands', 'Node']);

  screen.press('Half');
  await until('the half is shown', () => screen.texts().at(-1) === `${brand} in 2025-H1: at least 7000`);
  expect([...asked].sort()).toEqual(['Brands', 'Brands', 'Node', 'Node']);
  client.stop();
});

test('fragments on interfaces match the types that the list names', async () => {
  const { brand } = await page.maker();
  const { client } = open();
  const query = gql(
    'query ($slug: String!) { subject(slug: $slug) { id ...Named } } fragment Named on Subject { slug kind }',
  );
  const { data } = await client.query({ query, variables: { slug: brand } });
  expect(data).toMatchObject({ subject: { __typename: 'Brand', slug: brand, kind: 'BRAND' } });
  client.stop();
});
