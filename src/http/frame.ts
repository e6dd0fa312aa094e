import type { Writable } from 'node:stream';
import type { Payload } from '../execution/payload.ts';

/** The first byte of a text message in one frame (RFC 6455, section 5.2). */
const FINAL_TEXT = 0x81;
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;

/** The parts of a message around the id and the payload. */
const START = '{"id":';
const MIDDLE = ',"type":"next","payload":';
const END = '}';

/** A frame, and the place of the id in it. */
interface Frame {
  readonly bytes: Buffer;
  readonly idAt: number;
  readonly idLength: number;
}

/** The frame that a payload was last sent in, if no connection still uses it. */
const frames = new WeakMap<Payload, Frame>();

/**
 * Writes a payload as one text frame for the operation with this id, which is given as JSON.
 * One frame serves all ids of the same length: each id overwrites the last one, after the system has taken the whole frame.
 */
export function writeMessage(connection: Writable, id: string, payload: Payload): void {
  const idLength = Buffer.byteLength(id);
  const last = frames.get(payload);
  const frame = last?.idLength === idLength ? last : frameOf(payload, idLength);
  frame.bytes.write(id, frame.idAt);
  connection.write(frame.bytes);
  // The connection still reads from a frame that it could not pass on at once.
  if (connection.writableLength > 0) frames.delete(payload);
  else if (frame !== last) frames.set(payload, frame);
}

function frameOf({ bytes: payload }: Payload, idLength: number): Frame {
  const length = START.length + idLength + MIDDLE.length + payload.length + END.length;
  const startAt = length < TWO_BYTE_LENGTH ? 2 : length < 65_536 ? 4 : 10;
  // Not from Node's shared pool, because it is kept as long as the payload.
  const bytes = Buffer.allocUnsafeSlow(startAt + length);
  bytes[0] = FINAL_TEXT;
  if (startAt === 2) bytes[1] = length;
  else if (startAt === 4) {
    bytes[1] = TWO_BYTE_LENGTH;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = EIGHT_BYTE_LENGTH;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  const idAt = startAt + bytes.write(START, startAt);
  const payloadAt = idAt + idLength + bytes.write(MIDDLE, idAt + idLength);
  bytes.write(END, payloadAt + payload.copy(bytes, payloadAt));
  return { bytes, idAt, idLength };
}
