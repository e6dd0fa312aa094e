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

/** (a) the product; (b) the least that pushing can cost: `ws` sending the same bytes; (c) the recipe: Yoga's pub/sub and graphql-ws, executing for each subscriber. */
export type Contestant = 'milepost' | 'raw-ws' | 'recipe';

export const CONTESTANTS: readonly Contestant[] = ['milepost', 'raw-ws', 'recipe'];

/** What the driver tells a server. */
export type ToServer =
  /** Asks for what was used so far, after the garbage is collected if that is wanted. */
  | { readonly type: 'usage'; readonly collect: boolean }
  /** For (b): the bytes to send; for (c): the position of the entry to publish. */
  | { readonly type: 'publish'; readonly payload: string; readonly position: string };

/** What a server tells the driver. */
export type FromServer =
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'usage'; readonly cpuMicros: number; readonly rssBytes: number };

/** What the clients tell the driver. Instants are of the machine's monotonic clock, in milliseconds. */
export type FromClients =
  | { readonly type: 'subscribed' }
  | {
      readonly type: 'received';
      readonly messages: number;
      readonly instants: readonly { readonly value: number; readonly at: number }[];
    };

/** The machine's monotonic clock, which all its processes share, in milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
