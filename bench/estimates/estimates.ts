import { parseArgs } from 'node:util';
import { startPostgres } from '../fanout/postgres.ts';
import { measureBatches } from './batch.ts';
import { measureNetwork } from './network.ts';
import { measureReading } from './read.ts';
import { measureVerification } from './verify.ts';
import { measureWrites } from './write.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    claims: { type: 'string', default: '10,300,3000,10000' },
    writes: { type: 'string', default: '15' },
    figures: { type: 'string', default: '60000' },
  },
});

const wanted = (part: string): boolean => values.only === undefined || values.only === part;
const claims = values.claims.split(',').map(Number);
if (wanted('network')) measureNetwork(claims);
if (['write', 'batch', 'verify', 'read'].some(wanted)) {
  using postgres = await startPostgres();
  if (wanted('write')) await measureWrites(postgres, claims, Number(values.writes));
  if (wanted('batch')) await measureBatches(postgres);
  if (wanted('verify')) await measureVerification(postgres, Number(values.figures));
  if (wanted('read')) await measureReading(postgres);
}
