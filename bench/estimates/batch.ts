import type { PrismaClient } from '../../src/database/generated/client.ts';
import { bringUpToDate } from '../../src/domain/editing/bring-up-to-date.ts';
import { recordFigures } from '../../src/domain/editing/record-figures.ts';
import type { Postgres } from '../fanout/postgres.ts';
import { printTable } from '../fanout/table.ts';
import { type Shape, statedAt } from './claims.ts';
import { fillBrands, fillFigures, openFilled } from './fill.ts';
import { load, measure, shown } from './measure.ts';
import { rowsWritten, type Statement, statementsOf } from './statements.ts';

const FIGURES = 1_000;
/** What every brand has before. */
const MONTHS_BEFORE = 12;
const MONTHLY: Shape = { isDaily: false, sources: 1 };
const DAILY: Shape = { isDaily: true, sources: 1 };

/** Measures 1,000 figures in one write: one of each of 1,000 brands, and all of one brand; beside as many as are written one by one. */
export async function measureBatches(postgres: Postgres): Promise<void> {
  await using database = await openFilled(await postgres.createDatabase('batches'));
  const { client } = database;
  await fillBrands(client, 'many', FIGURES);
  await fillFigures(client, 'many', MONTHLY, MONTHS_BEFORE);
  await bringUpToDate(client);
  await fillBrands(client, 'one', 2);
  await client.$executeRaw`/* vacuumAll */ vacuum analyze`;
  const single = (brand: number, month: number) => [inputOf(`many-${brand}`, MONTHLY, month)];
  for (let brand = 1; brand <= 100; brand += 1) await recordFigures(client, single(brand, MONTHS_BEFORE));
  // The first of each two compiles what runs for it.
  const months = [MONTHS_BEFORE + 1, MONTHS_BEFORE + 2].map((month) =>
    brands(FIGURES).map((brand) => inputOf(`many-${brand}`, MONTHLY, month)),
  );
  const days = brands(2).map((brand) =>
    Array.from({ length: FIGURES }, (_, day) => inputOf(`one-${brand}`, DAILY, day)),
  );
  const ofSingle = await run(
    client,
    brands(100).map((brand) => single(brand, MONTHS_BEFORE + 3)),
    100,
  );
  const ofMany = await run(client, months, 1);
  const ofOne = await run(client, days, 1);
  const row = (name: string, { cpuMs, wallMs, figures, statements }: Ran) => ({
    written: name,
    'CPU a figure (ms)': shown(cpuMs / figures),
    '× of one by one': shown(cpuMs / figures / (ofSingle.cpuMs / ofSingle.figures)),
    'time (s)': shown(wallMs / 1_000),
    statements: statements.length,
    'rows written': rowsWritten(statements),
  });
  printTable(`Many figures, with ${load()}`, [
    row('100 one by one, of as many brands', ofSingle),
    row('1,000 at once, of as many brands', ofMany),
    row('1,000 at once, of one brand', ofOne),
  ]);
}

interface Ran {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly figures: number;
  readonly statements: readonly Statement[];
}

/** Writes the batches in their order, and measures the last ones together. */
async function run(db: PrismaClient, batches: readonly Batch[], counted: number): Promise<Ran> {
  const measured = batches.slice(-counted);
  for (const batch of batches.slice(0, -counted)) await recordFigures(db, batch);
  let taken = { cpuMs: 0, wallMs: 0 };
  const statements = await statementsOf(async () => {
    taken = await measure(async () => {
      for (const batch of measured) await recordFigures(db, batch);
    });
  });
  return { ...taken, figures: measured.flat().length, statements };
}

type Batch = Parameters<typeof recordFigures>[1];

function inputOf(subject: string, shape: Shape, index: number): Batch[number] {
  const { period, value } = statedAt(shape, index);
  return { ...{ subject, metric: 'DELIVERIES', period, value, qualifier: 'EXACT', sourceId: 1 } };
}

function brands(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
