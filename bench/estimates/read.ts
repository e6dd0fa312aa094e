import { composeEngine, type Engine } from '../../src/compose.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { bringUpToDate } from '../../src/domain/editing/bring-up-to-date.ts';
import { parseOperation } from '../../src/http/operation.ts';
import { createLogger } from '../../src/logger.ts';
import type { Postgres } from '../fanout/postgres.ts';
import { printTable } from '../fanout/table.ts';
import { type Shape, statedAt } from './claims.ts';
import { fillBrands, fillFigures, openFilled } from './fill.ts';
import { against, load, measure, median, shown, type Taken } from './measure.ts';
import { explain } from './plans.ts';
import { rowsReturned, statementsOf } from './statements.ts';

/** Of 20 brands there are 84 months of deliveries; of 10,000 others two months of retail sales. */
const BRANDS = 20;
const MONTHS = 84;
const RETAILERS = 10_000;
const MONTHLY: Shape = { isDaily: false, sources: 1 };
const MONTH = statedAt(MONTHLY, 1).period;

const WARM_UP_MS = 1_500;
const MEASURED = 25;
/** For what takes seconds. */
const MEASURED_MS = 10_000;
const GOAL = { statements: 1, rowsReadPerShown: 2, boardRatio: 3 };

const OBSERVED = 'value lower upper qualifier';
const BOARD = `total entries { rank share previousRank subject { slug } observation { ${OBSERVED} } }`;

const SMALL_BOARD = 'a leaderboard of 20, all shown';
const LARGE_BOARD = 'a leaderboard of 10,000, 20 shown';

interface Asked {
  readonly name: string;
  readonly query: string;
  /** The number of observations in the answer. */
  readonly shown: number;
  readonly isBounded: boolean;
}

const ASKED: readonly Asked[] = [
  {
    name: '20 brands, 12 months each',
    query: `{ series(subjects: [${slugs(BRANDS)}], from: "1995-01", to: "1995-12") { observations { ${OBSERVED} } missing } }`,
    shown: BRANDS * 12,
    isBounded: true,
  },
  {
    name: 'a series of 84 months',
    query: `{ brand(slug: "brand-1") { series { observations { ${OBSERVED} } missing } } }`,
    shown: MONTHS,
    isBounded: true,
  },
  {
    name: 'the newest total to date',
    query: `{ brand(slug: "brand-1") { cumulative { period ${OBSERVED} } } }`,
    shown: 1,
    isBounded: true,
  },
  {
    name: 'the total to a day',
    query: `{ brand(slug: "brand-1") { cumulative(on: "1995-06-30") { period ${OBSERVED} } } }`,
    shown: 1,
    isBounded: true,
  },
  {
    name: SMALL_BOARD,
    query: `{ leaderboard(period: "${MONTH}") { ${BOARD} } }`,
    shown: BRANDS,
    isBounded: true,
  },
  {
    name: LARGE_BOARD,
    query: `{ leaderboard(metric: RETAIL, period: "${MONTH}") { ${BOARD} } }`,
    shown: 20,
    isBounded: true,
  },
  {
    name: 'a leaderboard of 20, of 1,100 years',
    query: `{ leaderboard(period: "1900/2999") { ${BOARD} } }`,
    shown: BRANDS,
    isBounded: false,
  },
  {
    name: 'a leaderboard of 10,000, of 1,100 years',
    query: `{ leaderboard(metric: RETAIL, period: "1900/2999") { ${BOARD} } }`,
    shown: 20,
    isBounded: false,
  },
];

/** Measures what reading costs this process and the database. */
export async function measureReading(postgres: Postgres): Promise<void> {
  const databaseUrl = await postgres.createDatabase('reading');
  await using database = await openFilled(databaseUrl);
  const { client } = database;
  await fillBrands(client, 'brand', BRANDS);
  await fillFigures(client, 'brand', MONTHLY, MONTHS);
  await bringUpToDate(client);
  await fillRetail(client);
  await client.$executeRaw`/* vacuumAll */ vacuum analyze`;
  await using engine = await composeEngine(
    database,
    { queriesAtOnce: 4, answerCacheMib: 0, maxCost: 10_000, deadlineSeconds: 600, readAccess: 'public' },
    createLogger('error'),
  );
  const rows: Record<string, string | number>[] = [];
  let ofSmallBoard = Number.NaN;
  for (const { name, query, shown: count, isBounded } of ASKED) {
    const read = (): Promise<string> => execute(engine, query);
    const answered = (await read()).match(/"qualifier"/g)?.length ?? 0;
    if (answered !== count) throw new Error(`${name}: ${answered} observations instead of ${count}.`);
    const taken = await measureRepeatedly(read);
    const statements = await statementsOf(read);
    const work = await explain(databaseUrl, statements);
    const cpuMs = median(taken.map((one) => one.cpuMs));
    if (name === SMALL_BOARD) ofSmallBoard = cpuMs;
    const goal = name === LARGE_BOARD ? GOAL.boardRatio : null;
    rows.push({
      'what is read': name,
      statements: against(statements.length, isBounded ? GOAL.statements : null),
      'rows returned': rowsReturned(statements),
      'rows the database reads': against(work.rowsRead, isBounded ? GOAL.rowsReadPerShown * count : null),
      'tables read whole': work.readWhole.join(', '),
      'CPU (ms)': shown(cpuMs),
      '× of a leaderboard of 20': name.includes('leaderboard') ? against(cpuMs / ofSmallBoard, goal) : '',
      'database (ms)': shown(work.ms),
      'time (ms)': shown(median(taken.map((one) => one.wallMs))),
    });
  }
  printTable(`Reading, with ${load()}`, rows);
}

async function measureRepeatedly(read: () => Promise<unknown>): Promise<readonly Taken[]> {
  const warm = performance.now() + WARM_UP_MS;
  while (performance.now() < warm) await read();
  const taken: Taken[] = [];
  const end = performance.now() + MEASURED_MS;
  while (taken.length < 3 || (taken.length < MEASURED && performance.now() < end)) taken.push(await measure(read));
  return taken;
}

/** Executes an operation as the server does, without the transport. Throws if there is an error. */
async function execute({ handler }: Engine, query: string): Promise<string> {
  const operation = parseOperation(handler, { query });
  if ('errors' in operation) throw operation.errors[0];
  const { bytes, errors } = await operation.answer(
    { keyId: null, scope: 'READ' },
    { name: 'bench', isGone: () => false, pay: () => undefined, whenGone: () => undefined },
  );
  if (errors.length > 0) throw errors[0];
  return bytes.toString('utf8');
}

/** Figures of 10,000 brands in two months, and what is kept of these months. Through the product it would take some minutes. */
async function fillRetail(db: PrismaClient): Promise<void> {
  await fillBrands(db, 'retailer', RETAILERS);
  await fillFigures(db, 'retailer', MONTHLY, 2, 'RETAIL');
  await db.$executeRaw`
    /* fillObservations */
    insert into "Observation" (slot, "subjectId", metric, period, kind, "periodStart", "periodEnd", value, lower, upper, qualifier, method,
                               "bestId", agreement, "decidedBy", origins, resolution, missing)
    select concat_ws('|', "subjectId", metric, period, ''), "subjectId", metric, period, 'MONTH', "periodStart", "periodEnd", value, lower,
           upper, 'EXACT', 'ASSERTED', id, 'SOLE', 'ONLY', 1, 'Only Press 1 says so.', '{}'
      from "Figure"
     where metric = 'RETAIL'`;
}

function slugs(count: number): string {
  return Array.from({ length: count }, (_, index) => `"brand-${index + 1}"`).join();
}
