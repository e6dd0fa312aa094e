import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { writeMessages } from '../../src/http/frame.ts';
import { until } from '../support/wait.ts';

// The package exports the receiving side as well, but its type definitions omit it.
const { Receiver, PerMessageDeflate } = ws as unknown as {
  readonly Receiver: new (options: { isServer: boolean; extensions: object }) => Writable;
  readonly PerMessageDeflate: new () => { accept(offers: readonly object[]): void };
};

test('payloads of any length arrive as messages at each reader, compressed or not, together or one by one, at once or later', async () => {
  const pairs = await Promise.all(Array.from({ length: 6 }, openPair));
  const lengths = fc.constantFrom(0, 1, 60, 125, 126, 1_000, 1_022, 5_000, 65_400, 65_480, 65_536, 100_000);
  const ids = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 2 }), {
    minLength: 6,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(lengths, { minLength: 1, maxLength: 20 }),
      ids,
      fc.boolean(),
      async (payloadLengths, readerIds, isTogether) => {
        const sent = pairs.map(() => [] as string[]);
        const texts = payloadLengths.map((length, index) => JSON.stringify(`${index}${'x'.repeat(length)}`));
        const payloads = texts.map((text) => ({ bytes: Buffer.from(text), cursor: '' }));
        const writes = isTogether ? [payloads] : payloads.map((payload) => [payload]);
        // Four connections buffer what they are given, as they do when their readers take nothing.
        for (const { writer } of pairs.slice(2)) writer.cork();
        for (const together of writes) {
          for (const [index, { writer }] of pairs.entries()) {
            const id = JSON.stringify(readerIds[index]);
            writeMessages({ connection: writer, takesDeflated: index % 2 === 1 }, id, together);
            for (const { bytes } of together) sent[index]?.push(`{"id":${id},"type":"next","payload":${bytes}}`);
          }
        }
        for (const { writer } of pairs.slice(2)) writer.uncork();
        await until('all is read', () => pairs.every(({ read }) => read.length === texts.length));
        expect(pairs.map(({ read }) => read.splice(0))).toEqual(sent);
      },
    ),
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
  const deflate = new PerMessageDeflate();
  deflate.accept([{ server_no_context_takeover: [true], client_no_context_takeover: [true] }]);
  const receiver = new Receiver({ isServer: false, extensions: { 'permessage-deflate': deflate } });
  receiver.on('message', (data: Buffer) => read.push(String(data)));
  reader.on('data', (chunk) => receiver.write(chunk));
  return { writer, reader, read };
}
