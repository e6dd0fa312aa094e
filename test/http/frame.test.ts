import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { textFrame } from '../../src/http/frame.ts';

// The type definitions leave out what the package exports for the other side of the wire.
const { Receiver } = ws as unknown as { readonly Receiver: new (options: { isServer: boolean }) => Writable };

test('a frame of any length is read as the text it was made of', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 1, 100, 124, 125, 126, 127, 65_533, 65_535, 65_536, 100_000),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      async (length, text) => {
        const parts = [Buffer.from(text), Buffer.from('x'.repeat(length)), Buffer.from('}')];
        const receiver = new Receiver({ isServer: false });
        const read = new Promise((resolve, reject) => {
          receiver.on('message', (data: Buffer, isBinary: boolean) => resolve([String(data), isBinary]));
          receiver.on('error', reject);
        });
        receiver.write(textFrame(parts));
        expect(await read).toEqual([`${text}${'x'.repeat(length)}}`, false]);
      },
    ),
    { numRuns: 50 },
  );
});
