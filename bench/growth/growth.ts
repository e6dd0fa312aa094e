import { parseArgs } from 'node:util';
import { against, load, median, shown } from '../estimates/measure.ts';
import { startPostgres } from '../fanout/postgres.ts';
import { printTable } from '../fanout/table.ts';
import { type Contestant, startContestant } from '../reads/contestant.ts';
import { fillDatabase, MONTHS_AT_ONCE } from '../reads/fill.ts';
import { askOnce, askRepeatedly } from '../reads/load.ts';
import { postgresCpu } from '../reads/postgres-cpu.ts';
import type { Question } from '../reads/questions.ts';
import { BOARD_THEN, DEEP_CURSOR, questionsAfter } from './questions.ts';

const MOST_TIMES = 2;
/** How often the progress of the filling is told, in figures. */
const STEP = 100_000;

const { values } = parseArgs({
  options: {
    subjects: { type: 'string', default: '10000' },
    months: { type: 'string', default: '120' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const brands = Number(values.subjects);
const figures = brands * Number(values.months);

/** What a request took, in milliseconds of processor time. */
interface Cost {
  readonly server: number;
  readonly database: number;
}

using postgres = await startPostgres();
const smallUrl = await postgres.createDatabase('small');
const largeUrl = await postgres.createDatabase('large');
await fillDatabase(smallUrl);
let told = 0;
await fillDatabase(largeUrl, { brands, figures, monthsAtOnce: MONTHS_AT_ONCE }, (count) => {
  if (count < told + STEP) return;
  told = count;
  console.log(`${count} of ${figures} figures`);
});
const databaseMicros = await postgresCpu(smallUrl);
using small = await startContestant('milepost-cold', smallUrl);
using large = await startContestant('milepost-cold', largeUrl);
const questionsOf = async (server: Contestant): Promise<readonly Question[]> => {
  const { data } = JSON.parse(await askOnce(server.requestOf(DEEP_CURSOR)));
  return questionsAfter(data.figures.pageInfo.endCursor);
};
const [ofSmall, ofLarge] = [await questionsOf(small), await questionsOf(large)];
const rows: Record<string, string>[] = [];
for (const [index, question] of ofSmall.entries()) {
  const [few, many] = await measure(question, ofLarge[index] as Question);
  rows.push({
    question: question.name,
    'CPU a request (ms), server + Postgres': `${shown(few.server)} + ${shown(few.database)}`,
    'on much data': `${shown(many.server)} + ${shown(many.database)}`,
    times: against((many.server + many.database) / (few.server + few.database), MOST_TIMES),
  });
}
printTable(`4,056 figures and ${figures}, with ${load()}`, rows);
const before = await large.peakMb();
const answer = await fetch(large.requestOf(BOARD_THEN).url, large.requestOf(BOARD_THEN));
const { errors = [] } = (await answer.json()) as { errors?: readonly { extensions: { code: string } }[] };
const grown = (await large.peakMb()) - before;
const outcome = errors.length > 0 ? errors[0]?.extensions.code : 'answered';
console.log(`\n${BOARD_THEN.name}: ${outcome}; the largest memory of the server grew by ${shown(grown)} MB.`);

/** Asks both in turns, so that other load on the machine affects both. */
async function measure(question: Question, sameOfLarge: Question): Promise<readonly [Cost, Cost]> {
  const costs: readonly [Cost[], Cost[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, server] of [small, large].entries()) {
      const cost = await measureRound(server, index === 0 ? question : sameOfLarge);
      // In the first round everything is compiled, and what is read comes into memory.
      if (round > 0) costs[index]?.push(cost);
    }
  const middle = (all: readonly Cost[]): Cost => ({
    server: median(all.map(({ server }) => server)),
    database: median(all.map(({ database }) => database)),
  });
  return [middle(costs[0]), middle(costs[1])];
}

async function measureRound(server: Contestant, question: Question): Promise<Cost> {
  const before = { server: await server.cpuMicros(), database: databaseMicros() };
  const { requests } = await askRepeatedly(server.requestOf(question), seconds);
  return {
    server: ((await server.cpuMicros()) - before.server) / 1_000 / requests,
    database: (databaseMicros() - before.database) / 1_000 / requests,
  };
}
