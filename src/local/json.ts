import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { BadInput, StartupError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { askLocally, type LocalHandler } from './socket.ts';

/** The path at which a running server manages keys. */
export const KEYS = '/keys';
/** What a command sends is small. */
const MAX_INPUT_BYTES = 64 * 1024;

/**
 * Reads the input of a command as JSON, and answers with its result as JSON. What the command refuses, as BadInput or StartupError, is told
 * to the client; any other error is logged.
 */
export function answerJson(run: (input: unknown) => Promise<unknown>, logger: Logger): LocalHandler {
  return async (request, response) => {
    try {
      const input: unknown = JSON.parse(await textOf(request));
      send(response, { result: (await run(input)) ?? null });
    } catch (error) {
      if (error instanceof BadInput || error instanceof StartupError) return send(response, { problem: error.message });
      logger.error({ err: error }, 'a command failed');
      throw error;
    }
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) > MAX_INPUT_BYTES)
    throw new StartupError('The input is too large.');
  return text(request);
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The result of a command by the process that listens on the socket; null if there is none. Throws a StartupError for what it refuses. */
export async function askJson(
  path: string,
  command: string,
  input: unknown,
): Promise<{ readonly result: unknown } | null> {
  // Its sockets have no files that other processes find.
  if (process.platform === 'win32') return null;
  const response = await askLocally(path, command, JSON.stringify(input)).catch((error: NodeJS.ErrnoException) => {
    // No server can listen there either.
    if (error.name === 'PathTooLong') return null;
    const advice = error.code === 'EACCES' ? ' Run the command as the user of the server.' : '';
    throw new StartupError(`The running server cannot do it: ${error.message}${advice}`);
  });
  if (response === null) return null;
  const { result, problem } = JSON.parse(await text(response)) as { result?: unknown; problem?: string };
  if (problem !== undefined) throw new StartupError(problem);
  return { result };
}
