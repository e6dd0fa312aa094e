import type { Exchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import withoutKeys from '../../../schema/clients/graphcache-keys.json' with { type: 'json' };
import possibleTypes from '../../../schema/clients/possible-types.json' with { type: 'json' };

/**
 * What is answered of these depends on the instant that is asked for, but their ids do not: the number of a target, the rank of a claim. They
 * are kept with the answer that they are in, so that what was known then does not stand in what is known now.
 */
const OF_AN_INSTANT = ['Figure', 'Target'];

/** Keeps what the API answers by the ids of things: a pushed observation changes wherever it is shown. */
export function cache(): Exchange {
  const kept = [...withoutKeys, ...OF_AN_INSTANT];
  return cacheExchange({ keys: Object.fromEntries(kept.map((name) => [name, () => null])), possibleTypes });
}
