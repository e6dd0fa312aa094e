import type { Logger } from '../logger.ts';
import type { Ending, Meters } from '../meters.ts';
import { boundNames } from './names.ts';
import { type EndOperation, Operation, UNKNOWN } from './operation.ts';
import { type Count, Counter, Histogram, type Metric, readLater, type Series } from './recorder.ts';
import { limitSlowLines } from './slow-lines.ts';
import type { Tracing } from './tracing.ts';

/** An operation that takes longer is told in the log. */
const SLOW_MS = 1_000;
/** Codes of errors are ours, so there are few. Whatever happens, no more of them are told apart. */
const MOST_CODES = 100;
/** What an alert counts begins at 0: the first count of a series that was not there is no increase to Prometheus. */
const ALERTED_CODES = [
  'INTERNAL_SERVER_ERROR',
  'RATE_LIMITED',
  'TOO_COSTLY',
  'TOO_MANY_SUBSCRIPTIONS',
  'TOO_MANY_CONNECTIONS',
];

/** In seconds, from a kept answer to the longest that an operation may take. */
const OPERATION_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** In seconds, from a look-up by key to the limit of a statement. */
const STATEMENT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1, 5, 20];
/** In seconds, up to the 5 s after which a query is refused. */
const WAIT_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** In seconds; a push that takes more than one has failed its promise. */
const PUSH_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];
/** Up to the most that an operation may cost by default, and what an operator may allow beyond. */
const COSTS = [1, 5, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000];
const READERS = [1, 2, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000];

type Outcome = 'ok' | 'error' | 'refused' | 'unavailable' | 'timed_out' | 'failed' | 'cancelled';

/** What happens in this process, in numbers, spans and the log. */
export interface Telemetry {
  readonly meters: Meters;
  readonly metrics: readonly Metric[];
  /** The statements under way of each lane. */
  readonly statements: ReadonlyMap<string, number>;
}

/** Starts to count; with tracing also to make spans. The names of our own operations are always told apart. */
export function createTelemetry(logger: Logger, tracing: Tracing | null, ownNames: readonly string[] = []): Telemetry {
  const measures = createMeasures();
  const statements = new Map<string, number>();
  const nameOf = boundNames(ownNames);
  const codes = boundNames([], MOST_CODES);
  const slow = limitSlowLines(logger);
  let underWay = 0;
  const keptByType = new Map<string, Map<string, KeptMeasures>>();
  const keptOf = (name: string, type: string): KeptMeasures => {
    const known = keptByType.get(type)?.get(name);
    if (known !== undefined) return known;
    const kept = keepMeasures(measures, name, type);
    keptByType.set(type, (keptByType.get(type) ?? new Map<string, KeptMeasures>()).set(name, kept));
    return kept;
  };

  const countCode = (code: unknown): void => measures.errors.add(codes(String(code), false));
  for (const code of ALERTED_CODES) measures.errors.of(codes(code, false));
  const ended: EndOperation = (operation, ending, errors = []) => {
    underWay -= 1;
    const found = errors.length === 0 ? NO_CODES : new Set(errors.map(({ extensions }) => extensions.code));
    for (const code of found) countCode(code);
    const outcome = outcomeOf(ending, found);
    const { type, cost } = operation.known ?? UNKNOWN;
    const ms = performance.now() - operation.began;
    const { counted } = operation;
    const kept = keptOf(counted, type);
    kept.outcomes[outcome].value += 1;
    kept.durations.note(ms / 1_000);
    if (operation.known !== null) kept.costs?.note(cost);
    operation.span?.end({ 'milepost.outcome': outcome }, outcome === 'failed' || outcome === 'unavailable');
    const isSlow = ms > SLOW_MS && operation.known !== null && outcome !== 'unavailable';
    if (!isSlow && !logger.isLevelEnabled('debug')) return;
    const { requestId, transport } = operation.arrival;
    const line = { requestId, transport, operation: counted, type, cost: Math.ceil(cost), ms: Math.round(ms), outcome };
    if (isSlow) slow(line);
    else logger.debug(line, 'an operation ended');
  };

  const meters: Meters = {
    operation: (arrival) => {
      underWay += 1;
      return new Operation(arrival, tracing?.operation(arrival.traceparent) ?? null, nameOf, ended);
    },
    begin: (step) => {
      const endSpan = tracing?.begin(step);
      const began = performance.now();
      return (failed = false) => {
        endSpan?.(failed);
        if (step === 'admission')
          measures.waits.note((performance.now() - began) / 1_000, failed ? 'refused' : 'admitted');
      };
    },
    statement: (lane, sql) => {
      const endSpan = tracing?.statement(lane, sql);
      const began = performance.now();
      statements.set(lane, (statements.get(lane) ?? 0) + 1);
      return (failed = false) => {
        endSpan?.(failed);
        statements.set(lane, (statements.get(lane) ?? 1) - 1);
        measures.statements.note((performance.now() - began) / 1_000, lane);
        if (failed) measures.failures.add(lane);
      };
    },
    pushed: (pushed) => {
      const { kind, readers, committedAt, isOurs } = pushed;
      measures.readers.note(readers, kind);
      measures.pushes.note(Math.max(0, performance.now() - committedAt) / 1_000, kind, isOurs ? 'here' : 'elsewhere');
      tracing?.pushed(pushed);
    },
    subscriptionFailed: countCode,
  };
  const present = readLater(
    'gauge',
    'milepost_operations_under_way',
    'Operations that have arrived and are not answered yet; of subscriptions those that are being opened.',
    [],
    () => [[underWay]],
  );
  return { meters, metrics: [...Object.values(measures), present], statements };
}

function createMeasures() {
  return {
    operations: new Counter(
      'milepost_operations_total',
      'Operations that have ended, by the first names that clients gave them, our own, and other; subscriptions when they are open.',
      ['operation', 'type', 'outcome'],
    ),
    durations: new Histogram(
      'milepost_operation_duration_seconds',
      'From the arrival of an operation to its answer, waiting included; of a subscription until it is open.',
      ['operation', 'type'],
      OPERATION_SECONDS,
    ),
    costs: new Histogram('milepost_operation_cost', 'The cost of valid operations.', ['type'], COSTS),
    errors: new Counter('milepost_errors_total', 'Answers and subscriptions with an error, by its code.', ['code']),
    waits: new Histogram(
      'milepost_admission_wait_seconds',
      'How long queries waited that were not executed at once, until they were admitted or refused.',
      ['outcome'],
      WAIT_SECONDS,
    ),
    statements: new Histogram(
      'milepost_statement_duration_seconds',
      'Statements to the database, by lane; in the embedded database with their wait for others.',
      ['lane'],
      STATEMENT_SECONDS,
    ),
    failures: new Counter('milepost_statement_failures_total', 'Statements that failed, by lane.', ['lane']),
    pushes: new Histogram(
      'milepost_commit_to_send_seconds',
      'From the commit of a write to the moment at which all its readers here were written to. Of a write elsewhere from the beginning of its transaction, by the clock of the database.',
      ['kind', 'written'],
      PUSH_SECONDS,
    ),
    readers: new Histogram(
      'milepost_push_readers',
      'Fan-out: how many readers got one event or answer that was worked out once.',
      ['kind'],
      READERS,
    ),
  };
}

const NO_CODES: ReadonlySet<unknown> = new Set();
/** The measures of all operations with one name and type. Looking each of them up takes longer than counting. */
interface KeptMeasures {
  readonly outcomes: Readonly<Record<Outcome, Count>>;
  readonly durations: Series;
  /** Null for operations that could not be understood. */
  readonly costs: Series | null;
}

function keepMeasures(measures: ReturnType<typeof createMeasures>, name: string, type: string): KeptMeasures {
  const of = (outcome: Outcome): Count => measures.operations.of(name, type, outcome);
  return {
    outcomes: {
      ok: of('ok'),
      error: of('error'),
      refused: of('refused'),
      unavailable: of('unavailable'),
      timed_out: of('timed_out'),
      failed: of('failed'),
      cancelled: of('cancelled'),
    },
    durations: measures.durations.of(name, type),
    costs: type === UNKNOWN.type ? null : measures.costs.of(type),
  };
}

function outcomeOf(ending: Ending, codes: ReadonlySet<unknown>): Outcome {
  if (ending === 'gone') return 'cancelled';
  if (codes.size === 0) return 'ok';
  if (codes.has('INTERNAL_SERVER_ERROR')) return 'failed';
  if (codes.has('TIMED_OUT')) return 'timed_out';
  if (codes.has('TEMPORARILY_UNAVAILABLE')) return 'unavailable';
  return ending === 'refused' ? 'refused' : 'error';
}
