import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { soon } from './wait.ts';

const GUARD = fileURLToPath(new URL('postgres-guard.mjs', import.meta.url));

/** A Postgres server of a test's own; gone once disposed. */
export interface PostgresServer extends AsyncDisposable {
  readonly databaseUrl: string;
  /** Takes it away from everybody at once, and brings it back with the same data at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a Postgres server; resolves when it takes connections. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const guard = spawn(process.execPath, [GUARD], { stdio: ['pipe', 'pipe', 'inherit'] });
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
