import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CursorContent, decodeCursor, encodeCursor } from '../../src/changes/cursor.ts';
import { placeAt, readLogState } from '../../src/changes/log.ts';
import { cutLog } from '../support/log.ts';
import { type Maker, makeMaker } from '../support/makers.ts';
import { type Reader, WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

type Recorded = { readonly event: { readonly cursor: string; readonly figure: { readonly value: number } } };

const EVENTS = `subscription ($after: Cursor) { event: figureRecorded(after: $after) { cursor figure { value } } }`;

/** The answer to a subscription after a cursor, for every state of the cursor. */
describe.each(WAYS)('a cursor over %s', (_way, subscribe) => {
  let server: TestServer;
  let maker: Maker;
  let start: CursorContent;
  let values: readonly number[];

  const read = (after: string | null): Reader<Recorded> =>
    subscribe<Recorded>(server.wsUrl, EVENTS, { variables: { after } });
  const at = async (position: bigint): Promise<string> =>
    placeAt(await readLogState(server.db, [position]), position).cursor;
  const codeFor = async (after: string): Promise<unknown> => {
    const reader = read(after);
    await until('it is refused', () => reader.ended());
    expect(reader.results).toEqual([]);
    return (reader.error() as { extensions: { code: string } }[])[0]?.extensions.code;
  };

  beforeAll(async () => {
    server = await openServer();
    maker = await makeMaker(server.db);
    start = decodeCursor(await server.head()) as CursorContent;
    values = [await maker.record(), await maker.record(), await maker.record()];
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('that is absent: live from now', async () => {
    const reader = read(null);
    await until('it has joined', () => server.subscriptions.groups === 1);
    const value = await maker.record();
    await until('it came', () => reader.results.length > 0);
    expect(valuesOf(reader)).toEqual([value]);
    values = [...values, value];
    reader.stop();
  });

  test('that is known: what came since, then live', async () => {
    const reader = read(await at(start.position + 1n));
    await until('what came since is there', () => reader.results.length === values.length - 1);
    const value = await maker.record();
    await until('the next came', () => reader.results.length === values.length);
    values = [...values, value];
    expect(valuesOf(reader)).toEqual(values.slice(1));
    reader.stop();
  });

  test('that is the head: the next entries', async () => {
    const reader = read(await server.head());
    await until('it has joined', () => server.subscriptions.groups === 1);
    const value = await maker.record();
    await until('it came', () => reader.results.length > 0);
    expect(valuesOf(reader)).toEqual([value]);
    values = [...values, value];
    reader.stop();
  });

  test('that is ahead of the log: CURSOR_INVALID', async () => {
    const { position } = decodeCursor(await server.head()) as CursorContent;
    expect(await codeFor(encodeCursor({ ...start, position: position + 1n }))).toBe('CURSOR_INVALID');
  });

  test('that is of another log: CURSOR_INVALID', async () => {
    expect(await codeFor(encodeCursor({ ...start, log: 'f'.repeat(16) }))).toBe('CURSOR_INVALID');
  });

  test('that is from another history of the log: CURSOR_INVALID', async () => {
    const { digest } = decodeCursor(await server.head()) as CursorContent;
    expect(await codeFor(encodeCursor({ ...start, digest }))).toBe('CURSOR_INVALID');
  });

  test('that has the previous format: CURSOR_INVALID', async () => {
    const text = `${start.log}.${start.position.toString(36)}`;
    expect(await codeFor(Buffer.from(text).toString('base64url'))).toBe('CURSOR_INVALID');
  });

  test('that is not a cursor: CURSOR_INVALID', async () => {
    expect(await codeFor('yesterday')).toBe('CURSOR_INVALID');
  });

  test('that is from before the cut: CURSOR_EXPIRED; the oldest after the cut resumes', async () => {
    const through = start.position + 2n;
    const [old, oldest] = [await at(through - 1n), await at(through)];
    await cutLog(server.db, through);
    expect(await codeFor(old)).toBe('CURSOR_EXPIRED');
    const reader = read(oldest);
    await until('the rest came', () => reader.results.length === values.length - 2);
    expect(valuesOf(reader)).toEqual(values.slice(2));
    reader.stop();
  });
});

function valuesOf({ results }: Reader<Recorded>): (number | undefined)[] {
  return results.map(({ data }) => data?.event.figure.value);
}
