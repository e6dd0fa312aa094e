import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

/** Projects that need more than Node run only when they are named. */
const SPECIAL = ['--browser', '--pooler', '--fuzz'];

await prepare({ development: true });
const given = process.argv.slice(2);
const special = given.filter((argument) => SPECIAL.includes(argument)).map((argument) => argument.slice(2));
const projects = special.length > 0 ? special : ['plain', 'embedded', 'postgres'];
const chosen = given.some((argument) => argument.startsWith('--project'))
  ? []
  : projects.flatMap((name) => ['--project', name]);
const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url);
// In this process, so that Ctrl-C or SIGTERM reaches the runner, which then stops its servers.
process.argv = [
  process.execPath,
  fileURLToPath(vitest),
  'run',
  ...chosen,
  ...given.filter((argument) => !SPECIAL.includes(argument)),
];
await import(vitest.href);
