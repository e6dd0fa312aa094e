import { prepare } from './prepare.mjs';

await prepare({ development: false });
// In this process, so that signals reach the server and not a parent of it. For the same reason the script in package.json begins with exec:
// otherwise the shell that npm starts would receive them. The rest of that line is for Windows, which has no exec.
process.setSourceMapsEnabled(true);
await import('../dist/main.js');
