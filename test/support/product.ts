import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { TestPlace } from './database.ts';
import { soon, until } from './wait.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const READY = /^Milepost is ready on (\S+)/m;
const SHOWN_KEY = /^The admin key, shown this once: (\S+)$/m;
const START_MS = 100_000;
/** The key of every product, unless another is given. */
const ADMIN_KEY = 'the-admin-key-of-the-acceptance-tests';

export interface ProductOptions {
  /** Where its data is. */
  readonly place: Pick<TestPlace, 'databaseUrl' | 'dataDir'>;
  /** The configured admin key; null: none, so that the first start makes one. */
  readonly adminKey?: string | null;
  /** A free one when not given. */
  readonly port?: number;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A program with its arguments that runs the product, and becomes its process. */
  readonly through?: readonly string[];
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The product in a process of its own, as `npm start` runs it; killed when disposed. */
export interface Product extends AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
  readonly pid: number;
  /** The configured key, or the one that the start showed; empty when it showed none. */
  readonly adminKey: string;
  /** From the start of the process to the line that says it is ready. */
  readonly readyAfterMs: number;
  /** What it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The same without what it says of operations that were slow, as they are on a busy machine. */
  readonly complaints: string;
  readonly running: boolean;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  /** Ends it without a chance to clean up. */
  kill(): Promise<Ended>;
  /** Sends the signal and returns at once. */
  signal(signal: NodeJS.Signals): void;
  /** How it ended, once it has. */
  readonly ended: Promise<Ended>;
}

/** Starts the product; resolves when it is ready and fails, with what it printed, when it ends before. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const startedAt = performance.now();
  const process = runProduct(options);
  await process.printed((stdout) => READY.test(stdout));
  const readyAfterMs = performance.now() - startedAt;
  const [, url] = READY.exec(process.stdout) ?? [];
  if (url === undefined) throw new Error(`The product did not start.\n${process.stdout}${process.stderr}`);
  const graphql = new URL('/graphql', url);
  return Object.assign(process, {
    url,
    wsUrl: `ws://${graphql.host}/graphql`,
    port: Number(graphql.port),
    adminKey: options.adminKey === null ? (SHOWN_KEY.exec(process.stdout)?.[1] ?? '') : (options.adminKey ?? ADMIN_KEY),
    readyAfterMs,
  });
}

/** The process of a product that may not become ready. */
export type ProductProcess = Omit<Product, 'url' | 'wsUrl' | 'port' | 'adminKey' | 'readyAfterMs'> & {
  /** Resolves once standard output passes the test, or the process has ended. */
  printed(passes: (stdout: string) => boolean): Promise<void>;
};

/** Starts the product without waiting until it is ready. */
export function runProduct({
  place,
  adminKey = ADMIN_KEY,
  port = 0,
  environment = {},
  through = [],
}: ProductOptions): ProductProcess {
  const [command, ...args] = [...through, process.execPath, PROGRAM] as const;
  const child = spawn(command, args, {
    // Outside the clone: nothing may depend on the working directory.
    cwd: tmpdir(),
    // Without the test runner's environment, which changes how libraries behave.
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      MILEPOST_DATA_DIR: place.dataDir,
      ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
      ...(adminKey === null ? {} : { MILEPOST_ADMIN_KEY: adminKey }),
      // By default a stop is slow, so that clients reconnect evenly.
      MILEPOST_DRAIN_SECONDS: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  let over = false;
  const ended = endOf(child).finally(() => {
    over = true;
    process.off('exit', killWithUs);
  });
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return soon(`the end by ${signal}`, ended);
  };
  return {
    pid: child.pid as number,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    get complaints() {
      return output.stderr.replaceAll(/^.*"an operation was slow".*\n/gm, '');
    },
    get running() {
      return !over;
    },
    ended,
    printed: (passes) => until('the product prints what was expected', () => over || passes(output.stdout), START_MS),
    signal: (signal) => void child.kill(signal),
    stop: (signal = 'SIGTERM') => end(signal),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Also waits for the output, which may come after the exit. */
async function endOf(child: ChildProcess): Promise<Ended> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal };
}
