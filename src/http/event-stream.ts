import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Payload } from '../execution/payload.ts';
import { takesGzip } from './encoding.ts';
import { GZIP_HEAD, GzipStream } from './gzip-stream.ts';
import { tight } from './tight.ts';
import { whenTaken } from './when-taken.ts';

/** How soon an EventSource reconnects, in milliseconds. */
const RETRY_MS = 1_000;
const FULL_BYTES = 64 * 1024;
const END = Buffer.from('\n\n', 'utf8');

/** A response that consists of server-sent events, compressed if the client takes that. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #gzip: GzipStream | null;

  /** Sends the head. */
  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    this.#gzip = takesGzip(request) ? new GzipStream() : null;
    response.appendHeader('vary', 'Accept-Encoding');
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
      ...(this.#gzip === null ? {} : { 'content-encoding': 'gzip' }),
    });
    if (this.#gzip !== null) response.write(GZIP_HEAD);
    this.write(`retry: ${RETRY_MS}\n\n`);
  }

  get isFull(): boolean {
    return this.untaken > FULL_BYTES;
  }

  /** The bytes that the network has not taken yet. */
  get untaken(): number {
    return this.#response.writableLength;
  }

  whenDrained(listener: () => void): void {
    this.#response.once('drain', listener);
  }

  /** Calls back once, when everything is taken or the reader is gone. */
  whenTaken(listener: () => void): void {
    whenTaken(this.#response, listener);
  }

  /** Writes unless the stream has ended or the reader is gone. */
  write(text: Buffer | string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
    this.#response.write(this.#gzip === null ? bytes : this.#gzip.part(bytes));
    // Node combines the writes of a turn. Only what it has passed on shows whether the network takes it.
    if (this.isFull) this.#response.socket?.uncork();
  }

  /** Writes one event for each payload. */
  writeEvents(payloads: readonly Payload[]): void {
    this.write(eventsOf(payloads));
  }

  /** Ends the stream, once. */
  end(last = ''): void {
    if (this.#response.writableEnded) return;
    if (last !== '') this.write(last);
    this.#response.end(this.#gzip?.end());
  }
}

/** The text of events by their payloads, which is the same for all readers: of one payload, or of an array of several. */
const texts = new WeakMap<Payload | readonly Payload[], Buffer>();

function eventsOf(payloads: readonly Payload[]): Buffer {
  const [only] = payloads;
  const key = payloads.length === 1 && only !== undefined ? only : payloads;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = tight(
    Buffer.concat(
      payloads.flatMap(({ bytes, cursor }) => [Buffer.from(`id: ${cursor}\nevent: next\ndata: `, 'utf8'), bytes, END]),
    ),
  );
  texts.set(key, text);
  return text;
}
