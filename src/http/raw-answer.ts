import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLError } from 'graphql';
import type { Origins } from './origins.ts';
import { OF_ANSWERS } from './security-headers.ts';

/** How long a client whose connection is closed has to read why. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Answers on a connection for which there is no response, and closes it. */
export function refuseRaw(
  socket: Duplex,
  status: number,
  refusal: GraphQLError,
  { areOpen }: Origins,
  more: Readonly<Record<string, string>> = {},
): void {
  // Nobody else handles errors of the socket, and an unhandled one would end the process.
  socket.on('error', () => socket.destroy());
  const body = JSON.stringify({ errors: [refusal] });
  const headers = {
    ...OF_ANSWERS,
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...(areOpen ? { 'access-control-allow-origin': '*' } : {}),
    ...more,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  // If the connection were cut at once, a client that is still sending would miss the answer.
  setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
}
