#!/usr/bin/env node
// The command line of package.json's bin: brings the clone up to date first, like every other command.
import { prepare } from './prepare.mjs';

await prepare({ development: false });
await import('../dist/milepost.js');
