import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { TestPlace } from './database.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/milepost.js', import.meta.url));
/** What package.json's bin names: it builds the program first where that has to be. */
const BIN = fileURLToPath(new URL('../../scripts/milepost.mjs', import.meta.url));

type Place = Pick<TestPlace, 'databaseUrl' | 'dataDir'>;

/** How a command ended, and what it printed. */
export interface CommandEnd {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a process of its own, as a user does. */
export function milepost(place: Place, ...args: string[]): Promise<CommandEnd> {
  return run(PROGRAM, place, args);
}

/** The same by what a package manager installs as the command. */
export function installedMilepost(place: Place, ...args: string[]): Promise<CommandEnd> {
  return run(BIN, place, args);
}

function run(program: string, { databaseUrl, dataDir }: Place, args: readonly string[]): Promise<CommandEnd> {
  const { PATH } = process.env;
  const env = { PATH, MILEPOST_DATA_DIR: dataDir, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) };
  return new Promise((resolve) => {
    // Away from the clone: nothing may depend on the folder it is started in.
    execFile(process.execPath, [program, ...args], { cwd: tmpdir(), env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr }),
    );
  });
}
