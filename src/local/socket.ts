import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { BadInput, StartupError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** The name of the socket in the data folder. */
const SOCKET = 'db.sock';
/** The most bytes that the system takes for the path of a socket. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
/** Leaves reading and writing for the owner alone. Whoever may use the socket is the administrator, as is whoever can read the folder. */
const MASK_OF_OTHERS = 0o177;
/** What a command sends is small. */
const MAX_INPUT_BYTES = 64 * 1024;
/** How long a command waits for the server, in milliseconds. */
const WAIT_MS = 30_000;
/** Errors when nobody listens at the path: there is no socket, or one that a crashed server has left. */
const NOBODY: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED']);

/**
 * What a server does for the commands on its machine, by name. Input and result are JSON. An input that is refused is thrown as BadInput, or
 * as a StartupError.
 */
export type LocalCommands = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

/** The path of a data folder's socket, or why it has none. */
export type LocalPlace = { readonly path: string } | { readonly problem: string };

/** Where a server with this data folder listens for commands. */
export function localPlaceOf(dataDir: string): LocalPlace {
  if (process.platform === 'win32') return { problem: 'on Windows commands do not reach a running server' };
  const whole = resolve(dataDir, SOCKET);
  const fromHere = relative('', whole);
  const path = fromHere.length < whole.length ? fromHere : whole;
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path };
  return {
    problem: `the path of the socket ${whole} has more than ${MAX_PATH_BYTES} bytes, which the system allows; choose a shorter MILEPOST_DATA_DIR`,
  };
}

/**
 * Serves commands on a socket in the data folder, until disposed. The caller must hold the lock of the folder, so a socket that is there
 * already was left by a server that crashed. Where no socket is possible, a warning is logged and everything else goes on.
 */
export async function serveLocally(dataDir: string, commands: LocalCommands, logger: Logger): Promise<AsyncDisposable> {
  const place = localPlaceOf(dataDir);
  const server = createServer((asked, response) => void answer(asked, response, commands, logger));
  try {
    if ('problem' in place) throw new Error(place.problem);
    await rm(place.path, { force: true });
    await listenForOwner(server, place.path);
  } catch (error) {
    logger.warn({ reason: (error as Error).message }, 'commands cannot reach this server while it runs');
    return { [Symbol.asyncDispose]: async () => undefined };
  }
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        // It also removes the socket.
        server.close(() => closed());
        server.closeIdleConnections();
      }),
  };
}

/** The mask is set while the socket is made, so that there is no moment in which others may connect. */
function listenForOwner(server: Server, path: string): Promise<void> {
  return new Promise((done, reject) => {
    server.once('error', reject);
    const mask = process.umask(MASK_OF_OTHERS);
    try {
      server.listen(path, done);
    } finally {
      process.umask(mask);
    }
  });
}

async function answer(
  asked: IncomingMessage,
  response: ServerResponse,
  commands: LocalCommands,
  logger: Logger,
): Promise<void> {
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
  };
  try {
    const name = asked.url?.slice(1) ?? '';
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) return send(404, { problem: `This server does not know "${name}".` });
    if (Number(asked.headers['content-length'] ?? Infinity) > MAX_INPUT_BYTES)
      return send(413, { problem: 'The input is too large.' });
    const input: unknown = JSON.parse(await text(asked));
    send(200, { result: (await command(input)) ?? null });
  } catch (error) {
    if (error instanceof BadInput || error instanceof StartupError) return send(400, { problem: error.message });
    logger.error({ err: error }, 'a command failed');
    send(500, { problem: `The server failed: ${(error as Error).message}` });
  }
}

/**
 * Lets the server of a data folder run a command, and returns its result; null if no server listens there. Throws a StartupError for
 * what the server refuses, and if it does not answer.
 */
export async function askLocally(
  dataDir: string,
  command: string,
  input: unknown,
): Promise<{ readonly result: unknown } | null> {
  const place = localPlaceOf(dataDir);
  if ('problem' in place) return null;
  const { status, body } = (await post(place.path, command, JSON.stringify(input))) ?? { status: 0, body: '' };
  if (status === 0) return null;
  const { result, problem } = JSON.parse(body) as { readonly result?: unknown; readonly problem?: string };
  if (status === 404) throw new StartupError(`The running server is of another version: ${problem} Restart it.`);
  if (problem !== undefined) throw new StartupError(problem);
  return { result };
}

/** Null if nobody listens at the path. */
function post(path: string, command: string, input: string): Promise<{ status: number; body: string } | null> {
  return new Promise((done, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(input) };
    const sent = request({ socketPath: path, path: `/${command}`, method: 'POST', headers, timeout: WAIT_MS });
    const fail = ({ code, message }: NodeJS.ErrnoException): void => {
      const advice = code === 'EACCES' ? 'Run the command as the user of the server.' : 'Try again.';
      if (NOBODY.has(code)) done(null);
      else reject(new StartupError(`The running server cannot be asked over ${path}: ${message}. ${advice}`));
    };
    sent.on('error', fail);
    sent.on('timeout', () => sent.destroy(new Error(`it has not answered for ${WAIT_MS / 1_000} s`)));
    sent.on('response', (response) => {
      text(response).then((body) => done({ status: response.statusCode ?? 0, body }), fail);
    });
    sent.end(input);
  });
}
