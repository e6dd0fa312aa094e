import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import * as ws from 'ws';
import { soon } from './wait.ts';

// The package exports the receiving side as well, but its type definitions omit it.
const { Receiver } = ws as unknown as { readonly Receiver: new (options: { isServer: boolean }) => Writable };

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** A frame that a client may send, or should not. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Whether it is the last of its message; it is when not given. */
  readonly isFinal?: boolean;
  /** Whether the payload is masked, as a client has to; it is when not given. */
  readonly isMasked?: boolean;
}

export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A WebSocket without a library, so that it can break the protocol. */
export interface RawSocket extends Disposable {
  /** The connection itself. */
  readonly socket: Socket;
  /** The protocol that the server chose; undefined when it chose none. */
  readonly protocol: string | undefined;
  /** The messages of the server. */
  readonly heard: readonly Message[];
  /** How the server closed it; null while it has not. */
  readonly closed: { readonly code: number; readonly reason: string } | null;
  /** Whether the connection has ended, in any way. */
  readonly gone: boolean;
  send(...frames: readonly Frame[]): void;
  /** Sends messages: a text as it is, anything else as JSON. */
  say(...messages: readonly unknown[]): void;
}

/** Opens a WebSocket that offers these protocols. It reads answers and answers pings until the connection is paused. */
export async function openRawSocket(wsUrl: string, protocols = 'graphql-transport-ws'): Promise<RawSocket> {
  const { hostname, port, pathname } = new URL(wsUrl);
  const socket = connect(Number(port), hostname);
  let gone = false;
  socket.on('error', () => undefined).once('close', () => (gone = true));
  socket.write(
    [
      `GET ${pathname} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
      ...(protocols === '' ? [] : [`Sec-WebSocket-Protocol: ${protocols}`]),
      '\r\n',
    ].join('\r\n'),
  );
  const [head] = (await soon('the answer to the upgrade', once(socket, 'data'))) as [Buffer];
  if (!head.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(`It was refused: ${head}`);
  const heard: Message[] = [];
  let closed: RawSocket['closed'] = null;
  const send = (...frames: readonly Frame[]): void => void socket.write(Buffer.concat(frames.map(bytesOf)));
  const receiver = new Receiver({ isServer: false })
    .on('ping', (payload: Buffer) => send({ opcode: PONG, payload }))
    .on('message', (data: Buffer) => heard.push(JSON.parse(String(data)) as Message))
    .on('conclude', (code: number, reason: Buffer) => (closed = { code, reason: String(reason) }));
  receiver.write(head.subarray(head.indexOf('\r\n\r\n') + 4));
  socket.on('data', (bytes) => receiver.write(bytes));
  return {
    socket,
    protocol: /^sec-websocket-protocol: (.*)\r$/im.exec(head.toString('latin1'))?.[1],
    heard,
    get closed() {
      return closed;
    },
    get gone() {
      return gone;
    },
    send,
    say: (...messages) => send(...messages.map(textFrame)),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** A message in one frame: a text as it is, anything else as JSON. */
export function textFrame(message: unknown): Frame {
  return { opcode: TEXT, payload: Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)) };
}

function bytesOf({ opcode, payload, isFinal = true, isMasked = true }: Frame): Buffer {
  const { length } = payload;
  const lengthBytes = Buffer.alloc(length < 126 ? 1 : length < 65_536 ? 3 : 9);
  if (length < 126) lengthBytes[0] = length;
  else if (length < 65_536) lengthBytes.writeUInt16BE(length, 1);
  else lengthBytes.writeBigUInt64BE(BigInt(length), 1);
  if (length >= 126) lengthBytes[0] = length < 65_536 ? 126 : 127;
  lengthBytes[0] = (lengthBytes[0] as number) | (isMasked ? 0x80 : 0);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([
    Buffer.from([(isFinal ? 0x80 : 0) | opcode]),
    lengthBytes,
    Buffer.alloc(isMasked ? 4 : 0),
    payload,
  ]);
}
