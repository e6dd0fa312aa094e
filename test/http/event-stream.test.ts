import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const QUIET = 'subscription { changes(filter: {subjects: []}) { cursor } }';
const COMMENT = ':\n\n';

test('a quiet stream says at its start how soon to come back, and then something every 15 s', {
  timeout: 60_000,
}, async () => {
  await using server = await openServer();
  const began = Date.now();
  const stream = await open(server);
  await until('it has begun', () => stream.text() !== '');
  expect(stream.text()).toBe('retry: 1000\n\n');
  await until('it says something', () => stream.text().endsWith(COMMENT), 20_000);
  expect(Date.now() - began).toBeGreaterThan(14_000);
  expect(Date.now() - began).toBeLessThan(17_000);
  stream.stop();
});

test('a server that stops ends a new stream at once, so that an EventSource comes back and does not give up', async () => {
  await using server = await openServer();
  const before = await open(server);
  const drained = server.connections.drain(1_000);
  const late = await open(server);
  expect(late.response.statusCode).toBe(200);
  expect(late.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  await until('it has ended', () => late.response.complete);
  expect(late.text()).toBe('retry: 1000\n\n');
  await drained;
  await until('the other one has ended', () => before.response.complete);
});

interface OpenStream {
  readonly response: IncomingMessage;
  /** All that came so far. */
  text(): string;
  stop(): void;
}

/** Opens a stream as an EventSource does. */
function open(server: TestServer): Promise<OpenStream> {
  const address = `${server.url}?${new URLSearchParams({ query: QUIET })}`;
  return new Promise((resolve, reject) => {
    const request = get(address, { agent: false, headers: { accept: 'text/event-stream' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => undefined);
      resolve({ response, text: () => text, stop: () => void request.destroy() });
    });
    request.once('error', reject);
  });
}
