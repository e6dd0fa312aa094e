// Loaded into the product before it starts: keeps, next to its files, what a power cut would leave of them. Only what is synced gets there.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const { SHADOW_OF = '', SHADOW = '' } = process.env;
const { fsyncSync } = fs;
/** The last synced state of each file by its inode, whatever its name is by now. */
const STATES = `${SHADOW}.states`;

fs.mkdirSync(STATES, { recursive: true });

fs.fsyncSync = (file) => {
  fsyncSync(file);
  const path = fs.readlinkSync(`/proc/self/fd/${file}`);
  if (!`${path}/`.startsWith(`${SHADOW_OF}/`)) return;
  const shadow = SHADOW + path.slice(SHADOW_OF.length);
  if (fs.fstatSync(file).isDirectory()) keepNames(path, shadow);
  else {
    copy(path, stateOf(path));
    copy(path, shadow);
  }
};
syncBuiltinESMExports();

/** A synced folder has its files under their present names, each as it was synced last. */
function keepNames(path, shadow) {
  fs.mkdirSync(shadow, { recursive: true });
  const names = fs.readdirSync(path);
  for (const name of fs.readdirSync(shadow)) {
    if (!names.includes(name)) fs.rmSync(join(shadow, name), { recursive: true });
  }
  for (const name of names) {
    const state = stateOf(join(path, name));
    if (fs.existsSync(state)) copy(state, join(shadow, name));
  }
}

function stateOf(path) {
  return join(STATES, String(fs.statSync(path).ino));
}

/** In one step: the process may be killed at any time. */
function copy(from, to) {
  fs.copyFileSync(from, `${STATES}/copying`);
  fs.renameSync(`${STATES}/copying`, to);
}
