import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { VERIFYING } from '../../src/database/bounds.ts';
import { bringUpToDate } from '../../src/domain/editing/bring-up-to-date.ts';
import { ROOT } from '../../src/root.ts';
import type { Postgres } from '../fanout/postgres.ts';
import { mebibytes, printTable } from '../fanout/table.ts';
import { logFigures } from '../resume/fill.ts';
import { shapeOf } from './claims.ts';
import { fillBrands, fillFigures, openFilled } from './fill.ts';
import { load, measure, shown } from './measure.ts';

/** What each brand has, as a maker has it in eight years from three sources. */
const FIGURES_EACH = 300;
const NAME = 'verified';

/** What a process of its own says that it measured. */
export interface Verified {
  readonly figures: number;
  readonly observations: number;
  readonly differences: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly rssBefore: number;
  readonly rssPeak: number;
}

/** Measures how long it takes to verify figures of many brands, two to a company, and how much memory. */
export async function measureVerification(postgres: Postgres, figures: number): Promise<void> {
  const databaseUrl = await postgres.createDatabase(NAME);
  const brands = Math.ceil(figures / FIGURES_EACH);
  let filling = { cpuMs: 0, wallMs: 0 };
  {
    await using database = await openFilled(databaseUrl, VERIFYING);
    await fillBrands(database.client, 'brand', brands, true);
    await fillFigures(database.client, 'brand', shapeOf(FIGURES_EACH), FIGURES_EACH);
    await logFigures(database.client);
    filling = await measure(() => bringUpToDate(database.client));
    await database.client.$executeRaw`/* vacuumAll */ vacuum analyze`;
  }
  const verified = await verifyIn(databaseUrl);
  printTable(`Working out and verifying everything, with ${load()}`, [
    {
      figures: verified.figures.toLocaleString('en'),
      brands: brands.toLocaleString('en'),
      observations: verified.observations.toLocaleString('en'),
      'brought up to date (s)': shown(filling.wallMs / 1_000),
      'verified (s)': shown(verified.wallMs / 1_000),
      'CPU a figure (µs)': shown((verified.cpuMs * 1_000) / verified.figures),
      'memory before (MiB)': mebibytes(verified.rssBefore),
      'at most (MiB)': mebibytes(verified.rssPeak),
      'above (MiB)': mebibytes(verified.rssPeak - verified.rssBefore),
      differences: verified.differences,
    },
  ]);
}

/** In a process of its own, because this one has grown while it filled the database. */
async function verifyIn(databaseUrl: string): Promise<Verified> {
  const verifier = spawn(process.execPath, [fileURLToPath(new URL('dist/bench-verifier.js', ROOT)), databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const text of verifier.stdout.setEncoding('utf8')) output += text;
  // It says it last, and nothing if it ended before.
  if (output === '') throw new Error('The verification ended early.');
  return JSON.parse(output) as Verified;
}
