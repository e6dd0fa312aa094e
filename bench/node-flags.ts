import { readFileSync } from 'node:fs';
import { ROOT } from '../src/root.ts';

/** The flags of Node with which `npm start` runs the server. */
export const NODE_FLAGS: readonly string[] = readFlags();

function readFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  return [...new Set<string>(scripts.start.match(/(?<= )--\S+/g) ?? [])];
}
