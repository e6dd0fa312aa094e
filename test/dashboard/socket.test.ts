import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

/** With waits that double from a quarter of a second, less up to half of each, there are at most so many attempts in the time. */
const WATCHED_MS = 2_500;
const MOST_ATTEMPTS = 6;

afterEach(() => void vi.unstubAllGlobals());

test('a subscription that the server refuses at once is tried again at longer and longer intervals', async () => {
  const server = new WebSocketServer({ port: 0, handleProtocols: () => 'graphql-transport-ws' });
  await once(server, 'listening');
  let asked = 0;
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      const { id, type } = JSON.parse(String(data));
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type !== 'subscribe') return;
      asked += 1;
      socket.send(JSON.stringify({ id, type: 'error', payload: [{ message: 'Too many.' }] }));
    }),
  );
  vi.stubGlobal('location', { href: `http://localhost:${(server.address() as AddressInfo).port}/` });
  vi.stubGlobal('WebSocket', WebSocket);
  const { follow } = await import('../../dashboard/src/api/socket.ts');
  const states: boolean[] = [];
  const end = follow('subscription { changes { cursor } }', '', {
    next: () => undefined,
    connected: (isConnected) => void states.push(isConnected),
    lost: () => Promise.reject(new Error('It is not lost.')),
  });
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  end();
  server.close();
  expect(asked).toBeGreaterThan(1);
  expect(asked).toBeLessThanOrEqual(MOST_ATTEMPTS);
  expect(states.slice(0, 2)).toEqual([true, false]);
});
