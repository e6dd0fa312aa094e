import type { IncomingMessage } from 'node:http';
import * as ws from 'ws';

/**
 * The settings of permessage-deflate (RFC 7692). Messages of either side are complete in themselves: ours are shared by all sockets, and
 * theirs leave no state behind. A client cannot limit our window, which is the same for all.
 */
export const DEFLATE_SETTINGS = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: false,
  // The types do not know that false refuses a limit.
} as unknown as ws.PerMessageDeflateOptions;

/** What ws negotiates with. The package exports it, but its type definitions omit it. */
const { extension, PerMessageDeflate } = ws as unknown as {
  readonly extension: { parse(header: string): Readonly<Record<string, readonly object[] | undefined>> };
  readonly PerMessageDeflate: new (options: object) => { accept(offers: readonly object[]): unknown };
};

/**
 * Whether a client offers compression that can be accepted. With ws alone a client that offers none that can be accepted, or nothing
 * readable, would be refused; but every client can do without.
 */
export function offersDeflate({ headers }: IncomingMessage): boolean {
  const header = headers['sec-websocket-extensions'];
  if (header === undefined) return false;
  try {
    const offers = extension.parse(header)['permessage-deflate'];
    if (offers === undefined) return false;
    new PerMessageDeflate({ ...DEFLATE_SETTINGS, isServer: true }).accept(offers);
    return true;
  } catch {
    return false;
  }
}
