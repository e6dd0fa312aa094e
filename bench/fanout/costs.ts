import { setTimeout as sleep } from 'node:timers/promises';
import { type Contestant, startContestant } from './contestant.ts';
import type { Postgres } from './postgres.ts';
import type { Arrival, Kind, Readers } from './settings.ts';
import { latencies, printTable, quantile } from './table.ts';

/** How many events are pushed before the measurement: by then the engine has compiled what runs for each event. */
const WARM_UP_EVENTS = 150;
/** The servers take turns, so that other load on the machine affects all of them. */
const ROUNDS = 10;
/** Executing for each subscriber is so much slower that it gets fewer events: the cost of one message is compared. */
const RECIPE_EVENTS = 5;

export interface CostOptions {
  /** The contestants, which are compared with raw-ws, or with the first if that is left out. */
  readonly kinds: readonly Kind[];
  readonly sockets: number;
  readonly events: number;
  /** Between two events, in milliseconds. */
  readonly pauseMs: number;
  readonly transport: Readers['transport'];
}

interface MemoryOfSockets {
  /** Resident memory, as the system counts it. */
  readonly kibPerSocket: number;
  /** Objects and buffers of the process, without what the system keeps for a connection. */
  readonly liveKibPerSocket: number;
}

interface Measured extends MemoryOfSockets {
  readonly contestant: Contestant;
  cpuMicros: number;
  messages: number;
  events: number;
  readonly committed: Arrival[];
}

/** What pushing costs each server: CPU time a message, latency, memory a socket. */
export async function measureCosts(postgres: Postgres, options: CostOptions): Promise<void> {
  await using contestants = new AsyncDisposables();
  const measured: Measured[] = [];
  for (const kind of options.kinds) {
    const contestant = contestants.use(await startContestant(kind, `costs_${kind}_${options.sockets}`, postgres));
    const memory = await growTo(contestant, options);
    measured.push({ contestant, ...memory, cpuMicros: 0, messages: 0, events: 0, committed: [] });
  }
  const quick = measured.filter(({ contestant }) => contestant.kind !== 'recipe');
  const slow = measured.filter(({ contestant }) => contestant.kind === 'recipe');
  for (const each of quick) await pushAll(each, WARM_UP_EVENTS, options);
  for (const each of slow) await pushAll(each, 1, options);
  for (const { contestant } of measured) await contestant.arrivals();
  for (const each of measured) Object.assign(each, { cpuMicros: 0, messages: 0, events: 0 });
  for (let round = 0; round < ROUNDS; round += 1)
    for (const each of quick) await pushAll(each, options.events / ROUNDS, options);
  for (const each of slow) await pushAll(each, Math.min(RECIPE_EVENTS, options.events), options);
  await print(measured, options);
}

/** Opens the sockets; returns how much the server's memory grows from no socket to all of them, subscribed and idle, in KiB a socket. */
async function growTo(contestant: Contestant, { sockets, transport }: CostOptions): Promise<MemoryOfSockets> {
  const before = await contestant.usage(true);
  await contestant.open({ count: sockets, transport, reading: true });
  const after = await contestant.usage(true);
  return {
    kibPerSocket: (after.rssBytes - before.rssBytes) / sockets / 1024,
    liveKibPerSocket: (after.liveBytes - before.liveBytes) / sockets / 1024,
  };
}

async function pushAll(measured: Measured, events: number, { sockets, pauseMs }: CostOptions): Promise<void> {
  const { contestant } = measured;
  const present = await contestant.received();
  const before = await contestant.usage();
  for (let count = 0; count < events; count += 1) {
    measured.committed.push(...(await contestant.push(1)));
    await sleep(pauseMs);
  }
  await contestant.haveReceived(present + events * sockets);
  const after = await contestant.usage();
  measured.cpuMicros += after.cpuMicros - before.cpuMicros;
  measured.messages += events * sockets;
  measured.events += events;
}

async function print(measured: readonly Measured[], { sockets }: CostOptions): Promise<void> {
  const raw = (measured.find(({ contestant }) => contestant.kind === 'raw-ws') ?? measured[0]) as Measured;
  const base = `× ${raw.contestant.kind}`;
  const costOf = ({ cpuMicros, messages }: Measured): number => cpuMicros / messages;
  const rows: Record<string, string | number>[] = [];
  for (const each of measured) {
    const sorted = latencies(each.committed, await each.contestant.arrivals());
    rows.push({
      contestant: each.contestant.kind,
      events: each.events,
      'server CPU a message (µs)': costOf(each).toFixed(1),
      [base]: (costOf(each) / costOf(raw)).toFixed(2),
      'latency p50 / p99 (ms)': `${quantile(sorted, 0.5).toFixed(1)} / ${quantile(sorted, 0.99).toFixed(1)}`,
      'memory a socket (KiB)': each.kibPerSocket.toFixed(1),
      [`memory ${base}`]: (each.kibPerSocket / raw.kibPerSocket).toFixed(2),
      'live memory a socket (KiB)': each.liveKibPerSocket.toFixed(2),
      [`live ${base}`]: (each.liveKibPerSocket / raw.liveKibPerSocket).toFixed(2),
    });
  }
  printTable(`${sockets.toLocaleString('en')} sockets`, rows);
}

/** Node 20 has no AsyncDisposableStack. */
class AsyncDisposables implements AsyncDisposable {
  readonly #all: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(disposable: T): T {
    this.#all.push(disposable);
    return disposable;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const disposable of this.#all) await disposable[Symbol.asyncDispose]();
  }
}
