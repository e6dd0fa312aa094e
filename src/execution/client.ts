import type { GraphQLError } from 'graphql';

/** One client, by what is bounded for it, however many connections it has. */
export interface Client {
  /**
   * Takes a cost from what the client may spend. Returns for how many milliseconds it has nothing left: 0 if it has. A cost of 0 only asks.
   */
  pay(cost: number): number;
  /** The error if the client has nothing left to spend, else null. */
  refuse(): GraphQLError | null;
  /** Counts bytes that wait for the client, or with a negative number those that no longer do. Returns false if more wait than may. */
  hold(bytes: number): boolean;
  /** Runs a replay of the log when few enough of the client's are under way. */
  replay<T>(work: () => Promise<T>): Promise<T>;
}

/** What it costs to read an entry of the log and to find that it is no event of an operation: 0.03 ms. */
export const COST_OF_ENTRY = 0.3;

/** The client of a subscription, and what one execution of it costs. */
export interface Payer {
  readonly client: Client;
  readonly cost: number;
}

/** Readers pay for so many executions together, in equal parts. Returns for how long none of them has anything left, in milliseconds. */
export function payTogether(readers: readonly { readonly payer?: Payer | undefined }[], executions: number): number {
  if (readers.length === 0) return 0;
  let wait = Number.POSITIVE_INFINITY;
  for (const { payer } of readers) wait = Math.min(wait, payFor(payer, executions / readers.length));
  return wait;
}

/** Pays for so many executions for a reader; part of one, if others share it. Returns how long it has nothing left, in milliseconds. */
export function payFor(payer: Payer | undefined, executions: number): number {
  return payer === undefined ? 0 : payer.client.pay(executions * payer.cost);
}
