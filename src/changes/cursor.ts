/** What a cursor holds: the log's name, the position of the last entry before the place, and that entry's digest. */
export interface CursorContent {
  /** 16 hexadecimal digits. */
  readonly log: string;
  readonly position: bigint;
  /** A cursor holds only the first 12 bytes of the digest, so only these are read back. */
  readonly digest: Uint8Array;
}

/** The first byte is the format. Cursors of format 1 had no digest. */
const FORMAT = 2;
const LOG_BYTES = 8;
const POSITION_BYTES = 8;
/** The chance that another place has the same 12 bytes is 1 in 2^96. */
const DIGEST_BYTES = 12;
const BYTES = 1 + LOG_BYTES + POSITION_BYTES + DIGEST_BYTES;

/** Encodes a place of the log as an opaque, URL-safe text of 39 characters. */
export function encodeCursor({ log, position, digest }: CursorContent): string {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeUInt8(FORMAT);
  bytes.write(log, 1, LOG_BYTES, 'hex');
  bytes.writeBigInt64BE(position, 1 + LOG_BYTES);
  bytes.set(digest.subarray(0, DIGEST_BYTES), BYTES - DIGEST_BYTES);
  return bytes.toString('base64url');
}

/** Decodes a cursor; null when the text is not a cursor. */
export function decodeCursor(cursor: string): CursorContent | null {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== BYTES || bytes[0] !== FORMAT) return null;
  const content = {
    log: bytes.toString('hex', 1, 1 + LOG_BYTES),
    position: bytes.readBigInt64BE(1 + LOG_BYTES),
    digest: new Uint8Array(bytes.subarray(BYTES - DIGEST_BYTES)),
  };
  if (content.position < 0n) return null;
  // Only the exact text that encodeCursor writes is valid, so that two texts never name the same place.
  return encodeCursor(content) === cursor ? content : null;
}
