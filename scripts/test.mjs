import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

await prepare({ development: true });
const given = process.argv.slice(2);
const inBrowser = given.includes('--browser');
const projects = inBrowser ? ['browser'] : ['embedded', 'postgres'];
const chosen = given.some((argument) => argument.startsWith('--project'))
  ? []
  : projects.flatMap((name) => ['--project', name]);
const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url);
// In this same process, so that a Ctrl-C or a SIGTERM reaches the runner, which then takes its servers down.
process.argv = [
  process.execPath,
  fileURLToPath(vitest),
  'run',
  ...chosen,
  ...given.filter((name) => name !== '--browser'),
];
await import(vitest.href);
