import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import { expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { startPostgresServer } from '../support/postgres-server.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { createFacts } from './facts.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Several times as long as a client waits that asks during the outage. */
const OUTAGE_MS = 40_000;
/** Clients retry ever more slowly while they are refused, and a busy machine is slow. */
const RETURNED_MS = 60_000;
/** A browser API that Node has behind a flag; and the process stays up after errors, as a page does. */
const BROWSER = ['--experimental-eventsource', '--import=data:text/javascript,setInterval(Object,1e6)'];

/** A client as the README prints it, in a process of its own. */
interface Client extends AsyncDisposable {
  readonly name: string;
  /** The values of the figures that it printed. */
  readonly values: readonly number[];
  /** Whether it has ended by itself. */
  readonly ended: boolean;
}

test.runIf(inject('backend') === 'postgres')(
  'the clients of the README survive a long outage of the database, also new ones, and nobody misses or repeats anything',
  { timeout: 300_000 },
  async () => {
    await using postgres = await startPostgresServer();
    await using product = await startProduct({
      place: { databaseUrl: postgres.databaseUrl, dataDir: '' },
      environment: { MILEPOST_SEED: 'off' },
    });
    const { brand, record } = await createFacts(product);
    let last = 0;
    const recordNext = async (): Promise<void> => {
      last += 1;
      await record(new Date(Date.UTC(2020, 0, last)).toISOString().slice(0, 10), last);
    };
    const allShow = (clients: readonly Client[]): Promise<void> =>
      until(
        'each shows one',
        async () => {
          await recordNext();
          return clients.every(({ values }) => values.length > 0);
        },
        RETURNED_MS,
      );
    await using before = await startClients(product, brand);
    await allShow(before.clients);

    await postgres.stop();
    await using meanwhile = await startClients(product, brand);
    await sleep(OUTAGE_MS);
    await postgres.start();
    await until(
      'it writes again',
      () =>
        recordNext().then(
          () => true,
          () => false,
        ),
      RETURNED_MS,
    );

    const all = [...before.clients, ...meanwhile.clients];
    await allShow(all);
    const end = last;
    await until('all have the last', () => all.every(({ values }) => values.at(-1) === end), RETURNED_MS);
    for (const { name, values, ended } of all) {
      const [first = 0] = values;
      expect(values, name).toEqual(Array.from({ length: end - first + 1 }, (_none, index) => first + index));
      expect(ended, name).toBe(false);
    }
  },
);

/** The README's clients for figures, and one of them with a key. */
async function startClients(
  product: Product,
  brand: string,
): Promise<AsyncDisposable & { readonly clients: readonly Client[] }> {
  const readme = await readFile(`${ROOT}/README.md`, 'utf8');
  const clients = [
    runSnippet(readme, 'From Node', [], product, brand),
    runSnippet(readme, 'From a browser', BROWSER, product, brand),
    subscribeWithKey(product, brand),
  ];
  return {
    clients,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  };
}

/** Runs the first code of a section as it is printed, except for the address. */
function runSnippet(
  readme: string,
  section: string,
  options: readonly string[],
  product: Product,
  brand: string,
): Client {
  const text = readme.split(/^#{2,3} /m).find((each) => each.startsWith(`${section}\n`)) ?? '';
  const [, code = ''] = /^```js\n([\s\S]+?)^```$/m.exec(text) ?? [];
  expect(code).toContain('localhost:4000');
  const script = code.replaceAll('localhost:4000', `localhost:${product.port}`);
  const child = spawn(process.execPath, [...options, '--no-warnings', '--input-type=module', '--eval', script], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const values: number[] = [];
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${shown}${chunk}`.split('\n');
    shown = lines.pop() ?? '';
    for (const line of lines) {
      const [, slug, , , value] = line.split(' ');
      if (slug === brand) values.push(Number(value));
    }
  });
  let ended = false;
  const over = once(child, 'close').then(() => {
    ended = true;
  });
  return {
    name: section,
    values,
    get ended() {
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await over;
    },
  };
}

/** The README's client for Node, with a key, which is looked up in the database as well. */
function subscribeWithKey(product: Product, brand: string): Client {
  const values: number[] = [];
  let ended = false;
  const client = createClient({
    url: product.wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${product.adminKey}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
  });
  const variables: { after: string | null; brand: string } = { after: null, brand };
  const query = `subscription ($after: Cursor, $brand: String!) {
    figureRecorded(after: $after, filter: { subjects: [$brand] }) { cursor figure { value } }
  }`;
  client.subscribe<{ figureRecorded: { cursor: string; figure: { value: number } } }>(
    { query, variables },
    {
      next: ({ data }) => {
        variables.after = data?.figureRecorded.cursor ?? null;
        values.push(data?.figureRecorded.figure.value ?? Number.NaN);
      },
      error: () => {
        ended = true;
      },
      complete: () => {
        ended = true;
      },
    },
  );
  return {
    name: 'with a key',
    values,
    get ended() {
      return ended;
    },
    [Symbol.asyncDispose]: async () => void (await client.dispose()),
  };
}
