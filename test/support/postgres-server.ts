import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, inject } from 'vitest';
import { soon } from './wait.ts';

const GUARD = fileURLToPath(new URL('postgres-guard.mjs', import.meta.url));

/** A Postgres server of a test's own; stopped when disposed. */
export interface PostgresServer extends AsyncDisposable {
  readonly databaseUrl: string;
  /** Stops it for everybody at once, and starts it again with the same data at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a Postgres server, with the template databases, or an empty one of other programs; resolves when it takes connections. */
export async function startPostgresServer(programs?: string): Promise<PostgresServer> {
  const origin = programs === undefined ? `--from=${inject('cluster')}` : `--programs=${programs}`;
  const guard = spawn(process.execPath, [GUARD, origin], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(guard.stdout)[Symbol.asyncIterator]();
  const read = async (): Promise<string> => (await soon('the Postgres server', lines.next())).value ?? '';
  const tell = async (command: string, answer: string): Promise<void> => {
    guard.stdin.write(`${command}\n`);
    expect(await read()).toBe(answer);
  };
  return {
    databaseUrl: await read(),
    stop: () => tell('stop', 'stopped'),
    start: () => tell('start', 'started'),
    [Symbol.asyncDispose]: async () => {
      guard.stdin.end();
      if (guard.exitCode === null) await once(guard, 'exit');
    },
  };
}
