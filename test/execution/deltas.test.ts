import { applyLiveQueryJSONPatch } from '@n1ru4l/graphql-live-query-patch-json-patch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDeltas } from '../../src/execution/deltas.ts';
import { type Payload, toBytes } from '../../src/execution/payload.ts';

/** Long enough that a patch is shorter. */
const NAMES = Array.from({ length: 20 }, (_, index) => `brand ${index}`);

interface Result {
  readonly data?: unknown;
  readonly patch?: readonly unknown[];
  readonly revision?: number;
  readonly errors?: readonly unknown[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

describe('a reader of differences', () => {
  test('gets the whole as revision 1, and then what differs', async () => {
    const reader = follow();
    await reader.deliver(payloadOf('c1', table(1)));
    await reader.deliver(payloadOf('c2', table(2)));
    expect(reader.results()).toEqual([
      { data: table(1), extensions: { cursor: expect.stringMatching(/^c1~1~/) }, revision: 1 },
      {
        patch: [{ op: 'replace', path: '/live/rows/3/value', value: 2 }],
        extensions: { cursor: expect.stringMatching(/^c2~2~/) },
        revision: 2,
      },
    ]);
    expect(reader.payloads.map(({ cursor }) => cursor)).toEqual(reader.results().map(cursorOf));
  });

  test('gets errors and extensions whole with each result', async () => {
    const reader = follow();
    const told = { errors: [{ message: 'wrong' }], extensions: { didYouMean: ['nio'] } };
    await reader.deliver(payloadOf('c1', table(1), told));
    await reader.deliver(payloadOf('c2', table(1), { errors: [{ message: 'other' }] }));
    await reader.deliver(payloadOf('c3', table(1)));
    expect(reader.results()).toMatchObject([
      { errors: told.errors, extensions: told.extensions },
      { patch: [], errors: [{ message: 'other' }], revision: 2 },
      { patch: [], revision: 3 },
    ]);
    expect(reader.results()[2]).not.toHaveProperty('errors');
  });

  test('gets the whole again when a patch would not be shorter, and when there was no data', async () => {
    const reader = follow();
    await reader.deliver(payloadOf('c1', table(1)));
    await reader.deliver(payloadOf('c2', { live: { a: 'another' } }));
    await reader.deliver(payloadOf('c3', null, { errors: [{ message: 'none' }] }));
    await reader.deliver(payloadOf('c4', table(1)));
    expect(reader.results()).toMatchObject([
      { data: table(1), revision: 1 },
      { data: { live: { a: 'another' } }, revision: 1 },
      { data: null, errors: [{ message: 'none' }] },
      { data: table(1), revision: 1 },
    ]);
    expect(reader.results()[2]).not.toHaveProperty('revision');
  });

  test('shares results with who has the same answer and revision, and patches with who has the same answer', async () => {
    const deltas = createDeltas();
    const [early, same, late] = [follow(deltas), follow(deltas), follow(deltas)];
    const [first, second, third] = [1, 2, 3].map((value) => payloadOf(`c${value}`, table(value))) as Three;
    for (const reader of [early, same]) await reader.deliver(first);
    await early.deliver(second);
    await late.deliver(second);
    await same.deliver(second);
    for (const reader of [early, same, late]) await reader.deliver(third);
    expect(same.payloads).toHaveLength(3);
    for (const [index, payload] of same.payloads.entries()) expect(early.payloads[index]).toBe(payload);
    expect([early, late].map(({ results }) => results().at(-1)?.revision)).toEqual([3, 2]);
    expect(late.results().at(-1)?.patch).toEqual(early.results().at(-1)?.patch);
  });

  test('that is slow gets one patch from what it has to the newest', async () => {
    const reader = follow();
    await reader.deliver(payloadOf('c1', table(1)));
    reader.block();
    for (const value of [2, 3, 4]) await reader.deliver(payloadOf(`c${value}`, table(value)));
    // The one that was under way when it became slow.
    expect(reader.results().map(({ revision }) => revision)).toEqual([1, 2]);
    await reader.free();
    expect(reader.results()[2]).toMatchObject({
      patch: [{ op: 'replace', path: '/live/rows/3/value', value: 4 }],
      revision: 3,
    });
    expect(reader.results()).toHaveLength(3);
  });
});

type Three = [Payload, Payload, Payload];

describe('a reader that comes back', () => {
  test('gets one patch from the answer that it has, with the next revision', async () => {
    const deltas = createDeltas();
    const reader = follow(deltas);
    await reader.deliver(payloadOf('c1', table(1)));
    await reader.deliver(payloadOf('c2', table(2)));
    const last = cursorOf(reader.results()[1]);
    const again = follow(deltas, last);
    expect([again.after, again.begun]).toEqual(['c2', [last]]);
    await again.deliver(payloadOf('c9', table(9)));
    expect(again.results()).toMatchObject([
      { patch: [{ op: 'replace', path: '/live/rows/3/value', value: 9 }], revision: 3 },
    ]);
  });

  test('gets an empty patch if nothing has changed', async () => {
    const deltas = createDeltas();
    const reader = follow(deltas);
    await reader.deliver(payloadOf('c1', table(1)));
    const again = follow(deltas, cursorOf(reader.results()[0]));
    await again.deliver(payloadOf('c5', table(1)));
    expect(again.results()).toMatchObject([{ patch: [], revision: 2 }]);
  });

  test('never gets a patch for another answer at the same place of the log', async () => {
    const deltas = createDeltas();
    const [one, other] = [follow(deltas), follow(deltas)];
    await one.deliver(payloadOf('c1', table(1)));
    await other.deliver(payloadOf('c1', table(2)));
    const [again, again2] = [one, other].map((each) => follow(deltas, cursorOf(each.results()[0])));
    for (const each of [again, again2]) await each?.deliver(payloadOf('c1', table(2)));
    expect(again?.results()).toMatchObject([{ patch: [{ path: '/live/rows/3/value', value: 2 }] }]);
    expect(again2?.results()).toMatchObject([{ patch: [] }]);
  });

  test('gets the whole when its answer is no longer known, as after a restart', async () => {
    const reader = follow();
    await reader.deliver(payloadOf('c1', table(1)));
    const again = follow(createDeltas(), cursorOf(reader.results()[0]));
    await again.deliver(payloadOf('c2', table(2)));
    expect(again.results()).toMatchObject([{ data: table(2), revision: 1 }]);
  });

  test('gets the whole when its answer was forgotten for newer ones', async () => {
    const size = JSON.stringify(table(1)).length;
    const deltas = createDeltas(3 * size);
    const reader = follow(deltas);
    await reader.deliver(payloadOf('c1', table(1)));
    const cursor = cursorOf(reader.results()[0]);
    for (const value of [2, 3, 4]) await follow(deltas).deliver(payloadOf(`c${value}`, table(value)));
    const again = follow(deltas, cursor);
    await again.deliver(payloadOf('c5', table(5)));
    expect(again.results()).toMatchObject([{ data: table(5), revision: 1 }]);
  });

  test.each(['c1', 'c1~1', 'c1~x~0123456789012345678901', 'c1~1~short', '~1~0123456789012345678901', ''])(
    'begins after "%s", which is no cursor of a result, as after any cursor',
    (cursor) => {
      const reader = follow(createDeltas(), cursor);
      expect([reader.after, reader.begun]).toEqual([cursor, ['begin']]);
    },
  );
});

test('the client of the format shows every answer as it is, however slow its reader and however often it comes back', async () => {
  const step = fc.record({
    answer: fc.record({
      rows: fc.array(fc.record({ id: fc.string({ maxLength: 2 }), n: fc.nat(2) }), { maxLength: 9 }),
    }),
    none: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
    does: fc.constantFrom('reads', 'reads', 'stalls', 'returns', 'returns elsewhere', 'loses one'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      let deltas = createDeltas();
      let reader = follow(deltas);
      let cursor: string | null = null;
      const told: Result[] = [];
      const newest: unknown[] = [];
      for (const [index, { answer, none, does }] of steps.entries()) {
        if (does === 'stalls') reader.block();
        else await reader.free();
        if (does.startsWith('returns') || does === 'loses one') {
          // What was under way when it was cut off may be lost.
          const taken = reader.payloads.length - (does === 'loses one' ? 1 : 0);
          told.push(...reader.results().slice(0, Math.max(0, taken)));
          cursor = reader.payloads[taken - 1]?.cursor ?? cursor;
          if (does === 'returns elsewhere') deltas = createDeltas();
          reader = follow(deltas, cursor);
        }
        const data = none ? null : { live: answer };
        newest.push(data);
        await reader.deliver(payloadOf(`c${index}`, data));
      }
      await reader.free();
      told.push(...reader.results());
      const shown: unknown[] = [];
      for await (const { data } of applyLiveQueryJSONPatch(each(told)) as AsyncIterable<Result>)
        shown.push(structuredClone(data));
      expect(shown.at(-1)).toEqual(newest.at(-1));
      for (const data of shown) expect(newest).toContainEqual(data);
    }),
    { numRuns: 200 },
  );
});

interface Follower {
  readonly after: string | null;
  readonly payloads: readonly Payload[];
  readonly begun: readonly string[];
  results(): readonly Result[];
  deliver(payload: Payload): Promise<void>;
  /** Takes nothing more, after what is under way. */
  block(): void;
  /** Takes everything again. */
  free(): Promise<void>;
}

function follow(deltas = createDeltas(), cursor: string | null = null): Follower {
  const payloads: Payload[] = [];
  const begun: string[] = [];
  let waiting: (() => void)[] | null = null;
  const { sink, after } = deltas.follow(
    {
      begin: (place) => void begun.push(place),
      deliver: (payload) => void payloads.push(payload),
      ready: () => new Promise((resolve) => (waiting === null ? resolve() : void waiting.push(resolve))),
      fail: () => undefined,
      complete: () => undefined,
    },
    cursor,
  );
  sink.begin?.('begin');
  return {
    after,
    payloads,
    begun,
    results: () => payloads.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as Result),
    deliver: async (payload) => {
      sink.deliver(payload);
      await settled();
    },
    block: () => {
      waiting ??= [];
    },
    free: async () => {
      const held = waiting ?? [];
      waiting = null;
      for (const resolve of held) resolve();
      await settled();
    },
  };
}

function payloadOf(cursor: string, data: unknown, rest: object = {}): Payload {
  return { bytes: toBytes(JSON.stringify({ ...rest, data })), cursor };
}

function table(value: number): object {
  return { live: { rows: NAMES.map((name, index) => ({ name, value: index === 3 ? value : 0 })) } };
}

function cursorOf(result: Result | undefined): string {
  return String(result?.extensions?.cursor);
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function* each(results: readonly Result[]): AsyncGenerator<Result> {
  yield* results;
}
