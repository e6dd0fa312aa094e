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
import { type Meters, NO_METERS } from '../meters.ts';
import type { Connection, Load } from './connections.ts';

/** When a socket's own buffer has more than this, payloads wait in the shared queue, and the client's further requests are not read. */
const FULL_BYTES = 64 * 1024;
const DEFLATE = 'permessage-deflate';
/** How many times as long as what was sent the messages may be. A list of 1,000 figures has some 20 times. */
const MOST_INFLATION = 100;
const FREE_BYTES = 64 * 1024;
/** How long a client has to answer the server's close. */
const CLOSE_TIMEOUT_MS = 1_000;
/** How much that asks for nothing a client may send between two heartbeats: pings, pongs, ends of what has ended. */
const MOST_TRIFLES = 2_000;
/** Close code "Service restart", after which clients reconnect. */
const RESTART = 1012;
/** Close code "Try again later", after which clients reconnect as well. */
const TRY_AGAIN = 1013;

/** The library would compress with a state for each socket, and send later than what is written past it. */
const UNCOMPRESSED = { compress: false };

/** The messages that a server sends. */
type ServerMessage = ConnectionAckMessage | PongMessage | NextMessage | ErrorMessage | CompleteMessage;

/** An operation of a socket while it runs. */
export interface OpenOperation {
  readonly id: string;
  /** Whether it is a subscription that payloads are pushed to. */
  readonly isSubscription: boolean;
  /** Of a subscription whether it is a live query. */
  readonly isLive: boolean;
  /** Whether nothing for the client is waiting. */
  readonly isIdle: boolean;
  readonly waitingBytes: number;
  /** Ends its work without a message to the client. */
  close(): void;
}

/** A client's socket, with all state in this one object, because there are many thousands of sockets. */
export class ClientSocket extends WebSocket implements Connection {
  /** The underlying stream, which payloads are written to. */
  declare connection: Duplex & { readonly bytesRead: number };
  /** What ws negotiated; its types omit it. */
  declare readonly _extensions: { readonly [DEFLATE]?: { cleanup(): void } };
  /** What ws has read and not handed on yet. */
  declare readonly _receiver: {
    readonly _bufferedBytes: number;
    readonly _messageLength: number;
    _loop: boolean;
  } | null;
  /** The Authorization header of the upgrade; a key in connection_init takes precedence. */
  authorization: string | null = null;
  /** The client's identity, after connection_init was accepted. */
  viewer: Viewer | null = null;
  /** Whether a new key is being looked up. Meanwhile nothing else of the client is answered, and it is not judged by the old one. */
  isRenewing = false;
  /** Closes the socket if connection_init does not arrive; null after it arrived. */
  initTimeout: NodeJS.Timeout | null = null;
  /** The heartbeat of each round at which this socket is pinged. */
  pingAt = 0;
  /** How many more rounds the answer to a ping may take; null while no answer is awaited. */
  roundsLeft: number | null = null;
  /** The payload of the newest ping that is not answered yet. */
  pongWith: Buffer | null = null;
  /** How much has come since the last heartbeat that asks for nothing. */
  trifles = 0;
  /** What was read by the last heartbeat and was not part of a message. */
  overhead = 0;
  /** The running operations, by the client's ids. */
  readonly operations = new Map<string, OpenOperation>();
  /**
   * Number of messages being processed: queries, mutations, and subscriptions that have not begun yet. It includes those that the client
   * has cancelled.
   */
  atWork = 0;
  /**
   * Messages that wait, in order, while reading is paused: at most one read of 64 KiB and one message. Null, as nearly always, while none
   * waits.
   */
  held: RawData[] | null = null;
  heldBytes = 0;
  /** The id of the request that opened it; its operations are numbered below it. */
  requestId = '';
  operationsSent = 0;
  meters: Meters = NO_METERS;
  #drainListeners: (() => void)[] | null = null;
  #isCorked = false;
  #inflated = 0;

  /** Whether the client takes compressed messages. */
  get takesDeflated(): boolean {
    return this._extensions[DEFLATE] !== undefined;
  }

  /**
   * Counts a message, and frees the state of decompression, which takes ten times as much memory as the rest of a socket. Not while more
   * messages wait: each would get a state of its own, and keep 16 KiB of it, however short it is. Returns whether the client has sent too
   * little for so much: what it sends costs memory for as long as it is worked on.
   */
  takeInflated(bytes: number): boolean {
    this.#inflated += bytes;
    if (this._receiver?._bufferedBytes === 0) this._extensions[DEFLATE]?.cleanup();
    return this.#inflated <= FREE_BYTES + MOST_INFLATION * this.connection.bytesRead;
  }

  /** Counts what asks for nothing. Thousands a second would take the processor from others, so the client is cut off. */
  countTrifle(): void {
    this.trifles += 1;
    if (this.trifles <= MOST_TRIFLES) return;
    this.terminate();
    // Otherwise ws works off what it has read, which can be ten thousand frames.
    if (this._receiver !== null) this._receiver._loop = false;
  }

  /** The bytes that are kept of a message that has not arrived as a whole. */
  get arriving(): number {
    return this._receiver === null ? 0 : this._receiver._bufferedBytes + this._receiver._messageLength;
  }

  /** The bytes since the heartbeat before that were no message: the heads of frames, and pings and pongs. Less for a client that compresses. */
  takeOverhead(): number {
    const all = this.connection.bytesRead - this.#inflated - this.arriving;
    const since = all - this.overhead;
    this.overhead = all;
    return since;
  }

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /** Whether its own buffer is too full: the client reads more slowly than the server writes. */
  get isFull(): boolean {
    return this.connection.writableLength > FULL_BYTES;
  }

  /** Calls back once, when the buffer has emptied. All callers share one listener of the stream, because there may be hundreds. */
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

  /** Passes on what was combined for one system call, so that it shows whether the network takes it. */
  flush(): void {
    while (this.connection.writableCorked > 0) this.connection.uncork();
  }

  /** Combines everything that is written until the end of the event loop's turn into one system call. */
  corkTurn(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.connection.cork();
    setImmediate(() => {
      this.#isCorked = false;
      this.connection.uncork();
    });
  }

  say(message: ServerMessage): void {
    this.sayText(stringifyMessage(message));
  }

  /** Sends a message that is JSON already. Calls back when the network has taken it, or the client is gone. */
  sayText(message: string, taken?: () => void): void {
    if (this.isOpen) this.send(message, UNCOMPRESSED, taken);
    else taken?.();
  }

  /** Ends an operation without a message: the client already knows that it is over. */
  end(operation: OpenOperation): void {
    this.operations.delete(operation.id);
    operation.close();
  }

  endAll(): void {
    for (const operation of this.operations.values()) this.end(operation);
  }

  /** Ends all operations and closes the socket, with a code and a fixed text of at most 123 bytes. */
  shut(code: number, reason: string): void {
    this.endAll();
    this.held = null;
    this.close(code, reason);
    // Reading has to go on, to receive the client's answer.
    this.resume();
  }

  /** Closes the socket because too much is arriving at once. */
  letGo(): void {
    this.cutOff(TRY_AGAIN, 'Too much is arriving at once');
  }

  /** Closes the socket because of a temporary error. */
  postpone(): void {
    this.shut(TRY_AGAIN, 'The server cannot answer right now');
  }

  keyId(): number | null {
    return this.isRenewing ? null : (this.viewer?.keyId ?? null);
  }

  load(): Load {
    let [events, live, waitingBytes] = [0, 0, this.connection.writableLength];
    for (const operation of this.operations.values()) {
      waitingBytes += operation.waitingBytes;
      if (!operation.isSubscription) continue;
      if (operation.isLive) live += 1;
      else events += 1;
    }
    return { transport: 'websocket', events, live, waitingBytes };
  }

  isIdle(): boolean {
    return [...this.operations.values()].every(({ isIdle }) => isIdle);
  }

  forbid(reason: string): void {
    this.shut(CloseCode.Forbidden, reason);
  }

  restart(): void {
    // A client that does not answer must not delay the stop of the server.
    this.cutOff(RESTART, 'The server restarts');
  }

  /** Closes the socket, and does not wait long for the answer, with whatever the client still sends. */
  cutOff(code: number, reason: string): void {
    this.shut(code, reason);
    setTimeout(() => this.terminate(), CLOSE_TIMEOUT_MS).unref();
  }
}
