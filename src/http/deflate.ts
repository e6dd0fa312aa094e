import { constants, deflateRawSync } from 'node:zlib';
import { tight } from './tight.ts';

/** Shorter text is not compressed: it gains little, and fits into one packet as it is. */
export const SHORTEST_DEFLATED = 1_024;
/** The largest length of a stored block. */
export const LONGEST_STORED = 65_535;
/** A stored block begins with five bytes. */
export const STORED_HEAD = 5;
/** What each flush ends with: an empty stored block, without its first bits. */
export const FLUSH_END = Buffer.from([0, 0, 0xff, 0xff]);

/** Memory for the state of zlib is most of the work for texts of a few KiB; with these settings it is a tenth of the default. */
const SETTINGS = { windowBits: 13, memLevel: 6, finishFlush: constants.Z_SYNC_FLUSH };

/**
 * Text as whole blocks of DEFLATE (RFC 1951) that refer to nothing before them and end at a byte. So blocks that were made independently
 * can follow each other in one stream. None of them is the last of a stream.
 */
export function deflatedBlocks(text: Buffer): Buffer {
  return tight(deflateRawSync(text, SETTINGS));
}

/** Writes the head of a stored block, which is followed by as many bytes as they are, and returns where these begin. */
export function writeStoredHead(target: Buffer, at: number, length: number): number {
  target[at] = 0;
  target.writeUInt16LE(length, at + 1);
  target.writeUInt16LE(LONGEST_STORED - length, at + 3);
  return at + STORED_HEAD;
}

/** Text of at most 65,535 bytes as a stored block. */
export function storedBlock(text: Buffer): Buffer {
  const block = Buffer.allocUnsafe(STORED_HEAD + text.length);
  text.copy(block, writeStoredHead(block, 0, text.length));
  return block;
}
