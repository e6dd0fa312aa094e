import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** Ticks of the clock by which the system counts, a second. */
const TICKS = 100;
/** Where the numbers are in /proc/<pid>/stat, counted behind the name: the parent, the times of the process, and those of its children that have ended. */
const PARENT = 1;
const OWN_TIMES = [11, 12];
const OF_ENDED = [13, 14];

/** Finds the server's processes; returns what they have used so far, in microseconds. Reads /proc, so only Linux tells; elsewhere it is NaN. */
export async function postgresCpu(databaseUrl: string): Promise<() => number> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query(`/* dataDirectory */ select current_setting('data_directory') as folder`);
  await client.end();
  if (process.platform !== 'linux') return () => Number.NaN;
  const [main = ''] = readFileSync(join(rows[0].folder, 'postmaster.pid'), 'utf8').split('\n');
  return () => {
    let ticks = sum(statOf(main) ?? [], [...OWN_TIMES, ...OF_ENDED]);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const stat = statOf(pid);
      if (stat?.[PARENT] === main) ticks += sum(stat, OWN_TIMES);
    }
    return (ticks / TICKS) * 1e6;
  };
}

/** The numbers about a process behind its name; null if it has ended. */
function statOf(pid: string): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It has ended since the folder was read.
    return null;
  }
}

function sum(stat: readonly string[], places: readonly number[]): number {
  return places.reduce((total, place) => total + Number(stat[place]), 0);
}
