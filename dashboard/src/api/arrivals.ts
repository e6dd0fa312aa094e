import { type Exchange, mapExchange } from '@urql/core';

const arrivals = new Map<number, Date>();

/** Notes when the server has answered. It comes after the cache, whose answers are as old as they were. */
export const noteArrivals: Exchange = mapExchange({
  onResult: ({ operation, error }) => {
    if (error === undefined) arrivals.set(operation.key, new Date());
  },
});

/** When the server last answered an operation, by its key; null if it did not yet. */
export function arrivedAt(key: number): Date | null {
  return arrivals.get(key) ?? null;
}
