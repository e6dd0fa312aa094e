import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, inject, test, vi } from 'vitest';
import { until } from '../support/wait.ts';
import { type Ground, openGround, TIMEOUT_MS } from './failures.ts';

/** Longer than every timeout of the product and its libraries, also of two in a row: of a statement, then of its rollback. */
const LONG_MS = 75_000;
/** How many writes show that writing works. */
const WRITES = 5;
/** How long the product has to notice a jump of the clock. */
const CLOCK_MS = 1_500;

// Every test starts four processes, each of which is killed if this one ends.
process.setMaxListeners(50);
// They mostly wait, so they do not disturb each other; together they take little more than the longest.
vi.setConfig({ testTimeout: 400_000 });

/** Where Debian's package libfaketime has its library; undefined where it is not installed. */
const FAKETIME = (existsSync('/usr/lib') ? readdirSync('/usr/lib') : [])
  .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
  .find((library) => existsSync(library));
const clockFolder = mkdtempSync(join(tmpdir(), 'milepost-clock-'));
const clockFile = join(clockFolder, 'offset');
setClock('+0');
process.once('exit', () => rmSync(clockFolder, { recursive: true, force: true }));

interface Failure {
  readonly name: string;
  /** What the victim is started with. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it can be caused on this machine. */
  readonly isPossible?: boolean;
  /** Causes it, and ends it again. */
  readonly happen: (ground: Ground) => Promise<void>;
}

const FAILURES: readonly Failure[] = [
  {
    name: 'a write is blocked between its statements for longer than any timeout',
    happen: async ({ lock }) => {
      // The observation is written after the figure and before the log.
      const { release } = await lock('Observation', 'access exclusive');
      await sleep(LONG_MS);
      await release();
    },
  },
  {
    name: 'only the queries of events get no answer from the database',
    happen: async ({ neverAnswer, writer, steady, victim }) => {
      const { relent } = await neverAnswer('Target');
      // Everything else works meanwhile.
      await writer.go(WRITES, steady);
      await writer.go(WRITES, victim);
      await sleep(LONG_MS);
      await relent();
    },
  },
  {
    name: 'an instance is stopped for longer than any timeout, with the lock of the log',
    happen: async (ground) => {
      const { victim, steady, writer } = ground;
      await whileAppending(ground, () => victim.signal('SIGSTOP'));
      // The other instance does not wait for it for ever.
      await writer.go(WRITES, steady);
      await sleep(LONG_MS);
      victim.signal('SIGCONT');
      writer.include(victim);
    },
  },
  {
    name: 'a host vanishes from the network, with the lock of the log',
    happen: async (ground) => {
      const { victim, steady, writer, proxy } = ground;
      await whileAppending(ground, () => proxy.silence());
      await writer.go(WRITES, steady);
      await sleep(LONG_MS);
      writer.include(victim);
    },
  },
  {
    name: 'the clock is set back by an hour and forward by a day',
    isPossible: FAKETIME !== undefined,
    environment: {
      LD_PRELOAD: FAKETIME ?? '',
      FAKETIME_TIMESTAMP_FILE: clockFile,
      FAKETIME_NO_CACHE: '1',
      // As with a real clock that is set: the monotonic clock is not affected.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    happen: async ({ victim, writer }) => {
      for (const offset of ['-1h', '+1d', '+0']) {
        setClock(offset);
        await sleep(CLOCK_MS);
        await writer.go(WRITES, victim);
      }
    },
  },
];

describe.runIf(inject('backend') === 'postgres').concurrent('nothing is lost, repeated or half written when', () => {
  for (const { name, environment = {}, isPossible = true, happen } of FAILURES) {
    test.runIf(isPossible)(name, async () => {
      await using ground = await openGround(environment);
      await happen(ground);
      await ground.expectWhole();
    });
  }
});

/** Makes something happen to the victim when it has the log's lock and is about to append; from then on it gets no more writes. */
async function whileAppending({ victim, writer, lock, sql }: Ground, happen: () => void): Promise<void> {
  await writer.pause();
  writer.avoid(victim);
  // The append waits for the table, and keeps the log's lock meanwhile.
  const { release } = await lock('Change', 'exclusive');
  writer.sendNow(victim);
  const isWaiting = async (): Promise<boolean> => {
    const rows = await sql(`select 1 from pg_locks where relation = '"Change"'::regclass and not granted`);
    return rows.length > 0;
  };
  await until('the victim is about to append', isWaiting, TIMEOUT_MS);
  happen();
  await release();
  writer.resume();
}

function setClock(offset: string): void {
  writeFileSync(clockFile, `${offset}\n`);
}
