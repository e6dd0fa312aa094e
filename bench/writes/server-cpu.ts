import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts the times of processes in hundredths of a second. */
const TICK_MS = 10;

/**
 * The user and system time of a Postgres server's processes so far, in milliseconds: of those that run, and of those that ended. NaN where
 * the system does not say.
 */
export function serverCpuMs(processId: number): number {
  try {
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(statOf);
    const postmaster = all.find(({ id }) => id === parentOf(all, processId));
    const running = all.filter(({ parent }) => parent === postmaster?.id);
    return (postmaster?.ended ?? Number.NaN) + running.reduce((sum, { own }) => sum + own, 0);
  } catch {
    // There is no /proc here.
    return Number.NaN;
  }
}

interface Stat {
  readonly id: number;
  readonly parent: number;
  /** Its own time, and that of its children that ended, in milliseconds. */
  readonly own: number;
  readonly ended: number;
}

function parentOf(all: readonly Stat[], processId: number): number | undefined {
  return all.find(({ id }) => id === processId)?.parent;
}

/** Empty for a process that has just ended. */
function statOf(name: string): readonly Stat[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The second field is the name, in brackets, and may contain spaces.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, utime = 0, stime = 0, cutime = 0, cstime = 0] = [fields[1], ...fields.slice(11, 15)];
    return [{ id: Number(name), parent, own: (utime + stime) * TICK_MS, ended: (cutime + cstime) * TICK_MS }];
  } catch {
    return [];
  }
}
