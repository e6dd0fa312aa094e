import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The headers that ask for an upgrade. */
const OF_UPGRADES = /^(upgrade|http2-settings)$/i;

/** Whether a request asks for a WebSocket at our path. Any other upgrade is only an offer, and we ignore it. */
export function asksForWebSocket({ method, headers }: IncomingMessage, path: string): boolean {
  return method === 'GET' && path === '/graphql' && headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Answers a request with an upgrade offer as if it had none: Java's client and `curl --http2` offer HTTP/2 in each first request.
 * Node before 24.9 stops reading the connection when it emits the upgrade. So the request is given to the server again, without the
 * offer, in front of the rest of its data, such as the body.
 */
export function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  if (socket.destroyed) return;
  const head = Buffer.from(headWithoutOffer(request), 'latin1');
  // An idle timeout may run since an earlier answer.
  (socket as Socket).setTimeout(0);
  socket.unshift(Buffer.concat([head, rest]));
  server.emit('connection', socket);
}

function headWithoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (OF_UPGRADES.test(name)) continue;
    if (name.toLowerCase() !== 'connection') lines.push(`${name}: ${value}`);
    else lines.push(`${name}: ${withoutOffer(value)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function withoutOffer(connection: string): string {
  const options = connection.split(',').filter((option) => !OF_UPGRADES.test(option.trim()));
  return options.join(',') || 'keep-alive';
}
