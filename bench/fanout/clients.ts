import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { createGunzip } from 'node:zlib';
import WebSocket from 'ws';
import { type Arrival, DOCUMENT, type FromClients, type Kind, now, type Readers, type ToClients } from './settings.ts';

/** One reader in this many also records when each event arrived; the others only count. */
const SAMPLED = 20;
const OPENED_AT_ONCE = 100;

const [url = '', kind] = process.argv.slice(2) as [string, Kind];
let opened = 0;
let messages = 0;
let arrivals: Arrival[] = [];

process.on('message', (message: ToClients) => {
  if (message.type === 'open') void openAll(message);
  else if (message.type === 'report') report();
  else {
    tell({ type: 'arrivals', arrivals });
    arrivals = [];
  }
});
// The driver may have gone.
process.on('disconnect', () => process.exit());

async function openAll({ count, transport, reading }: Readers): Promise<void> {
  const open = transport === 'SSE' ? openStream : openSocket;
  for (let left = count; left > 0; left -= OPENED_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, left) }, () => open(reading)));
  tell({ type: 'opened' });
}

/** Opens a socket and subscribes, with a unique operation id. */
function openSocket(reading: boolean): Promise<void> {
  const take = taker();
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: kind === 'compressed' });
    const begin = (): void => {
      socket.on('message', (data) => take(data as Buffer));
      if (!reading) socket.pause();
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

/** Opens a stream of server-sent events. */
function openStream(reading: boolean): Promise<void> {
  const take = taker();
  const address = `${url.replace('ws', 'http')}?${new URLSearchParams({ query: DOCUMENT })}`;
  const headers = { accept: 'text/event-stream', ...(kind === 'compressed' ? { 'accept-encoding': 'gzip' } : {}) };
  return new Promise((resolve, reject) => {
    const request = get(address, { headers, agent: false }, (response) => {
      let text = '';
      const body = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response;
      body.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = `${text}${chunk}`.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) if (part.includes('event: next')) take(part);
      });
      response.on('error', () => undefined);
      if (!reading) response.pause();
      resolve();
    });
    request.once('error', reject);
  });
}

/** Takes what one reader gets. Anything but events ends this process with an error. */
function taker(): (data: Buffer | string) => void {
  opened += 1;
  const isSampled = opened % SAMPLED === 1;
  return (data) => {
    if (!data.includes('"figure":{"value":')) throw new Error(`This is no event: ${data}`);
    messages += 1;
    if (!isSampled) return;
    const [, value] = /"figure":\{"value":(\d+)/.exec(String(data)) ?? [];
    if (value !== undefined) arrivals.push({ value: Number(value), at: now() });
  };
}

function report(): void {
  const { user, system } = process.cpuUsage();
  tell({ type: 'received', messages, cpuMicros: user + system });
}

function tell(message: FromClients): void {
  process.send?.(message);
}
