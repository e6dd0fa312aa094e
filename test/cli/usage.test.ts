import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installedMilepost, milepost, milepostProcess, PROGRAM } from '../support/command.ts';

/** A process takes less than a second on an idle machine. */
const TIMEOUT_MS = 120_000;

/** A folder that must stay empty. */
let elsewhere: string;

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'milepost-elsewhere-'));
});

afterAll(() => rm(elsewhere, { recursive: true, force: true }));

test(
  'a missing command, an unknown one and surplus arguments are named, and the usage is printed',
  async () => {
    const place = nowhere();
    const wrong: [problem: string, ...words: string[]][] = [
      [''],
      ['There is no command "verfy".\n', 'verfy'],
      ['There is no command "toString".\n', 'toString'],
      ['verify does not know "everything".\n', 'verify', 'everything'],
      ['verify does not know "--repair".\n', 'verify', '--repair', '--repair'],
    ];
    for (const [problem, ...words] of wrong) {
      const { code, stdout, stderr } = await (words.length < 2 ? milepostProcess : milepost)(place, ...words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr.startsWith(`${problem}Usage:\nmilepost verify [--repair]\n`)).toBe(true);
      expect(stderr).toContain('MILEPOST_DATA_DIR');
    }
    const installed = await installedMilepost(place);
    expect({ code: installed.code, stdout: installed.stdout }).toEqual({ code: 2, stdout: '' });
    expect(installed.stderr).toContain('Usage:\nmilepost verify');
    expect(await readdir(elsewhere)).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each([[['--help']], [['help']], [['keys', 'create', '--help']]])(
  '%j prints the usage to standard output',
  async (words) => {
    const { code, stdout, stderr } = await milepostProcess(nowhere(), ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage:\nmilepost verify \[--repair\]\n/);
    expect(stdout).toContain('milepost keys create --label');
  },
  TIMEOUT_MS,
);

test(
  'verify says why a database cannot be reached',
  async () => {
    const nobody = { databaseUrl: 'postgresql://nobody@127.0.0.1:1/nothing', dataDir: elsewhere };
    const { code, stdout, stderr } = await milepostProcess(nobody, 'verify');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^The database of DATABASE_URL cannot be reached: .+\n$/);
  },
  TIMEOUT_MS,
);

test.each([
  [['create'], 'A key needs a label that says what it is for.'],
  [['create', '--label', 'x', '--scope', 'root'], 'There is no scope "root"; there are read, write and admin.'],
  [['create', '--label', 'x', '--expires', 'yesterday'], '--expires yesterday is not a time in the future.'],
  [['create', '--label', 'x', '--expires', '2020-01-01'], '--expires 2020-01-01 is not a time in the future.'],
  [['create', '--lable', 'x'], "Unknown option '--lable'"],
  [['revoke', 'one'], '"one" is not the number of a key, as keys list shows it.\n'],
  [['revoke'], 'keys revoke needs the number of a key, as keys list shows it.\n'],
  [['revoke', '1', '2'], 'keys revoke takes one number at a time; "2" is too many.\n'],
  [['list', 'all'], 'keys list takes no arguments, such as "all".\n'],
  [['lsit'], 'There is no "keys lsit"; there are create, list and revoke.\n'],
  [[], 'Say what to do with keys: create, list or revoke.\n'],
])('keys %j is not understood, with the reason and the usage', async (args, reason) => {
  const { code, stdout, stderr } = await milepost(nowhere(), 'keys', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(reason);
  expect(stderr).toContain('milepost keys revoke <number>');
});

test.each([
  [['backup'], 'backup needs the name of a new file.\nmilepost backup'],
  [['backup', '--all'], 'backup does not know "--all".\nmilepost backup'],
  [['backup', 'a', 'b'], 'backup takes one file; "b" is too many.\nmilepost backup'],
  [['restore'], 'restore needs the file of a backup.\nmilepost restore'],
  [['restore', '--force'], 'restore needs the file of a backup.\nmilepost restore'],
  [['restore', 'a', '--froce'], 'restore does not know "--froce".\nmilepost restore'],
  [['restore', 'a', '--force', 'b'], 'restore takes one file; "b" is too many.\nmilepost restore'],
])('%j is not understood, with what is wrong and the usage', async (words, reason) => {
  const { code, stdout, stderr } = await milepost(nowhere(), ...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.startsWith(reason), stderr).toBe(true);
});

test('a backup that ends in the middle is refused in whole sentences, and leaves no folder', async () => {
  const cut = join(elsewhere, 'cut.tar.gz');
  await writeFile(cut, gzipSync(Buffer.alloc(4_096, 7)).subarray(0, 20));
  const { code, stdout, stderr } = await milepost(nowhere(), 'restore', cut);
  await rm(cut);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('The backup cannot be read: unexpected end of file. Nothing was changed.\n');
  expect(await readdir(elsewhere)).toEqual([]);
});

/** A data folder that does not exist, and that no command without a database creates. */
function nowhere() {
  return { databaseUrl: undefined, dataDir: join(elsewhere, 'none') };
}

test.runIf(existsSync('/dev/full'))(
  'output that nobody reads, or that cannot be written, ends no command with a stack trace',
  async () => {
    const command = `"${process.execPath}" "${PROGRAM}" --help`;
    const [unread, full] = await Promise.all([runShell(`${command} | true`), runShell(`${command} > /dev/full`)]);
    expect(unread.stderr).toBe('');
    expect(full).toEqual({ code: 1, stderr: expect.stringMatching(/^The output cannot be written: ENOSPC.*\n$/) });
  },
);

async function runShell(script: string): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  shell.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(shell, 'close')) as [number | null];
  return { code, stderr };
}
