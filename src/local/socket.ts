import { chmod, open, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { basename, dirname } from 'node:path';

/** What a socket's address has room for, everywhere: 108 bytes on Linux, 104 elsewhere, with a zero at the end. */
const LONGEST_PATH = 103;
/** A client that takes nothing for this long is let go. */
const SILENT_MS = 60_000;

/** Answers one path of the socket. */
export type LocalHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The path of a socket is too long, and the system has no other way to name it. */
class PathTooLong extends Error {
  override readonly name = 'PathTooLong';
}

/**
 * Listens for commands of this machine on a Unix socket that only the owner of this process may use, until disposed. It speaks HTTP. The
 * caller has the folder for itself: a socket that is there was left by a process that is gone.
 */
export async function serveLocally(
  path: string,
  handlers: Readonly<Record<string, LocalHandler>>,
): Promise<AsyncDisposable> {
  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const answering = answer(request, response, handlers).finally(() => running.delete(answering));
    running.add(answering);
  });
  server.setTimeout(SILENT_MS, (socket) => socket.destroy());
  const address = await shortPath(path);
  try {
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(address.path, resolve);
    });
    await chmod(path, 0o600);
  } catch (error) {
    server.close();
    await address[Symbol.asyncDispose]();
    throw error;
  }
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await Promise.all(running);
      await address[Symbol.asyncDispose]();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: Readonly<Record<string, LocalHandler>>,
): Promise<void> {
  const handler = Object.hasOwn(handlers, request.url ?? '') ? handlers[request.url ?? ''] : undefined;
  try {
    if (handler !== undefined) return await handler(request, response);
    response.writeHead(404).end('This server does not know the command; it may be of another version.');
  } catch (error) {
    // An answer that has begun ends without its end, so that it is not taken for a whole one.
    if (response.headersSent) response.destroy();
    else response.writeHead(503).end((error as Error).message);
  }
}

/** Asks the process that listens on the socket; null if there is none. Rejects with what it says if it refuses. */
export async function askLocally(path: string, command: string): Promise<IncomingMessage | null> {
  await using address = await shortPath(path).catch((error: NodeJS.ErrnoException) => {
    if (isNobody(error)) return null;
    throw error;
  });
  if (address === null) return null;
  const response = await new Promise<IncomingMessage | null>((resolve, reject) => {
    sendRequest({ socketPath: address.path, path: command, agent: false })
      .once('response', resolve)
      .once('error', (error: NodeJS.ErrnoException) => (isNobody(error) ? resolve(null) : reject(error)))
      .end();
  });
  if (response === null || response.statusCode === 200) return response;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  throw new Error(text);
}

/** No socket, one that was left behind, or a system without such sockets. */
function isNobody({ code }: NodeJS.ErrnoException): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR'].includes(code ?? '');
}

/** A name of the path that fits an address. On Linux a file can also be named by its open folder. */
async function shortPath(path: string): Promise<AsyncDisposable & { readonly path: string }> {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return { path, [Symbol.asyncDispose]: async () => undefined };
  if (process.platform !== 'linux')
    throw new PathTooLong(`The path ${path} has more than ${LONGEST_PATH} bytes, which is the most for a socket.`);
  const folder = await open(dirname(path), 'r');
  return {
    path: `/proc/self/fd/${folder.fd}/${basename(path)}`,
    [Symbol.asyncDispose]: () => folder.close(),
  };
}
