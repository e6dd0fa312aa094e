import { GraphQLError } from 'graphql';
import { CloseCode, MessageType } from 'graphql-ws';
import { retryUntilAvailable } from '../execution/backoff.ts';
import type { ErrorPolicy } from '../execution/payload.ts';
import type { Viewer } from '../graphql/context.ts';
import type { ClientSocket } from './client-socket.ts';
import { type FindViewer, findViewerWithRetries, isWithoutKey } from './viewer.ts';

/** What it takes to find out who the client of a socket is. */
export interface IdentityOptions {
  readonly findViewer: FindViewer;
  /** The cursor of the newest place in the log. */
  readonly head: () => Promise<string>;
  readonly errors: ErrorPolicy;
  /** How long a new connection waits during an outage, in milliseconds; 10 s if not given. */
  readonly maxWaitMs?: number | undefined;
}

/**
 * Identifies the client and tells it the log's head. A client that subscribes after this place misses nothing, even if it is cut off
 * before its first event.
 */
export async function initialise(
  socket: ClientSocket,
  authorization: unknown,
  { findViewer, head, errors, maxWaitMs }: IdentityOptions,
): Promise<void> {
  if (socket.initTimeout === null)
    return socket.shut(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
  clearTimeout(socket.initTimeout);
  socket.initTimeout = null;
  const sent = authorization ?? socket.authorization;
  socket.authorization = null;
  const ask = () => Promise.all([findViewer(typeof sent === 'string' ? sent : undefined), head()]);
  let found: readonly [Viewer | GraphQLError, string];
  try {
    found = await retryUntilAvailable(ask, errors.isTemporary, maxWaitMs);
  } catch (error) {
    // Clients reconnect after this code. They can do nothing about the error, whatever it is.
    if (!errors.isTemporary(error)) errors.mask(error);
    return socket.postpone();
  }
  const [viewer, place] = found;
  if (viewer instanceof GraphQLError) return refuseClient(socket, viewer);
  socket.viewer = viewer;
  socket.say({ type: MessageType.ConnectionAck, payload: { head: place } });
}

/** After 4403 clients reconnect, with a new key if they have one. Those that have none at all need not: after 4401 they do not. */
function refuseClient(socket: ClientSocket, error: GraphQLError): void {
  socket.shut(isWithoutKey(error) ? CloseCode.Unauthorized : CloseCode.Forbidden, error.message);
}

/** Waits for as long as an outage of the database lasts, because that is no reason to close a connection; null if the client leaves. */
export async function findForRenewal(
  socket: ClientSocket,
  authorization: string,
  { findViewer, errors }: IdentityOptions,
): Promise<Viewer | GraphQLError | null> {
  while (socket.isOpen) {
    try {
      return await findViewerWithRetries(findViewer, authorization);
    } catch (error) {
      if (!errors.isTemporary(error)) throw error;
    }
  }
  return null;
}
