import { parseArgs } from 'node:util';
import { startPostgres } from '../fanout/postgres.ts';
import { checkAnswer } from './check.ts';
import { type Contestant, startContestant } from './contestant.ts';
import { DisposableList } from './disposable-list.ts';
import { fillDatabase } from './fill.ts';
import { askOnce, askRepeatedly, type Round } from './load.ts';
import { postgresCpu } from './postgres-cpu.ts';
import { type Measured, printProfile, printQuestion } from './print.ts';
import { QUESTIONS, type Question } from './questions.ts';
import { KINDS } from './settings.ts';

const { values } = parseArgs({
  options: {
    contestants: { type: 'string', default: KINDS.join() },
    questions: { type: 'string', default: QUESTIONS.map((_question, index) => index + 1).join() },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    profile: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

using postgres = await startPostgres();
const databaseUrl = await postgres.createDatabase('reads');
await fillDatabase(databaseUrl);
const databaseMicros = await postgresCpu(databaseUrl);
using contestants = new DisposableList<Contestant>();
for (const kind of KINDS.filter((one) => values.contestants.split(',').includes(one)))
  contestants.add(await startContestant(kind, databaseUrl));
const questions = values.questions.split(',').map((number) => QUESTIONS[Number(number) - 1] as Question);

// Before anything is measured: nobody may win by answering less.
const measured = new Map<Question, readonly Measured[]>();
for (const question of questions) measured.set(question, await check(question));
for (const [question, ofQuestion] of measured) {
  if (values.profile) await profile(question);
  else {
    await measure(question, ofQuestion);
    printQuestion(question, ofQuestion);
  }
}

/** Checks the answers of all, and counts their bytes and statements. */
async function check(question: Question): Promise<readonly Measured[]> {
  const all: Measured[] = [];
  const [first] = contestants.all as [Contestant];
  const { data } = JSON.parse(await askOnce(first.requestOf(question)));
  for (const contestant of contestants.all) {
    // What it reads only once is read by now.
    const bytes = await checkAnswer(contestant, question, data);
    const statements = await contestant.statementsOf(() => askOnce(contestant.requestOf(question)));
    all.push({ contestant, bytes, statements: statements.length, rounds: [] });
  }
  return all;
}

/** Warms each up, and asks them in turns, so that other load on the machine affects all of them. */
async function measure(question: Question, all: readonly Measured[]): Promise<void> {
  for (const { contestant } of all) await askRepeatedly(contestant.requestOf(question), seconds);
  for (let round = 0; round < rounds; round += 1)
    for (const each of all) each.rounds.push(await measureRound(each.contestant, question));
}

async function measureRound(contestant: Contestant, question: Question) {
  const before = { server: await contestant.cpuMicros(), database: databaseMicros() };
  const round: Round = await askRepeatedly(contestant.requestOf(question), seconds);
  const after = { server: await contestant.cpuMicros(), database: databaseMicros() };
  return {
    ...round,
    serverMs: (after.server - before.server) / 1_000 / round.requests,
    databaseMs: (after.database - before.database) / 1_000 / round.requests,
  };
}

/** Prints what each does for a question: the functions that run longest, and the statements. */
async function profile(question: Question): Promise<void> {
  for (const contestant of contestants.all) {
    const request = contestant.requestOf(question);
    await askRepeatedly(request, seconds);
    let requests = 0;
    const functions = await contestant.profileOf(async () => {
      ({ requests } = await askRepeatedly(request, seconds));
    });
    const statements = await contestant.statementsOf(() => askOnce(request));
    printProfile(`${question.name}, ${contestant.kind}`, { functions, statements, requests });
  }
}
