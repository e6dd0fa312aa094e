import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setTarget } from '../../src/domain/editing/targets.ts';
import { type FailingTable, makeFailingTable } from '../support/failing-table.ts';
import { type Maker, makeMaker } from '../support/makers.ts';
import { type Reader, WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

/** Too slow, waiting for a lock, the disk is full, read-only, no connection left. */
const TEMPORARY = ['57014', '55P03', '53100', '25006', '53300'];
/** The error of an invalid statement. */
const FAULT = '42P01';
/** Longer than an event would be retried if there were a limit. */
const LONG_MS = 600;
/** How long the server of the test lets a new subscription wait during temporary errors. */
const MAX_WAIT_MS = 1_200;

type Changed = { readonly changes: { readonly cursor: string } };
type Latest = { readonly live: { readonly brand: { readonly targets: { readonly totalCount: number } } } };

/** Nothing is known of a period before all others, but observations are read for it. */
const OBSERVED = 'observation(period: "1999") { value }';
const EVENTS = `subscription ($after: Cursor) { changes(after: $after) { cursor subject { ... on Brand { ${OBSERVED} } } } }`;
const PLAIN_EVENTS = 'subscription ($after: Cursor) { changes(after: $after) { cursor } }';
const FILTERED_EVENTS = 'subscription { changes(filter: { subjects: ["aurora"] }) { cursor } }';
const LIVE = `subscription { live { brand(slug: "aurora") { targets { totalCount } ${OBSERVED} } } }`;

describe.each(WAYS)('temporary errors, over %s', (way, subscribe) => {
  let server: TestServer;
  let maker: Maker;
  let observations: FailingTable;
  let log: FailingTable;
  let subjects: FailingTable;
  let keys: FailingTable;
  let targets = 0;

  /** Writes without reading observations; returns the places in the log. */
  const aim = async (): Promise<string> => {
    targets += 1;
    const { id } = await server.db.source.findFirstOrThrow();
    // Each by another day: about one target a source says one number.
    const target = {
      subject: maker.slug,
      metric: 'DELIVERIES',
      deadline: `${2030 + targets}-12-31`,
      value: 1,
    } as const;
    return (await setTarget(server.db, { ...target, sourceId: id })).cursor as string;
  };
  const follow = async <Data>(query: string): Promise<Reader<Data>> => {
    const reader = subscribe<Data>(server.wsUrl, query, { variables: { after: await server.head() } });
    const groups = server.subscriptions.groups;
    await until('it has joined', () => server.subscriptions.groups > groups);
    return reader;
  };

  beforeAll(async () => {
    server = await openServer({ maxWaitMs: MAX_WAIT_MS });
    maker = await makeMaker(server.db);
    observations = await makeFailingTable(server.db, 'Observation');
    log = await makeFailingTable(server.db, 'ChangeLog');
    subjects = await makeFailingTable(server.db, 'Subject');
    keys = await makeFailingTable(server.db, 'ApiKey');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('delay an event whose query fails for as long as they last; nothing passes it, and no event is sent with errors', async () => {
    const reader = await follow<Changed>(EVENTS);
    const cursors: string[] = [];
    for (const code of TEMPORARY) {
      await observations.fail(code);
      cursors.push(await aim(), await aim());
      await sleep(code === TEMPORARY[0] ? LONG_MS : 100);
      expect(reader.results.length).toBe(cursors.length - 2);
      await observations.heal();
      await until('they came', () => reader.results.length >= cursors.length);
    }
    expect(reader.results.map(({ errors }) => errors)).toEqual(cursors.map(() => undefined));
    expect(reader.results.map(({ data }) => data?.changes.cursor)).toEqual(cursors);
    expect(reader.ended()).toBe(false);
    reader.stop();
    await until('it ends with its reader', () => server.subscriptions.groups === 0);
  });

  test('make a live query wait, which then sends the newest answer', async () => {
    const reader = await follow<Latest>(LIVE);
    await until('the first answer came', () => reader.results.length === 1);
    await observations.fail('57014');
    await aim();
    await sleep(LONG_MS);
    expect(reader.results.length).toBe(1);
    await observations.heal();
    await until('the next came', () => reader.results.length === 2);
    expect(reader.results.map(({ errors }) => errors)).toEqual([undefined, undefined]);
    expect(reader.results[1]?.data?.live.brand.targets.totalCount).toBe(targets);
    reader.stop();
    await until('it ends with its reader', () => server.subscriptions.groups === 0);
  });

  test('are told from our own errors, which end only their operation, with the place to continue from', async () => {
    const [failing, live, other] = [
      await follow<Changed>(EVENTS),
      await follow<Latest>(LIVE),
      await follow<Changed>(PLAIN_EVENTS),
    ];
    await until('the answer came', () => live.results.length === 1);
    const before = await aim();
    await until('all have it', () => [failing, other].every(({ results }) => results.length === 1));
    await until('the next answer came', () => live.results.length === 2);
    await observations.fail(FAULT);
    const after = await aim();
    await until('both have ended', () => failing.ended() && live.ended());
    await observations.heal();
    expect(failing.results.map(({ data }) => data?.changes.cursor)).toEqual([before]);
    expect(errorsOf(failing)).toEqual([
      { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String), lastCursor: before },
    ]);
    expect(errorsOf(live)).toMatchObject([{ code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) }]);
    expect(live.results.length).toBe(2);
    await until('the others have what follows', () => other.results.length === 2);
    expect(other.ended()).toBe(false);
    const resumed = subscribe<Changed>(server.wsUrl, EVENTS, { variables: { after: before } });
    await until('it has what was not sent', () => resumed.results.length === 1);
    expect(resumed.results[0]?.data?.changes.cursor).toBe(after);
    for (const reader of [resumed, other]) reader.stop();
    await until('they end with their readers', () => server.subscriptions.groups === 0);
  });

  test('make new subscriptions wait, with or without a key', async () => {
    const { key } = await server.createKey(['READ', 'WRITE']);
    for (const table of [log, keys]) await table.fail('57014');
    const readers = [
      subscribe<Changed>(server.wsUrl, EVENTS),
      subscribe<Latest>(server.wsUrl, LIVE),
      subscribe<Changed>(server.wsUrl, EVENTS, { key }),
    ];
    await sleep(MAX_WAIT_MS / 6);
    expect(readers.map(({ closed }) => closed())).toEqual([undefined, undefined, undefined]);
    for (const table of [log, keys]) await table.heal();
    await until(
      'all have begun, the one with other access in a group of its own',
      () => server.subscriptions.groups === 3,
    );
    await until('the answer came', () => readers[1]?.results.length === 1);
    for (const reader of readers) reader.stop();
    await until('they end with their readers', () => server.subscriptions.groups === 0);
  });

  test('end subscriptions that have waited too long, so that clients come back', async () => {
    for (const [table, query] of [
      [log, EVENTS],
      [log, LIVE],
      [subjects, FILTERED_EVENTS],
    ] as const) {
      await table.fail('57014');
      const reader = subscribe(server.wsUrl, query);
      await until('it was sent away', () => reader.closed() !== undefined);
      expect(reader.closed()).toBe(way === 'WebSocket' ? 1013 : 0);
      // A client would not reopen a stream that was completed.
      expect(way === 'WebSocket' || !reader.ended()).toBe(true);
      await table.heal();
      await until('nothing of it is left', () => server.subscriptions.groups === 0);
    }
  });
});

function errorsOf(reader: Reader<unknown>): unknown[] {
  return (reader.error() as { extensions: unknown }[]).map(({ extensions }) => extensions);
}
