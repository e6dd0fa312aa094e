import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Payload, payloadOf, rememberPayloads } from '../../src/execution/payload.ts';
import { createErrorPolicy } from '../../src/http/error-policy.ts';
import { writeMessages } from '../../src/http/frame.ts';
import { createLogger } from '../../src/logger.ts';

const ERRORS = createErrorPolicy(createLogger('silent'));
const TEXT = 'ein Zähler';

test('a payload and its frame use no memory but their own', () => {
  const written: Buffer[] = [];
  const connection = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk);
      done();
    },
  });
  const payload = payloadOf({ data: { text: TEXT } }, 'cursor', ERRORS);
  writeMessages({ connection, takesDeflated: false }, '"1"', [payload]);
  const [frame] = written as [Buffer];
  expect(payload.bytes.toString()).toBe(`{"data":{"text":"${TEXT}"}}`);
  for (const bytes of [payload.bytes, frame]) expect(bytes.buffer.byteLength).toBe(bytes.length);
});

test('the newest payloads are remembered, up to a bound', () => {
  const payload = payloadOf({ data: { text: TEXT } }, 'cursor', ERRORS);
  const keyOf = (index: number): string => String(index).padStart(5, '0');
  const size = payload.bytes.length + keyOf(0).length;
  const recent = rememberPayloads(100 * size);
  for (let index = 0; index < 1_000; index += 1) recent.set(keyOf(index), payload);
  expect(recent.size).toBe(100);
  expect(recent.calculatedSize).toBe(100 * size);
  const found = (index: number): Payload | undefined => recent.get(keyOf(index));
  expect([found(899), found(900), found(999)]).toEqual([undefined, payload, payload]);
});
