import type { Duplex } from 'node:stream';
import {
  CloseCode,
  type CompleteMessage,
  type ConnectionAckMessage,
  type ErrorMessage,
  type NextMessage,
  type PongMessage,
  stringifyMessage,
} from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Viewer } from '../graphql/context.ts';
import type { Connection } from './connections.ts';

/** So long a client has to answer that the server closes its socket. */
const LAST_WORD_MS = 1_000;
/** "Service restart" is a code that clients come back from. */
const RESTART = 1012;

/** What a server says. */
type Said = ConnectionAckMessage | PongMessage | NextMessage | ErrorMessage | CompleteMessage;

/** An operation of a socket, for as long as it is under way. */
export interface OpenOperation {
  readonly id: string;
  /** Whether payloads are pushed through it. */
  readonly isSubscription: boolean;
  /** Whether nothing is on the way to the client. */
  readonly isIdle: boolean;
  /** Ends what it does; nothing is told to the client. */
  close(): void;
}

/** A client's socket, with all that is known of it in this one object: there are many thousands of them. */
export class ClientSocket extends WebSocket implements Connection {
  /** The stream below, which payloads are written to. */
  declare connection: Duplex;
  /** What the upgrade's header of this name said, which connection_init goes above. */
  authorization: string | null = null;
  /** Who it is, once connection_init was accepted. */
  viewer: Viewer | null = null;
  /** Closes the socket if connection_init does not come; null once it came. */
  initTimeout: NodeJS.Timeout | null = null;
  /** The second in each round of heartbeats that is this socket's. */
  beatAt = 0;
  awaitsPong = false;
  /** The operations under way, by the ids that the client gave them. */
  readonly operations = new Map<string, OpenOperation>();

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  say(message: Said): void {
    if (this.isOpen) this.send(stringifyMessage(message));
  }

  /** Ends an operation of which the client knows that it is over. */
  end(operation: OpenOperation): void {
    this.operations.delete(operation.id);
    operation.close();
  }

  endAll(): void {
    for (const operation of this.operations.values()) this.end(operation);
  }

  keyId(): number | null {
    return this.viewer?.keyId ?? null;
  }

  isIdle(): boolean {
    return [...this.operations.values()].every(({ isIdle }) => isIdle);
  }

  forbid(): void {
    this.close(CloseCode.Forbidden, 'The key was revoked or has expired');
  }

  restart(): void {
    this.close(RESTART, 'The server restarts');
    // A client that does not answer would hold the server up for half a minute.
    setTimeout(() => this.terminate(), LAST_WORD_MS).unref();
  }
}
