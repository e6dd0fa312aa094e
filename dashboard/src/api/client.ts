import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { access } from './access.ts';
import { ENDPOINT } from './address.ts';
import { noteArrivals } from './arrivals.ts';
import { cache } from './cache.ts';
import { live } from './live-state.ts';
import { follow } from './socket.ts';

/** Asks the API, and keeps what it answers. */
export const client: Client = new Client({
  url: ENDPOINT,
  fetch: access.ask,
  fetchOptions: () => ({ headers: access.headers() }),
  // By GET, so that the browser keeps answers, and the server says 304 if they have not changed.
  preferGetMethod: 'within-url-limit',
  exchanges: [
    cache(),
    noteArrivals,
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
