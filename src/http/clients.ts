import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type RateLimiterAbstract, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Client } from '../execution/client.ts';
import { limitConcurrency, type RunLimited } from '../execution/concurrency.ts';
import type { Viewer } from '../graphql/context.ts';

/** The time for which a budget is given. */
const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1_000;
/** Small costs are settled together: one by one they would cost more than what they pay for. */
const SETTLED_TOGETHER = 100;
/** The most clients whose accounts are remembered without being in use. What others owe is forgotten. */
const MOST_ACCOUNTS = 100_000;

/** What a request costs besides what is worked out for it, and one that is refused: it was parsed and validated. */
export const COST_OF_REQUEST = 1;
export const COST_OF_REFUSAL = 20;

export interface ClientLimits {
  /**
   * The computed cost (graphql/cost.ts) that a client may spend in a minute; null for as much as it wants. As much may its open subscriptions
   * cost, each executed once.
   */
  readonly budget: number | null;
  /** The most live queries of a client. */
  readonly liveQueries: number;
  /** The most replays of a client that are under way at once. */
  readonly replays: number;
  /** The most bytes that wait for a client that reads slowly. */
  readonly waitingBytes: number;
  /** Where it is counted what clients spend: in this process if not given, or where several instances see it. */
  readonly store?: Store | undefined;
}

export type Store = (limits: { readonly points: number; readonly duration: number }) => RateLimiterAbstract;

/** What a subscription counts for. */
export interface Opening {
  readonly isLive: boolean;
  /** What an execution of it costs. */
  readonly cost: number;
}

/** A client with an account. */
export interface AccountHolder extends Client {
  /** The same for all its connections. */
  readonly name: string;
  /** What tells the client what is left, by the draft "RateLimit header fields for HTTP" of the IETF. */
  readonly headers: Readonly<Record<string, string>>;
  /** Counts a subscription. Returns what takes it back, or the error if the client has as much open as it may. */
  open(opening: Opening): (() => void) | GraphQLError;
}

/** All clients: a key, or else an address, is one. */
export interface Clients {
  of(viewer: Pick<Viewer, 'keyId'>, address: string): AccountHolder;
}

/** Keeps an account for each client, and bounds what it may have and spend. A minute begins with a client's first request. */
export function boundClients(limits: ClientLimits): Clients {
  const { budget, store = (given) => new RateLimiterMemory(given) } = limits;
  const limiter = budget === null ? null : store({ points: budget, duration: WINDOW_SECONDS });
  /** Those that came so long ago that they would be forgotten, but have something open. There are no more than connections. */
  const inUse = new Map<string, Account>();
  const accounts = new LRUCache<string, Account>({
    max: MOST_ACCOUNTS,
    dispose: (account, name) => {
      if (account.isInUse) inUse.set(name, account);
    },
  });
  return {
    of: ({ keyId }, address) => {
      const name = keyId === null ? `address:${address}` : `key:${keyId}`;
      const account =
        accounts.get(name) ?? inUse.get(name) ?? new Account(name, limits, limiter, () => inUse.delete(name));
      inUse.delete(name);
      accounts.set(name, account);
      return account;
    },
  };
}

/** What one client has and has spent, as far as this process knows. */
class Account implements AccountHolder {
  readonly name: string;
  readonly #limits: ClientLimits;
  readonly #limiter: RateLimiterAbstract | null;
  readonly #whenUnused: () => void;
  /** What is not settled yet. */
  #owed = 0;
  #spent = 0;
  /** The end of the minute, by the monotonic clock. */
  #until = 0;
  #liveQueries = 0;
  #openCost = 0;
  #waitingBytes = 0;
  #replays: RunLimited | null = null;
  /** The number of its subscriptions and replays. */
  #uses = 0;

  /** Calls back when it is not in use any more. */
  constructor(name: string, limits: ClientLimits, limiter: RateLimiterAbstract | null, whenUnused: () => void) {
    this.name = name;
    this.#limits = limits;
    this.#limiter = limiter;
    this.#whenUnused = whenUnused;
  }

  /** Whether something is counted that would be missing if it was forgotten. */
  get isInUse(): boolean {
    return this.#uses > 0 || this.#waitingBytes > 0;
  }

  pay(cost: number): number {
    if (this.#limiter === null) return 0;
    this.#beginMinute();
    this.#owed += cost;
    if (this.#owed >= SETTLED_TOGETHER) this.#settle(this.#limiter);
    return this.#left > 0 ? 0 : this.#until - performance.now();
  }

  refuse(): GraphQLError | null {
    this.#beginMinute();
    if (this.#left > 0) return null;
    const seconds = this.#secondsLeft;
    const { budget: limit } = this.#limits;
    return new GraphQLError(
      `What may be asked for in ${WINDOW_SECONDS} s, a cost of ${limit}, is used up. Try again in ${seconds} s.`,
      { extensions: { code: 'RATE_LIMITED', limit, retryAfter: seconds } },
    );
  }

  get headers(): Readonly<Record<string, string>> {
    const { budget } = this.#limits;
    if (budget === null) return {};
    this.#beginMinute();
    return {
      'ratelimit-policy': `"cost";q=${budget};w=${WINDOW_SECONDS}`,
      ratelimit: `"cost";r=${Math.max(0, Math.floor(this.#left))};t=${this.#secondsLeft}`,
    };
  }

  open({ isLive, cost }: Opening): (() => void) | GraphQLError {
    const { liveQueries: most, budget } = this.#limits;
    if (isLive && this.#liveQueries >= most)
      return tooMany(`This client has ${most} live queries already. End one before the next.`);
    if (budget !== null && this.#openCost + cost > budget)
      return tooMany(
        `Together with this one the subscriptions of this client would cost more than ${budget} for one result each. End some, or ask for less.`,
      );
    const count = (times: 1 | -1): void => {
      if (isLive) this.#liveQueries += times;
      this.#openCost += times * cost;
      this.#use(times);
    };
    count(1);
    let isOpen = true;
    return () => {
      if (isOpen) count(-1);
      isOpen = false;
    };
  }

  hold(bytes: number): boolean {
    this.#waitingBytes += bytes;
    if (!this.isInUse) this.#whenUnused();
    return this.#waitingBytes <= this.#limits.waitingBytes;
  }

  async replay<T>(work: () => Promise<T>): Promise<T> {
    this.#replays ??= limitConcurrency(this.#limits.replays);
    this.#use(1);
    try {
      return await this.#replays(work);
    } finally {
      this.#use(-1);
    }
  }

  #use(times: 1 | -1): void {
    this.#uses += times;
    if (!this.isInUse) this.#whenUnused();
  }

  get #left(): number {
    return (this.#limits.budget ?? Number.POSITIVE_INFINITY) - this.#spent - this.#owed;
  }

  get #secondsLeft(): number {
    return Math.max(1, Math.ceil((this.#until - performance.now()) / 1_000));
  }

  #beginMinute(): void {
    const now = performance.now();
    if (now < this.#until) return;
    // What is worked out is paid for when it is known, so more may be spent than there was: that is owed, but no more than for a minute.
    const { budget } = this.#limits;
    const passed = Math.floor((now - this.#until) / WINDOW_MS) + 1;
    if (budget !== null) this.#spent = Math.min(Math.max(0, this.#spent - passed * budget), budget);
    this.#until = now + WINDOW_MS;
  }

  #settle(limiter: RateLimiterAbstract): void {
    const points = Math.ceil(this.#owed);
    this.#owed -= points;
    this.#spent += points;
    limiter.consume(this.name, points).then(
      (counted) => this.#learn(counted),
      // It rejects with the same when too much was spent, and with an error when the store cannot be reached: then this process counts alone.
      (counted: unknown) => {
        if (!(counted instanceof Error)) this.#learn(counted as RateLimiterRes);
      },
    );
  }

  /** What all instances know together. */
  #learn({ consumedPoints, msBeforeNext }: RateLimiterRes): void {
    // Of a client that it knows to have spent everything the store tells 0.
    this.#spent = Math.max(this.#spent, consumedPoints);
    this.#until = performance.now() + msBeforeNext;
  }
}

function tooMany(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } });
}
