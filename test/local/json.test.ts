import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BadInput, StartupError } from '../../src/errors.ts';
import { answerJson, askJson } from '../../src/local/json.ts';
import { serveLocally } from '../../src/local/socket.ts';
import { createLogger } from '../../src/logger.ts';

/** More than a command may send. */
const TOO_MUCH = 'a'.repeat(70_000);
const logger = createLogger('silent');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-local-'));
  path = join(folder, 'db.socket');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function serve() {
  return serveLocally(path, {
    '/repeat': answerJson(async (input) => input, logger),
    '/nothing': answerJson(async () => undefined, logger),
    '/refuse': answerJson(async () => {
      throw new BadInput([{ code: 'INVALID_INPUT', path: ['it'], message: 'It is refused.', didYouMean: [] }]);
    }, logger),
    '/fail': answerJson(async () => {
      throw new Error('a fault');
    }, logger),
  });
}

test('a command gets the result of the server', async () => {
  await using _server = await serve();
  for (const input of [null, 1, 'é', [{ a: null }]])
    expect(await askJson(path, '/repeat', input)).toEqual({ result: input });
  expect(await askJson(path, '/nothing', null)).toEqual({ result: null });
});

test('a command is told what is refused, what failed, and what the server does not know', async () => {
  const error = vi.spyOn(logger, 'error');
  await using _server = await serve();
  const problemOf = (name: string, input: unknown = null) => expect(askJson(path, name, input)).rejects;
  await problemOf('/refuse').toThrow(new StartupError('It is refused.'));
  expect(error).not.toHaveBeenCalled();
  await problemOf('/fail').toThrow(new StartupError('The running server cannot do it: a fault'));
  expect(error).toHaveBeenCalledTimes(1);
  for (const unknown of ['/unknown', '/constructor']) await problemOf(unknown).toThrow(/another version/);
  await problemOf('/repeat', TOO_MUCH).toThrow('The input is too large.');
  expect(await askJson(path, '/repeat', 'still there')).toEqual({ result: 'still there' });
});

test('the socket is for its owner alone, takes the place of one that was left behind, and goes with the server', async () => {
  expect(await askJson(path, '/repeat', null)).toBeNull();
  await writeFile(path, '');
  expect(await askJson(path, '/repeat', null)).toBeNull();
  {
    await using _server = await serve();
    expect(await askJson(path, '/repeat', 1)).toEqual({ result: 1 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await askJson(path, '/repeat', null)).toBeNull();
});

test('a client that leaves halfway, or sends nonsense, disturbs nobody', async () => {
  await using _server = await serve();
  const options = { socketPath: path, path: '/repeat', method: 'POST' };
  const left = request({ ...options, headers: { 'content-length': 100 } }).on('error', () => undefined);
  left.write('{');
  await vi.waitFor(() => expect(left.socket?.connecting).toBe(false));
  left.destroy();
  const status = await new Promise((done) => {
    request({ ...options, headers: { 'content-length': 1 } }, ({ statusCode }) => done(statusCode)).end('{');
  });
  expect(status).toBe(503);
  expect(await askJson(path, '/repeat', 1)).toEqual({ result: 1 });
});
