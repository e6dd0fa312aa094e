import { Client, fetchExchange, gql } from '@urql/core';
import { expect, test } from 'vitest';
import { cache } from '../../dashboard/src/api/cache.ts';

const TARGETS = gql`
  query Targets($asOf: DateTime) {
    targets(asOf: $asOf) {
      nodes { __typename id value revises { __typename id value } }
    }
  }
`;
const CLAIMS = gql`
  query Claims($asOf: DateTime) {
    observation(asOf: $asOf) { __typename id claims { __typename id rank } }
  }
`;

test('a target as known then does not change what is kept of now, nor the other way round', async () => {
  const client = clientThatHears((asOf) => ({
    targets: {
      __typename: 'TargetConnection',
      nodes: [
        {
          __typename: 'Target',
          id: 't',
          value: asOf === null ? 500 : 300,
          revises: { __typename: 'Target', id: 'r', value: asOf === null ? 400 : 200 },
        },
      ],
    },
  }));
  const now = await client.query(TARGETS, { asOf: null }).toPromise();
  const then = await client.query(TARGETS, { asOf: '2025-01-01' }).toPromise();
  expect(then.data).not.toEqual(now.data);
  expect(client.readQuery(TARGETS, { asOf: null })?.data).toEqual(now.data);
  expect(client.readQuery(TARGETS, { asOf: '2025-01-01' })?.data).toEqual(then.data);
});

test('a claim that the editors ranked later keeps the rank of then', async () => {
  const client = clientThatHears((asOf) => ({
    observation: {
      __typename: 'Observation',
      id: asOf === null ? 'now' : 'then',
      claims: [{ __typename: 'Figure', id: 'f', rank: asOf === null ? 'DEPRECATED' : 'NORMAL' }],
    },
  }));
  const then = await client.query(CLAIMS, { asOf: '2025-01-01' }).toPromise();
  await client.query(CLAIMS, { asOf: null }).toPromise();
  expect(client.readQuery(CLAIMS, { asOf: '2025-01-01' })?.data).toEqual(then.data);
});

/** A client with the cache of the pages, and a server that answers for an instant. */
function clientThatHears(answer: (asOf: string | null) => object): Client {
  const send: typeof fetch = async (_address, init) => {
    const { variables } = JSON.parse(String(init?.body)) as { readonly variables: { readonly asOf: string | null } };
    return Response.json({ data: answer(variables.asOf) });
  };
  return new Client({
    url: 'http://nowhere',
    preferGetMethod: false,
    fetch: send,
    exchanges: [cache(), fetchExchange],
  });
}
