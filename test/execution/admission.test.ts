import { expect, test } from 'vitest';
import { TemporarilyUnavailable } from '../../src/errors.ts';
import { type Admission, type Asker, limitQueries } from '../../src/execution/admission.ts';
import { deferred, soon, until } from '../support/wait.ts';

const ONE: Asker = { name: 'one', isGone: () => false, pay: () => undefined, whenGone: () => undefined };
const OTHER: Asker = { name: 'other', isGone: () => false, pay: () => undefined, whenGone: () => undefined };

/** A query that runs until it is told to end. */
interface Query {
  readonly name: string;
  end(): void;
  readonly outcome: Promise<unknown>;
}

/** Sends queries, and keeps the names of those that were admitted, in order. */
function sender(admission: Admission) {
  const admitted: string[] = [];
  const send = (name: string, asker = ONE): Query => {
    const { promise, resolve } = deferred();
    const outcome = admission
      .admit(asker, async () => {
        admitted.push(name);
        await promise;
      })
      .catch((error: unknown) => error);
    return { name, end: resolve, outcome };
  };
  return { admitted, send };
}

test('queries are admitted in the order of arrival, one for each that ends', async () => {
  const { admitted, send } = sender(limitQueries(2));
  const queries = ['a', 'b', 'c', 'd'].map((name) => send(name));
  await until('the first are admitted', () => admitted.length === 2);
  expect(admitted).toEqual(['a', 'b']);
  queries[1]?.end();
  await until('the next is admitted', () => admitted.length === 3);
  expect(admitted).toEqual(['a', 'b', 'c']);
  queries[0]?.end();
  await until('the last is admitted', () => admitted.length === 4);
  for (const query of queries) query.end();
  expect(await Promise.all(queries.map(({ outcome }) => outcome))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a query that waits too long is told to come back, and delays nobody', async () => {
  const { admitted, send } = sender(limitQueries(1, { maxWaitMs: 50 }));
  const first = send('first');
  expect(await send('late').outcome).toBeInstanceOf(TemporarilyUnavailable);
  const next = send('next');
  first.end();
  await until('the next is admitted', () => admitted.includes('next'));
  next.end();
  expect(admitted).toEqual(['first', 'next']);
  expect(await next.outcome).toBeUndefined();
});

test('many queries of one client do not make the others wait for all of them', async () => {
  const { admitted, send } = sender(limitQueries(1));
  const queries = ['a', 'b', 'c', 'd'].map((name) => send(name));
  queries.push(send('of another', OTHER));
  queries.push(send('the last', OTHER));
  for (let ended = 0; ended < queries.length; ended += 1) {
    await until('one more is admitted', () => admitted.length === ended + 1);
    queries.find(({ name }) => name === admitted.at(-1))?.end();
  }
  expect(admitted).toEqual(['a', 'b', 'of another', 'c', 'the last', 'd']);
});

test('when the waiting room is full, the client with the longest queue loses a query', async () => {
  const { admitted, send } = sender(limitQueries(1, { mostWaiting: 3 }));
  const [first, ...waiting] = ['a', 'b', 'c', 'd'].map((name) => send(name));
  expect(await send('one too many').outcome).toBeInstanceOf(TemporarilyUnavailable);
  const other = send('of another', OTHER);
  expect(await waiting.at(-1)?.outcome).toBeInstanceOf(TemporarilyUnavailable);
  for (const query of [first, ...waiting, other]) query?.end();
  await other.outcome;
  await waiting[1]?.outcome;
  expect(admitted).toEqual(['a', 'b', 'of another', 'c']);
});

test('a query that was cancelled before its turn is not executed', async () => {
  const { admitted, send } = sender(limitQueries(1));
  const [first, gone, next] = [send('first'), send('gone', { ...ONE, isGone: () => true }), send('next')];
  first.end();
  await until('the next is admitted', () => admitted.length === 2);
  next.end();
  expect(admitted).toEqual(['first', 'next']);
  expect(await gone.outcome).toBeInstanceOf(TemporarilyUnavailable);
});

test('a query that fails also makes room', async () => {
  const admission = limitQueries(1);
  await expect(admission.admit(ONE, () => Promise.reject(new Error('It failed.')))).rejects.toThrow('It failed.');
  expect(
    await soon(
      'the next',
      admission.admit(ONE, async () => 'answered'),
    ),
  ).toBe('answered');
});

test('while queries leave the thread idle, as when they wait for the database, more are admitted at once, up to the limit', async () => {
  const { admitted, send } = sender(limitQueries(5));
  const queries = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => send(name));
  await until('the limit is reached', () => admitted.length === 5);
  queries[0]?.end();
  await until('the last is admitted', () => admitted.length === 6);
  for (const query of queries) query.end();
});

test('while queries keep the thread busy, they are admitted one at a time', async () => {
  const admission = limitQueries(100);
  let underWay = 0;
  const most: number[] = [];
  const work = async (): Promise<void> => {
    underWay += 1;
    for (let turn = 0; turn < 20; turn += 1) {
      const end = performance.now() + 10;
      while (performance.now() < end);
      await new Promise(setImmediate);
    }
    most.push(underWay);
    underWay -= 1;
  };
  await Promise.all(Array.from({ length: 10 }, () => admission.admit(ONE, work)));
  // Two at first, until their cost is known.
  expect(most.slice(4)).toEqual([1, 1, 1, 1, 1, 1]);
});
