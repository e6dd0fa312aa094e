import { readFileSync } from 'node:fs';
import { prepare } from './prepare.mjs';

const words = givenWords();
if (words.length > 0) {
  console.error(
    'The start takes no arguments: everything is set by environment variables, which are in the README under "Run it", such as PORT=4001 npm start. Commands are listed by npx milepost --help.',
  );
  process.exit(words.some((word) => word === '--help' || word === '-h') ? 0 : 2);
}

/** npm appends arguments to the end of the line in package.json, which only Windows reaches. Linux still has them in the title of npm. */
function givenWords() {
  const given = process.argv.slice(2);
  if (given.length > 0 || process.platform !== 'linux') return given;
  try {
    const [title = ''] = readFileSync(`/proc/${process.ppid}/cmdline`, 'utf8').split('\0');
    // Other words may be meant for npm itself; for npm start --help it prints its own help, and starts nothing.
    return title.startsWith('npm start ') ? title.split(' ').filter((word) => word === '--help' || word === '-h') : [];
  } catch {
    return [];
  }
}

await prepare({ development: false });
// In this process, so that signals reach the server and not a parent of it. For the same reason the script in package.json begins with exec:
// otherwise the shell that npm starts would receive them. The rest of that line is for Windows, which has no exec.
// That line also sets the largest size of a half of the space for new objects, in MiB, which cannot be set from here: V8 takes it when a
// process starts. With V8's own 16 what several requests work on at a time does not fit, and each collection copies nearly all of it.
process.setSourceMapsEnabled(true);
await import('../dist/main.js');
