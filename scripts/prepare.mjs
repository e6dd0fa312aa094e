// Runs before anything is installed: only Node's own modules may be imported at the top, here and in what is imported here.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotLock } from '../src/database/file-lock.mjs';
import { withLock } from './lock.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GENERATED = 'src/database/generated';
const STAMP = '.stamp';
/** Nothing that npm removes or git keeps may hold it. */
const LOCK_FILE = '.prepare.lock';
/** What esbuild turns into dist/<name>.js. */
const ENTRY_POINTS = {
  main: 'src/main.ts',
  milepost: 'src/cli/main.ts',
  'print-schema': 'scripts/print-schema.ts',
  'new-migration': 'scripts/new-migration.ts',
};

/**
 * Brings the clone into the state that its sources describe: installed, generated, built. Does only what is not done yet.
 * With `development` the development dependencies have to be there as well. Ends the process with code 1 when a step fails.
 * @param {{ development: boolean }} options
 */
export async function prepare({ development }) {
  try {
    requireNode();
    const steps = [installStep(development), generateStep(), buildStep()];
    if (await allDone(steps)) return;
    await withLock(join(ROOT, LOCK_FILE), async () => {
      for (const step of steps) {
        if (await step.isDone()) continue;
        console.error(step.announcement);
        await step.run();
      }
    });
  } catch (error) {
    console.error(error instanceof StepError || error instanceof CannotLock ? error.message : error);
    process.exit(1);
  }
}

class StepError extends Error {}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [major = 0, minor = 0] = engines.node.replace('>=', '').split('.').map(Number);
  const [hasMajor = 0, hasMinor = 0] = process.versions.node.split('.').map(Number);
  if (hasMajor < major || (hasMajor === major && hasMinor < minor)) {
    throw new StepError(`Milepost needs Node ${engines.node}; this is Node ${process.versions.node}.`);
  }
}

async function allDone(steps) {
  for (const step of steps) if (!(await step.isDone())) return false;
  return true;
}

function installStep(development) {
  return {
    announcement: 'Installing dependencies (about 20 s)…',
    isDone: () => isInstalled(development),
    run: async () => {
      const npm = npmCommand();
      const includeDev = development ? ['--include=dev'] : [];
      await runQuietly(npm.command, [...npm.args, 'ci', '--loglevel=error', ...includeDev], {}, 'npm ci');
    },
  };
}

/** npm writes what it installed into its own hidden lock file, last of all, so that file is the stamp. */
async function isInstalled(development) {
  const installed = await readPackages('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  const wanted = (await readPackages('package-lock.json')) ?? {};
  return Object.entries(wanted).every(([path, { version, optional, dev, devOptional }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found !== undefined) return found.version === version;
    // Optional ones are for other platforms.
    return optional || devOptional || (dev && !development);
  });
}

async function readPackages(path) {
  const text = await readIfThere(path);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/** Below `npm start` npm says where it is; otherwise it has to be on the path. */
function npmCommand() {
  const { npm_execpath: path } = process.env;
  return path !== undefined && /\.c?js$/.test(path)
    ? { command: process.execPath, args: [path] }
    : { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

function generateStep() {
  const inputs = [
    'prisma/schema.prisma',
    'node_modules/prisma/package.json',
    'node_modules/@pothos/plugin-prisma/package.json',
  ];
  return stampedStep({
    announcement: 'Generating the database client…',
    folder: GENERATED,
    listInputs: async () => inputs,
    run: () => {
      const environment = {
        // Nothing runs this program here. Without one the command downloads its schema engine, from a host that not every network lets through.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
        // Generators are found by the name of their program, as npm does it for scripts.
        PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
      };
      const prisma = join(ROOT, 'node_modules/prisma/build/index.js');
      return runQuietly(process.execPath, [prisma, 'generate'], environment, 'prisma generate');
    },
  });
}

function buildStep() {
  return stampedStep({
    announcement: 'Building…',
    folder: 'dist',
    listInputs: async () => [
      ...(await listFiles('src', (path) => !path.startsWith(`${GENERATED}/`))),
      ...(await listFiles('prisma', (path) => /\.(ts|prisma)$/.test(path))),
      ...(await listFiles('scripts', (path) => path.endsWith('.ts'))),
      'scripts/prepare.mjs',
      'tsconfig.json',
      'package-lock.json',
    ],
    run: build,
  });
}

async function build() {
  const esbuild = await import('esbuild');
  const present = Object.entries(ENTRY_POINTS).filter(([, path]) => existsSync(join(ROOT, path)));
  try {
    await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: Object.fromEntries(present),
      outdir: 'dist',
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      sourcemap: true,
      logLevel: 'error',
    });
  } catch {
    throw new StepError('The build failed, see above.');
  } finally {
    await esbuild.stop();
  }
}

/** A step whose output folder keeps the hash of what it was made from; the hash is written last, so half an output never counts. */
function stampedStep({ announcement, folder, listInputs, run }) {
  const stamp = join(folder, STAMP);
  return {
    announcement,
    isDone: async () => (await readIfThere(stamp)) === (await hashFiles(await listInputs())),
    run: async () => {
      await rm(join(ROOT, stamp), { force: true });
      const hash = await hashFiles(await listInputs());
      await run();
      await mkdir(join(ROOT, folder), { recursive: true });
      await writeFile(join(ROOT, stamp), hash);
    },
  };
}

async function hashFiles(paths) {
  const hash = createHash('sha256');
  for (const path of [...paths].sort()) hash.update(`${path}\0${(await readIfThere(path)) ?? ''}\0`);
  return hash.digest('hex');
}

async function listFiles(folder, isWanted) {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(ROOT.length)
        .replaceAll('\\', '/'),
    )
    .filter(isWanted);
}

async function readIfThere(path) {
  try {
    return await readFile(join(ROOT, path), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs a program and shows what it printed only when it fails. */
function runQuietly(command, args, environment, name) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: command.endsWith('.cmd'),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => reject(new StepError(`${name} could not be run: ${error.message}`)));
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new StepError(`${output.trimEnd()}\n${name} failed with exit code ${code}.`)),
    );
  });
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) await prepare({ development: true });
