// Loaded into the product before it starts: from SIGUSR2 on the disk fails whenever it is to sync.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

process.on('SIGUSR2', () => {
  fs.fsyncSync = () => {
    throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
  };
  syncBuiltinESMExports();
  process.stdout.write('The disk fails.\n');
});
