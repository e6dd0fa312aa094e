import { cacheExchange as answersExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import withoutKeys from '../../../schema/clients/graphcache-keys.json';
import possibleTypes from '../../../schema/clients/possible-types.json';
import { ENDPOINT } from './address.ts';
import { live } from './live-state.ts';
import { follow } from './socket.ts';

/** By GET, so that the browser keeps answers, and the server says 304 if they have not changed. */
const BY_GET = { url: ENDPOINT, preferGetMethod: 'within-url-limit' } as const;

/** Asks the API, and keeps what it answers by the ids of things: a pushed observation changes wherever it is shown. */
export const client: Client = new Client({
  ...BY_GET,
  exchanges: [
    cacheExchange({ keys: Object.fromEntries(withoutKeys.map((name) => [name, () => null])), possibleTypes }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: follow(query, String(variables?.after), {
            next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
            connected: live.connected,
            lost: live.lost,
          }),
        }),
      }),
    }),
  ],
});

/**
 * Asks as of a day, and keeps whole answers: a target or a milestone has the same id on each day, so that the parts of it that differ would
 * be mixed if they were kept by it.
 */
export const pastClient: Client = new Client({ ...BY_GET, exchanges: [answersExchange, fetchExchange] });
