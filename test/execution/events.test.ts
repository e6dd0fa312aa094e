import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Maker, makeMaker } from '../support/makers.ts';
import { type Reader, WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

type Recorded = { readonly figureRecorded: { readonly cursor: string; readonly figure: { readonly value: number } } };

const FIELDS = 'cursor figure { value subject { slug } }';
const LIVE = `subscription { figureRecorded { ${FIELDS} } }`;
const AFTER = `subscription($after: Cursor) { figureRecorded(after: $after) { ${FIELDS} } }`;

describe.each(WAYS)('events over %s', (_way, subscribe) => {
  let server: TestServer;
  let maker: Maker;

  beforeAll(async () => {
    server = await openServer();
    maker = await makeMaker(server.db);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('cost one execution each, however many connections read them', { timeout: 60_000 }, async () => {
    const connections = 1_000;
    const readers = Array.from({ length: connections }, (_, index) =>
      subscribe<Recorded>(server.wsUrl, index % 2 === 0 ? LIVE : LIVE.replaceAll(' ', '\n')),
    );
    // Each has joined once the answer to a first figure has arrived.
    await until('all are open', () => server.connections.count === connections, 30_000);
    let last = 0;
    await until(
      'all have joined',
      async () => {
        last = await maker.record();
        return readers.every(({ results }) => results.length > 0);
      },
      30_000,
    );
    await until('all are even', () => readers.every(({ results }) => valuesOf(results).at(-1) === last), 30_000);
    const before = { ...server.subscriptions.counts };
    const values = [await maker.record(), await maker.record(), await maker.record()];
    await until(
      'all have the last',
      () => readers.every(({ results }) => valuesOf(results).at(-1) === values[2]),
      30_000,
    );
    expect(server.subscriptions.counts.executions - before.executions).toBe(3);
    expect(server.subscriptions.counts.deliveries - before.deliveries).toBe(3 * connections);
    expect(server.subscriptions.groups).toBe(1);
    for (const { results } of readers) expect(valuesOf(results).slice(-3)).toEqual(values);
    for (const reader of readers) reader.stop();
    await until('the execution ends with its readers', () => server.subscriptions.groups === 0, 30_000);
  });

  test('come once and in order to readers that resume during writes, and those readers then share', {
    timeout: 60_000,
  }, async () => {
    const start = await server.head();
    const written: number[] = [];
    const writer = (async () => {
      for (let count = 0; count < 60; count += 1) written.push(await maker.record());
    })();
    const readers: Reader<Recorded>[] = [subscribe<Recorded>(server.wsUrl, LIVE)];
    for (let count = 0; count < 10; count += 1) {
      await until('some more is written', () => written.length >= count * 4);
      readers.push(subscribe<Recorded>(server.wsUrl, AFTER, { variables: { after: start } }));
    }
    await writer;
    const resumed = readers.slice(1);
    await until(
      'all have the last',
      () => resumed.every(({ results }) => valuesOf(results).at(-1) === written.at(-1)),
      30_000,
    );
    for (const { results } of resumed) expect(valuesOf(results)).toEqual(written);
    expect(server.subscriptions.groups).toBe(1);
    const before = server.subscriptions.counts.executions;
    const last = await maker.record();
    await until('all have it', () => readers.every(({ results }) => valuesOf(results).at(-1) === last));
    expect(server.subscriptions.counts.executions - before).toBe(1);
    for (const reader of readers) reader.stop();
  });

  test('cost one execution each for all readers that resume together from before them', async () => {
    await until('nobody reads', () => server.subscriptions.groups === 0);
    const start = await server.head();
    const values = [await maker.record(), await maker.record(), await maker.record(), await maker.record()];
    const before = { ...server.subscriptions.counts };
    const readers = Array.from({ length: 50 }, () =>
      subscribe<Recorded>(server.wsUrl, AFTER, { variables: { after: start } }),
    );
    await until('all have the last', () => readers.every(({ results }) => valuesOf(results).at(-1) === values.at(-1)));
    for (const { results } of readers) expect(valuesOf(results)).toEqual(values);
    expect(server.subscriptions.counts.executions - before.executions).toBe(values.length);
    expect(server.subscriptions.counts.deliveries - before.deliveries).toBe(values.length * readers.length);
    for (const reader of readers) reader.stop();
    await until('their group has ended', () => server.subscriptions.groups === 0);
  });

  test('are never shared by viewers with different access', async () => {
    const { key } = await server.createKey(['READ', 'WRITE']);
    const readers = [subscribe<Recorded>(server.wsUrl, LIVE), subscribe<Recorded>(server.wsUrl, LIVE, { key })];
    await until('each has a group of its own', () => server.subscriptions.groups === 2);
    const value = await maker.record();
    await until('both have it', () => readers.every(({ results }) => valuesOf(results).includes(value)));
    for (const reader of readers) reader.stop();
    await until('both groups have ended', () => server.subscriptions.groups === 0);
  });

  test('are read again for each push', async () => {
    const reader = subscribe<{ changes: { subject: { name: string } } }>(
      server.wsUrl,
      'subscription { changes { subject { name } } }',
    );
    await until('it has joined', () => server.subscriptions.groups === 1);
    await maker.record();
    await until('the first came', () => reader.results.length === 1);
    await server.db.subject.update({ where: { slug: maker.slug }, data: { name: 'Renamed' } });
    await maker.record();
    await until('the second came', () => reader.results.length === 2);
    expect(reader.results[1]?.data?.changes.subject.name).toBe('Renamed');
    reader.stop();
  });

  test('end with a specific error when the cursor or a filter is invalid', async () => {
    const wrong = [
      subscribe(server.wsUrl, AFTER, { variables: { after: 'nonsense' } }),
      subscribe(server.wsUrl, 'subscription { figureRecorded(filter: {subjects: ["aurorra"]}) { cursor } }'),
    ];
    await until('both have ended', () => wrong.every(({ ended }) => ended()));
    expect(wrong.map(({ error }) => (error() as { extensions: { code: string } }[])[0]?.extensions.code)).toEqual([
      'CURSOR_INVALID',
      'BAD_USER_INPUT',
    ]);
    expect(server.subscriptions.groups).toBe(0);
  });
});

function valuesOf(results: Reader<Recorded>['results']): (number | undefined)[] {
  return results.map(({ data }) => data?.figureRecorded.figure.value);
}
