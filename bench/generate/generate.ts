import { parseArgs } from 'node:util';
import { startPostgres } from '../fanout/postgres.ts';
import { fillDatabase, MONTHS_AT_ONCE } from '../reads/fill.ts';

/** How often the progress is told, in figures. */
const STEP = 50_000;

const { values } = parseArgs({
  options: {
    subjects: { type: 'string', default: '10000' },
    months: { type: 'string', default: '120' },
    into: { type: 'string' },
  },
});
const size = {
  brands: Number(values.subjects),
  figures: Number(values.subjects) * Number(values.months),
  monthsAtOnce: MONTHS_AT_ONCE,
};
if (values.into !== undefined) await generate(values.into);
else {
  // Nobody keeps it: only the rate is of interest.
  using postgres = await startPostgres();
  await generate(await postgres.createDatabase('generated'));
}

async function generate(databaseUrl: string): Promise<void> {
  const startedAt = performance.now();
  let told = 0;
  await fillDatabase(databaseUrl, size, (figures) => {
    if (figures < told + STEP && figures < size.figures) return;
    told = figures;
    const seconds = (performance.now() - startedAt) / 1_000;
    console.log(`${figures} figures after ${seconds.toFixed(0)} s, ${(figures / seconds).toFixed(0)} a second`);
  });
}
