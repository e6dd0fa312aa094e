import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from './support/wait.ts';

const ROOT = new URL('..', import.meta.url);
/** Processes are slow to start on a busy machine. */
const TIMEOUT_MS = 60_000;
const FILES = [
  'scripts/start.mjs',
  'scripts/prepare.mjs',
  'scripts/lock.mjs',
  'scripts/milepost.mjs',
  'src/database/file-lock.mjs',
];
/** What begins as npm does, has written all that tells of an installation, and is not ready. */
const NPM = `#!/usr/bin/env node
const fs = require('node:fs');
fs.appendFileSync('calls', process.pid + '\\n');
fs.mkdirSync('node_modules', { recursive: true });
fs.writeFileSync('node_modules/.package-lock.json', '{"packages":{}}');
if (fs.existsSync('slow')) setInterval(() => undefined, 1000);
`;

let clone: string;

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'milepost-clone-'));
  for (const file of FILES) await cp(new URL(file, ROOT), join(clone, file));
  await writeFile(join(clone, 'package.json'), '{"type":"module","engines":{"node":">=20.19"}}');
  await writeFile(join(clone, 'package-lock.json'), '{"packages":{}}');
  await mkdir(join(clone, 'bin'));
  await writeFile(join(clone, 'bin/npm'), NPM, { mode: 0o755 });
  await writeFile(join(clone, 'bin/package.json'), '{"type":"commonjs"}');
});

afterEach(() => rm(clone, { recursive: true, force: true }));

test.runIf(process.platform !== 'win32')(
  'an installation that is cut off ends npm, and is done again by the next command',
  async () => {
    await writeFile(join(clone, 'slow'), '');
    const cut = run('scripts/prepare.mjs');
    await until('npm is under way', () => existsSync(join(clone, 'node_modules/.package-lock.json')), 30_000);
    const [npm] = await calls();
    cut.child.kill('SIGTERM');
    expect((await cut.ended).code).toBe(143);
    expect(isAlive(npm as number)).toBe(false);

    await rm(join(clone, 'slow'));
    const again = await run('scripts/prepare.mjs').ended;
    expect(again.stderr).toContain('Installing dependencies');
    // What npm would have installed is not there, so the next step ends it.
    expect(again.stderr).toContain('prisma generate failed');
    expect(await calls()).toHaveLength(2);
    expect((await run('scripts/prepare.mjs').ended).stderr).not.toContain('Installing');
    expect(await calls()).toHaveLength(2);
  },
  TIMEOUT_MS,
);

test.runIf(process.platform !== 'win32')(
  'help is printed without installing anything, and says why if it has to be built first',
  async () => {
    const unbuilt = await run('scripts/milepost.mjs', '--help').ended;
    expect(unbuilt.stderr).toMatch(/^Nothing is built in this clone yet, .*:\nInstalling dependencies/);
    await rm(join(clone, 'node_modules'), { recursive: true });
    await mkdir(join(clone, 'dist'));
    await writeFile(join(clone, 'dist/milepost.js'), 'console.log(process.argv.slice(2).join());');
    for (const words of [['--help'], ['keys', 'help'], ['keys', 'create', '-h']])
      expect(await run('scripts/milepost.mjs', ...words).ended).toEqual({ code: 0, stdout: `${words}\n`, stderr: '' });
    expect((await run('scripts/milepost.mjs', 'verify').ended).stderr).toContain('Installing dependencies');
  },
  TIMEOUT_MS,
);

test.runIf(process.platform === 'linux')(
  'the start takes no arguments, and says so instead of starting',
  async () => {
    const { scripts } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8')) as {
      readonly scripts: { readonly start: string };
    };
    await writeFile(join(clone, 'package.json'), JSON.stringify({ type: 'module', scripts }));
    await rm(join(clone, 'bin'), { recursive: true });
    const npm = promisify(execFile)('npm', ['start', '--', '--help'], { cwd: clone });
    expect((await npm).stderr).toMatch(/^The start takes no arguments: .+ npx milepost --help\.$/m);
    const { code, stderr } = await run('scripts/start.mjs', '--port', '4001').ended;
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^The start takes no arguments: /)]);
  },
  TIMEOUT_MS,
);

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, ...args: string[]) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [join(clone, program), ...args], {
    cwd: clone,
    env: { PATH: `${join(clone, 'bin')}${delimiter}${PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  const ended = once(child, 'close').then(([code]): End => ({ code: code as number | null, ...printed }));
  return { child, ended };
}

async function calls(): Promise<readonly number[]> {
  return (await readFile(join(clone, 'calls'), 'utf8')).trim().split('\n').map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
