import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { cancelWith, isCancelled, shareWork } from '../../src/database/cancel.ts';
import { type Payload, payloadOf, rememberPayloads } from '../../src/execution/payload.ts';
import { createErrorPolicy } from '../../src/http/error-policy.ts';
import { writeMessages } from '../../src/http/frame.ts';
import { createLogger } from '../../src/logger.ts';
import { deferred } from '../support/wait.ts';

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
  const recent = rememberPayloads(shareWork, 100 * size).kept;
  for (let index = 0; index < 1_000; index += 1) recent.set(keyOf(index), payload);
  expect(recent.size).toBe(100);
  expect(recent.calculatedSize).toBe(100 * size);
  const found = (index: number): Payload | undefined => recent.get(keyOf(index));
  expect([found(899), found(900), found(999)]).toEqual([undefined, payload, payload]);
});

test('a payload that several readers wait for is executed until the last of them has left', async () => {
  const recent = rememberPayloads(shareWork);
  const payload = payloadOf({ data: { text: TEXT } }, 'cursor', ERRORS);
  let executions = 0;
  const execute = async (): Promise<Payload> => {
    executions += 1;
    await first.promise;
    if (isCancelled()) throw new Error('cancelled');
    return payload;
  };
  let first = deferred();
  const [one, other] = [new AbortController(), new AbortController()];
  const fetchFor = ({ signal }: AbortController) => cancelWith(signal, () => recent.fetch('key', execute));
  const asked = [fetchFor(one), fetchFor(other)];
  one.abort();
  first.resolve();
  expect(await Promise.all(asked)).toEqual([payload, payload]);

  recent.kept.clear();
  first = deferred();
  const [third, fourth] = [new AbortController(), new AbortController()];
  const left = Promise.allSettled([fetchFor(third), fetchFor(fourth)]);
  third.abort();
  fourth.abort();
  // Who comes now is not cut off with them.
  const late = fetchFor(new AbortController());
  first.resolve();
  expect((await left).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await late).toBe(payload);
  expect(executions).toBe(3);
});
