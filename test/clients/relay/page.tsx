import { type JSX, Suspense, useMemo } from 'react';
import {
  graphql,
  RelayEnvironmentProvider,
  useFragment,
  useLazyLoadQuery,
  usePaginationFragment,
  useRefetchableFragment,
  useSubscription,
} from 'react-relay';
import type { Environment } from 'relay-runtime';
import type { page_brand$key } from './__generated__/page_brand.graphql.ts';
import type { page_list$key } from './__generated__/page_list.graphql.ts';
import type { page_row$key } from './__generated__/page_row.graphql.ts';
import type { pageAffectedSubscription } from './__generated__/pageAffectedSubscription.graphql.ts';
import type { pageBrandQuery } from './__generated__/pageBrandQuery.graphql.ts';
import type { pageListQuery } from './__generated__/pageListQuery.graphql.ts';
import type { pageQuery } from './__generated__/pageQuery.graphql.ts';

/** A page with all brands, two at a time, and the first quarter of one of them, which follows what is pushed. */
export function Page({
  environment,
  brand,
  after,
}: {
  environment: Environment;
  brand: string;
  after: string;
}): JSX.Element {
  return (
    <RelayEnvironmentProvider environment={environment}>
      <Suspense fallback="Loading">
        <Content brand={brand} after={after} />
      </Suspense>
    </RelayEnvironmentProvider>
  );
}

function Content({ brand, after }: { brand: string; after: string }): JSX.Element {
  const data = useLazyLoadQuery<pageQuery>(
    graphql`
      query pageQuery($brand: ID!, $count: Int!) {
        ...page_list
        node(id: $brand) {
          ...page_brand @alias(as: "brand")
        }
      }
    `,
    { brand, count: 2 },
  );
  useSubscription<pageAffectedSubscription>(
    useMemo(
      () => ({
        subscription: graphql`
          subscription pageAffectedSubscription($after: Cursor) {
            figureRecorded(after: $after) {
              affected {
                id
                value
                lower
              }
            }
          }
        `,
        variables: { after },
      }),
      [after],
    ),
  );
  return (
    <>
      <Brands list={data} />
      {data.node?.brand && <Quarter brand={data.node.brand} />}
    </>
  );
}

function Brands({ list }: { list: page_list$key }): JSX.Element {
  const { data, hasNext, loadNext } = usePaginationFragment<pageListQuery, page_list$key>(
    graphql`
      fragment page_list on Query
      @refetchable(queryName: "pageListQuery")
      @argumentDefinitions(cursor: { type: "String" }) {
        brands(first: $count, after: $cursor) @connection(key: "page_brands") {
          edges {
            node {
              id
              ...page_row
            }
          }
        }
      }
    `,
    list,
  );
  return (
    <>
      <ul>
        {data.brands.edges.map(({ node }) => (
          <Row key={node.id} brand={node} />
        ))}
      </ul>
      <button type="button" disabled={!hasNext} onClick={() => loadNext(2)}>
        More
      </button>
    </>
  );
}

function Row({ brand }: { brand: page_row$key }): JSX.Element {
  const { slug } = useFragment(
    graphql`
      fragment page_row on Brand {
        slug
      }
    `,
    brand,
  );
  return <li>{slug}</li>;
}

function Quarter({ brand }: { brand: page_brand$key }): JSX.Element {
  const [data, refetch] = useRefetchableFragment<pageBrandQuery, page_brand$key>(
    graphql`
      fragment page_brand on Brand
      @refetchable(queryName: "pageBrandQuery")
      @argumentDefinitions(period: { type: "Period", defaultValue: "2025-Q1" }) {
        name
        observation(period: $period) {
          id
          period
          value
          lower
        }
      }
    `,
    brand,
  );
  const { period, value, lower } = data.observation ?? {};
  return (
    <>
      <p>
        {data.name} in {period}: {value ?? `at least ${lower}`}
      </p>
      <button type="button" onClick={() => refetch({ period: '2025-H1' })}>
        Half
      </button>
    </>
  );
}
