import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Product, type ProductOptions, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { send } from './clients.ts';
import type { Facts } from './facts.ts';
import { type Read, readStream } from './reading.ts';

/** The longest time before a connection is cut; every third is cut early, while it is opened or during a replay. */
const MAX_LIFE_MS = [100, 3_000, 3_000];
/** The longest time that a client stays away, so that it has something to catch up with. */
const MAX_ABSENCE_MS = 1_000;
const MAX_WRITE_PAUSE_MS = 600;
const MAX_BATCH = 4;
/** The delay before a write that was not answered is tried again. */
const RETRY_MS = 50;

/** Random numbers that repeat: the same seed gives the same numbers. */
export interface Chance {
  /** A whole number from 0 up to, but not including, the limit. */
  below(limit: number): number;
  oneOf<T>(list: readonly T[]): T;
}

/** The random numbers of one of the concurrent users; by the generator mulberry32. */
export function chanceOf(seed: number, whose: number): Chance {
  let state = Math.imul(seed + whose, 0x9e_37_79_b1);
  const below = (limit: number): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return { below, oneOf: <T>(list: readonly T[]) => list[below(list.length)] as T };
}

/** Where a client finds an instance to connect to, and whether it may stay connected. */
export type Reachable = Pick<Fleet, 'any' | 'isCalm'>;

/** Instances on one database that come and go, and whether failures are still to come. */
export interface Fleet extends AsyncDisposable {
  /** All instances that ever ran. */
  readonly products: readonly Product[];
  /** A running instance; it may be about to stop. */
  any(chance: Chance): Product;
  /** Kills one without a clean end. */
  killOne(chance: Chance): Promise<void>;
  /** Ends one as a deployment does, then starts another; returns how it ended. */
  restartOne(chance: Chance): Promise<number | null>;
  /** From now on nothing more is broken. */
  calm(): void;
  readonly isCalm: boolean;
}

/** Starts this many instances. */
export async function startFleet(size: number, options: ProductOptions): Promise<Fleet> {
  const products = await Promise.all(Array.from({ length: size }, () => startProduct(options)));
  let isCalm = false;
  const any = (chance: Chance): Product => chance.oneOf(products.filter(({ running }) => running));
  return {
    products,
    any,
    killOne: async (chance) => void (await any(chance).kill()),
    restartOne: async (chance) => {
      const { code } = await any(chance).stop('SIGTERM');
      products.push(await startProduct(options));
      return code;
    },
    calm: () => {
      isCalm = true;
    },
    get isCalm() {
      return isCalm;
    },
    [Symbol.asyncDispose]: async () => {
      for (const product of products) await product[Symbol.asyncDispose]();
    },
  };
}

/** What never changes of a log entry. */
export const ENTRY = `
  __typename cursor at subject { slug }
  ... on FigureChange { action before observation { value } }
`;

export interface Entry {
  readonly cursor: string;
  readonly observation?: { readonly value: number };
}

/** The values that the entries tell of. Many figures together reach numbers that are milestones, whose entries have none. */
export function valuesIn(log: readonly Entry[]): readonly number[] {
  return log.flatMap(({ observation }) => observation?.value ?? []);
}

/** What came over one connection, and the cursor that it began after. */
export interface Received {
  readonly after: string;
  readonly entries: readonly Entry[];
}

/** A client that reconnects to any instance whenever its connection ends. */
interface Client<Goal> {
  /** Resolves once it has caught up; fails with the reason when it cannot continue, and after 15 s or as long as is given. */
  reaches(goal: Goal, timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** A client that wants every change. */
export interface Subscriber extends Client<Entry['cursor']> {
  /** Its connections, one after the other. */
  readonly connections: readonly Received[];
}

/** Subscribes to all changes after a cursor, and after each reconnect to those after its last one; reads the content of each entry. */
export function startSubscriber(
  fleet: Reachable,
  chance: Chance,
  read: Read,
  start: string,
  entry: string = ENTRY,
): Subscriber {
  const document = `subscription ($after: Cursor) { event: changes(after: $after) { ${entry} } }`;
  const connections: Received[] = [];
  let last = start;
  const { ended, stop } = keepConnected(fleet, chance, async (product, cut) => {
    const entries: Entry[] = [];
    connections.push({ after: last, entries });
    // As a browser's EventSource does: the address keeps its older cursor.
    const byHeader = read === readStream && last !== start && chance.below(2) === 0;
    const place = byHeader ? { variables: { after: start }, lastEventId: last } : { variables: { after: last } };
    await read<{ event: Entry }>(product, { document, ...place }, cut, ({ event }) => {
      entries.push(event);
      last = event.cursor;
    });
  });
  const reaches = (cursor: string, timeoutMs?: number) =>
    Promise.race([until('it has the last change', () => last === cursor, timeoutMs), ended]);
  return { connections, reaches, stop };
}

/** A client that wants the newest answer. */
export interface Viewer<Data> extends Client<Data> {
  /** All answers, over all connections. */
  readonly answers: readonly Data[];
}

/** Subscribes to a live query about a brand, again after each reconnect. */
export function startViewer<Data>(
  fleet: Reachable,
  chance: Chance,
  read: Read,
  query: string,
  variables: { readonly brand: string },
): Viewer<Data> {
  const document = `subscription ($brand: String!) { live { ${query} } }`;
  const answers: Data[] = [];
  const { ended, stop } = keepConnected(fleet, chance, (product, cut) =>
    read<{ live: Data }>(product, { document, variables }, cut, ({ live }) => {
      answers.push(live);
    }),
  );
  const reaches = (answer: Data, timeoutMs?: number) =>
    Promise.race([until('it has the last answer', () => isDeepStrictEqual(answers.at(-1), answer), timeoutMs), ended]);
  return { answers, reaches, stop };
}

/** Connects to one instance after the other until stopped, and cuts each connection after a while; once nothing more is broken the connection stays. */
function keepConnected(
  fleet: Reachable,
  chance: Chance,
  connect: (product: Product, cut: AbortSignal) => Promise<unknown>,
): { readonly ended: Promise<void>; stop(): Promise<void> } {
  let isStopped = false;
  let cut = new AbortController();
  const endLife = (): void => {
    if (!fleet.isCalm) cut.abort();
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      cut = new AbortController();
      const life = setTimeout(endLife, chance.below(chance.oneOf(MAX_LIFE_MS)));
      await connect(fleet.any(chance), cut.signal);
      clearTimeout(life);
      await sleep(chance.below(fleet.isCalm ? RETRY_MS : MAX_ABSENCE_MS));
    }
  };
  const ended = run();
  // Reported to the caller that waits for it, or stops it.
  ended.catch(() => undefined);
  return {
    ended,
    stop: () => {
      isStopped = true;
      cut.abort();
      return ended;
    },
  };
}

const RECORD = `mutation ($inputs: [FigureInput!]!) {
  recordFigures(inputs: $inputs) { cursor userErrors { message } }
}`;

interface Recorded {
  readonly recordFigures: { readonly cursor: string | null; readonly userErrors: readonly unknown[] };
}

export interface Writer {
  /** How many values it has written so far. */
  readonly written: number;
  /** The cursors of the writes; fails when a write was refused. */
  readonly done: Promise<readonly string[]>;
}

/** Writes each value once, in batches, with pauses between them: as the figure of the day of this number. */
export function startWriter(fleet: Fleet, chance: Chance, facts: Facts, values: readonly number[]): Writer {
  let written = 0;
  const run = async (): Promise<readonly string[]> => {
    const cursors: string[] = [];
    while (written < values.length) {
      const batch = values.slice(written, written + 1 + chance.below(MAX_BATCH));
      cursors.push(...(await writeAtLast(fleet, chance, facts, batch)));
      written += batch.length;
      await sleep(chance.below(MAX_WRITE_PAUSE_MS));
    }
    return cursors;
  };
  return {
    get written() {
      return written;
    },
    done: run(),
  };
}

/** Writes until an instance acknowledges it, and returns the cursor. A write without an answer may have been committed; the same claim by the same source is stored once. */
async function writeAtLast(
  fleet: Fleet,
  chance: Chance,
  { brand, sourceId }: Facts,
  values: readonly number[],
): Promise<readonly string[]> {
  const inputs = values.map((value) => ({
    subject: brand,
    metric: 'DELIVERIES',
    period: new Date(Date.UTC(2020, 0, value)).toISOString().slice(0, 10),
    value,
    sourceId,
    acknowledgeOutlier: true,
  }));
  for (;;) {
    const answer = await send<Recorded>(fleet.any(chance), RECORD, { inputs }).catch(() => null);
    // On a machine that is busy with other tests a write can wait too long for the one before it.
    if (answer === null || answer.errors?.every(({ extensions }) => extensions?.retryable === true)) {
      await sleep(RETRY_MS);
      continue;
    }
    const { cursor, userErrors } = answer.data?.recordFigures ?? { cursor: null, userErrors: answer.errors ?? [] };
    if (userErrors.length > 0) throw new Error(`It was refused: ${JSON.stringify(userErrors)}`);
    // None if the write without an answer was committed.
    return cursor === null ? [] : [cursor];
  }
}
