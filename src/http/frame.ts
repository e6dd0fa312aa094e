import type { Writable } from 'node:stream';
import type { Payload } from '../execution/payload.ts';

/** The first byte of a text message in one frame (RFC 6455, section 5.2). */
const FINAL_TEXT = 0x81;
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;

const AFTER = Buffer.from('}', 'utf8');

/** A frame, and where in it the part begins that each reader has of its own. */
interface Frame {
  readonly bytes: Buffer;
  readonly beforeAt: number;
  readonly beforeLength: number;
}

/** The frame that a payload was last sent in, while no connection holds on to it. */
const frames = new WeakMap<Payload, Frame>();

/** The part of a subscription's messages that stands before the payload. */
export function messageStart(id: string): Buffer {
  return Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`, 'utf8');
}

/**
 * Writes a payload as one text frame, in one piece. The frame is made once for all readers whose part before the payload is equally long:
 * each one's own part is written into it, and once the system has taken the whole of it, it is free for the next.
 */
export function writeMessage(connection: Writable, before: Buffer, payload: Payload): void {
  const last = frames.get(payload);
  const frame = last?.beforeLength === before.length ? last : frameOf(payload, before.length);
  before.copy(frame.bytes, frame.beforeAt);
  connection.write(frame.bytes);
  // What the connection could not hand on at once it still reads from.
  if (connection.writableLength > 0) frames.delete(payload);
  else if (frame !== last) frames.set(payload, frame);
}

function frameOf({ bytes: payload }: Payload, beforeLength: number): Frame {
  const length = beforeLength + payload.length + AFTER.length;
  const beforeAt = length < TWO_BYTE_LENGTH ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(beforeAt + length);
  bytes[0] = FINAL_TEXT;
  if (beforeAt === 2) bytes[1] = length;
  else if (beforeAt === 4) {
    bytes[1] = TWO_BYTE_LENGTH;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = EIGHT_BYTE_LENGTH;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(bytes, beforeAt + beforeLength);
  AFTER.copy(bytes, beforeAt + length - AFTER.length);
  return { bytes, beforeAt, beforeLength };
}
