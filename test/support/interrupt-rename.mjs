// Loaded into a command before it starts: INTERRUPT says which rename of a folder of the database ends the process, or fails.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const [how, nth] = (process.env.INTERRUPT ?? '').split(':');
const { rename } = fs.promises;
let count = 0;

fs.promises.rename = async (from, to) => {
  if (!/^db(\.|$)/.test(basename(to))) return rename(from, to);
  count += 1;
  if (how === 'kill' && count > Number(nth)) process.kill(process.pid, 'SIGKILL');
  if (how === 'fail' && count === Number(nth)) throw new Error('EBUSY: the folder is in use');
  return rename(from, to);
};
syncBuiltinESMExports();
