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
import { type RawData, WebSocket } from 'ws';
import type { Viewer } from '../graphql/context.ts';
import type { Connection } from './connections.ts';

/** More than this in a socket's own buffer, and payloads wait where they are shared, and what a client asks for waits where it came from. */
const FULL_BYTES = 64 * 1024;
/** So long a client has to answer that the server closes its socket. */
const LAST_WORD_MS = 1_000;
/** "Service restart" is a code that clients come back from. */
const RESTART = 1012;
/** "Try again later" is another. */
const TRY_AGAIN = 1013;

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
  /** How many beats more the answer to a ping may take; null while none is awaited. */
  beatsLeft: number | null = null;
  /** The operations under way, by the ids that the client gave them. */
  readonly operations = new Map<string, OpenOperation>();
  /** How many messages the server is at: queries, mutations, and subscriptions that have not begun yet; also those that the client has given up. */
  atWork = 0;
  /** Messages that have to wait, in order, while nothing more is read: at most what came in one reading, 64 KiB and a message. Null, as nearly always, while none does. */
  held: RawData[] | null = null;
  #drainListeners: (() => void)[] | null = null;

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /** Whether it has more in its own buffer than it should: the client reads more slowly than it is written to. */
  get isFull(): boolean {
    return this.connection.writableLength > FULL_BYTES;
  }

  /** Calls back once, when the buffer has emptied. One listener of the stream's for all, of whom there may be hundreds. */
  whenDrained(listener: () => void): void {
    if (this.#drainListeners !== null) {
      this.#drainListeners.push(listener);
      return;
    }
    this.#drainListeners = [listener];
    this.connection.once('drain', () => {
      const listeners = this.#drainListeners ?? [];
      this.#drainListeners = null;
      for (const call of listeners) call();
    });
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

  /** Ends everything of it and closes it, with a code and a fixed text of at most 123 bytes. */
  shut(code: number, reason: string): void {
    this.endAll();
    this.held = null;
    this.close(code, reason);
    // The client's answer has to be read.
    this.resume();
  }

  /** Closes it for trouble that passes. */
  postpone(): void {
    this.shut(TRY_AGAIN, 'The server cannot answer right now');
  }

  keyId(): number | null {
    return this.viewer?.keyId ?? null;
  }

  isIdle(): boolean {
    return [...this.operations.values()].every(({ isIdle }) => isIdle);
  }

  forbid(): void {
    this.shut(CloseCode.Forbidden, 'The key was revoked or has expired');
  }

  restart(): void {
    this.shut(RESTART, 'The server restarts');
    // A client that does not answer would hold the server up for longer.
    setTimeout(() => this.terminate(), LAST_WORD_MS).unref();
  }
}
