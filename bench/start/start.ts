import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../src/root.ts';
import { against, load, median } from '../estimates/measure.ts';
import { printTable } from '../fanout/table.ts';
import { NODE_FLAGS } from '../node-flags.ts';

const RESTARTS = 5;
/** How long a server that is ready is left alone before its memory is read. */
const IDLE_MS = 10_000;
/** The system counts the time of a process in this many parts of a second. */
const TICKS = 100;
const MOST_CPU_SECONDS = 1.5;
const MOST_IDLE_MB = 300;

/** What one start took. */
interface Start {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly idleMb: number;
}

const folder = await mkdtemp(join(tmpdir(), 'milepost-start-'));
try {
  const first = await start();
  const again: Start[] = [];
  for (let count = 0; count < RESTARTS; count += 1) again.push(await start());
  const of = (read: (start: Start) => number): number => median(again.map(read));
  printTable(`Starts on the embedded database, with ${load()}`, [
    { start: 'the first, with the seed', ...shownOf(first) },
    {
      start: `again, the median of ${RESTARTS}`,
      'CPU (s)': against(
        of(({ cpuSeconds }) => cpuSeconds),
        MOST_CPU_SECONDS,
      ),
      'time (s)': of(({ seconds }) => seconds).toFixed(2),
      'memory after 10 s (MB)': against(
        of(({ idleMb }) => idleMb),
        MOST_IDLE_MB,
      ),
    },
  ]);
} finally {
  await rm(folder, { recursive: true });
}

/** Starts the server as npm does, waits until it is ready and then idle, and stops it. */
async function start(): Promise<Start> {
  const began = performance.now();
  const server = spawn(process.execPath, [...NODE_FLAGS, fileURLToPath(new URL('scripts/start.mjs', ROOT))], {
    env: { ...process.env, PORT: '0', MILEPOST_DATA_DIR: folder, DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await ready(server);
    const seconds = (performance.now() - began) / 1_000;
    const cpuSeconds = cpuOf(server);
    await sleep(IDLE_MS);
    return { cpuSeconds, seconds, idleMb: residentOf(server) };
  } finally {
    server.kill();
    await once(server, 'exit');
  }
}

async function ready({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error('The server has no output.');
  for await (const line of createInterface(stdout)) {
    if (!line.startsWith('Milepost is ready')) continue;
    // Nobody reads the rest.
    stdout.resume();
    return;
  }
  throw new Error('The server ended before it was ready.');
}

/** User and system time of all threads. */
function cpuOf({ pid }: ChildProcess): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = rest.split(' ').slice(11, 13).map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / TICKS;
}

function residentOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

function shownOf({ cpuSeconds, seconds, idleMb }: Start): Record<string, string> {
  return {
    'CPU (s)': cpuSeconds.toFixed(2),
    'time (s)': seconds.toFixed(2),
    'memory after 10 s (MB)': idleMb.toFixed(0),
  };
}
