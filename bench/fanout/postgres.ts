import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ROOT } from '../../src/root.ts';

/** A Postgres server for this run. */
export interface Postgres extends Disposable {
  /** Makes an empty database and returns its address. */
  createDatabase(name: string): Promise<string>;
}

/** Starts it, with further settings; it ends with this process at the latest. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const path = fileURLToPath(new URL('test/support/postgres-guard.mjs', ROOT));
  const further = Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`);
  const guard = spawn(process.execPath, [path, ...further], { stdio: ['pipe', 'pipe', 'inherit'] });
  let address = '';
  for await (const line of createInterface(guard.stdout)) {
    address = line;
    break;
  }
  return {
    createDatabase: async (name) => {
      const admin = new pg.Client(address);
      await admin.connect();
      await admin.query(`create database ${pg.escapeIdentifier(name)}`);
      await admin.end();
      const url = new URL(address);
      url.pathname = `/${name}`;
      return url.href;
    },
    [Symbol.dispose]: () => guard.stdin.end(),
  };
}
