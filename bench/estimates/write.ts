import type { PrismaClient } from '../../src/database/generated/client.ts';
import { bringUpToDate } from '../../src/domain/editing/bring-up-to-date.ts';
import { recordFigure } from '../../src/domain/editing/record-figures.ts';
import type { Postgres } from '../fanout/postgres.ts';
import { printTable } from '../fanout/table.ts';
import { shapeOf, statedAt } from './claims.ts';
import { fillBrands, fillFigures, openFilled } from './fill.ts';
import { against, load, measure, median, shown, type Taken } from './measure.ts';
import { rowsWritten, statementsOf } from './statements.ts';

/** For the first size as well: until everything that runs for a write is compiled. */
const WARM_UP = 100;
const GOAL_STATEMENTS = { claims: 300, statements: 8 };
const GOAL_TIME = { claims: 10_000, ms: 50 };

/** Measures one further figure of a subject, by the number of claims that it has; the median of a number of writes. */
export async function measureWrites(postgres: Postgres, sizes: readonly number[], writes: number): Promise<void> {
  await using database = await openFilled(await postgres.createDatabase('writes'));
  const { client } = database;
  for (const size of [0, ...sizes]) {
    const word = wordOf(size);
    await fillBrands(client, word, 1);
    if (size > 0) await fillFigures(client, word, shapeOf(size), size);
  }
  await bringUpToDate(client);
  await client.$executeRaw`/* vacuumAll */ vacuum analyze`;
  await repeat(WARM_UP, (index) => recordNext(client, 0, index));
  const rows: Record<string, string | number>[] = [];
  let base = 0;
  for (const size of sizes) {
    let written = 0;
    const next = (): Promise<unknown> => recordNext(client, size, written++);
    await repeat(3, next);
    const taken: Taken[] = [];
    await repeat(writes, async () => taken.push(await measure(next)));
    const statements = await statementsOf(next);
    const cpuMs = median(taken.map((one) => one.cpuMs));
    const wallMs = median(taken.map((one) => one.wallMs));
    if (base === 0) base = cpuMs;
    rows.push({
      claims: size.toLocaleString('en'),
      'CPU (ms)': against(cpuMs, goalOf(size)),
      [`× of ${sizes[0]} claims`]: shown(cpuMs / base),
      'time (ms)': against(wallMs, goalOf(size)),
      statements: against(statements.length, size === GOAL_STATEMENTS.claims ? GOAL_STATEMENTS.statements : null),
      'rows written': rowsWritten(statements),
    });
    if (size === GOAL_STATEMENTS.claims) process.stdout.write(`\n${listOf(statements)}\n`);
  }
  printTable(`One further figure of a subject, with ${load()}`, rows);
}

/** The goal for a further write, in milliseconds. */
function goalOf(size: number): number | null {
  return size === GOAL_TIME.claims ? GOAL_TIME.ms : null;
}

/** The brand with this number of claims. */
function wordOf(size: number): string {
  return `claims${size}`;
}

function recordNext(db: PrismaClient, size: number, written: number): Promise<unknown> {
  const shape = shapeOf(size);
  const { period, value } = statedAt(shape, Math.ceil(size / shape.sources) + written);
  return recordFigure(db, {
    ...{ subject: `${wordOf(size)}-1`, metric: 'DELIVERIES', period, value, qualifier: 'EXACT', sourceId: 1 },
  });
}

async function repeat(times: number, work: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < times; index += 1) await work(index);
}

/** What the statements of a write are, in their order. */
function listOf(statements: readonly { readonly text: string; readonly rows: number }[]): string {
  const names = statements.map(({ text, rows }) => {
    const [
      ,
      name = text
        .replaceAll('"public".', '')
        .replace(/SELECT .*? FROM/s, 'SELECT … FROM')
        .slice(0, 50),
    ] = /\/\* (\w+) \*\//.exec(text) ?? [];
    return `${name.trim()} (${rows})`;
  });
  return `The statements of a write, with their rows: ${names.join('; ')}`;
}
