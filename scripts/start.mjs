import { prepare } from './prepare.mjs';

await prepare({ development: false });
// In this same process, so that signals reach the server and not a parent of it. For the same reason package.json begins with exec:
// the shell that npm starts in between would keep them to itself. What follows there is for Windows, which has no exec.
process.setSourceMapsEnabled(true);
await import('../dist/main.js');
