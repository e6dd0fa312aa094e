import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { PrismaClient } from '../database/generated/client.ts';
import { findInvalidKeys } from '../domain/api-key.ts';

/** Keys of open connections are looked at so often: a revoked one ends within 5 s. */
const KEY_CHECK_MS = 2_000;
/** Connections close one after the other at most so far apart, so that a few do not take the whole window. */
const MAX_STEP_MS = 20;
/** So much of the window is over before the first is closed: whoever asks for readiness learns of it first, and sends nobody back here. */
const NOTICE_SHARE = 0.1;
/** What is in flight gets so long before its connection is closed all the same. */
const FLUSH_MS = 500;

/** An open connection that events are pushed through. */
export interface Connection {
  /** The key it was opened with. */
  keyId(): number | null;
  /** Ends it because its key is no longer valid. */
  forbid(): void;
  /** Ends it because the server stops. */
  restart(): void;
  /** Whether everything for it has been handed to the network. */
  isIdle(): boolean;
}

/** All open connections that events are pushed through. */
export interface Connections extends AsyncDisposable {
  /** Adds a connection, unless its address has too many already, or the server stops; says whether it did. */
  enter(request: IncomingMessage, connection: Connection): boolean;
  /** Takes it away; one that is not there does no harm. */
  leave(connection: Connection): void;
  /** Where a request comes from. */
  addressOf(request: IncomingMessage): string;
  /** The same of a connection; undefined of one that is not there. */
  addressOfOpen(connection: Connection): string | undefined;
  readonly count: number;
  /** Whether the server stops: nothing new is let in. */
  readonly draining: boolean;
  /** Lets nothing new in, and a little later closes everything, one by one, evenly over the window. */
  drain(windowMs: number): Promise<void>;
  tooManySubscriptions(most: number): GraphQLError;
}

export interface ConnectionLimits {
  readonly maxPerAddress: number;
  /** Whether a proxy in front is trusted to name the client's address. */
  readonly trustProxy: boolean;
}

/** Keeps track of connections: so many an address, none with an invalid key, and an even end. */
export function trackConnections(db: PrismaClient, limits: ConnectionLimits): Connections {
  const open = new Map<Connection, string>();
  const perAddress = new Map<string, number>();
  let draining = false;
  let checking = false;

  const checkKeys = async (): Promise<void> => {
    const ids = new Set([...open.keys()].flatMap((connection) => connection.keyId() ?? []));
    // While the database does not answer, questions would pile up.
    if (ids.size === 0 || checking) return;
    checking = true;
    // A database that does not answer is no reason to cut anyone off.
    const invalid = await findInvalidKeys(db, [...ids]).catch(() => new Set<number>());
    checking = false;
    for (const connection of open.keys()) if (invalid.has(connection.keyId() ?? 0)) connection.forbid();
  };
  const timer = setInterval(() => void checkKeys(), KEY_CHECK_MS);
  timer.unref();

  const addressOf = ({ headers, socket }: IncomingMessage): string => {
    const forwarded = headers['x-forwarded-for'];
    // The last entry is the one that the trusted proxy wrote itself.
    const named = limits.trustProxy && typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
    return named || socket.remoteAddress || 'unknown';
  };

  return {
    enter: (request, connection) => {
      const address = addressOf(request);
      const present = perAddress.get(address) ?? 0;
      if (draining || present >= limits.maxPerAddress) return false;
      perAddress.set(address, present + 1);
      open.set(connection, address);
      return true;
    },
    leave: (connection) => {
      const address = open.get(connection);
      if (address === undefined) return;
      open.delete(connection);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    },
    addressOf,
    addressOfOpen: (connection) => open.get(connection),
    get count() {
      return open.size;
    },
    get draining() {
      return draining;
    },
    drain: async (windowMs) => {
      draining = true;
      const all = [...open.keys()];
      const noticeMs = windowMs * NOTICE_SHARE;
      const step = Math.min((windowMs - noticeMs) / Math.max(1, all.length), MAX_STEP_MS);
      const began = performance.now() + noticeMs;
      const closing = all.map(async (connection, index) => {
        await sleep(Math.max(0, began + index * step - performance.now()));
        for (let waited = 0; !connection.isIdle() && waited < FLUSH_MS; waited += 50) await sleep(50);
        connection.restart();
      });
      await Promise.all(closing);
    },
    tooManySubscriptions: (most) =>
      new GraphQLError(`This connection has ${most} subscriptions already; end one, or open another connection.`, {
        extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
      }),
    [Symbol.asyncDispose]: async () => clearInterval(timer),
  };
}
