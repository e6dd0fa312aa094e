/** What is subscribed to by every reader of every server. */
export const DOCUMENT = `subscription Fanout {
  figureRecorded {
    cursor
    action
    before
    observation { value resolution }
    figure { value period metric qualifier source { title publisher { name tier } } }
    subject { slug name milestones(first: 3) { nodes { title status reachedOn } } }
  }
}`;

/**
 * The product; its engine behind graphql-ws's server; the least that pushing can cost: `ws` sending the same bytes;
 * the recipe: Yoga's pub/sub and graphql-ws, executing for each subscriber.
 */
export const KINDS = ['milepost', 'graphql-ws', 'raw-ws', 'recipe'] as const;

export type Kind = (typeof KINDS)[number];

/** These follow the log themselves; the others are told what to send. */
export const FOLLOWING: readonly Kind[] = ['milepost', 'graphql-ws'];

/** What the driver tells a server. */
export type ToServer =
  /** Asks for what was used so far, after the garbage is collected if that is wanted. */
  | { readonly type: 'usage'; readonly collect: boolean }
  /** For raw-ws: the bytes to send; for the recipe: the position of the entry to publish. */
  | { readonly type: 'publish'; readonly payload: string; readonly position: string };

/** What a process has used since its start, and has in memory now. */
export interface Usage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
  /** What its objects and buffers take; right behind a collection, what of them is needed. */
  readonly liveBytes: number;
}

/** What a server tells the driver. */
export type FromServer = { readonly type: 'ready'; readonly url: string } | ({ readonly type: 'usage' } & Usage);

/** Readers to open: how many, on which transport, and whether they take anything of what is sent to them. */
export interface Readers {
  readonly count: number;
  readonly transport: 'WebSocket' | 'SSE';
  readonly reading: boolean;
}

/** What the driver tells the clients. */
export type ToClients = ({ readonly type: 'open' } & Readers) | { readonly type: 'report' | 'arrivals' };

/** When an event's value arrived, on the machine's monotonic clock, in milliseconds. */
export interface Arrival {
  readonly value: number;
  readonly at: number;
}

/** What the clients tell the driver. */
export type FromClients =
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly messages: number }
  /** Those of the sampled readers since the last time they were asked for. */
  | { readonly type: 'arrivals'; readonly arrivals: readonly Arrival[] };

/** The machine's monotonic clock, which all its processes share, in milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
