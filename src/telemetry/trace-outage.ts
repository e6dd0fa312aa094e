import type { Logger } from '../logger.ts';

/** Shortest time between two lines about a collector that cannot be reached. */
const INTERVAL_MS = 600_000;
/** The code of a result that was sent, as OpenTelemetry has it. */
const SENT = 0;

/** What became of spans that were handed to an exporter. */
interface Result {
  readonly code: number;
  readonly error?: Error;
}

/** The part of an exporter of OpenTelemetry that sends. */
interface Exporter<Spans> {
  export(spans: Spans, done: (result: Result) => void): void;
}

/** Tells of a collector that cannot be reached: once, at most every ten minutes while that lasts, and when it is reached again. */
export interface TraceOutage {
  failed(reason: string): void;
  sent(): void;
}

/** Keeps count of whether spans can be sent to an endpoint. */
export function noteTraceOutage(logger: Logger, endpoint: string, now = () => performance.now()): TraceOutage {
  const to = withoutCredentials(endpoint);
  let silentUntil = Number.NEGATIVE_INFINITY;
  let isTold = false;
  return {
    failed: (reason) => {
      if (now() < silentUntil) return;
      silentUntil = now() + INTERVAL_MS;
      isTold = true;
      logger.warn({ endpoint: to, reason: oneLine(reason) }, 'traces cannot be sent, and are dropped');
    },
    sent: () => {
      if (!isTold) return;
      isTold = false;
      logger.info({ endpoint: to }, 'traces are sent again');
    },
  };
}

/** Lets an exporter report to the outage instead of to its caller, which would write a stack into the log each time. */
export function reportTo<Spans, E extends Exporter<Spans>>(outage: TraceOutage, exporter: E & Exporter<Spans>): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (spans: Spans, done: (result: Result) => void): void =>
    send(spans, (result) => {
      if (result.code === SENT) outage.sent();
      else outage.failed(result.error?.message ?? 'no reason is known');
      done({ code: SENT });
    });
  return exporter;
}

/** What OpenTelemetry reports of an error is JSON with its stack. */
function oneLine(reason: string): string {
  try {
    const { message } = JSON.parse(reason) as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // It is a plain text.
  }
  return reason.split('\n')[0] ?? '';
}

function withoutCredentials(endpoint: string): string {
  if (!URL.canParse(endpoint)) return 'an address that is none';
  const { protocol, host, pathname } = new URL(endpoint);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
