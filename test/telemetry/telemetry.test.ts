import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import type { OperationMeter, Understood } from '../../src/meters.ts';
import { createExposition } from '../../src/telemetry/exposition.ts';
import { Counter, Histogram } from '../../src/telemetry/recorder.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import type { Tracing } from '../../src/telemetry/tracing.ts';

const ARRIVAL = { transport: 'http', requestId: 'the-request' } as const;
const QUERY: Understood = { name: 'Board', type: 'query', cost: 12.4 };

test('operations are counted by name and by how they ended', () => {
  const telemetry = createTelemetry(createLogger('silent'), null);
  const end = (how: Parameters<OperationMeter['ended']>[0], ...codes: readonly string[]): void => {
    const meter = telemetry.meters.operation(ARRIVAL);
    meter.understood(QUERY, true);
    meter.ended(
      how,
      codes.map((code) => ({ extensions: { code } })),
    );
    // Whoever ends it again says nothing new.
    meter.ended('gone');
  };
  end('answered');
  end('answered');
  end('answered', 'BAD_USER_INPUT', 'BAD_USER_INPUT');
  end('refused', 'UNAUTHENTICATED');
  end('refused', 'TEMPORARILY_UNAVAILABLE');
  end('refused', 'RATE_LIMITED');
  end('answered', 'TIMED_OUT');
  end('answered', 'BAD_USER_INPUT', 'INTERNAL_SERVER_ERROR');
  end('gone', 'TEMPORARILY_UNAVAILABLE');
  const counted = samplesOf(telemetry, 'milepost_operations_total').map(({ labels, value }) => [labels, value]);
  const named = { operation: 'Board', type: 'query' };
  expect(counted).toEqual([
    [{ ...named, outcome: 'ok' }, 2],
    [{ ...named, outcome: 'error' }, 1],
    [{ ...named, outcome: 'refused' }, 2],
    [{ ...named, outcome: 'unavailable' }, 1],
    [{ ...named, outcome: 'timed_out' }, 1],
    [{ ...named, outcome: 'failed' }, 1],
    [{ ...named, outcome: 'cancelled' }, 1],
  ]);
  const errors = samplesOf(telemetry, 'milepost_errors_total').map(({ labels, value }) => [labels.code, value]);
  expect(Object.fromEntries(errors.filter(([, value]) => value !== 0))).toEqual({
    BAD_USER_INPUT: 2,
    UNAUTHENTICATED: 1,
    TEMPORARILY_UNAVAILABLE: 2,
    RATE_LIMITED: 1,
    TIMED_OUT: 1,
    INTERNAL_SERVER_ERROR: 1,
  });
  expect(samplesOf(telemetry, 'milepost_operations_under_way')).toEqual([{ labels: {}, value: 0 }]);
});

test('however many names clients think of, a hundred are told apart, and no name can pass for those that are not', () => {
  const telemetry = createTelemetry(createLogger('silent'), null);
  const send = (name: string | null, isValid = true): void => {
    const meter = telemetry.meters.operation(ARRIVAL);
    if (isValid) meter.understood({ ...QUERY, name }, false);
    meter.ended(isValid ? 'answered' : 'refused');
  };
  for (let count = 0; count < 500; count += 1) send(`Refused${count}`, false);
  send('other');
  send('unnamed');
  send('unknown');
  send('x'.repeat(65));
  send(null);
  for (let count = 0; count < 500; count += 1) send(`Name${count}`);
  const counted = samplesOf(telemetry, 'milepost_operations_total');
  const names = new Map<string | undefined, number>();
  for (const { labels, value } of counted) names.set(labels.operation, (names.get(labels.operation) ?? 0) + value);
  expect([...names.keys()].filter((name) => name?.startsWith('Name'))).toHaveLength(100);
  expect([names.get('unknown'), names.get('unnamed'), names.get('other')]).toEqual([500, 1, 404]);
  expect(names.size).toBe(103);
});

test('clients without a key take half of the names, and never those of the dashboard', () => {
  const telemetry = createTelemetry(createLogger('silent'), null, ['Board']);
  const send = (name: string, isOfAnybody: boolean): void => {
    const meter = telemetry.meters.operation(ARRIVAL);
    meter.understood({ ...QUERY, name }, isOfAnybody);
    meter.ended('answered');
  };
  for (let count = 0; count < 500; count += 1) send(`Anybody${count}`, true);
  send('Board', true);
  for (let count = 0; count < 500; count += 1) send(`Keyed${count}`, false);
  send('Anybody0', true);
  const names = samplesOf(telemetry, 'milepost_operations_total').map(({ labels }) => labels.operation ?? '');
  const told = (of: string): number => new Set(names.filter((name) => name.startsWith(of))).size;
  expect([told('Anybody'), told('Keyed'), told('Board'), told('other')]).toEqual([50, 50, 1, 1]);
});

test('spans have the names that operations are counted by, whatever a client calls them', () => {
  const renamed: unknown[] = [];
  const span = {
    rename: (...how: unknown[]) => void renamed.push(how),
    run: (work: () => unknown) => work(),
    end: () => undefined,
  };
  const telemetry = createTelemetry(createLogger('silent'), { operation: () => span } as unknown as Tracing);
  const send = (name: string | null): void => telemetry.meters.operation(ARRIVAL).understood({ ...QUERY, name }, true);
  send('x'.repeat(10_000));
  send(null);
  for (let count = 0; count < 60; count += 1) send(`Name${count}`);
  expect(renamed.slice(0, 2)).toMatchObject([
    ['query other', { 'graphql.operation.name': 'x'.repeat(64) }],
    ['query', { 'graphql.operation.name': '' }],
  ]);
  expect(renamed.at(-1)).toMatchObject(['query other', { 'graphql.operation.name': 'Name59' }]);
});

test('what alerts count is there before it happens, because the first count of a new series is no increase', async () => {
  const rules = await readFile(new URL('../../docker/prometheus/alerts.yml', import.meta.url), 'utf8');
  const codes = [...rules.matchAll(/code=~?"([A-Z_|]+)"/g)].flatMap(([, listed = '']) => listed.split('|'));
  expect(codes).toContain('INTERNAL_SERVER_ERROR');
  const counted = samplesOf(createTelemetry(createLogger('silent'), null), 'milepost_errors_total');
  for (const code of codes) expect(counted).toContainEqual({ labels: { code }, value: 0 });
});

test('a slow operation is told with what it was, without variables and keys, and a flood of them in a few lines', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'info', base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const { meters } = createTelemetry(logger, null);
  const now = vi.spyOn(performance, 'now');
  try {
    const take = (ms: number): void => {
      now.mockReturnValue(5_000);
      const meter = meters.operation(ARRIVAL);
      meter.understood(QUERY, true);
      now.mockReturnValue(5_000 + ms);
      meter.ended('answered', []);
    };
    take(999);
    expect(lines).toEqual([]);
    take(1_234);
    const { level, time, ...told } = lines[0] ?? {};
    expect([level, told]).toEqual([
      40,
      {
        requestId: 'the-request',
        transport: 'http',
        operation: 'Board',
        type: 'query',
        cost: 13,
        ms: 1_234,
        outcome: 'ok',
        msg: 'an operation was slow',
      },
    ]);
    for (let count = 0; count < 1_000; count += 1) take(2_000);
    expect(lines).toHaveLength(10);
    take(20_000);
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toMatchObject({ ms: 20_000, untold: 991 });
  } finally {
    now.mockRestore();
  }
});

test('counters and histograms are exposed as Prometheus reads them', async () => {
  const counter = new Counter('things_total', 'Things.', ['kind']);
  counter.add('a "quoted" one');
  counter.add('plain');
  counter.add('plain');
  const histogram = new Histogram('waits_seconds', 'Waits.', ['lane'], [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 3]) histogram.note(value, 'read');
  const prepared = vi.fn(async () => undefined);
  const { type, text } = await createExposition([counter, histogram], prepared)();
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(prepared).toHaveBeenCalledTimes(1);
  const ours = text.split('\n').filter((line) => /things|waits/.test(line));
  expect(ours).toEqual([
    '# HELP things_total Things.',
    '# TYPE things_total counter',
    'things_total{kind="a \\"quoted\\" one"} 1',
    'things_total{kind="plain"} 2',
    '# HELP waits_seconds Waits.',
    '# TYPE waits_seconds histogram',
    'waits_seconds_bucket{lane="read",le="0.1"} 2',
    'waits_seconds_bucket{lane="read",le="1"} 3',
    'waits_seconds_bucket{lane="read",le="+Inf"} 4',
    'waits_seconds_sum{lane="read"} 3.65',
    'waits_seconds_count{lane="read"} 4',
  ]);
  expect(text).toContain('process_cpu_seconds_total');
  expect(text).toContain('nodejs_eventloop_lag_seconds');
});

test('statements are counted while they are under way, and those that fail', () => {
  const telemetry = createTelemetry(createLogger('silent'), null);
  const first = telemetry.meters.statement('read', 'select 1');
  const second = telemetry.meters.statement('read', 'select 2');
  expect(telemetry.statements.get('read')).toBe(2);
  first();
  second(true);
  expect(telemetry.statements.get('read')).toBe(0);
  expect(samplesOf(telemetry, 'milepost_statement_failures_total')).toEqual([{ labels: { lane: 'read' }, value: 1 }]);
});

function samplesOf({ metrics }: ReturnType<typeof createTelemetry>, name: string) {
  const metric = metrics.find((one) => one.name === name);
  if (metric === undefined) throw new Error(`There is no metric ${name}.`);
  return metric.samples();
}
