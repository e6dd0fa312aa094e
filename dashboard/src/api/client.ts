import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import withoutKeys from '../../../schema/clients/graphcache-keys.json';
import possibleTypes from '../../../schema/clients/possible-types.json';
import { ENDPOINT } from './address.ts';
import { live } from './live-state.ts';
import { follow } from './socket.ts';

/**
 * What is kept where it was asked for: what has no id, and targets. The id of a target is the same as of each day, and what was known of it
 * then, such as its source, is not.
 */
const KEPT_IN_PLACE = [...withoutKeys, 'Target'];

/** Asks the API, and keeps what it answers by the ids of things: a pushed observation changes wherever it is shown. */
export const client: Client = new Client({
  url: ENDPOINT,
  // By GET, so that the browser keeps answers, and the server says 304 if they have not changed.
  preferGetMethod: 'within-url-limit',
  exchanges: [
    cacheExchange({ keys: Object.fromEntries(KEPT_IN_PLACE.map((name) => [name, () => null])), possibleTypes }),
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
