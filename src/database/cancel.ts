import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import { connect } from 'node:net';
import type pg from 'pg';

/** How long the server may take to hear that a statement is cancelled. */
const CANCEL_MS = 1_000;
/** The code of a request to cancel, see "CancelRequest" in Postgres' documentation of its protocol. */
const CANCEL_REQUEST = 80_877_102;
/** Ends of a transaction are never cancelled: whether it was committed must be known. */
const END = /^\s*(?:commit|rollback)\b/i;

/** The error of a cancelled statement. */
export const CANCELLED = { code: '57014', message: 'The statement was cancelled before it was sent.' } as const;

/** Calls that may be cancelled, with the signal that does it. */
const signals = new AsyncLocalStorage<AbortSignal>();

/** What pg keeps of a connection, which its types omit. */
interface Backend {
  readonly host: string;
  readonly port: number;
  readonly processID: number;
  readonly secretKey: number;
}

type Query = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * Runs work whose statements end when the signal aborts: none is sent after it, and on a server the one under way is cancelled. They fail as
 * a statement that Postgres cancels.
 */
export function cancelWith<T>(signal: AbortSignal, work: () => T): T {
  return signals.run(signal, work);
}

/** Runs work that others wait for as well, so that the signal of its caller does not cancel it. */
export function uncancelled<T>(work: () => T): T {
  return signals.exit(work);
}

/** Work that several wait for: it is cancelled only when all of them are. */
export interface SharedWork {
  /** Counts the work that calls among those who wait. One that cannot be cancelled waits to the end. */
  join(): void;
  run<T>(work: () => T): T;
  /** Whether all who waited were cancelled. */
  readonly isLeft: boolean;
}

/** Begins to count who waits for shared work. */
export function shareWork(): SharedWork {
  const { join, run, left } = countWaiting();
  return {
    join: () => join(signals.getStore()),
    run,
    get isLeft() {
      return left.aborted;
    },
  };
}

/** What Prisma's client keeps, which its types omit: what sends the requests of one tick for single rows together, as one statement. */
interface Batching {
  readonly _requestHandler: {
    readonly dataloader: {
      request(asked: object): Promise<unknown>;
      readonly options: {
        singleLoader(asked: object): Promise<unknown>;
        batchLoader(all: readonly object[]): Promise<unknown>;
      };
    };
  };
}

/** Lets a statement that a client sends for several be cancelled only when all of them are. Otherwise the first would decide. */
export function cancelApart<Client extends object>(client: Client): Client {
  const { dataloader } = (client as unknown as Batching)._requestHandler;
  const asking = new WeakMap<object, AbortSignal>();
  const request = dataloader.request.bind(dataloader);
  const { singleLoader, batchLoader } = dataloader.options;
  const runFor = <T>(all: readonly object[], work: () => T): T => {
    const distinct = [...new Set(all.map((asked) => asking.get(asked)))];
    if (distinct.includes(undefined)) return uncancelled(work);
    const [signal, ...others] = distinct.filter((each) => each?.aborted === false);
    if (others.length === 0) return signals.run(signal ?? AbortSignal.abort(), work);
    const { join, run } = countWaiting();
    for (const each of [signal, ...others]) join(each);
    return run(work);
  };
  dataloader.request = (asked) => {
    const signal = signals.getStore();
    if (signal !== undefined) asking.set(asked, signal);
    return request(asked);
  };
  Object.assign(dataloader.options, {
    singleLoader: (asked: object) => runFor([asked], () => singleLoader(asked)),
    batchLoader: (all: readonly object[]) => runFor(all, () => batchLoader(all)),
  });
  return client;
}

function countWaiting() {
  const controller = new AbortController();
  // As many as there are statements at once.
  setMaxListeners(0, controller.signal);
  let waiting = 0;
  const leave = (): void => {
    waiting -= 1;
    if (waiting === 0) controller.abort();
  };
  return {
    left: controller.signal,
    join: (signal: AbortSignal | undefined): void => {
      waiting += 1;
      if (signal?.aborted === true) leave();
      else signal?.addEventListener('abort', leave, { once: true });
    },
    run: <T>(work: () => T): T => signals.run(controller.signal, work),
  };
}

/** Whether the work that calls was cancelled. */
export function isCancelled(): boolean {
  return signals.getStore()?.aborted === true;
}

/** Ends work that was cancelled, as a statement of it would end. */
export function throwIfCancelled(): void {
  if (isCancelled()) throw cancelled();
}

/**
 * Lets the statements of a pool be cancelled. A connection whose statement was cancelled outside of a transaction is not used again, and one
 * inside of a transaction not before the request has been heard: it must not hit the next statement.
 */
export function letCancel(pool: pg.Pool): void {
  pool.on('connect', (client) => {
    const base = Object.getPrototypeOf(client) as { readonly query: Query };
    const query: Query = (...args) => base.query.apply(client, args as never);
    Object.assign(client, {
      query: (...args: readonly unknown[]) => {
        const signal = signals.getStore();
        if (signal === undefined || isOfPool(args) || END.test(textOf(args[0]))) return query(...args);
        return sendCancellable(query, args, signal, client);
      },
    });
  });
  const query = pool.query.bind(pool) as unknown as Query;
  Object.assign(pool, {
    // The pool would call its client back from the call that frees a connection, and not from the one that waits.
    query: async (...args: readonly unknown[]) => {
      const signal = signals.getStore();
      if (signal === undefined) return query(...args);
      if (signal.aborted) throw cancelled();
      const client = await pool.connect();
      // It was not used for this.
      if (signal.aborted) {
        client.release();
        throw cancelled();
      }
      let failed = true;
      try {
        const result = await (client.query as unknown as Query)(...args);
        failed = false;
        return result;
      } finally {
        client.release(failed);
      }
    },
  });
}

async function sendCancellable(
  query: Query,
  args: readonly unknown[],
  signal: AbortSignal,
  client: pg.ClientBase,
): Promise<unknown> {
  if (signal.aborted) throw cancelled();
  let cancelling: Promise<boolean> | null = null;
  const cancel = (): void => {
    cancelling = sendCancel(client as unknown as Backend);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await query(...args);
  } finally {
    signal.removeEventListener('abort', cancel);
    // A request that was not heard in time may still come, and must not meet another statement.
    if ((await cancelling) === false) (client as pg.Client).connection.stream.destroy();
  }
}

/** Asks the server to cancel what a connection is doing. Resolves with whether the server has heard it, or was never reached. */
function sendCancel({ host, port, processID, secretKey }: Backend): Promise<boolean> {
  return new Promise((resolve) => {
    const address = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
    const socket = connect(address, () => {
      const request = Buffer.alloc(16);
      [16, CANCEL_REQUEST, processID, secretKey].forEach((value, index) => {
        request.writeInt32BE(value | 0, 4 * index);
      });
      socket.end(request);
    });
    let isLate = false;
    socket.setTimeout(CANCEL_MS, () => {
      isLate = true;
      socket.destroy();
    });
    socket.on('error', () => undefined);
    // The server closes it when the request has reached the statement.
    socket.on('close', () => resolve(!isLate || socket.connecting));
    socket.resume();
  });
}

/** The pool passes a callback, and calls from anywhere. */
function isOfPool(args: readonly unknown[]): boolean {
  return typeof args.at(-1) === 'function';
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  return String((query as { readonly text?: unknown } | undefined)?.text ?? '');
}

/** As of Postgres, so that it is told like one that was sent. */
function cancelled(): Error {
  return Object.assign(new Error(CANCELLED.message), { code: CANCELLED.code, severity: 'ERROR' });
}
