#!/usr/bin/env node
// The command line of package.json's bin: brings the clone up to date first, like every other command.
import { existsSync } from 'node:fs';
import { prepare } from './prepare.mjs';

const PROGRAM = new URL('../dist/milepost.js', import.meta.url);

/** What only asks how to use it waits for nothing that a command needs. */
async function helps() {
  const words = process.argv.slice(2);
  if (!words.some((word, index) => word === '--help' || word === '-h' || (word === 'help' && index < 2))) return false;
  try {
    if (!existsSync(PROGRAM)) throw Object.assign(new Error(), { code: 'ERR_MODULE_NOT_FOUND' });
    await import(PROGRAM.href);
    return true;
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error('Nothing is built in this clone yet, and the help is part of what is built:');
    return false;
  }
}

if (!(await helps())) {
  await prepare({ development: false });
  // Under another address: Node keeps that an import has failed.
  await import(`${PROGRAM.href}?prepared`);
}
