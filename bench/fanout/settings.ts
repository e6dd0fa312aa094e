/** Asks for an event of 0.7 KiB, which is never compressed. */
const SMALL = `subscription Fanout {
  figureRecorded {
    cursor
    action
    before
    observation { value resolution }
    figure { value period metric qualifier source { title publisher { name tier } } }
    subject { slug name milestones(first: 3) { nodes { title status reachedOn } } }
  }
}`;

/** Asks for an event of about 2 KiB. */
const LARGE = `subscription Fanout {
  figureRecorded {
    cursor
    action
    before
    observation { value resolution }
    figure { value id period metric qualifier recordedAt source { id title url publishedOn publisher { id slug name tier } } }
    subject { id slug name nameZh milestones(first: 3) { nodes { id kind title status reachedOn subject { id slug name } } } }
  }
}`;

/** The operation that every reader of every server subscribes to. The driver sets the variable for all its processes. */
export const DOCUMENT = process.env.MILEPOST_BENCH_EVENTS === 'large' ? LARGE : SMALL;

/**
 * The product; the same with readers that take compressed messages; its engine behind graphql-ws's server; the lower limit of a push: `ws` sending the same bytes;
 * the recipe: Yoga's pub/sub and graphql-ws, executing for each subscriber.
 */
export const KINDS = ['milepost', 'compressed', 'graphql-ws', 'raw-ws', 'recipe'] as const;

export type Kind = (typeof KINDS)[number];

/** These follow the log; the others are told what to send. */
export const FOLLOWING: readonly Kind[] = ['milepost', 'compressed', 'graphql-ws'];

/** The key that the product starts with, for those who write over its API. */
export const ADMIN_KEY = 'the-key-of-a-benchmark-on-this-machine';

/** A message of the driver to a server. */
export type ToServer =
  /** Asks what was used so far; after a garbage collection if requested. */
  | { readonly type: 'usage'; readonly collect: boolean }
  /** For raw-ws: the bytes to send; for the recipe: the position of the entry to publish. */
  | { readonly type: 'publish'; readonly payload: string; readonly position: string };

/** What a process has used since its start, and has in memory now. */
export interface Usage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
  /** The size of its objects and buffers; right after a collection, only of those in use. */
  readonly liveBytes: number;
}

/** A message of a server to the driver. */
export type FromServer = { readonly type: 'ready'; readonly url: string } | ({ readonly type: 'usage' } & Usage);

/** Readers to open: how many, on which transport, and whether they read what is sent to them. */
export interface Readers {
  readonly count: number;
  readonly transport: 'WebSocket' | 'SSE';
  readonly reading: boolean;
}

/** A message of the driver to the clients. */
export type ToClients = ({ readonly type: 'open' } & Readers) | { readonly type: 'report' | 'arrivals' };

/** When an event's value arrived, on the machine's monotonic clock, in milliseconds. */
export interface Arrival {
  readonly value: number;
  readonly at: number;
}

/** A message of the clients to the driver. */
export type FromClients =
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly messages: number; readonly cpuMicros: number }
  /** The arrivals at the sampled readers since the last request. */
  | { readonly type: 'arrivals'; readonly arrivals: readonly Arrival[] };

/** The machine's monotonic clock, which all its processes share, in milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
