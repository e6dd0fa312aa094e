import { type Contestant, startContestant } from './contestant.ts';
import type { Postgres } from './postgres.ts';
import { mebibytes, printTable } from './table.ts';

const SOCKETS = 1_000;
const STALLED = 100;
/** How many events are in a write, and how many messages may be under way before the next one. */
const EVENTS_A_WRITE = 10;
const ROWS = 10;

/** The server's memory while some of its readers take nothing of many events. */
export async function measureStalled(postgres: Postgres, events: number): Promise<void> {
  await using contestant = await startContestant('milepost', 'stalled', postgres);
  await contestant.open({ count: SOCKETS - STALLED, transport: 'WebSocket', reading: true });
  await contestant.open({ count: STALLED, transport: 'WebSocket', reading: false });
  const rows = [await memoryAt(contestant, 0)];
  for (let written = EVENTS_A_WRITE; written <= events; written += EVENTS_A_WRITE) {
    await contestant.push(EVENTS_A_WRITE);
    await contestant.haveReceived((written - EVENTS_A_WRITE) * (SOCKETS - STALLED));
    if (written % Math.ceil(events / ROWS) === 0) rows.push(await memoryAt(contestant, written));
  }
  printTable(`${STALLED} stalled sockets among ${SOCKETS}`, rows);
}

async function memoryAt(contestant: Contestant, events: number): Promise<Readonly<Record<string, string | number>>> {
  const { rssBytes } = await contestant.usage();
  const { liveBytes } = await contestant.usage(true);
  return { events, 'resident memory (MiB)': mebibytes(rssBytes), 'live memory (MiB)': mebibytes(liveBytes) };
}
