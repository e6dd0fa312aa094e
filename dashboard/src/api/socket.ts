import type { ExecutionResult } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { access } from './access.ts';
import { SOCKET } from './address.ts';

/** The waits before the next attempt, in milliseconds: they double up to the longest, less a random part so that not all readers come back at once. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 10_000;
const PING_EVERY = 10_000;
/** A connection that lasted so long was a good one: after it the waits begin anew. One that the server refuses at once is not tried faster and faster. */
const GOOD_AFTER = 5_000;

interface Changes {
  readonly changes: { readonly cursor: string };
}

export interface Follower {
  /** An answer has arrived. */
  readonly next: (result: ExecutionResult<Changes>) => void;
  /** The connection is there, or is lost and tried again. */
  readonly connected: (isConnected: boolean) => void;
  /** The log does not have the cursor any more: everything has to be read again. Returns the place to go on from. */
  readonly lost: () => Promise<string>;
}

/** Follows a subscription to `changes` from a cursor on, over every break. Returns a function that ends it. */
export function follow(query: string, after: string, { next, connected, lost }: Follower): () => void {
  let cursor = after;
  let wait = FIRST_WAIT;
  let connectedAt = Infinity;
  let ended = false;
  let client: Client | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = (): void => {
    if (ended) return;
    connected(false);
    if (Date.now() - connectedAt >= GOOD_AFTER) wait = FIRST_WAIT;
    connectedAt = Infinity;
    timer = setTimeout(connect, wait * (1 - Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
  const connect = (): void => {
    client = createClient({
      url: SOCKET,
      connectionParams: access.headers,
      retryAttempts: 0,
      keepAlive: PING_EVERY,
      on: { connected: isBack },
    });
    client.subscribe<Changes>(
      { query, variables: { after: cursor } },
      {
        next: (result) => {
          cursor = result.data?.changes.cursor ?? cursor;
          next(result as ExecutionResult<Changes>);
        },
        error: (error) => void (isLost(error) ? startOver() : again()),
        complete: again,
      },
    );
  };
  const isBack = (): void => {
    connectedAt = Date.now();
    connected(true);
  };
  const startOver = async (): Promise<void> => {
    try {
      cursor = await lost();
    } catch {
      // It cannot be read now; the next attempt is refused in the same way, and asks again.
    }
    again();
  };
  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    void client?.dispose();
  };
}

function isLost(error: unknown): boolean {
  const codes = Array.isArray(error) ? error.map(({ extensions }) => extensions?.code) : [];
  return codes.some((code) => code === 'CURSOR_INVALID' || code === 'CURSOR_EXPIRED');
}
