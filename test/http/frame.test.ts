import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { writeMessage } from '../../src/http/frame.ts';
import { until } from '../support/wait.ts';

// The package exports the receiving side as well, but its type definitions omit it.
const { Receiver } = ws as unknown as { readonly Receiver: new (options: { isServer: boolean }) => Writable };

test('a payload of any length arrives as a message at each reader, whether the reader takes it at once or later', async () => {
  const pairs = await Promise.all(Array.from({ length: 4 }, openPair));
  const lengths = fc.constantFrom(0, 1, 60, 125, 126, 1_000, 65_400, 65_480, 65_536, 100_000);
  const ids = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 2 }), {
    minLength: 4,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(lengths, { minLength: 1, maxLength: 20 }), ids, async (payloadLengths, readerIds) => {
      const sent = pairs.map(() => [] as string[]);
      const texts = payloadLengths.map((length, index) => JSON.stringify(`${index}${'x'.repeat(length)}`));
      // Two connections buffer what they are given, as they do when their readers take nothing.
      for (const { writer } of pairs.slice(2)) writer.cork();
      for (const text of texts) {
        const payload = { bytes: Buffer.from(text), cursor: '' };
        for (const [index, { writer }] of pairs.entries()) {
          const id = readerIds[index] as string;
          writeMessage(writer, JSON.stringify(id), payload);
          sent[index]?.push(`{"id":${JSON.stringify(id)},"type":"next","payload":${text}}`);
        }
      }
      for (const { writer } of pairs.slice(2)) writer.uncork();
      await until('all is read', () => pairs.every(({ read }) => read.length === texts.length));
      expect(pairs.map(({ read }) => read.splice(0))).toEqual(sent);
    }),
    { numRuns: 40 },
  );
  for (const { reader } of pairs) reader.destroy();
});

interface Pair {
  readonly writer: Socket;
  readonly reader: Socket;
  readonly read: string[];
}

/** Both ends of a connection, and the messages that arrived at one of them. */
async function openPair(): Promise<Pair> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [writer] = (await once(server, 'connection')) as [Socket];
  server.close();
  const read: string[] = [];
  const receiver = new Receiver({ isServer: false });
  receiver.on('message', (data: Buffer) => read.push(String(data)));
  reader.on('data', (chunk) => receiver.write(chunk));
  return { writer, reader, read };
}
