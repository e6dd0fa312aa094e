import { type ApolloClient, gql } from '@apollo/client';
import { ApolloProvider, useQuery, useSubscription } from '@apollo/client/react';
import type { JSX } from 'react';
import { AFFECTED } from './page.ts';

const BRANDS = gql`
  query Brands($first: Int!, $after: String) {
    brands(first: $first, after: $after) {
      edges { node { id slug } }
      pageInfo { endCursor hasNextPage }
    }
  }
`;
const NODE = gql`
  query Node($id: ID!, $period: Period!) {
    node(id: $id) {
      id
      ... on Subject { name observation(period: $period) { id period value lower } }
    }
  }
`;

interface Brands {
  readonly brands: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly slug: string } }[];
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  };
}
interface Node {
  readonly node: {
    readonly name: string;
    readonly observation: { readonly period: string; readonly value: number | null; readonly lower: number | null };
  };
}

/** A page with all brands, two at a time, and the first quarter of one of them, which follows what is pushed. */
export function ApolloPage({
  client,
  brand,
  after,
}: {
  client: ApolloClient;
  brand: string;
  after: string;
}): JSX.Element {
  return (
    <ApolloProvider client={client}>
      <BrandList />
      <Quarter brand={brand} after={after} />
    </ApolloProvider>
  );
}

function BrandList(): JSX.Element {
  const { data, fetchMore } = useQuery<Brands>(BRANDS, { variables: { first: 2 } });
  const after = data?.brands.pageInfo.endCursor;
  return (
    <>
      <ul>
        {data?.brands.edges.map(({ node }) => (
          <li key={node.id}>{node.slug}</li>
        ))}
      </ul>
      <button type="button" onClick={() => void fetchMore({ variables: { after } })}>
        More
      </button>
    </>
  );
}

function Quarter({ brand, after }: { brand: string; after: string }): JSX.Element | null {
  const { data, refetch } = useQuery<Node>(NODE, { variables: { id: brand, period: '2025-Q1' } });
  useSubscription(gql(AFFECTED), { variables: { after } });
  if (data === undefined) return null;
  const { period, value, lower } = data.node.observation;
  return (
    <>
      <p>
        {data.node.name} in {period}: {value ?? `at least ${lower}`}
      </p>
      <button type="button" onClick={() => void refetch({ id: brand, period: '2025-H1' })}>
        Half
      </button>
    </>
  );
}
