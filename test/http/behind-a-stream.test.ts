import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepRequestOrder, streamTo } from '../../src/http/request-order.ts';
import { heldMemory } from '../support/memory.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const MIB = 1024 * 1024;
const STREAM = `GET /graphql?query=${encodeURIComponent('subscription { changes { cursor } }')} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n`;
/** Each has nearly as large a head as may be sent. */
const LARGE = `GET /livez HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(120 * 1024)}\r\n\r\n`;

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test('a connection with an event stream is cut off at the next request on it, so that none is kept', async () => {
  const clients = await Promise.all(Array.from({ length: 10 }, () => open(server.url)));
  for (const { socket } of clients) socket.write(STREAM);
  await until('all have a stream', () => clients.every(({ heard }) => heard().includes('id: ')));
  expect(server.connections.count).toBe(10);
  const before = heldMemory().rss;
  for (const { socket } of clients) for (let times = 0; times < 90; times += 1) socket.write(LARGE);
  await until('all are cut off', () => clients.every(({ socket }) => socket.destroyed));
  await until('no stream is left', () => server.connections.count === 0);
  expect((heldMemory().rss - before) / MIB).toBeLessThan(150);
});

test('a request that was sent together with that for a stream ends it as well', async () => {
  const { socket, heard } = await open(server.url);
  socket.write(`${STREAM}GET /livez HTTP/1.1\r\nHost: a\r\n\r\n`);
  await until('it is cut off', () => socket.destroyed);
  expect(heard()).not.toContain('ok\n');
  await until('no stream is left', () => server.connections.count === 0);
});

test('a stream that the server ends leaves its connection to further requests', async () => {
  const { socket, heard } = await open(server.url);
  socket.write(STREAM.replace('changes', 'nothing'));
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
  await until('both are answered', () => heard().includes('event: complete') && heard().includes('ok\n'));
  socket.destroy();
});

test('a request that comes while the rest of an ended stream is on its way is answered after it', async () => {
  const order = keepRequestOrder();
  let ended = false;
  const ending = createServer(async (request, response) => {
    await order.take(request, response);
    if (request.url === '/next') return void response.end('the next');
    streamTo(request, response);
    // More than the network takes of a client that does not read.
    response.end('x'.repeat(32 * MIB));
    ended = true;
  }).listen(0, '127.0.0.1');
  await once(ending, 'listening');
  const { socket, heard } = await open(`http://127.0.0.1:${(ending.address() as AddressInfo).port}`);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await until('it has ended', () => ended);
  socket.write('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
  await sleep(50);
  socket.resume();
  await until('the next is answered', () => socket.destroyed || heard().endsWith('the next'));
  expect(heard().endsWith('the next')).toBe(true);
  socket.destroy();
  ending.close();
});

test('of the requests that wait for an earlier one, few are kept if they are large', async () => {
  const order = keepRequestOrder();
  let arrived = 0;
  const slow = createServer({ maxHeaderSize: MIB }, (request, response) => {
    arrived += 1;
    void order.take(request, response);
  }).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
  const [small, large] = await Promise.all([open(url), open(url)]);
  for (let times = 0; times < 50; times += 1) small.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await until('the small ones have arrived', () => arrived === 50);
  for (let times = 0; times < 50; times += 1) large.socket.write(LARGE);
  await until('the client with large ones is cut off', () => large.socket.destroyed);
  expect(arrived).toBeLessThan(60);
  await sleep(20);
  expect(small.socket.destroyed).toBe(false);
  small.socket.destroy();
  slow.close();
});

interface Client {
  readonly socket: Socket;
  heard(): string;
}

async function open(url: string): Promise<Client> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let heard = '';
  socket
    .on('error', () => undefined)
    .on('data', (bytes) => {
      heard += bytes.toString('latin1');
    });
  await once(socket, 'connect');
  return { socket, heard: () => heard };
}
