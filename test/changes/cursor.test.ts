import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/changes/cursor.ts';

/** The highest position that the database can hold. */
const LAST_POSITION = 2n ** 63n - 1n;
const BASE_64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const hexDigit = fc.constantFrom(...'0123456789abcdef');
const log = fc.string({ unit: hexDigit, minLength: 16, maxLength: 16 });
const position = fc.oneof(fc.bigInt(0n, LAST_POSITION), fc.bigInt(0n, 2_000n), fc.constantFrom(0n, 1n, LAST_POSITION));
const place = fc.record({ log, position });

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

test('two places never share a cursor', () => {
  fc.assert(
    fc.property(place, log, position, (one, otherLog, otherPosition) => {
      fc.pre(one.log !== otherLog && one.position !== otherPosition);
      const others = [
        { ...one, log: otherLog },
        { ...one, position: otherPosition },
      ];
      expect(others.map(encodeCursor)).not.toContain(encodeCursor(one));
    }),
  );
});

test('a text that is no cursor is null', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      expect(decodeCursor(text)).toBeNull();
    }),
  );
});

test.each([
  ['an empty text', ''],
  ['a number', '17'],
  ['a log without a position', inBase64('0123456789abcdef.')],
  ['a position without a log', inBase64('.a')],
  ['a shorter name of a log', inBase64('0123456789abcde.a')],
  ['a longer name of a log', inBase64('0123456789abcdef0.a')],
  ['capitals in the name of a log', inBase64('0123456789ABCDEF.a')],
  ['capitals in the position', inBase64('0123456789abcdef.A')],
  ['a position with a leading zero', inBase64('0123456789abcdef.0a')],
  ['a negative position', inBase64('0123456789abcdef.-1')],
  ['a position of 14 digits', inBase64('0123456789abcdef.10000000000000')],
  ['a cursor with a line end', inBase64('0123456789abcdef.a\n')],
  ['two cursors in one', inBase64('0123456789abcdef.a0123456789abcdef.a')],
  ['a text that was not encoded', '0123456789abcdef.a'],
])('it does not take %s for a cursor', (_what, text) => {
  expect(decodeCursor(text)).toBeNull();
});

test('only one text names a place', () => {
  const change = fc.record({ at: fc.nat(), removed: fc.nat(2), added: fc.string({ unit: similar, maxLength: 2 }) });
  fc.assert(
    fc.property(place, change, (written, { at, removed, added }) => {
      const cursor = encodeCursor(written);
      const start = at % (cursor.length + 1);
      const changed = cursor.slice(0, start) + added + cursor.slice(start + removed);
      fc.pre(changed !== cursor);
      const read = decodeCursor(changed);
      // What was changed is another place or none; the same place it must not be.
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
  ['a character that decoders pass over', '!'],
])('a cursor followed by %s is none', (_what, suffix) => {
  const cursor = encodeCursor({ log: '0123456789abcdef', position: 17n });
  expect(decodeCursor(cursor)).not.toBeNull();
  expect(decodeCursor(cursor + suffix)).toBeNull();
});

test('a cursor whose last character says the same in other bits is none', () => {
  // 19 bytes: the last character carries two bits of them, and four that decoders pass over.
  const cursor = encodeCursor({ log: '0123456789abcdef', position: 36n });
  const others = [...BASE_64_URL].filter((character) => character !== cursor.at(-1));
  const same = others.filter((other) => bytesOf(cursor.slice(0, -1) + other).equals(bytesOf(cursor)));
  expect(same).toHaveLength(15);
  for (const other of same) expect(decodeCursor(cursor.slice(0, -1) + other)).toBeNull();
});

const similar = fc.constantFrom(...BASE_64_URL, '=', '+', '/', ' ', '\n', '.');

function inBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

function bytesOf(cursor: string): Buffer {
  return Buffer.from(cursor, 'base64url');
}
