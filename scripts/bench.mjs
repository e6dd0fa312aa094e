// Runs one of the benchmarks: `npm run bench -- fanout [--sockets 1000] [--events 100]`.
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The parts of each benchmark; the first is the one that runs the others. */
const BENCHMARKS = {
  fanout: ['fanout/fanout', 'fanout/server', 'fanout/clients'],
  latency: ['latency/latency', 'fanout/server', 'fanout/clients'],
  resume: ['resume/resume'],
  estimates: ['estimates/estimates', 'estimates/verifier'],
  reads: ['reads/reads', 'reads/server'],
  writes: ['writes/writes'],
  growth: ['growth/growth', 'reads/server'],
  generate: ['generate/generate'],
  start: ['start/start'],
};

const [name, ...args] = process.argv.slice(2);
const parts = BENCHMARKS[name];
if (parts === undefined) {
  console.error(`Usage: npm run bench -- ${Object.keys(BENCHMARKS).join('|')}; bench/README.md says what is measured.`);
  process.exit(2);
}
await prepare({ development: true });
const esbuild = await import('esbuild');
await esbuild.build({
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries(parts.map((part) => [`bench-${basename(part)}`, `bench/${part}.ts`])),
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
// Thousands of sockets need thousands of file descriptors, on both sides.
const run = 'ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$0" "$@"';
const { status } = spawnSync(
  'sh',
  ['-c', run, process.execPath, join(ROOT, `dist/bench-${basename(parts[0])}.js`), ...args],
  // As every server is run.
  { stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } },
);
process.exit(status ?? 1);
