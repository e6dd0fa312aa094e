import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { milepost, milepostProcess } from '../support/command.ts';
import { databaseAddress } from '../support/postgres-address.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { startProduct } from '../support/product.ts';
import { headOf, refusalOf, TRANSPORTS } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

/** Where Debian keeps the programs of each version. Those of the test's other server have no pg_dump with them. */
const VERSIONS = '/usr/lib/postgresql';
const programs = existsSync(VERSIONS)
  ? readdirSync(VERSIONS)
      .map((version) => join(VERSIONS, version, 'bin'))
      .filter((path) => existsSync(join(path, 'postgres')) && existsSync(join(path, 'pg_dump')))
      .at(-1)
  : undefined;
const INIT = fileURLToPath(new URL('../../docker/postgres/milepost.sh', import.meta.url));
const OPERATIONS = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));
const PASSWORD = "p@ss/w:rd?#'%25 é";
const CHANGES = 'subscription ($after: Cursor) { event: changes(after: $after) { cursor } }';
const VERIFIED = /^Verified \d+ figures, \d+ entries of the log, .+: all are as they should be\.$/m;
const OFF = { MILEPOST_SEED: 'off' };

/** Where the programs are called with their arguments written down. */
const RECORDED = 'arguments.txt';

let folder: string;
let server: PostgresServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-dump-'));
  if (programs === undefined) return;
  server = await startPostgresServer(programs);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  const { hostname, port, password } = new URL(server.databaseUrl);
  const recording = await makeRecorder('psql');
  execFileSync(INIT, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: `${recording}:${programs}:${process.env.PATH}`,
      PGHOST: hostname,
      PGPORT: port,
      PGPASSWORD: password,
      POSTGRES_USER: 'postgres',
      MILEPOST_PASSWORD_FILE: passwordFile,
    },
  });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test.runIf(programs !== undefined)('the password of the role is no argument of a program', async () => {
  const given = await readFile(join(folder, RECORDED), 'utf8');
  expect(given).toContain('--dbname=postgres');
  expect(given).not.toContain(PASSWORD);
});

test.runIf(programs !== undefined)('the role that the compose file makes owns a schema and nothing else', async () => {
  const role = new pg.Client(addressOf('milepost'));
  await role.connect();
  try {
    await role.query('create table mine ()');
    await role.query('drop table mine');
    for (const sql of [
      'create database another',
      'create schema another',
      'create role another',
      'create extension hstore',
      'alter system set fsync = off',
      "copy (select 1) to program 'true'",
      "select pg_read_file('/etc/passwd')",
      'drop database milepost',
    ]) {
      await expect(role.query(sql), sql).rejects.toThrow(/permission denied|must be|not allowed|currently open/);
    }
  } finally {
    await role.end();
  }
  const elsewhere = new pg.Client(addressOf('postgres'));
  await expect(elsewhere.connect()).rejects.toThrow('permission denied for database "postgres"');
});

test.runIf(programs !== undefined)(
  'a dump that is made while clients write is restored into an empty database, and cursors of before stay valid',
  async () => {
    const [place, passwordFile] = [{ databaseUrl: addressOf('milepost'), dataDir: folder }, join(folder, 'password')];
    const withoutPassword = new URL(place.databaseUrl);
    withoutPassword.password = '';
    await using product = await startProduct({
      place: { databaseUrl: withoutPassword.href, dataDir: folder },
      environment: { ...OFF, MILEPOST_DATABASE_PASSWORD_FILE: passwordFile },
    });
    const facts = await createFacts(product);
    const before = await facts.announce(1);
    let isOver = false;
    let threshold = 1;
    const writer = async (): Promise<void> => {
      while (!isOver) {
        threshold += 1;
        await facts.announce(threshold);
      }
    };
    const writers = Promise.all([writer(), writer(), writer()]);
    const file = join(folder, 'milepost.dump');
    const written = threshold;
    const made = await milepostProcess(place, 'backup', file);
    const writtenMeanwhile = threshold - written;
    isOver = true;
    await writers;
    expect(made).toEqual({ code: 0, stdout: expect.stringContaining(`The backup is in ${file} (`), stderr: '' });
    expect(writtenMeanwhile).toBeGreaterThan(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const lost = await facts.announce(threshold + 1);

    const full = await milepost(place, 'restore', file);
    expect({ code: full.code, stdout: full.stdout }).toEqual({ code: 1, stdout: '' });
    expect(full.stderr).toMatch(/^The database of DATABASE_URL is not empty: it has the table public\./);
    await product.stop();

    const target = { databaseUrl: await createEmpty('restored'), dataDir: folder };
    const restored = await milepostProcess(target, 'restore', file);
    expect(restored).toEqual({ code: 0, stdout: expect.stringMatching(VERIFIED), stderr: '' });
    await using again = await startProduct({ place: target, environment: OFF });
    const head = await headOf(again);
    for (const [, subscribe] of TRANSPORTS) {
      await using watch = subscribe<{ event: { cursor: string } }>(again, CHANGES, { after: before });
      let cursor = before;
      while (cursor !== head) cursor = (await watch.next()).event.cursor;
      await using refused = subscribe(again, CHANGES, { after: lost });
      expect(await refusalOf(refused)).toContain('CURSOR_INVALID');
    }
  },
);

test.runIf(programs !== undefined)(
  'a dump that cannot be made leaves no file, and says why without the password',
  async () => {
    const url = new URL(addressOf('milepost'));
    url.password = 'secret-and-wrong';
    for (const [address, complaint] of [
      [url.href, 'pg_dump failed: '],
      [`${addressOf('milepost')}?pgbouncer=true`, 'is the address of a pooler'],
    ] as const) {
      const file = join(folder, 'none.dump');
      const { code, stdout, stderr } = await milepost({ databaseUrl: address, dataDir: folder }, 'backup', file);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(complaint);
      expect(stderr).not.toContain('secret-and-wrong');
      expect(readdirSync(folder).filter((name) => name.startsWith('none'))).toEqual([]);
    }
  },
);

test.runIf(programs !== undefined)(
  'what is restored by hand, as the documentation says, is a database of Milepost',
  async () => {
    const file = join(folder, 'by-hand.dump');
    const place = { databaseUrl: addressOf('milepost'), dataDir: folder };
    await (await startProduct({ place, environment: OFF })).stop();
    expect((await milepost(place, 'backup', file)).code).toBe(0);
    const { hostname, port, password } = new URL(server.databaseUrl);
    const passwords = join(folder, 'passwords');
    const escaped = PASSWORD.replaceAll(/[:\\]/g, '\\$&');
    await writeFile(passwords, `*:*:*:postgres:${password}\n*:*:*:milepost:${escaped}\n`, { mode: 0o600 });
    const documentation = await readFile(OPERATIONS, 'utf8');
    const [, commands = ''] =
      /```sh\n(docker compose exec -T postgres psql [^`]*pg_restore [^`]*)```/.exec(documentation) ?? [];
    const here = commands
      .replaceAll('docker compose exec -T postgres ', '')
      .replaceAll('restored', 'by_hand')
      .replace('milepost.dump', file);
    execFileSync('sh', ['-e'], {
      input: here,
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { PATH: `${programs}:${process.env.PATH}`, PGHOST: hostname, PGPORT: port, PGPASSFILE: passwords },
    });
    const admin = new pg.Client(databaseAddress(server.databaseUrl, 'by_hand'));
    await admin.connect();
    try {
      const { rows } = await admin.query(
        `select tableowner as owner, count(*)::int > 10 as "areAll" from pg_tables where schemaname = 'public' group by 1`,
      );
      expect(rows).toEqual([{ owner: 'milepost', areAll: true }]);
    } finally {
      await admin.end();
    }
    const verified = await milepost({ databaseUrl: addressOf('by_hand'), dataDir: folder }, 'verify');
    expect(verified).toEqual({ code: 0, stdout: expect.stringMatching(VERIFIED), stderr: '' });
  },
);

/** A folder with a program of this name, which writes its arguments down and calls the one that is meant. */
async function makeRecorder(name: string): Promise<string> {
  const path = join(folder, 'recording');
  await mkdir(path);
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" >>"${join(folder, RECORDED)}"\nexec "${programs}/${name}" "$@"\n`;
  await writeFile(join(path, name), script, { mode: 0o755 });
  return path;
}

/** The address of a database of the server, as the role of the compose file. */
function addressOf(name: string): string {
  const url = new URL(databaseAddress(server.databaseUrl, name));
  url.username = 'milepost';
  url.password = encodeURIComponent(PASSWORD);
  return url.href;
}

/** As docs/operations.md has it. */
async function createEmpty(name: string): Promise<string> {
  for (const [database, sql] of [
    ['postgres', `create database ${name}`],
    [name, 'alter schema public owner to milepost'],
  ] as const) {
    const admin = new pg.Client(databaseAddress(server.databaseUrl, database));
    await admin.connect();
    await admin.query(sql);
    await admin.end();
  }
  return addressOf(name);
}
