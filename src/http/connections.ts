import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { PrismaClient } from '../database/generated/client.ts';
import { networkOf } from './network.ts';
import { reasonsOf } from './viewer.ts';

/** Interval between two checks of the keys of open connections, so that a revoked key's connections end within 5 s. */
const KEY_CHECK_MS = 2_000;
/** Maximum interval between two closings, so that a few connections do not take the whole window. */
const MAX_STEP_MS = 20;
/** Share of the window before the first closing, so that load balancers see the failing readiness and send no client back here. */
const NOTICE_SHARE = 0.1;
/** How long pending data of a connection may take before it is closed anyway. */
const FLUSH_MS = 500;

/** What a connection carries. */
export interface Load {
  readonly transport: 'websocket' | 'sse';
  /** Number of subscriptions, by kind. */
  readonly events?: number;
  readonly live?: number;
  /** What was sent and waits for the client or the network. */
  readonly waitingBytes: number;
}

/** An open connection that events are pushed through. */
export interface Connection {
  /** The id of the key that it has. */
  keyId(): number | null;
  /** Ends it because its key is no longer valid, with the reason for whoever reads it. */
  forbid(reason: string): void;
  /** Ends it because the server stops. */
  restart(): void;
  /** Whether everything for it has been passed to the network. */
  isIdle(): boolean;
  load(): Load;
}

/** All open connections that events are pushed through. */
export interface Connections extends AsyncDisposable {
  /** Adds a connection. Returns false if its address has too many already, or the server stops. */
  enter(request: IncomingMessage, connection: Connection): boolean;
  /** Removes a connection; does nothing if it is not there. */
  leave(connection: Connection): void;
  /** The client address of a request; for IPv6 its network. */
  addressOf(request: IncomingMessage): string;
  /** The client address of an open connection; undefined if it is not there. */
  addressOfOpen(connection: Connection): string | undefined;
  readonly count: number;
  /** What the open connections carry. */
  loads(): Iterable<Load>;
  /** Whether the server stops, and accepts nothing new. */
  readonly draining: boolean;
  /** Accepts nothing new, and after a short time closes all connections one by one, evenly over the window. */
  drain(windowMs: number): Promise<void>;
  tooManySubscriptions(most: number): GraphQLError;
}

export interface ConnectionLimits {
  readonly maxPerAddress: number;
  /** Whether a proxy in front is trusted to name the client's address. */
  readonly trustProxy: boolean;
}

/** Milliseconds from the start of the window until a connection is closed. Indexes count from 0. */
export function closeDelay(index: number, count: number, windowMs: number): number {
  const noticeMs = windowMs * NOTICE_SHARE;
  return noticeMs + index * Math.min((windowMs - noticeMs) / count, MAX_STEP_MS);
}

/**
 * Tracks connections: limits their number per address, ends those with an invalid key, and closes all evenly at the end. An open connection
 * is a use of its key.
 */
export function trackConnections(
  db: PrismaClient,
  limits: ConnectionLimits,
  noteUse: (keyId: number) => void = () => undefined,
): Connections {
  const open = new Map<Connection, string>();
  const perAddress = new Map<string, number>();
  let draining = false;
  let checking = false;

  const checkKeys = async (): Promise<void> => {
    const ids = new Set([...open.keys()].flatMap((connection) => connection.keyId() ?? []));
    // While the database does not answer, checks must not pile up.
    if (ids.size === 0 || checking) return;
    checking = true;
    // An outage of the database is no reason to close connections.
    const invalid = await reasonsOf(db, [...ids]).catch(() => new Map<number, string>());
    checking = false;
    // A connection may have got another key meanwhile: it is judged by the one that it has now.
    for (const connection of open.keys()) {
      const reason = invalid.get(connection.keyId() ?? 0);
      if (reason !== undefined) connection.forbid(reason);
    }
    for (const id of ids) if (!invalid.has(id)) noteUse(id);
  };
  const timer = setInterval(() => void checkKeys(), KEY_CHECK_MS);
  timer.unref();

  const addressOf = ({ headers, socket }: IncomingMessage): string => {
    const forwarded = headers['x-forwarded-for'];
    // The last address is the one that the trusted proxy added itself.
    const named = limits.trustProxy && typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
    return networkOf(named || socket.remoteAddress || 'unknown');
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
    *loads() {
      for (const connection of open.keys()) yield connection.load();
    },
    get draining() {
      return draining;
    },
    drain: async (windowMs) => {
      draining = true;
      const all = [...open.keys()];
      const began = performance.now();
      const closing = all.map(async (connection, index) => {
        await sleep(Math.max(0, began + closeDelay(index, all.length, windowMs) - performance.now()));
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
