import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/cli/command.ts';
import type { TestPlace } from './database.ts';

/** The command line as it is built. */
export const PROGRAM = fileURLToPath(new URL('../../dist/milepost.js', import.meta.url));
/** The bin of package.json: it builds the program first if necessary. */
const BIN = fileURLToPath(new URL('../../scripts/milepost.mjs', import.meta.url));
const INTERRUPTS = new URL('interrupt-rename.mjs', import.meta.url).href;

type Place = Pick<TestPlace, 'databaseUrl' | 'dataDir'>;

/** How a command ended, and what it printed. */
export interface CommandEnd {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process, which takes a fraction of the time. */
export async function milepost(place: Place, ...args: string[]): Promise<CommandEnd> {
  const printed = { stdout: '', stderr: '' };
  const code = await runCommand(args, environmentOf(place), {
    print: (line) => {
      printed.stdout += `${line}\n`;
    },
    printError: (line) => {
      printed.stderr += `${line}\n`;
    },
  });
  return { code, ...printed };
}

/** Runs the command line in a process of its own, as a user does. */
export function milepostProcess(place: Place, ...args: string[]): Promise<CommandEnd> {
  return run(PROGRAM, place, args);
}

/** The same, through the command that a package manager installs. */
export function installedMilepost(place: Place, ...args: string[]): Promise<CommandEnd> {
  return run(BIN, place, args);
}

/** The same, but it is killed after its nth rename of a folder of the database (`kill:n`), or that rename fails (`fail:n`). */
export function interruptedMilepost(place: Place, interrupt: string, ...args: string[]): Promise<CommandEnd> {
  return run(PROGRAM, place, args, { NODE_OPTIONS: `--import ${INTERRUPTS}`, INTERRUPT: interrupt });
}

/** Nothing of the test runner's environment but the path. */
function environmentOf({ databaseUrl, dataDir }: Place): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, MILEPOST_DATA_DIR: dataDir, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) };
}

function run(
  program: string,
  place: Place,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<CommandEnd> {
  const env = { ...environmentOf(place), ...more };
  return new Promise((resolve) => {
    // Outside the clone: nothing may depend on the working directory.
    execFile(process.execPath, [program, ...args], { cwd: tmpdir(), env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr }),
    );
  });
}
