import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { StartupError } from '../errors.ts';

/** The parameters of an address that Postgres' programs know; those of others are an error to them. */
const OF_LIBPQ =
  /^(host|hostaddr|port|dbname|user|passfile|options|application_name|connect_timeout|client_encoding|target_session_attrs|keepalives.*|tcp_user_timeout|ssl.*|gss.*|krb.*|channel_binding|require_auth|load_balance_hosts)$/;

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
  const { address, password } = splitAddress(databaseUrl);
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

/** The address without its password, for Postgres' own programs. */
function splitAddress(databaseUrl: string): { readonly address: string; readonly password: string } {
  const url = new URL(databaseUrl);
  // A pooler gives each transaction another session, and these programs set up theirs once.
  if (url.searchParams.get('pgbouncer') === 'true')
    throw new StartupError(
      'DATABASE_URL is the address of a pooler. Name the Postgres server itself for this command.',
    );
  const password = decodeURIComponent(url.password) || (url.searchParams.get('password') ?? '');
  url.password = '';
  for (const name of [...url.searchParams.keys()]) if (!OF_LIBPQ.test(name)) url.searchParams.delete(name);
  return { address: url.href.replaceAll('+', '%20'), password };
}
