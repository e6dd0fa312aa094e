import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { openGate } from '../support/gate.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DECOMPRESSED_MS = 500;
const MONTHS = ['2025-01', '2025-02', '2025-03', '2025-04'];
/** A browser API that Node has behind a flag; and the process stays up after errors, as a page does. */
const BROWSER = [
  '--experimental-eventsource',
  '--experimental-websocket',
  '--no-warnings',
  '--import=data:text/javascript,setInterval(Object,1e6)',
];

let place: TestPlace;
let product: Product;

beforeAll(async () => {
  place = await placeDatabase('migrated');
  product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
});
afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const CLIENTS = [
  ['for Node', 'From Node', 0, '"connection_ack"', 'figures'],
  // Compressed: what is short is stored as it is, after the head of its block.
  ['with an EventSource', 'From a browser', 0, 'id: ', 'figures'],
  ['with graphql-ws in a browser', 'From a browser', 1, '"connection_ack"', 'milestones'],
] as const;

test.each(CLIENTS)(
  'the client of the README %s gets what came while it was cut off before its first event',
  async (_which, section, number, begun, what) => {
    const { brand, record, announce } = await createFacts(product);
    await using gate = await openGate(product.port);
    await using client = runSnippet((await readSnippets(section))[number] as string, gate.port);
    await until('it has begun', () => gate.heard().includes(begun));
    // What passed the gate still has to be decompressed, in another thread of the client.
    await sleep(DECOMPRESSED_MS);
    gate.shut();
    const write = (count: number): Promise<string> =>
      what === 'figures' ? record(MONTHS[count - 1] ?? `2025-0${count}`, count) : announce(count * 1_000_000);
    for (let count = 1; count <= MONTHS.length; count += 1) await write(count);
    gate.open();
    await until('it has all of them', () => client.lines().length >= MONTHS.length);
    await write(MONTHS.length + 1);
    await until('it is live again', () => client.lines().length > MONTHS.length);
    const shown = (count: number): unknown =>
      what === 'figures'
        ? expect.stringMatching(new RegExp(`^RECORDED ${brand} DELIVERIES 2025-0${count} ${count}( [\\w-]+)?$`))
        : 'ANNOUNCED Reached 2025-01-01';
    expect(client.lines()).toEqual([1, 2, 3, 4, 5].map(shown));
  },
);

test.each(CLIENTS)(
  'the client of the README %s takes a new snapshot when the log was replaced, and continues after it',
  async (_which, section, number, begun, what) => {
    const { brand, record, announce } = await createFacts(product);
    await using gate = await openGate(product.port);
    await using client = runSnippet((await readSnippets(section))[number] as string, gate.port);
    await until('it has begun', () => gate.heard().includes(begun));
    let count = 0;
    const writeNext = async (): Promise<void> => {
      count += 1;
      if (what === 'figures') await record(new Date(Date.UTC(2020, 0, count)).toISOString().slice(0, 10), count);
      else await announce(count * 1_000_000);
    };
    await writeNext();
    await until('it shows one', () => client.lines().length === 1);
    await replaceLog();
    await until('it is told', () => gate.heard().includes('CURSOR_INVALID'));
    await until('it shows one again', async () => {
      await writeNext();
      return client.lines().length > 1;
    });
    const shown = what === 'figures' ? new RegExp(`^RECORDED ${brand} DELIVERIES `) : /^ANNOUNCED Reached 2025-01-01$/;
    for (const line of client.lines()) expect(line).toMatch(shown);
  },
);

/** Replaces the log, as another database at the same address does. */
async function replaceLog(): Promise<void> {
  const database = new pg.Client(place.databaseUrl);
  await database.connect();
  try {
    await database.query('update "ChangeLog" set name = $1', [randomBytes(8).toString('hex')]);
  } finally {
    await database.end();
  }
}

/** The programs of a section of the README. */
async function readSnippets(title: string): Promise<readonly string[]> {
  const readme = await readFile(`${ROOT}/README.md`, 'utf8');
  const section = readme.split(/^#{2,3} /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^```js\n([\s\S]+?)^```$/gm)].map(([, code]) => code as string);
}

/** Runs a program as it is printed, except for the port. */
function runSnippet(code: string, port: number): AsyncDisposable & { lines(): readonly string[] } {
  const child: ChildProcess = spawn(
    process.execPath,
    [...BROWSER, '--input-type=module', '--eval', code.replaceAll('localhost:4000', `127.0.0.1:${port}`)],
    { cwd: ROOT },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return {
    lines: () => output.split('\n').slice(0, -1),
    [Symbol.asyncDispose]: async () => void child.kill('SIGKILL'),
  };
}
