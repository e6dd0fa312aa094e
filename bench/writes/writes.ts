import { parseArgs } from 'node:util';
import pg from 'pg';
import { VERIFYING } from '../../src/database/bounds.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { bringUpToDate } from '../../src/domain/editing/bring-up-to-date.ts';
import { recordFigure, recordFigures } from '../../src/domain/editing/record-figures.ts';
import { required } from '../../src/required.ts';
import { type Shape, statedAt } from '../estimates/claims.ts';
import { fillBrands, fillFigures, openFilled } from '../estimates/fill.ts';
import { against, load, measure, median, shown, type Taken } from '../estimates/measure.ts';
import { rowsWritten, statementsOf } from '../estimates/statements.ts';
import { type Postgres, startPostgres } from '../fanout/postgres.ts';
import { printTable } from '../fanout/table.ts';
import { type Row, writeByHand } from './hand-written.ts';
import { serverCpuMs } from './server-cpu.ts';

const FIGURES = 1_000;
/** What every brand has before, of one source. */
const MONTHS_BEFORE = 12;
const MONTHLY: Shape = { isDaily: false, sources: 1 };
const DAILY: Shape = { isDaily: true, sources: 1 };
/** Not measured: until everything that runs for a write is compiled. */
const WARM_UP = 500;
const GOAL = { statements: 8, cpuMs: 2.5, share: 1 / 4 };

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    writes: { type: 'string', default: '500' },
    batches: { type: 'string', default: '7' },
  },
});
const wanted = (part: string): boolean => values.only === undefined || values.only === part;

using postgres = await startPostgres();
if (wanted('single')) await measureSingle(postgres, Number(values.writes));
if (wanted('batch')) await measureMany(postgres, Number(values.batches));

/** One figure at a time, each of another brand. */
async function measureSingle(server: Postgres, writes: number): Promise<void> {
  await using database = await openFilled(await server.createDatabase('one_at_a_time'));
  const { client } = database;
  await fill(client, 'many');
  const record = (index: number): Promise<unknown> =>
    recordFigure(
      client,
      inputOf(`many-${(index % FIGURES) + 1}`, MONTHLY, MONTHS_BEFORE + Math.floor(index / FIGURES)),
    );
  let written = 0;
  const next = (): Promise<unknown> => record(written++);
  const repeat = async (times: number): Promise<void> => {
    for (let index = 0; index < times; index += 1) await next();
  };
  await repeat(WARM_UP);
  const [{ id = 0 } = {}] = await client.$queryRaw<{ id: number }[]>`/* processId */ select pg_backend_pid() as id`;
  const before = serverCpuMs(id);
  const taken: Taken[] = [];
  for (let index = 0; index < writes; index += 1) taken.push(await measure(next));
  const serverMs = (serverCpuMs(id) - before) / writes;
  const total = taken.reduce((sum, { wallMs }) => sum + wallMs, 0);
  const statements = await statementsOf(next);
  printTable(`One figure at a time, ${writes} of them, with ${load()}`, [
    {
      statements: against(statements.length, GOAL.statements),
      'CPU (ms)': against(median(taken.map(({ cpuMs }) => cpuMs)), GOAL.cpuMs),
      'CPU of Postgres (ms)': shown(serverMs),
      'time (ms)': shown(median(taken.map(({ wallMs }) => wallMs))),
      'writes/s': shown(writes / (total / 1_000)),
      'rows written': rowsWritten(statements),
    },
  ]);
  const names = statements.map(({ text }) => /\/\* (\w+) \*\//.exec(text)?.[1] ?? text.trim().slice(0, 60));
  process.stdout.write(`\nThe statements of a write: ${names.join(', ')}\n`);
}

/** 1,000 figures at once, of as many brands and of one, in turns with the statement written by hand. */
async function measureMany(server: Postgres, batches: number): Promise<void> {
  await using database = await openFilled(await server.createDatabase('milepost'), VERIFYING);
  const url = await server.createDatabase('by_hand');
  await using byHand = await openFilled(url, VERIFYING);
  for (const { client } of [database, byHand]) {
    await fill(client, 'many');
    await fillBrands(client, 'one', batches + 1);
    await client.$executeRaw`/* vacuumAll */ vacuum analyze`;
  }
  const { client } = database;
  const subjects = await byHand.client.subject.findMany({ select: { id: true, slug: true } });
  const idOf = new Map(subjects.map(({ id, slug }) => [slug, id]));
  const connection = new pg.Client(url);
  await connection.connect();
  const shapes = {
    'of as many brands': (batch: number) =>
      numbers(FIGURES).map((brand) => inputOf(`many-${brand + 1}`, MONTHLY, MONTHS_BEFORE + batch)),
    'of one brand': (batch: number) => numbers(FIGURES).map((day) => inputOf(`one-${batch + 1}`, DAILY, day)),
  };
  for (const [name, batchOf] of Object.entries(shapes)) {
    const ofMilepost: Ran[] = [];
    const ofHand: Ran[] = [];
    // The first of each compiles what runs for it.
    for (const batch of numbers(batches + 1)) {
      const inputs = batchOf(batch);
      ofMilepost.push(
        await run(client, async () => rowsWritten(await statementsOf(() => recordFigures(client, inputs)))),
      );
      const rows = inputs.map(({ subject, stated }): Row => ({ ...stated, subjectId: required(idOf, subject) }));
      ofHand.push(await run(byHand.client, () => writeByHand(connection, rows)));
    }
    const hand = rateOf(ofHand);
    const milepost = rateOf(ofMilepost);
    const share = milepost.figures / hand.figures;
    const reached = share >= GOAL.share ? '' : ': missed';
    printTable(`${FIGURES} figures ${name} at once, the median of ${batches} turns, with ${load()}`, [
      {
        'written by': 'recordFigures',
        ...rowOf(milepost),
        '× by hand': `${shown(share)} (at least ${GOAL.share}${reached})`,
      },
      { 'written by': 'one statement by hand', ...rowOf(hand), '× by hand': 1 },
    ]);
  }
  await connection.end();
}

interface Ran extends Taken {
  readonly rows: number;
  readonly serverMs: number;
}

async function run(client: PrismaClient, work: () => Promise<number>): Promise<Ran> {
  const [{ id = 0 } = {}] = await client.$queryRaw<{ id: number }[]>`/* processId */ select pg_backend_pid() as id`;
  const before = serverCpuMs(id);
  let rows = 0;
  const taken = await measure(async () => {
    rows = await work();
  });
  return { ...taken, rows, serverMs: serverCpuMs(id) - before };
}

interface Rate {
  readonly figures: number;
  readonly rows: number;
  readonly cpuMs: number;
  readonly serverMs: number;
}

function rateOf([, ...measured]: readonly Ran[]): Rate {
  const seconds = median(measured.map(({ wallMs }) => wallMs)) / 1_000;
  return {
    figures: FIGURES / seconds,
    rows: median(measured.map(({ rows }) => rows)) / seconds,
    cpuMs: median(measured.map(({ cpuMs }) => cpuMs)),
    serverMs: median(measured.map(({ serverMs }) => serverMs)),
  };
}

function rowOf({ figures, rows, cpuMs, serverMs }: Rate): Readonly<Record<string, string>> {
  return {
    'figures/s': figures.toFixed(0),
    'rows/s': rows.toFixed(0),
    'CPU (ms)': shown(cpuMs),
    'CPU of Postgres (ms)': shown(serverMs),
  };
}

async function fill(client: PrismaClient, word: string): Promise<void> {
  await fillBrands(client, word, FIGURES);
  await fillFigures(client, word, MONTHLY, MONTHS_BEFORE);
  await bringUpToDate(client);
  await client.$executeRaw`/* vacuumAll */ vacuum analyze`;
}

function inputOf(subject: string, shape: Shape, index: number) {
  const stated = statedAt(shape, index);
  const { period, value } = stated;
  return {
    ...{ subject, metric: 'DELIVERIES' as const, period, value, qualifier: 'EXACT' as const, sourceId: 1 },
    stated,
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
