import { type Contestant, startContestant } from './contestant.ts';
import type { Postgres } from './postgres.ts';
import type { Arrival } from './settings.ts';
import { latencies, mebibytes, printTable, quantile } from './table.ts';

/** On either transport. */
const READERS = 100;
const EVENTS_A_WRITE = 20;
/** How many of the events pass before any reader is paused. */
const SHARE_BEFORE = 0.1;

/** How two readers that take nothing affect the others: one on either transport, for many events. */
export async function measurePaused(postgres: Postgres, events: number): Promise<void> {
  await using contestant = await startContestant('milepost', 'paused', postgres);
  for (const transport of ['WebSocket', 'SSE'] as const)
    await contestant.open({ count: READERS, transport, reading: true });
  await pass(contestant, events * SHARE_BEFORE);
  const before = await pass(contestant, events * SHARE_BEFORE);
  for (const transport of ['WebSocket', 'SSE'] as const) await contestant.open({ count: 1, transport, reading: false });
  const during = await pass(contestant, events);
  printTable(`${2 * READERS} readers, before and while a WebSocket and an SSE reader are paused`, [
    { '': 'before', ...before },
    { '': 'paused', ...during },
  ]);
}

/** Pushes events as fast as all readers take them. */
async function pass(contestant: Contestant, events: number): Promise<Readonly<Record<string, string | number>>> {
  await contestant.arrivals();
  const committed: Arrival[] = [];
  const present = await contestant.received();
  let most = 0;
  for (let written = EVENTS_A_WRITE; written <= events; written += EVENTS_A_WRITE) {
    committed.push(...(await contestant.push(EVENTS_A_WRITE)));
    await contestant.haveReceived(present + written * 2 * READERS);
    most = Math.max(most, (await contestant.usage()).rssBytes);
  }
  const sorted = latencies(committed, await contestant.arrivals());
  return {
    events,
    'latency p50 (ms)': quantile(sorted, 0.5).toFixed(1),
    'latency p99 (ms)': quantile(sorted, 0.99).toFixed(1),
    'most resident memory (MiB)': mebibytes(most),
    'live memory at the end (MiB)': mebibytes((await contestant.usage(true)).liveBytes),
  };
}
