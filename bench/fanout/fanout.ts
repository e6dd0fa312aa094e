import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execute, parse } from 'graphql';
import pg from 'pg';
import { readAfter, readLogState } from '../../src/changes/log.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { addDays } from '../../src/domain/calendar.ts';
import { recordFigure } from '../../src/domain/figure.ts';
import { registerSource } from '../../src/domain/source.ts';
import { createSubject } from '../../src/domain/subject.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/logger.ts';
import { MIGRATIONS, ROOT } from '../../src/root.ts';
import { CONTESTANTS, type Contestant, DOCUMENT, type FromClients, type FromServer, now } from './settings.ts';

/** Executing for each subscriber is so much slower that it gets fewer events: what is compared is the cost of one message. */
const RECIPE_EVENTS = 5;
const WARM_UP_EVENTS = 5;

interface Row {
  readonly contestant: Contestant;
  readonly sockets: number;
  readonly events: number;
  readonly messages: number;
  readonly cpuMicrosPerMessage: number;
  readonly p50: number;
  readonly p99: number;
  readonly kibPerSocket: number;
}

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '1000' },
    events: { type: 'string', default: '100' },
    pause: { type: 'string', default: '100' },
  },
});
const sockets = Number(values.sockets);
const postgres = await startPostgres();
try {
  const rows: Row[] = [];
  for (const contestant of CONTESTANTS) rows.push(await measure(contestant));
  print(rows);
} finally {
  postgres.stop();
}

async function measure(contestant: Contestant): Promise<Row> {
  const databaseUrl = await postgres.createDatabase(contestant.replace('-', '_'));
  const database = await openDatabase({ databaseUrl, dataDir: '', databaseConnections: 2 }, createLogger('error'));
  await migrate(database, MIGRATIONS);
  const write = await prepareWriter(database.client);
  const server = fork(bundle('server'), [contestant, databaseUrl], { execArgv: ['--expose-gc'] });
  const { url } = await heard<FromServer & { type: 'ready' }>(server, 'ready');
  const idle = await usage(server, true);
  const clients = fork(bundle('clients'), [url, String(sockets), contestant]);
  await heard<FromClients>(clients, 'subscribed');
  await sleep(2_000);
  const connected = await usage(server, true);
  const publish = async (): Promise<{ value: number; at: number }> => {
    const { value, position } = await write();
    const at = now();
    if (contestant !== 'milepost')
      server.send({ type: 'publish', position: String(position), payload: await payloadAt(database.client, position) });
    await sleep(Number(values.pause));
    return { value, at };
  };
  const events = contestant === 'recipe' ? Math.min(RECIPE_EVENTS, Number(values.events)) : Number(values.events);
  for (let count = 0; count < (contestant === 'recipe' ? 1 : WARM_UP_EVENTS); count += 1) await publish();
  const warm = await settled(clients, (contestant === 'recipe' ? 1 : WARM_UP_EVENTS) * sockets);
  const before = await usage(server);
  const committed = new Map<number, number>();
  for (let count = 0; count < events; count += 1) {
    const { value, at } = await publish();
    committed.set(value, at);
  }
  const { messages, instants } = await settled(clients, warm.messages + events * sockets);
  const after = await usage(server);
  const latencies = instants
    .flatMap(({ value, at }) => (committed.has(value) ? [at - (committed.get(value) as number)] : []))
    .sort((a, b) => a - b);
  for (const child of [clients, server]) child.kill('SIGKILL');
  await database[Symbol.asyncDispose]();
  const measured = messages - warm.messages;
  return {
    contestant,
    sockets,
    events,
    messages: measured,
    cpuMicrosPerMessage: (after.cpuMicros - before.cpuMicros) / measured,
    p50: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    kibPerSocket: (connected.rssBytes - idle.rssBytes) / sockets / 1024,
  };
}

/** Writes one figure after the other about one maker, and tells each one's value and place in the log. */
async function prepareWriter(db: PrismaClient): Promise<() => Promise<{ value: number; position: bigint }>> {
  await createSubject(db, { kind: 'BRAND', slug: 'aurora', name: 'Aurora' });
  const { source } = await registerSource(db, {
    publisher: { slug: 'news', name: 'News', tier: 1 },
    title: 'Deliveries',
  });
  let count = 0;
  return async () => {
    const value = 100_000 + count;
    const period = addDays('1990-01-01', count);
    count += 1;
    await recordFigure(db, {
      subject: 'aurora',
      metric: 'DELIVERIES',
      period,
      value,
      qualifier: 'EXACT',
      sourceId: source.id,
    });
    return { value, position: (await readLogState(db)).head };
  };
}

/** The very bytes that the product sends for an entry, for whoever only broadcasts. */
async function payloadAt(db: PrismaClient, position: bigint): Promise<string> {
  const { log } = await readLogState(db);
  const [entry] = await readAfter(db, log, position - 1n, 1);
  const contextValue = { db, changes: { log }, viewer: { keyId: null, canWrite: false } };
  const payload = await execute({ schema, document: parse(DOCUMENT), rootValue: entry, contextValue });
  return JSON.stringify({ id: '3f9c1e34-5b1c-4c8e-9d27-0a4de0a6f4a1', type: 'next', payload });
}

/** What the clients have, once it is everything, or nothing more came for a while. */
async function settled(clients: ChildProcess, expected: number): Promise<FromClients & { type: 'received' }> {
  let last = -1;
  for (let quiet = 0; ; ) {
    clients.send({ type: 'report' });
    const report = await heard<FromClients & { type: 'received' }>(clients, 'received');
    quiet = report.messages === last ? quiet + 1 : 0;
    if (report.messages >= expected) return report;
    if (quiet > 40) throw new Error(`Only ${report.messages} of ${expected} messages arrived.`);
    last = report.messages;
    await sleep(250);
  }
}

async function usage(
  server: ChildProcess,
  collect = false,
): Promise<{ readonly cpuMicros: number; readonly rssBytes: number }> {
  server.send({ type: 'usage', collect });
  return heard<FromServer & { type: 'usage' }>(server, 'usage');
}

async function heard<Message extends { readonly type: string }>(
  child: ChildProcess,
  type: Message['type'],
): Promise<Message> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [Message];
    if (message.type === type) return message;
  }
}

async function startPostgres(): Promise<{ createDatabase(name: string): Promise<string>; stop(): void }> {
  const guard = spawn(process.execPath, [fileURLToPath(new URL('test/support/postgres-guard.mjs', ROOT))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let address = '';
  for await (const line of createInterface(guard.stdout)) {
    address = line;
    break;
  }
  return {
    createDatabase: async (name) => {
      const admin = new pg.Client(address);
      await admin.connect();
      await admin.query(`create database ${pg.escapeIdentifier(name)}`);
      await admin.end();
      const url = new URL(address);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop: () => guard.stdin.end(),
  };
}

function bundle(name: string): string {
  return fileURLToPath(new URL(`dist/bench-${name}.js`, ROOT));
}

function print(rows: readonly Row[]): void {
  const raw = rows.find(({ contestant }) => contestant === 'raw-ws');
  process.stdout.write(
    '| contestant | sockets | events | server CPU a message (µs) | × raw ws | latency p50 / p99 (ms) | memory a socket (KiB) |\n|---|---|---|---|---|---|---|\n',
  );
  for (const row of rows) {
    const ratio = raw === undefined ? Number.NaN : row.cpuMicrosPerMessage / raw.cpuMicrosPerMessage;
    const cells = [
      row.contestant,
      row.sockets,
      row.events,
      row.cpuMicrosPerMessage.toFixed(1),
      ratio.toFixed(2),
      `${row.p50.toFixed(1)} / ${row.p99.toFixed(1)}`,
      row.kibPerSocket.toFixed(1),
    ];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}
