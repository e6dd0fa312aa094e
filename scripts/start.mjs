import { prepare } from './prepare.mjs';

await prepare({ development: false });
// In this process, so that signals reach the server and not a parent of it. For the same reason the script in package.json begins with exec:
// otherwise the shell that npm starts would receive them. The rest of that line is for Windows, which has no exec.
// That line also sets the largest size of a half of the space for new objects, in MiB, which cannot be set from here: V8 takes it when a
// process starts. With V8's own 16 what several requests work on at a time does not fit, and each collection copies nearly all of it.
process.setSourceMapsEnabled(true);
await import('../dist/main.js');
