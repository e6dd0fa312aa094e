import { startContestant } from './contestant.ts';
import type { Postgres } from './postgres.ts';
import { mebibytes, printTable } from './table.ts';

const SOCKETS = 1_000;
const STALLED = 100;
/** So many events a write, and so many messages may be under way before the next. */
const EVENTS_A_WRITE = 10;
const ROWS = 10;

/** The server's memory while some of its readers take nothing of many events. */
export async function measureStalled(postgres: Postgres, events: number): Promise<void> {
  await using contestant = await startContestant('milepost', 'stalled', postgres);
  await contestant.open({ count: SOCKETS - STALLED, transport: 'WebSocket', reading: true });
  await contestant.open({ count: STALLED, transport: 'WebSocket', reading: false });
  const rows = [{ events: 0, 'resident memory (MiB)': mebibytes((await contestant.usage(true)).rssBytes) }];
  for (let written = EVENTS_A_WRITE; written <= events; written += EVENTS_A_WRITE) {
    await contestant.push(EVENTS_A_WRITE);
    await contestant.haveReceived((written - EVENTS_A_WRITE) * (SOCKETS - STALLED));
    if (written % Math.ceil(events / ROWS) === 0)
      rows.push({
        events: written,
        'resident memory (MiB)': mebibytes((await contestant.usage()).rssBytes),
      });
  }
  await contestant.haveReceived(events * (SOCKETS - STALLED));
  rows.push({ events, 'resident memory (MiB)': `${mebibytes((await contestant.usage(true)).rssBytes)} at the end` });
  printTable(`${STALLED} stalled sockets among ${SOCKETS}`, rows);
}
