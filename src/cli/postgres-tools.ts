import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { StartupError } from '../errors.ts';
import { libpqAddress } from './libpq-address.ts';

/** Of a backup: the tables and what is in them, without who owns them or may read them, so that any role can restore it. */
const DUMP = ['--format=custom', '--no-owner', '--no-privileges'];
/** All or nothing. */
const RESTORE = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'];

/** Writes a dump of the database into the file; throws a StartupError with the reason if that fails. */
export async function dumpPostgres(databaseUrl: string, file: string): Promise<void> {
  await run('pg_dump', [...DUMP, `--file=${file}`], '--dbname', databaseUrl);
}

/** Fills an empty database with a dump, or leaves it as it was; throws a StartupError with the reason. */
export async function loadPostgres(databaseUrl: string, file: string): Promise<void> {
  await run('pg_restore', [...RESTORE, file], '--dbname', databaseUrl);
}

/** The password is not among the arguments, which every user of the machine can list. */
async function run(program: string, args: readonly string[], option: string, databaseUrl: string): Promise<void> {
  const { address, password } = libpqAddress(databaseUrl);
  const child = spawn(program, [...args, `${option}=${address}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // biome-ignore lint/style/noProcessEnv: the programs have variables of their own, and are found by one.
    env: { ...process.env, ...(password === '' ? {} : { PGPASSWORD: password }) },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-4_000);
  });
  const [code] = await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
    throw new StartupError(
      `The program ${program} cannot be run: ${error.message}. Install the client programs of Postgres, of the server's version or newer; or run where they are: ${program} ${args.join(' ')} ${option}="$DATABASE_URL"`,
    );
  });
  if (code !== 0) throw new StartupError(`${program} failed: ${complaint.trim()}`);
}
