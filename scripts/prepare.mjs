// Runs before anything is installed: this file and its imports may import only Node's own modules at the top.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotLock } from '../src/database/file-lock.mjs';
import { withLock } from './lock.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GENERATED = 'src/database/generated';
const STAMP = '.stamp';
/** It must be neither in a folder that npm removes nor in git. */
const LOCK_FILE = '.prepare.lock';
/** There while packages are being installed, and after an installation that was cut off. Neither in a folder that npm removes nor in git. */
const INSTALLING = '.prepare.installing';
/** What a step is given to end by itself when this process is told to end. */
const END_MS = 5_000;
/** What esbuild turns into dist/<name>.js. */
const ENTRY_POINTS = {
  main: 'src/main.ts',
  milepost: 'src/cli/main.ts',
  'print-schema': 'scripts/print-schema.ts',
  'check-operations': 'scripts/check-operations.ts',
  'new-migration': 'scripts/new-migration.ts',
};

/**
 * Packages that stay outside of the bundles, because they find files next to their own, choose between files at run time, or are loaded only
 * when they are used. All others are bundled: a start then reads one file instead of a thousand, in two thirds of the time.
 */
const EXTERNAL = [
  '@electric-sql/pglite',
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
  '@prisma/adapter-pg',
  '@prisma/client',
  'csv-parse',
  'esbuild',
  'fastest-levenshtein',
  'pg',
  'pglite-prisma-adapter',
  'pino',
  'pinyin-pro',
  'prom-client',
  'ws',
];

/**
 * Brings the clone into the state that its sources describe: installed, generated, built. Does only what is not done yet.
 * With `development` the development dependencies are installed as well. Ends the process with code 1 when a step fails.
 * @param {{ development: boolean }} options
 */
export async function prepare({ development }) {
  try {
    requireNode();
    const steps = [installStep(development), generateStep(), buildStep(), dashboardStep(), graphiqlStep()];
    if (development) steps.splice(2, 0, schemaTypesStep());
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
    announcement: 'Installing dependencies (a minute, on a busy machine several)…',
    isDone: () => isInstalled(development),
    run: async () => {
      const npm = npmCommand();
      const includeDev = development ? ['--include=dev'] : [];
      await writeFile(join(ROOT, INSTALLING), '');
      await runQuietly(npm.command, [...npm.args, 'ci', '--loglevel=error', ...includeDev], {}, 'npm ci');
      await rm(join(ROOT, INSTALLING), { force: true });
    },
  };
}

/** npm writes what it installed into its own hidden lock file; the marker tells whether that was done to its end. */
async function isInstalled(development) {
  if (existsSync(join(ROOT, INSTALLING))) return false;
  const installed = await readPackages('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  const wanted = (await readPackages('package-lock.json')) ?? {};
  return Object.entries(wanted).every(([path, { version, optional, dev, devOptional }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found !== undefined) return found.version === version;
    // Optional packages may be for other platforms.
    return optional || devOptional || (dev && !development);
  });
}

async function readPackages(path) {
  const text = await readIfThere(path);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/** Under `npm start` npm gives its own path; otherwise it has to be on the PATH. */
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
        // The schema engine is not used here. Without a path the command would download it, from a host that not every network allows.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
        // Generators are found by the name of their program, as npm does for scripts.
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

/** The dashboard has its own stamp, so that it is not built again when only the server has changed. */
function dashboardStep() {
  return stampedStep({
    announcement: 'Building the dashboard…',
    folder: 'dist/dashboard',
    listInputs: async () => [
      ...(await listFiles('dashboard', (path) => !path.endsWith('.d.ts'))),
      ...(await listFiles('schema/clients', () => true)),
      'scripts/dashboard-documents.mjs',
      'package-lock.json',
    ],
    run: async () => {
      await buildWithVite('dashboard');
      await runQuietly(process.execPath, [join(ROOT, 'scripts/dashboard-documents.mjs')], {}, 'The list of documents');
    },
  });
}

/** Apart from the dashboard, because its editor takes longer to build than everything else. */
function graphiqlStep() {
  return stampedStep({
    announcement: 'Building GraphiQL…',
    folder: 'dist/graphiql',
    listInputs: async () => [
      ...(await listFiles('graphiql', () => true)),
      ...(await listFiles('schema/operations', () => true)),
      'package-lock.json',
    ],
    run: () => buildWithVite('graphiql'),
  });
}

/** In a process of its own: what it takes in memory is not the server's. */
function buildWithVite(folder) {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  return runQuietly(process.execPath, [vite, 'build', '--config', `${folder}/vite.config.ts`], {}, 'vite build');
}

/** The types of what the API answers, for the checks of the dashboard's documents. */
function schemaTypesStep() {
  return stampedStep({
    announcement: 'Generating the types of the API…',
    folder: 'dashboard/src/api/generated',
    listInputs: async () => ['schema/milepost.graphql', 'scripts/schema-types.mjs', 'package-lock.json'],
    run: () => runQuietly(process.execPath, [join(ROOT, 'scripts/schema-types.mjs')], {}, 'The generation of types'),
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
      external: EXTERNAL,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      target: 'node20.19',
      // Without the checks that packages do for those who develop with them; graphql-js does one for each field of an answer.
      define: { 'process.env.NODE_ENV': '"production"' },
      // A start compiles it. Names stay as they are, for the stacks of errors.
      minifySyntax: true,
      minifyWhitespace: true,
      // For packages that are still CommonJS. Under names that no source uses, because a source may import createRequire itself.
      banner: {
        js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
      },
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'error',
    });
  } catch {
    throw new StepError('The build failed, see above.');
  } finally {
    await esbuild.stop();
  }
}

/**
 * A step whose output folder has a stamp of its inputs: the hash over all of them, and the size and time of change of each. If sizes and times
 * are unchanged, nothing is read. The stamp is written last, so an incomplete output never counts.
 */
function stampedStep({ announcement, folder, listInputs, run }) {
  const path = join(folder, STAMP);
  const writeStamp = (stamp) => writeFile(join(ROOT, path), JSON.stringify(stamp));
  return {
    announcement,
    isDone: async () => {
      const before = parseStamp(await readIfThere(path));
      if (before === undefined) return false;
      const inputs = await listInputs();
      const files = await readTimes(inputs);
      if (files === before.files) return true;
      if ((await hashFiles(inputs)) !== before.hash) return false;
      await writeStamp({ hash: before.hash, files });
      return true;
    },
    run: async () => {
      await rm(join(ROOT, path), { force: true });
      const inputs = await listInputs();
      const stamp = { files: await readTimes(inputs), hash: await hashFiles(inputs) };
      await run();
      await mkdir(join(ROOT, folder), { recursive: true });
      await writeStamp(stamp);
    },
  };
}

/** A stamp of an older version of this script, or an incomplete one, counts as none. */
function parseStamp(text) {
  try {
    return JSON.parse(text ?? '') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Sizes and times of change, as one text. */
async function readTimes(paths) {
  const lines = [...paths].sort().map(async (path) => {
    const found = await stat(join(ROOT, path)).catch(() => undefined);
    return `${path} ${found?.size} ${found?.mtimeMs}`;
  });
  return (await Promise.all(lines)).join('\n');
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
    const letGo = endWith(child);
    child.on('error', (error) => {
      letGo();
      reject(new StepError(`${name} could not be run: ${error.message}`));
    });
    child.on('close', (code) => {
      letGo();
      return code === 0
        ? resolve()
        : reject(new StepError(`${output.trimEnd()}\n${name} failed with exit code ${code}.`));
    });
  });
}

/** Ends a child together with this process: left alone it would go on changing the folder, under the next command. Returns how to stop that. */
function endWith(child) {
  const onSignal = (signal) => {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
    child.once('close', () => {
      clearTimeout(late);
      process.exit(128 + constants.signals[signal]);
    });
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.once(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) await prepare({ development: true });
