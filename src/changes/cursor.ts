/** What a cursor holds: the log's name and the position of the last entry before the place. */
export interface CursorContent {
  readonly log: string;
  readonly position: bigint;
}

const FORMAT = /^([0-9a-f]{16})\.([0-9a-z]{1,13})$/;

/** Writes a place of the log as an opaque, URL-safe text of at most 40 characters. */
export function encodeCursor({ log, position }: CursorContent): string {
  return Buffer.from(`${log}.${position.toString(36)}`, 'utf8').toString('base64url');
}

/** Reads a cursor; null when it is none. */
export function decodeCursor(cursor: string): CursorContent | null {
  const [, log, digits] = FORMAT.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (log === undefined || digits === undefined) return null;
  let position = 0n;
  for (const digit of digits) position = position * 36n + BigInt(Number.parseInt(digit, 36));
  // Only what this file wrote is a cursor, so that two texts never name one place.
  return encodeCursor({ log, position }) === cursor ? { log, position } : null;
}
