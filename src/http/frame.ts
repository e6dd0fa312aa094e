import type { Writable } from 'node:stream';
import type { Payload } from '../execution/payload.ts';
import {
  deflatedBlocks,
  FLUSH_END,
  LONGEST_STORED,
  SHORTEST_DEFLATED,
  STORED_HEAD,
  writeStoredHead,
} from './deflate.ts';

/** The first byte of a text message in one frame (RFC 6455, section 5.2). */
const FINAL_TEXT = 0x81;
/** The same of a message that is compressed with permessage-deflate (RFC 7692, section 6). */
const FINAL_DEFLATED_TEXT = 0xc1;
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;

/** The parts of a message around the id and the payload. */
const START = Buffer.from('{"id":');
const MIDDLE = Buffer.from(',"type":"next","payload":');
const END = Buffer.from('}');

/** A connection that frames are written to, and whether its client takes compressed messages. */
export interface FrameTarget {
  readonly connection: Writable;
  readonly takesDeflated: boolean;
}

/** Frames that follow each other, and the places of the id in them. */
interface Frames {
  readonly bytes: Buffer;
  readonly idsAt: readonly number[];
  readonly idLength: number;
}

type KeptFrames = WeakMap<Payload | readonly Payload[], Frames>;

/** The frames that payloads were last sent in, if no connection still uses them: of one payload, or of an array of several. */
const keptPlain: KeptFrames = new WeakMap();
const keptDeflated: KeptFrames = new WeakMap();

/**
 * Writes payloads as one text frame each, in one write, for the operation with this id, which is given as JSON.
 * The same frames serve all ids of the same length: each id overwrites the last one, after the system has taken the frames as a whole.
 * Each compressed message is complete in itself, so that it is the same for all readers: their ids are in it uncompressed.
 */
export function writeMessages(
  { connection, takesDeflated }: FrameTarget,
  id: string,
  payloads: readonly Payload[],
): void {
  const [only] = payloads;
  const key = payloads.length === 1 && only !== undefined ? only : payloads;
  const idLength = Buffer.byteLength(id);
  const kept = takesDeflated ? keptDeflated : keptPlain;
  const last = kept.get(key);
  const frames = last?.idLength === idLength ? last : framesOf(payloads, idLength, takesDeflated);
  for (const at of frames.idsAt) frames.bytes.write(id, at);
  connection.write(frames.bytes);
  // The connection still reads from frames that it could not pass on at once.
  if (connection.writableLength > 0) kept.delete(key);
  else if (frames !== last) kept.set(key, frames);
}

/** The content of a frame before and after the id. */
interface Content {
  readonly isDeflated: boolean;
  readonly after: readonly Buffer[];
  readonly length: number;
}

function framesOf(payloads: readonly Payload[], idLength: number, takesDeflated: boolean): Frames {
  const contents = payloads.map((payload) => contentOf(payload, idLength, takesDeflated));
  // Not from Node's shared pool, because it is kept as long as the payload.
  const bytes = Buffer.allocUnsafeSlow(contents.reduce((sum, { length }) => sum + headLength(length) + length, 0));
  let at = 0;
  const idsAt = contents.map((content) => {
    at = writeHead(bytes, at, content);
    if (content.isDeflated) at = writeStoredHead(bytes, at, START.length + idLength);
    const idAt = at + START.copy(bytes, at);
    at = idAt + idLength;
    for (const part of content.after) at += part.copy(bytes, at);
    return idAt;
  });
  return { bytes, idsAt, idLength };
}

function contentOf(payload: Payload, idLength: number, takesDeflated: boolean): Content {
  const startLength = START.length + idLength;
  const isDeflated = takesDeflated && payload.bytes.length >= SHORTEST_DEFLATED && startLength <= LONGEST_STORED;
  const after = isDeflated ? [deflatedRest(payload)] : [MIDDLE, payload.bytes, END];
  const before = isDeflated ? STORED_HEAD + startLength : startLength;
  return { isDeflated, after, length: after.reduce((sum, part) => sum + part.length, before) };
}

/** What follows the id in the messages with a payload, compressed. */
const deflatedRests = new WeakMap<Payload, Buffer>();

function deflatedRest(payload: Payload): Buffer {
  const known = deflatedRests.get(payload);
  if (known !== undefined) return known;
  const blocks = deflatedBlocks(Buffer.concat([MIDDLE, payload.bytes, END]));
  // The end of a flush is not sent (RFC 7692, section 7.2.1).
  const rest = blocks.subarray(0, blocks.length - FLUSH_END.length);
  deflatedRests.set(payload, rest);
  return rest;
}

function headLength(length: number): number {
  if (length < TWO_BYTE_LENGTH) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Writes the head of a frame, and returns where its content begins. */
function writeHead(bytes: Buffer, at: number, { isDeflated, length }: Content): number {
  bytes[at] = isDeflated ? FINAL_DEFLATED_TEXT : FINAL_TEXT;
  if (length < TWO_BYTE_LENGTH) bytes[at + 1] = length;
  else if (length < 65_536) {
    bytes[at + 1] = TWO_BYTE_LENGTH;
    bytes.writeUInt16BE(length, at + 2);
  } else {
    bytes[at + 1] = EIGHT_BYTE_LENGTH;
    bytes.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + headLength(length);
}
