import {
  type CompleteMessage,
  type ConnectionInitMessage,
  MessageType,
  type PingMessage,
  type PongMessage,
  type SubscribeMessage,
  validateMessage,
} from 'graphql-ws';
import type { RawData } from 'ws';
import { hasTooManyValues } from './variables.ts';

/** Limit for all messages but operations; a key or a ping's payload is small. */
const MAX_SMALL_BYTES = 16 * 1024;
/** A pong repeats the payload of the ping, and JSON.stringify recurses once per level. */
const MAX_PING_LEVELS = 32;
/** Ids of common clients are UUIDs of 36 characters. */
const MAX_ID_BYTES = 128;

/** How much of either end of a long message is looked at for its id, with spaces and escapes. */
const END_BYTES = 1024;
/** The id in the order that common clients write, before or after the payload. */
const ID_AT_START = /^\s*\{\s*(?:"type"\s*:\s*"subscribe"\s*,\s*)?"id"\s*:\s*("(?:[^"\\]|\\.)*")/;
const ID_AT_END = /"id"\s*:\s*("(?:[^"\\]|\\.)*")\s*(?:,\s*"type"\s*:\s*"subscribe"\s*)?\}\s*$/;
const TRACEPARENT = '"traceparent"';
const TRACEPARENT_BYTES = 100;
const INVALID: Refusal = { refusal: 'Invalid message received' };
const TOO_LARGE: Refusal = { refusal: 'Message too large' };

/** The messages that a client may send. */
export type ClientMessage = ConnectionInitMessage | PingMessage | PongMessage | SubscribeMessage | CompleteMessage;

/** The reason why a message is refused, used as the reason of a close. It is a fixed text, because a reason has at most 123 bytes. */
export interface Refusal {
  readonly refusal: string;
}

/** Parses a message of the protocol and checks its size, its id and its nesting; never throws. */
export function readMessage(data: RawData): ClientMessage | Refusal {
  const text = String(data);
  if (hasTooManyValues(text)) return { refusal: 'Too many values at once' };
  const message = parse(text);
  switch (message?.type) {
    case MessageType.Subscribe:
      return refuseId(message.id) ?? message;
    case MessageType.ConnectionInit:
    case MessageType.Pong:
    case MessageType.Complete:
      return refuseSize(data) ?? message;
    case MessageType.Ping:
      return refuseSize(data) ?? refuseNesting(message.payload) ?? message;
    default:
      return INVALID;
  }
}

/** Whether a message is so long that it can only be an operation. */
export function isLong(data: RawData): boolean {
  return (data as Buffer).length > MAX_SMALL_BYTES;
}

/** The id of a long message, without reading all of it. Whether it is an operation of that id shows when it is read. */
export function idOfLong(data: Buffer): string | Refusal {
  const found =
    ID_AT_START.exec(data.toString('utf8', 0, END_BYTES)) ??
    ID_AT_END.exec(data.toString('utf8', data.length - END_BYTES));
  if (found === null) return TOO_LARGE;
  try {
    const id: string = JSON.parse(found[1] ?? '');
    return refuseId(id) ?? id;
  } catch {
    return INVALID;
  }
}

/** The traceparent of a long message, without reading it. */
export function traceparentOfLong(data: Buffer): string | undefined {
  const at = data.indexOf(TRACEPARENT);
  if (at === -1) return undefined;
  const start = at + TRACEPARENT.length;
  return /^\s*:\s*"([^"\\]+)"/.exec(data.toString('latin1', start, start + TRACEPARENT_BYTES))?.[1];
}

/** What a long message asks for, if it is an operation of this id. */
export function readLong(data: Buffer, id: string): SubscribeMessage | Refusal {
  const message = readMessage(data);
  return !('type' in message) || (message.type === MessageType.Subscribe && message.id === id) ? message : INVALID;
}

function parse(text: string): ReturnType<typeof validateMessage> | null {
  try {
    return validateMessage(withQuery(JSON.parse(text)));
  } catch {
    // Whatever the error is, the client learns only that the message is invalid.
    return null;
  }
}

/** The library demands a query. What names its document has none. */
function withQuery(message: unknown): unknown {
  const { payload } = message as { readonly payload?: { query?: unknown; readonly documentId?: unknown } | null };
  if (payload?.documentId != null) payload.query ??= '';
  return message;
}

function refuseSize(data: RawData): Refusal | null {
  return isLong(data) ? TOO_LARGE : null;
}

function refuseId(id: string): Refusal | null {
  return Buffer.byteLength(id) > MAX_ID_BYTES ? { refusal: `The id is longer than ${MAX_ID_BYTES} bytes` } : null;
}

function refuseNesting(payload: unknown): Refusal | null {
  return isDeeper(payload, MAX_PING_LEVELS) ? { refusal: 'Payload nested too deeply' } : null;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}
