import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { DOCUMENT, type FromClients, now } from './settings.ts';

/** One socket in so many also notes when which event arrived; the others only count. */
const SAMPLED = 20;
const OPENED_AT_ONCE = 100;

const [url = '', count = '0', kind = ''] = process.argv.slice(2);
let messages = 0;
const instants: { value: number; at: number }[] = [];

for (let opened = 0; opened < Number(count); opened += OPENED_AT_ONCE) {
  const batch = Math.min(OPENED_AT_ONCE, Number(count) - opened);
  await Promise.all(Array.from({ length: batch }, (_, index) => open((opened + index) % SAMPLED === 0)));
}
tell({ type: 'subscribed' });
process.on('message', () => tell({ type: 'received', messages, instants }));

/** Opens a socket and subscribes, with an operation id that no other socket has. */
function open(isSampled: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    const begin = (): void => {
      socket.on('message', isSampled ? note : () => (messages += 1));
      resolve();
    };
    socket.once('error', reject);
    socket.once('open', () => {
      if (kind === 'raw-ws') begin();
      else socket.send(JSON.stringify({ type: 'connection_init' }));
    });
    socket.once('message', () => {
      if (kind === 'raw-ws') return;
      socket.send(JSON.stringify({ id: randomUUID(), type: 'subscribe', payload: { query: DOCUMENT } }));
      begin();
    });
  });
}

function note(data: WebSocket.RawData): void {
  messages += 1;
  const [, value] = /"figure":\{"value":(\d+)/.exec(String(data)) ?? [];
  if (value !== undefined) instants.push({ value: Number(value), at: now() });
}

function tell(message: FromClients): void {
  process.send?.(message);
}
