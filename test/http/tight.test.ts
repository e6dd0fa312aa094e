import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readOnce } from '../../src/http/by-header.ts';
import { deflatedBlocks } from '../../src/http/deflate.ts';
import { tight } from '../../src/http/tight.ts';

test('a part of a larger buffer is copied, and a whole buffer is not', () => {
  const text = Buffer.from('text '.repeat(500));
  const slice = deflateRawSync(text);
  expect(slice.buffer.byteLength).toBeGreaterThan(slice.length);
  const own = tight(slice);
  expect([own.buffer.byteLength, own.equals(slice)]).toEqual([slice.length, true]);
  expect(tight(own)).toBe(own);
});

test('compressed blocks keep no more than their bytes', () => {
  const blocks = deflatedBlocks(Buffer.from('text '.repeat(500)));
  expect(blocks.buffer.byteLength).toBe(blocks.length);
});

test('a value of a header is read once, unless it is long', () => {
  let reads = 0;
  const lengthOf = readOnce((header) => {
    reads += 1;
    return header.length;
  });
  expect([lengthOf('br'), lengthOf('br'), reads]).toEqual([2, 2, 1]);
  const long = 'x'.repeat(1_000);
  expect([lengthOf(long), lengthOf(long), reads]).toEqual([1_000, 1_000, 3]);
});
