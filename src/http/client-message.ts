import {
  type CompleteMessage,
  type ConnectionInitMessage,
  MessageType,
  type PingMessage,
  type PongMessage,
  parseMessage,
  type SubscribeMessage,
} from 'graphql-ws';
import type { RawData } from 'ws';

/** Only an operation may be large; a key, or what somebody wants back with a pong, is not. */
const MAX_SMALL_BYTES = 16 * 1024;
/** What comes back with a pong is written by a function that calls itself for each level. */
const MAX_PING_LEVELS = 32;
/** Ids are random numbers of 36 characters as clients make them. */
const MAX_ID_BYTES = 128;

/** What a client may say. */
export type ClientMessage = ConnectionInitMessage | PingMessage | PongMessage | SubscribeMessage | CompleteMessage;

/** Why a message is not taken, as the reason of a close: a fixed text, since a reason has at most 123 bytes. */
export interface Refusal {
  readonly refusal: string;
}

/** Reads a message as the protocol has it, within the bounds of its size, its id and its nesting; never throws. */
export function readMessage(data: RawData): ClientMessage | Refusal {
  const message = parse(data);
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
      return { refusal: 'Invalid message received' };
  }
}

function parse(data: RawData): ReturnType<typeof parseMessage> | null {
  try {
    return parseMessage(String(data));
  } catch {
    // Whatever is wrong with it: the client is told that it is no message.
    return null;
  }
}

function refuseSize(data: RawData): Refusal | null {
  return (data as Buffer).length > MAX_SMALL_BYTES ? { refusal: 'Message too large' } : null;
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
