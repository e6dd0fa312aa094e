import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import type { ChangeEntry } from '../../src/changes/log.ts';
import type { Asker } from '../../src/execution/admission.ts';
import { type Answer, answerOf } from '../../src/execution/answer.ts';
import { type HotAnswers, keepAnswers, type Run } from '../../src/execution/hot-answers.ts';
import type { Traces } from '../../src/execution/read-notes.ts';

const ASKER: Asker = { name: 'someone', isGone: () => false, pay: () => undefined, whenGone: () => undefined };
const MIB = 1024 * 1024;

/** A log whose entries touch one trace each, and a store of answers that follows it. */
function openStore(maxBytes = MIB) {
  const log: string[] = [];
  const same: string[] = [];
  const state = { era: new AbortController().signal, running: true, written: 0n, day: '2026-01-01', kept: 1_000 };
  const hot = keepAnswers({
    changes: {
      get position() {
        return BigInt(log.length);
      },
      get era() {
        return state.era;
      },
      get running() {
        return state.running;
      },
      recent: (position) =>
        Number(position) < log.length - state.kept
          ? null
          : log.slice(Number(position)).map((trace) => ({ action: trace }) as unknown as ChangeEntry),
    },
    notes: {
      touchedBy: ({ action }) => (String(action) === 'everything' ? 'everything' : new Set([String(action)])),
      today: () => state.day,
    },
    written: () => state.written,
    maxBytes,
    noteSame: (requestId, first) => same.push(`${requestId} as ${first}`),
  });
  return { log, state, hot, same };
}

/** A query that answers with the number of its execution. */
function counted(traces: Traces, size = 1) {
  let executions = 0;
  const run: Run = async (_asker, reading) => {
    executions += 1;
    const answer = answerOf({ data: { execution: executions, text: 'x'.repeat(size) } });
    reading?.begin();
    await Promise.resolve();
    reading?.noteRead(traces);
    return answer;
  };
  return {
    run,
    get executions() {
      return executions;
    },
  };
}

const ask = async (hot: HotAnswers, { run }: { run: Run }, key = 'query'): Promise<number> =>
  executionIn(await hot.answer(key, ASKER, run));

const executionIn = ({ bytes }: Answer): number =>
  (JSON.parse(bytes.toString('utf8')) as { data: { execution: number } }).data.execution;

test('an answer is kept while entries touch other data, and executed again after one that touches it', async () => {
  const { log, hot } = openStore();
  const query = counted(new Set(['nio']));
  expect(await ask(hot, query)).toBe(1);
  log.push('xpeng', 'zeekr');
  expect(await ask(hot, query)).toBe(1);
  log.push('nio');
  expect(await ask(hot, query)).toBe(2);
  expect(await ask(hot, query)).toBe(2);
  log.push('everything');
  expect(await ask(hot, query)).toBe(3);
});

test('an answer that depends on everything is kept only until the next entry', async () => {
  const { log, hot } = openStore();
  const query = counted('everything');
  expect(await ask(hot, query)).toBe(1);
  expect(await ask(hot, query)).toBe(1);
  log.push('nio');
  expect(await ask(hot, query)).toBe(2);
});

test('an entry that comes during the execution makes the answer outdated', async () => {
  const { log, hot } = openStore();
  const query = counted(new Set(['nio']));
  const asked = ask(hot, query);
  log.push('nio');
  expect(await asked).toBe(1);
  expect(await ask(hot, query)).toBe(2);
});

test('an answer is not kept across entries that memory no longer has', async () => {
  const { log, state, hot } = openStore();
  state.kept = 2;
  const query = counted(new Set(['nio']));
  await ask(hot, query);
  log.push('xpeng', 'xpeng', 'xpeng');
  expect(await ask(hot, query)).toBe(2);
});

test('an answer is not kept past midnight, nor into the log that replaces the present one', async () => {
  const { state, hot } = openStore();
  const query = counted(new Set(['nio']));
  await ask(hot, query);
  state.day = '2026-01-02';
  expect(await ask(hot, query)).toBe(2);
  state.era = new AbortController().signal;
  expect(await ask(hot, query)).toBe(3);
});

test('nothing kept is given while the log does not show what this process has written, or is not followed', async () => {
  const { log, state, hot } = openStore();
  const query = counted(new Set(['nio']));
  await ask(hot, query);
  state.written = 1n;
  expect(await ask(hot, query)).toBe(2);
  log.push('xpeng');
  expect(await ask(hot, query)).toBe(2);
  state.running = false;
  expect(await ask(hot, query)).toBe(3);
});

test('those who ask the same at once share one execution, unless an entry or an own write comes in between', async () => {
  const { log, state, hot } = openStore();
  const query = counted(new Set(['nio']));
  expect(await Promise.all([ask(hot, query), ask(hot, query), ask(hot, query, 'other')])).toEqual([1, 1, 2]);
  hot.clear();
  const first = ask(hot, query);
  log.push('nio');
  const second = ask(hot, query);
  state.written = 5n;
  const third = ask(hot, query);
  expect(await Promise.all([first, second, third])).toEqual([3, 4, 5]);
});

test('a query that waits in the queue of one asker is not shared with another', async () => {
  const { hot } = openStore();
  let admit = (): void => undefined;
  const admitted = new Promise<void>((resolve) => {
    admit = resolve;
  });
  let executions = 0;
  const run: Run = async (_asker, reading) => {
    executions += 1;
    await admitted;
    reading?.begin();
    await Promise.resolve();
    return answerOf({ data: {} });
  };
  const from = (name: string) =>
    hot.answer('query', { name, isGone: () => false, pay: () => undefined, whenGone: () => undefined }, run);
  const asked = [from('one'), from('one'), from('other')];
  expect(executions).toBe(2);
  admit();
  await admitted;
  asked.push(from('third'));
  await Promise.all(asked);
  expect(executions).toBe(2);
});

test('a query under way at midnight is not shared with who asks after it', async () => {
  const { state, hot } = openStore();
  const query = counted(new Set(['nio']));
  const before = ask(hot, query);
  state.day = '2026-01-02';
  expect(await Promise.all([before, ask(hot, query)])).toEqual([1, 2]);
});

test('a shared execution goes on while at least one asker waits', async () => {
  const { hot } = openStore();
  const gone: boolean[] = [];
  let isFirstGone = false;
  const run: Run = async (asker) => {
    isFirstGone = true;
    gone.push(asker.isGone());
    await Promise.resolve();
    gone.push(asker.isGone());
    return answerOf({ data: {} });
  };
  await Promise.all([
    hot.answer(
      'query',
      { name: 'first', isGone: () => isFirstGone, pay: () => undefined, whenGone: () => undefined },
      run,
    ),
    hot.answer('query', { name: 'first', isGone: () => false, pay: () => undefined, whenGone: () => undefined }, run),
  ]);
  expect(gone).toEqual([true, false]);
});

test.each([
  ['errors', { data: { a: 1 }, errors: [{ message: 'no', extensions: {} }] }],
  ['no data', { data: null }],
])('an answer with %s is not kept', async (_what, result) => {
  const { hot } = openStore();
  let executions = 0;
  const run: Run = async (_asker, reading) => {
    executions += 1;
    reading?.noteRead(new Set());
    return answerOf(result as never);
  };
  await hot.answer('query', ASKER, run);
  await hot.answer('query', ASKER, run);
  expect(executions).toBe(2);
});

test('an execution that fails fails for all who share it, and leaves nothing', async () => {
  const { hot } = openStore();
  const failing: Run = async () => {
    throw new Error('away');
  };
  const all = await Promise.allSettled([hot.answer('query', ASKER, failing), hot.answer('query', ASKER, failing)]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask(hot, counted(new Set()))).toBe(1);
});

test('an unexpected error names the request of each who shares it, and the log has what belongs together', async () => {
  const { hot, same } = openStore();
  const failing: Run = async ({ requestId }) => {
    await Promise.resolve();
    const extensions = { code: 'INTERNAL_SERVER_ERROR', requestId };
    const unexpected = new GraphQLError(`It is logged under ${requestId}.`, { path: ['a'], extensions });
    return answerOf({ data: { a: null, id: 'one' }, errors: [unexpected, new GraphQLError('Another.')] });
  };
  const answers = await Promise.all(
    ['one', 'two', 'three'].map((requestId) => hot.answer('query', { ...ASKER, requestId }, failing)),
  );
  for (const [index, requestId] of ['one', 'two', 'three'].entries())
    expect(JSON.parse(String(answers[index]?.bytes))).toEqual({
      data: { a: null, id: 'one' },
      errors: [
        {
          message: `It is logged under ${requestId}.`,
          path: ['a'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
        },
        { message: 'Another.' },
      ],
    });
  expect(same).toEqual(['two as one', 'three as one']);
});

test('of too many errors each who shares them is told how many there are', async () => {
  const { hot } = openStore();
  const failing: Run = async ({ requestId }) => {
    await Promise.resolve();
    const error = new GraphQLError('Unexpected.', { extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } });
    return answerOf({ data: { a: null }, errors: Array.from({ length: 100 }, () => error) });
  };
  const answers = await Promise.all(
    ['one', 'two'].map((requestId) => hot.answer('query', { ...ASKER, requestId }, failing)),
  );
  for (const { errors } of answers)
    expect([errors.length, errors.at(-1)?.message]).toEqual([21, '80 more errors are not listed.']);
});

test('the store stays within its memory, and one answer cannot fill it', async () => {
  const { hot } = openStore(100_000);
  const query = counted(new Set(), 1_000);
  for (let number = 0; number < 200; number += 1) await ask(hot, query, `query ${number}`);
  expect(query.executions).toBe(200);
  await ask(hot, query, 'query 199');
  expect(query.executions).toBe(200);
  await ask(hot, query, 'query 0');
  expect(query.executions).toBe(201);
  const large = counted(new Set(), 10_000);
  await ask(hot, large, 'large');
  await ask(hot, large, 'large');
  expect(large.executions).toBe(2);
});

test('without memory nothing is kept, and nothing is noted', async () => {
  const { hot } = openStore(0);
  let noted = 0;
  const run: Run = async (_asker, reading) => {
    if (reading !== undefined) noted += 1;
    return answerOf({ data: {} });
  };
  await hot.answer('query', ASKER, run);
  expect(noted).toBe(0);
});
