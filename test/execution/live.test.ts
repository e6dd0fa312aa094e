import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { joinAlliance } from '../../src/domain/editing/memberships.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject, updateSubject } from '../../src/domain/editing/subjects.ts';
import { dayOf } from '../../src/domain/values/calendar.ts';
import { type Maker, makeMaker } from '../support/makers.ts';
import { WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

type Latest = {
  readonly live: { readonly brand: { readonly name: string; readonly figures: { readonly totalCount: number } } };
};

/** Longer than any poll interval. */
const IDLE_MS = 1_200;
const COUNT = 'subscription { live { brand(slug: "aurora") { name figures { totalCount } } } }';

describe.each(WAYS)('a live query over %s', (way, subscribe) => {
  let server: TestServer;
  let maker: Maker;

  beforeAll(async () => {
    server = await openServer();
    maker = await makeMaker(server.db);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('answers at once with what was written before, and again when a change gives another answer', async () => {
    await maker.record();
    const reader = subscribe<Latest>(server.wsUrl, COUNT);
    await until('the first answer came', () => reader.results.length === 1);
    expect(reader.results[0]?.data?.live.brand.figures.totalCount).toBe(1);
    await maker.record();
    await until('the second answer came', () => reader.results.length === 2);
    expect(reader.results[1]?.data?.live.brand.figures.totalCount).toBe(2);
    reader.stop();
    await until('it ends with its reader', () => server.subscriptions.groups === 0);
  });

  test('is executed once for all its readers, who each get a first answer', async () => {
    const readers = Array.from({ length: 50 }, () => subscribe<Latest>(server.wsUrl, COUNT));
    await until('all have an answer', () => readers.every(({ results }) => results.length === 1));
    const before = server.subscriptions.counts.executions;
    await maker.record();
    await until('all have the next', () => readers.every(({ results }) => results.length === 2));
    expect(server.subscriptions.counts.executions - before).toBe(1);
    expect(server.subscriptions.groups).toBe(1);
    for (const reader of readers) reader.stop();
    await until('it ends with its readers', () => server.subscriptions.groups === 0);
  });

  test('does not repeat an equal answer, and is not executed for a change that cannot concern it', async () => {
    const names = subscribe<{ live: { brands: { nodes: { name: string }[] } } }>(
      server.wsUrl,
      'subscription { live { brands { nodes { name } } } }',
    );
    const counts = subscribe<Latest>(server.wsUrl, COUNT);
    await until('both have an answer', () => names.results.length === 1 && counts.results.length === 1);
    const before = server.subscriptions.counts.executions;
    await maker.record();
    await until('the one that counts figures has the next', () => counts.results.length === 2);
    // The other one reads only names, so a figure does not concern it.
    expect(server.subscriptions.counts.executions - before).toBe(1);
    await updateSubject(server.db, 'aurora', { city: null, aliases: ['Aurora Motors'] });
    await updateSubject(server.db, 'aurora', { name: 'Aurora II' });
    await until('the new name came', () => names.results.length > 1);
    expect(names.results.map(({ data }) => data?.live.brands.nodes[0]?.name)).toEqual(['aurora', 'Aurora II']);
    names.stop();
    counts.stop();
    await until('both end', () => server.subscriptions.groups === 0);
  });

  test('is answered at most every 100 ms during a burst of writes, and its last answer is that of a fresh query', async () => {
    const reader = subscribe<Latest>(server.wsUrl, COUNT);
    await until('the first answer came', () => reader.results.length === 1);
    const began = Date.now();
    const before = server.subscriptions.counts.executions;
    for (let count = 0; count < 60; count += 1) await maker.record();
    const total = await server.db.figure.count();
    await until('the last answer came', () => reader.results.at(-1)?.data?.live.brand.figures.totalCount === total);
    const most = Math.floor((Date.now() - began) / 100) + 2;
    expect(server.subscriptions.counts.executions - before).toBeLessThanOrEqual(most);
    reader.stop();
  });

  test('is executed again when a source is registered, and costs nothing until then', async () => {
    const reader = subscribe<{ live: { sources: { totalCount: number } } }>(
      server.wsUrl,
      'subscription { live { sources { totalCount } } }',
    );
    await until('the first answer came', () => reader.results.length === 1);
    const { executions } = server.subscriptions.counts;
    await sleep(IDLE_MS);
    expect(server.subscriptions.counts.executions).toBe(executions);
    await registerSource(server.db, { publisher: { slug: 'daily', name: 'Daily', tier: 4 }, title: 'Another' });
    await until('the next came', () => reader.results.length === 2);
    const [before, after] = reader.results.map(({ data }) => data?.live.sources.totalCount ?? Number.NaN);
    expect(after).toBe((before as number) + 1);
    reader.stop();
    await until('it ends with its reader', () => server.subscriptions.groups === 0);
  });

  test('is executed again at once after the clock was set back an hour', async () => {
    const reader = subscribe<Latest>(server.wsUrl, COUNT);
    await until('the first answer came', () => reader.results.length === 1);
    const now = Date.now;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    try {
      await maker.record();
      await until('the next came', () => reader.results.length === 2);
      await maker.record();
      await until('the one after it came', () => reader.results.length === 3);
    } finally {
      clock.mockRestore();
      reader.stop();
    }
    await until('it ends with its reader', () => server.subscriptions.groups === 0);
  });

  test('is executed again when another day begins, on which a brand joins an alliance', async () => {
    const tomorrow = dayOf(new Date(Date.now() + 86_400_000));
    await createSubject(server.db, { kind: 'ALLIANCE', slug: `union-${way.length}`, name: 'Union' });
    await joinAlliance(server.db, { alliance: `union-${way.length}`, brand: maker.slug, joinedOn: tomorrow });
    const reader = subscribe<{ live: { alliance: { members: object[] } } }>(
      server.wsUrl,
      `subscription { live { alliance(slug: "union-${way.length}") { members { joinedOn } } } }`,
    );
    await until('the first answer came', () => reader.results.length === 1);
    expect(reader.results[0]?.data?.live.alliance.members).toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
    try {
      // Nothing may wait for the stopped clock.
      while (reader.results.length < 2) await sleep(20);
    } finally {
      vi.useRealTimers();
    }
    expect(reader.results[1]?.data?.live.alliance.members).toEqual([{ joinedOn: tomorrow }]);
    reader.stop();
    await until('it ends with its reader', () => server.subscriptions.groups === 0);
  });

  test('shows errors of the query in its answer', async () => {
    const reader = subscribe(server.wsUrl, 'subscription { live { brands(first: 1000) { totalCount } } }');
    await until('the answer came', () => reader.results.length === 1);
    expect(reader.results[0]?.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    reader.stop();
  });
});
