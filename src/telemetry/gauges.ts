import type { Tail } from '../changes/tail.ts';
import type { Database } from '../database/handle.ts';
import type { Admission } from '../execution/admission.ts';
import type { Admissions } from '../execution/execute.ts';
import type { HotAnswers } from '../execution/hot-answers.ts';
import type { Subscriptions } from '../execution/subscriptions.ts';
import type { Connections, Load } from '../http/connections.ts';
import type { Report } from '../http/health.ts';
import { type Metric, readLater } from './recorder.ts';
import type { Telemetry } from './telemetry.ts';

/** The parts whose numbers are read when somebody asks. */
export interface Parts {
  readonly admission: Admissions;
  readonly hot: HotAnswers;
  readonly tail: Tail;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly database: Database;
  readonly telemetry: Telemetry;
  /** The newest report of readiness; null before the first. */
  readonly report: () => Report | null;
  /** The position of the last entry in the log, as it was last read from the database; null before the first reading. */
  readonly head: () => number | null;
}

/** The numbers that the parts of the process have, and that cost nothing until they are read. */
export function gaugesOf(parts: Parts): readonly Metric[] {
  return [...ofQueries(parts), ...ofPushing(parts), ...ofLog(parts), ...ofDatabase(parts), ...ofHealth(parts)];
}

function ofQueries({ admission, hot }: Parts): readonly Metric[] {
  // Light queries and heavy ones wait apart.
  const perQueue = (read: (queue: Admission) => number) =>
    (['light', 'heavy'] as const).map((queue) => [read(admission[queue]), queue] as const);
  const lookUps = () => Object.entries(hot.counts).map(([outcome, count]) => [count, outcome] as const);
  return [
    readLater('gauge', 'milepost_admission_waiting', 'Queries that wait to be executed.', ['queue'], () =>
      perQueue(({ waiting }) => waiting),
    ),
    readLater('gauge', 'milepost_admission_admitted', 'Queries that are being executed.', ['queue'], () =>
      perQueue(({ admitted }) => admitted),
    ),
    readLater(
      'gauge',
      'milepost_admission_allowed',
      'How many queries may be executed at once now; fewer while the processor is busy.',
      ['queue'],
      () => perQueue(({ allowed }) => allowed),
    ),
    readLater(
      'counter',
      'milepost_answer_cache_lookups_total',
      'Queries by how they were answered: by a kept answer (hit), together with another one (shared), or by an execution (miss).',
      ['outcome'],
      lookUps,
    ),
    readLater('gauge', 'milepost_answer_cache_answers', 'Answers that are kept.', [], () => [[hot.size]]),
    readLater('gauge', 'milepost_answer_cache_bytes', 'Memory of the answers that are kept.', [], () => [[hot.bytes]]),
  ];
}

function ofPushing({ subscriptions, connections }: Parts): readonly Metric[] {
  const { counts } = subscriptions;
  const loads = (): readonly Load[] => [...connections.loads()];
  const sum = (of: readonly Load[], read: (load: Load) => number | undefined): number =>
    of.reduce((total, load) => total + (read(load) ?? 0), 0);
  const perTransport = (read: (load: Load) => number | undefined) => {
    const all = loads();
    return (['websocket', 'sse'] as const).map(
      (transport) =>
        [
          sum(
            all.filter((load) => load.transport === transport),
            read,
          ),
          transport,
        ] as const,
    );
  };
  return [
    readLater('gauge', 'milepost_connections', 'Open WebSockets and event streams.', ['transport'], () =>
      perTransport(() => 1),
    ),
    readLater(
      'gauge',
      'milepost_subscriptions',
      'Open subscriptions, of events and of answers (live).',
      ['kind', 'transport'],
      () =>
        (['events', 'live'] as const).flatMap((kind) =>
          perTransport((load) => load[kind]).map(([value, transport]) => [value, kind, transport] as const),
        ),
    ),
    readLater(
      'gauge',
      'milepost_outbox_bytes',
      'What waits in the process for subscribers to take it.',
      ['transport'],
      () => perTransport(({ waitingBytes }) => waitingBytes),
    ),
    readLater(
      'gauge',
      'milepost_subscription_groups',
      'Different subscriptions: each is executed once for all its readers.',
      ['kind'],
      () => Object.entries(subscriptions.groupsOf).map(([kind, count]) => [count, kind] as const),
    ),
    readLater('counter', 'milepost_push_executions_total', 'Executions for pushes.', [], () => [[counts.executions]]),
    readLater(
      'counter',
      'milepost_push_deliveries_total',
      'Events and answers that were handed to readers.',
      [],
      () => [[counts.deliveries]],
    ),
  ];
}

function ofLog({ tail, head }: Parts): readonly Metric[] {
  const { counts } = tail;
  return [
    readLater(
      'gauge',
      'milepost_log_head_position',
      'The last entry of the change log, when it was last looked.',
      [],
      () => {
        const known = head();
        return known === null ? [] : [[Math.max(known, Number(tail.position))]];
      },
    ),
    readLater('gauge', 'milepost_log_tail_position', 'The last entry that this process has read.', [], () => [
      [Number(tail.position)],
    ]),
    readLater(
      'gauge',
      'milepost_log_lag_entries',
      'Entries of the change log that this process has not read.',
      [],
      () => {
        const known = head();
        return known === null ? [] : [[Math.max(0, known - Number(tail.position))]];
      },
    ),
    readLater(
      'gauge',
      'milepost_log_lag_seconds',
      'How long ago this process had all of the change log: up to a second, as it looks once a second.',
      [],
      () => [[tail.behindMs / 1_000]],
    ),
    readLater('counter', 'milepost_log_reads_total', 'Statements that read the end of the change log.', [], () => [
      [counts.reads],
    ]),
    readLater(
      'counter',
      'milepost_log_wake_ups_total',
      'Why the end of the change log was looked at: a write of this process, a notification of another, or the poll once a second.',
      ['by'],
      () => [
        [counts.ownWrites, 'own_write'],
        [counts.notifications, 'notification'],
        [counts.polls, 'poll'],
      ],
    ),
  ];
}

function ofDatabase({ database, telemetry }: Parts): readonly Metric[] {
  const statements = readLater(
    'gauge',
    'milepost_lane_statements',
    'Statements under way, by lane; in the embedded database those that wait as well.',
    ['lane'],
    () => [...telemetry.statements].map(([lane, count]) => [count, lane] as const),
  );
  const { pools } = database;
  if (pools === undefined) return [statements];
  return [
    statements,
    readLater('gauge', 'milepost_lane_connections', 'Connections to Postgres.', ['lane', 'state'], () =>
      Object.entries(pools()).flatMap(([lane, { total, idle }]) => [
        [total - idle, lane, 'busy'] as const,
        [idle, lane, 'idle'] as const,
      ]),
    ),
    readLater(
      'gauge',
      'milepost_lane_waiting',
      'Statements and transactions that wait for a connection to Postgres.',
      ['lane'],
      () => Object.entries(pools()).map(([lane, { waiting }]) => [waiting, lane] as const),
    ),
  ];
}

function ofHealth({ report }: Parts): readonly Metric[] {
  return [
    readLater('gauge', 'milepost_ready', 'Whether /readyz answers 200.', [], () => {
      const known = report();
      return known === null ? [] : [[known.ready ? 1 : 0]];
    }),
    readLater(
      'gauge',
      'milepost_check',
      'The checks of /readyz: 1 if it holds, else 0; none for one that cannot be looked at while the database is away.',
      ['check'],
      () =>
        Object.entries(report()?.checks ?? {}).flatMap(([check, holds]) =>
          holds === null ? [] : [[holds ? 1 : 0, check] as const],
        ),
    ),
  ];
}
