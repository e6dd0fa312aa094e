import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The checks, and the program of each. */
const CHECKS = [
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', 'ci', '.'],
  ['types', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ['types of the dashboard', 'node_modules/typescript/bin/tsc', '--noEmit', '--project', 'dashboard'],
  ['types of GraphiQL', 'node_modules/typescript/bin/tsc', '--noEmit', '--project', 'graphiql'],
  ['unused code', 'node_modules/knip/bin/knip.js'],
  ['printed schema', 'dist/print-schema.js', '--check'],
  ['examples', 'dist/check-operations.js'],
];

await prepare({ development: true });
const results = CHECKS.map(([name, program, ...args]) => {
  console.log(`\n> ${name}`);
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: ROOT, stdio: 'inherit' });
  return { name, passed: status === 0 };
});
console.log('');
for (const { name, passed } of results) console.log(`${passed ? 'passed' : 'FAILED'}  ${name}`);
process.exit(results.every(({ passed }) => passed) ? 0 : 1);
