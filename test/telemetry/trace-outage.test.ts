import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { noteTraceOutage, reportTo, type TraceOutage } from '../../src/telemetry/trace-outage.ts';

const MINUTE_MS = 60_000;
const REFUSED = 'connect ECONNREFUSED 127.0.0.1:4318';

let lines: Record<string, unknown>[];
let now: number;
let outage: TraceOutage;

beforeEach(() => {
  lines = [];
  now = 0;
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  outage = noteTraceOutage(logger, 'https://user:of-nobody-else@collector.example:4318/path?token=secret', () => now);
});

test('a collector that is away is told at most every ten minutes, by its name, without credentials', () => {
  for (; now < 25 * MINUTE_MS; now += 13_000) outage.failed(REFUSED);
  const line = {
    level: 40,
    endpoint: 'https://collector.example:4318/path',
    reason: REFUSED,
    msg: 'traces cannot be sent, and are dropped',
  };
  expect(lines).toEqual([line, line, line]);
});

test('that it is there again is told once, and only if its outage was', () => {
  outage.sent();
  outage.failed(REFUSED);
  outage.sent();
  outage.sent();
  expect(lines.map(({ msg }) => msg)).toEqual(['traces cannot be sent, and are dropped', 'traces are sent again']);
  outage.failed(REFUSED);
  outage.sent();
  expect(lines).toHaveLength(2);
});

test('the reason is one line, also of an error that is reported as JSON with a stack', () => {
  outage.failed(JSON.stringify({ stack: `Error: ${REFUSED}\n    at somewhere`, message: REFUSED, name: 'Error' }));
  expect(lines).toMatchObject([{ reason: REFUSED }]);
});

test('an exporter reports what became of its spans to the outage, and not to its caller', () => {
  const results = [{ code: 1, error: new Error(REFUSED) }, { code: 0 }];
  const told: { readonly code: number }[] = [];
  const exporter = reportTo(outage, {
    export: (_spans: string, done: (result: { readonly code: number }) => void) => done(results.shift() ?? { code: 0 }),
  });
  for (const spans of ['a', 'b']) exporter.export(spans, (result) => void told.push(result));
  expect(told).toEqual([{ code: 0 }, { code: 0 }]);
  expect(lines.map(({ reason, msg }) => reason ?? msg)).toEqual([REFUSED, 'traces are sent again']);
});
