import type { Context, Span, Tracer } from '@opentelemetry/api';
import type { Logger } from '../logger.ts';
import type { End, Pushed, Step } from '../meters.ts';
import { noteTraceOutage, reportTo } from './trace-outage.ts';

/** How long the last spans may take to be sent when the process stops; other parts need their share of that time. */
const FLUSH_MS = 2_000;
/** The name in the comment that each raw statement begins with. */
const STATEMENT_NAME = /^\s*\/\* (\w+) \*\//;
const FIRST_WORD = /^\s*(\w+)/;
const NOTHING: End = () => undefined;

type Attributes = Readonly<Record<string, string | number>>;

/** The span of an operation. */
export interface OperationSpan {
  rename(name: string, attributes: Attributes): void;
  run<T>(work: () => T): T;
  end(attributes: Attributes, failed: boolean): void;
}

/** Sends spans to a collector, until disposed. */
export interface Tracing extends AsyncDisposable {
  /** The traceparent is the client's; its trace is continued if it is valid. */
  operation(traceparent: string | undefined): OperationSpan;
  begin(step: Step): End;
  statement(lane: string, sql: string): End;
  pushed(pushed: Pushed): void;
}

/**
 * Loads OpenTelemetry and starts to send spans. Where to, how often and of how many operations, it reads from the variables OTEL_… by itself,
 * as its specification says.
 */
export async function startTracing(logger: Logger, version: string, endpoint: string): Promise<Tracing> {
  // Loaded here, because it takes a tenth of a second and some megabytes.
  const [api, sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  const outage = noteTraceOutage(logger, endpoint);
  const say = (reason: string): void => outage.failed(reason);
  const ignore = (): void => undefined;
  api.diag.setLogger(
    { error: say, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: api.DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const given = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new sdk.NodeTracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': 'milepost', 'service.version': version }).merge(given),
    spanProcessors: [new sdk.BatchSpanProcessor(reportTo(outage, new OTLPTraceExporter()))],
  });
  provider.register();
  const tracer = provider.getTracer('milepost', version);
  return {
    ...spansOf(api, tracer),
    [Symbol.asyncDispose]: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, FLUSH_MS).unref());
      await Promise.race([provider.shutdown().catch((error: Error) => say(error.message)), late]);
      api.trace.disable();
      api.context.disable();
      api.propagation.disable();
      api.diag.disable();
    },
  };
}

function spansOf(api: typeof import('@opentelemetry/api'), tracer: Tracer): Omit<Tracing, keyof AsyncDisposable> {
  const { context, propagation, trace, ROOT_CONTEXT, SpanKind, SpanStatusCode } = api;
  const endOf =
    (span: Span): End =>
    (failed = false) => {
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    };
  /** What works on after its operation has ended, as a subscription does, is no part of it. */
  const isPart = (): boolean => trace.getActiveSpan()?.isRecording() === true;
  return {
    operation: (traceparent) => {
      const above: Context =
        traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
      const span = tracer.startSpan('operation', { kind: SpanKind.SERVER }, above);
      const within = trace.setSpan(above, span);
      return {
        rename: (name, attributes) => void span.updateName(name).setAttributes(attributes),
        run: (work) => context.with(within, work),
        end: (attributes, failed) => {
          span.setAttributes(attributes);
          endOf(span)(failed);
        },
      };
    },
    begin: (step) => (isPart() ? endOf(tracer.startSpan(step)) : NOTHING),
    statement: (lane, sql) => {
      if (!isPart()) return NOTHING;
      const name = STATEMENT_NAME.exec(sql)?.[1] ?? FIRST_WORD.exec(sql)?.[1]?.toLowerCase() ?? 'statement';
      const attributes = { 'db.system.name': 'postgresql', 'milepost.lane': lane };
      return endOf(tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }));
    },
    pushed: ({ kind, readers, committedAt, isOurs }) => {
      const startTime = Date.now() - Math.max(0, performance.now() - committedAt);
      const attributes = { 'milepost.readers': readers, 'milepost.written': isOurs ? 'here' : 'elsewhere' };
      tracer.startSpan(`push ${kind}`, { root: true, startTime, attributes }).end();
    },
  };
}
