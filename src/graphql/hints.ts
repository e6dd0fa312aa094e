import DataLoader from 'dataloader';
import { type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import { type Missed, suggestMissed } from '../domain/catalog/search.ts';
import type { Context } from './context.ts';

/** One operation can ask for many slugs, level after level. Each is compared with every name, so further ones get no suggestions. */
const MOST_COMPARED = 50;

/** The end of the description of a lookup by slug. */
export const HINTED =
  "Null if there is none; the answer's extensions.didYouMean then has slugs that may have been meant.";

const loaders = new WeakMap<Context, DataLoader<Missed, readonly string[], string>>();

/** Notes for the answer which slugs may have been meant by an argument, unless the lookup found something; passes on what it found. */
export async function hinted<Found>(
  found: Promise<Found | null> | Found | null,
  argument: string,
  missed: Missed,
  context: Context,
  { path }: GraphQLResolveInfo,
): Promise<Found | null> {
  const result = await found;
  if (result !== null || context.hints === undefined) return result;
  const slugs = await loaderOf(context).load(missed);
  if (slugs.length > 0) context.hints.add({ path: responsePathAsArray(path), argument, slugs });
  return null;
}

/** Everything that an operation misses at the same time is compared with the names that were read once. */
function loaderOf(context: Context): DataLoader<Missed, readonly string[], string> {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  let left = MOST_COMPARED;
  const loader = new DataLoader<Missed, readonly string[], string>(
    async (missed) => {
      const compared = missed.slice(0, left);
      left -= compared.length;
      const found = await suggestMissed(context.db, compared);
      return missed.map((_, at) => found[at] ?? []);
    },
    { cacheKeyFn: ({ slug, kind }) => `${kind}|${slug}` },
  );
  loaders.set(context, loader);
  return loader;
}
