import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/changes/cursor.ts';

/** The highest position that the database can hold. */
const LAST_POSITION = 2n ** 63n - 1n;
const BASE_64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const hexDigit = fc.constantFrom(...'0123456789abcdef');
const log = fc.string({ unit: hexDigit, minLength: 16, maxLength: 16 });
const position = fc.oneof(fc.bigInt(0n, LAST_POSITION), fc.bigInt(0n, 2_000n), fc.constantFrom(0n, 1n, LAST_POSITION));
/** The part of the digest that a cursor holds. */
const digest = fc.uint8Array({ minLength: 12, maxLength: 12 });
const place = fc.record({ log, position, digest });
const ONE = { log: '0123456789abcdef', position: 17n, digest: new Uint8Array(12).fill(7) };

test('a cursor is read back as the place it was written for', () => {
  fc.assert(
    fc.property(place, (written) => {
      expect(decodeCursor(encodeCursor(written))).toEqual(written);
    }),
  );
});

test('a cursor has at most 64 characters, all of them safe in a URL', () => {
  fc.assert(
    fc.property(place, (written) => {
      expect(encodeCursor(written)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    }),
  );
});

test('a cursor holds the first twelve bytes of a digest and ignores the rest', () => {
  const whole = Buffer.alloc(32, 7);
  const cursor = encodeCursor({ ...ONE, digest: whole });
  for (let byte = 0; byte < whole.length; byte += 1) {
    const other = Buffer.from(whole);
    other[byte] = 8;
    expect(encodeCursor({ ...ONE, digest: other }) !== cursor).toBe(byte < 12);
  }
  expect(decodeCursor(cursor)).toEqual(ONE);
});

test('two places never share a cursor', () => {
  fc.assert(
    fc.property(place, place, (one, other) => {
      fc.pre(
        one.log !== other.log && one.position !== other.position && Buffer.compare(one.digest, other.digest) !== 0,
      );
      const others = [
        { ...one, log: other.log },
        { ...one, position: other.position },
        { ...one, digest: other.digest },
      ];
      expect(others.map(encodeCursor)).not.toContain(encodeCursor(one));
    }),
  );
});

test('a text that is not a cursor is read as null', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      expect(decodeCursor(text)).toBeNull();
    }),
  );
});

test.each([
  ['an empty text', ''],
  ['a number', '17'],
  ['a cursor of the previous format', Buffer.from('0123456789abcdef.a').toString('base64url')],
  ['one of the previous format that is as long', Buffer.from('0123456789abcdef.0123456789ab').toString('base64url')],
  ['a future format', changed((bytes) => bytes.writeUInt8(3))],
  ['a negative position', changed((bytes) => bytes.writeInt8(-1, 9))],
  ['a byte too few', bytesOf(encodeCursor(ONE)).subarray(0, -1).toString('base64url')],
  ['a byte too many', Buffer.concat([bytesOf(encodeCursor(ONE)), Buffer.alloc(1)]).toString('base64url')],
  ['two cursors in one', encodeCursor(ONE) + encodeCursor(ONE)],
  ['what a cursor stands for', bytesOf(encodeCursor(ONE)).toString('hex')],
  ['the alphabet of another base 64', '+'.repeat(39)],
])('%s is not a cursor', (_what, text) => {
  expect(decodeCursor(text)).toBeNull();
});

test('each place has exactly one text', () => {
  const change = fc.record({ at: fc.nat(), removed: fc.nat(2), added: fc.string({ unit: similar, maxLength: 2 }) });
  fc.assert(
    fc.property(place, change, (written, { at, removed, added }) => {
      const cursor = encodeCursor(written);
      const start = at % (cursor.length + 1);
      const changed = cursor.slice(0, start) + added + cursor.slice(start + removed);
      fc.pre(changed !== cursor);
      const read = decodeCursor(changed);
      // A changed text is another place or no cursor; it must never be the same place.
      expect(read === null || encodeCursor(read) === changed).toBe(true);
      expect(read).not.toEqual(written);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['padding', '='],
  ['a space', ' '],
  ['a line end', '\n'],
  ['a character that decoders ignore', '!'],
])('a cursor followed by %s is not a cursor', (_what, suffix) => {
  const cursor = encodeCursor(ONE);
  expect(decodeCursor(cursor)).not.toBeNull();
  expect(decodeCursor(cursor + suffix)).toBeNull();
});

test('a cursor whose last character differs only in unused bits is not a cursor', () => {
  // 29 bytes: the last character carries four of their bits, and two that decoders ignore.
  const cursor = encodeCursor(ONE);
  const others = [...BASE_64_URL].filter((character) => character !== cursor.at(-1));
  const same = others.filter((other) => bytesOf(cursor.slice(0, -1) + other).equals(bytesOf(cursor)));
  expect(same).toHaveLength(3);
  for (const other of same) expect(decodeCursor(cursor.slice(0, -1) + other)).toBeNull();
});

const similar = fc.constantFrom(...BASE_64_URL, '=', '+', '/', ' ', '\n', '.');

function changed(change: (bytes: Buffer) => void): string {
  const bytes = bytesOf(encodeCursor(ONE));
  change(bytes);
  return bytes.toString('base64url');
}

function bytesOf(cursor: string): Buffer {
  return Buffer.from(cursor, 'base64url');
}
