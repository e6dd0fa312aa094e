import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { cutOf, placeAt, readLogState } from '../../src/changes/log.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { MIGRATIONS, ROOT } from '../../src/root.ts';
import { startPostgres } from '../fanout/postgres.ts';
import { type Arrival, now } from '../fanout/settings.ts';
import { latencies, printTable, quantile } from '../fanout/table.ts';
import { createWriter, type Writer } from '../fanout/writer.ts';
import { NODE_FLAGS } from '../node-flags.ts';
import { fillLog } from './fill.ts';

/** The selection for each event. */
const FIELDS = {
  small: 'cursor figure { value period }',
  large: `cursor action before observation { value resolution }
    figure { value period metric qualifier source { title publisher { name tier } } }
    subject { slug name milestones(first: 3) { nodes { title status reachedOn } } }`,
} as const;
const LIVE = 'subscription { figureRecorded { figure { value } cursor action } }';
const LIVE_READERS = 20;
const WRITE_PAUSE_MS = 50;
/** The system counts the time of a process in this many parts of a second. */
const TICKS = 100;

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '200000' },
    writes: { type: 'string', default: '300' },
    readers: { type: 'string', default: '1' },
  },
});
const entries = Number(values.entries);

using postgres = await startPostgres();
const databaseUrl = await postgres.createDatabase('resume');
await using database = await openDatabase({ databaseUrl, dataDir: '', databaseConnections: 4 }, createLogger('error'));
await migrate(database, MIGRATIONS);
await fillLog(database.client, entries);
const WARM_UP = 5_000;
const late = BigInt(Math.max(0, entries - WARM_UP));
const state = await readLogState(database.client, [late]);
const start = cutOf(state).cursor;
const writer = await createWriter(database.client);
const product = await startProduct();
const rows: Record<string, string | number>[] = [];
try {
  const arrivals: Arrival[] = [];
  for (let count = 0; count < LIVE_READERS; count += 1)
    await read(LIVE, {}, (text) => {
      const [, value] = /"figure":\{"value":(\d+)/.exec(text) ?? [];
      arrivals.push({ value: Number(value), at: now() });
    });
  // Until everything that runs for each event is compiled.
  await pushUntil(writer, (written) => written === 100);
  arrivals.length = 0;
  const before = await pushUntil(writer, (written) => written === Number(values.writes));
  const quiet = latencies(before, arrivals);
  for (const [fields, selection] of Object.entries(FIELDS)) {
    // By then everything that runs for each entry is compiled.
    let warm = 0;
    await read(operationOf('Warm', selection), { after: placeAt(state, late).cursor }, () => {
      warm += 1;
    });
    await pushUntil(writer, () => warm >= entries - Number(late));
    arrivals.length = 0;
    const cpu = cpuSeconds(product.process);
    const began = now();
    let left = Number(values.readers) * entries;
    let ended = 0;
    for (let count = 0; count < Number(values.readers); count += 1)
      // Each separately, like clients of different operations.
      await read(operationOf(`R${count}`, selection), { after: start }, () => {
        left -= 1;
        if (left === 0) ended = now();
      });
    const during = await pushUntil(writer, () => left <= 0);
    const sorted = latencies(during, arrivals);
    const resumed = Number(values.readers) * entries;
    rows.push({
      'asked of each': fields,
      'entries a second': Math.round(resumed / ((ended - began) / 1_000)),
      'server CPU an entry (µs)': (((cpuSeconds(product.process) - cpu) * 1e6) / resumed).toFixed(0),
      'others p50 / p99 before (ms)': `${quantile(quiet, 0.5).toFixed(1)} / ${quantile(quiet, 0.99).toFixed(1)}`,
      'others p50 / p99 meanwhile (ms)': `${quantile(sorted, 0.5).toFixed(1)} / ${quantile(sorted, 0.99).toFixed(1)}`,
    });
  }
} finally {
  product.process.kill('SIGKILL');
}
printTable(
  `${values.readers} resuming from ${entries.toLocaleString('en')} entries back, ${LIVE_READERS} others live`,
  rows,
);
process.exit();

/** An operation that shares nothing with those of other names. */
function operationOf(name: string, selection: string): string {
  return `subscription ${name} ($after: Cursor) { ${name}: figureRecorded(after: $after) { ${selection} } }`;
}

/** Writes one figure after the other until stopped; returns what was committed, and when. */
async function pushUntil(writing: Writer, isEnough: (written: number) => boolean): Promise<readonly Arrival[]> {
  const committed: Arrival[] = [];
  while (!isEnough(committed.length)) {
    const { values: written, committedAt } = await writing.write(1);
    committed.push(...written.map((value) => ({ value, at: committedAt })));
    await sleep(WRITE_PAUSE_MS);
  }
  await sleep(1_000);
  return committed;
}

/** Subscribes over its own socket, and takes each event when it arrives. */
function read(query: string, variables: object, take: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(product.url, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.once('error', reject);
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.once('message', () => {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
      socket.on('message', (data) => {
        const text = String(data);
        if (text.includes('"type":"next"')) take(text);
        else if (text.includes('"type":"error"')) throw new Error(text);
      });
      resolve();
    });
  });
}

async function startProduct(): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const child = spawn(process.execPath, [...NODE_FLAGS, fileURLToPath(new URL('dist/main.js', ROOT))], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      PORT: '0',
      MILEPOST_SEED: 'off',
      MILEPOST_BUDGET: 'off',
      NODE_ENV: 'production',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    output += text;
    const [, address] = /^Milepost is ready on http(\S+)/m.exec(output) ?? [];
    if (address !== undefined) {
      child.stdout.resume();
      return { url: `ws${address.replace(/\/?$/, '/graphql')}`, process: child };
    }
  }
  throw new Error(`The product did not start: ${output}`);
}

/** The processor time of a process since its start, in seconds; 0 if the system does not say. */
function cpuSeconds({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return 0;
  }
}
