import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, test, vi } from 'vitest';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { soon, until } from '../support/wait.ts';
import { ask, send } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const STRACE = '/usr/bin/strace';
const WITHOUT_SEED = { MILEPOST_SEED: 'off' };
const FAIL_SYNC = new URL('../support/fail-sync.mjs', import.meta.url).href;
const SHADOW_DISK = new URL('../support/shadow-disk.mjs', import.meta.url).href;
const WRITES = 5;

const FIGURES_OF = 'query ($slug: String!) { brand(slug: $slug) { figures(first: 100) { nodes { period value } } } }';

describe.runIf(inject('backend') === 'embedded')('the embedded database', () => {
  test.runIf(existsSync(STRACE))('syncs its write-ahead log between a write’s request and its answer', async () => {
    await using place = await placeDatabase('migrated');
    const folder = await mkdtemp(join(tmpdir(), 'milepost-trace-'));
    try {
      const trace = join(folder, 'trace');
      // With -D the process started here is the product and not the tracer.
      const through = [
        STRACE,
        '-D',
        '-f',
        '-yy',
        '-s',
        '32',
        '-e',
        'trace=fsync,fdatasync,read,write,writev',
        '-o',
        trace,
      ];
      await using product = await startProduct({ place, environment: WITHOUT_SEED, through });
      const { record } = await createFacts(product);
      const before = (await eventsOf(trace, product)).length;
      for (let month = 1; month <= WRITES; month++) await record(`2025-0${month}`, month);
      await until('the trace has them all', async () => {
        const answers = (await eventsOf(trace, product)).slice(before).filter((event) => event === 'answer');
        return answers.length >= WRITES;
      });
      const events = (await eventsOf(trace, product)).slice(before);
      // What is synced between an answer and the next request is of other writes, such as when keys were used.
      const writes = events
        .slice(events.indexOf('request'))
        .join(' ')
        .split(/(?=request)/);
      const untilAnswered = writes.map((write) => write.trim().replace(/answer( sync)+$/, 'answer'));
      expect(untilAnswered.map((write) => write.replace(/( sync)+/, ' sync'))).toEqual(
        Array<string>(WRITES).fill('request sync answer'),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('ends the server when the disk fails to sync: the write is not acknowledged, and earlier data is there at the next start', async () => {
    await using place = await placeDatabase('migrated');
    const environment = { ...WITHOUT_SEED, NODE_OPTIONS: `--import=${FAIL_SYNC}` };
    await using product = await startProduct({ place, environment });
    const { brand, record } = await createFacts(product);
    await record('2025-01', 1);
    product.signal('SIGUSR2');
    await until('the disk fails', () => product.stdout.includes('The disk fails.'));
    await expect(record('2025-02', 2)).rejects.toThrow('TEMPORARILY_UNAVAILABLE');
    // Until it has ended it answers or refuses, and does not hang.
    await send(product, '{ head }').then(
      ({ status, errors }) => expect([status, errors?.[0]?.extensions?.code]).toEqual([503, 'TEMPORARILY_UNAVAILABLE']),
      () => undefined,
    );
    expect(await soon('the end', product.ended)).toEqual({ code: 1, signal: null });
    expect(product.stderr).toMatch(/embedded database in .* has stopped: could not fsync file ".*": I\/O error/);
    expect(product.stderr).toMatch(/Start the server again/);
    expect(product.stderr).not.toMatch(/^ +at /m);

    await using again = await startProduct({ place, environment: WITHOUT_SEED });
    const { brand: found } = await ask<Figures>(again, FIGURES_OF, { slug: brand });
    expect(found.figures.nodes).toContainEqual({ period: '2025-01', value: 1 });
  });

  test.runIf(existsSync('/proc/self/fd'))(
    'has every acknowledged write after a power cut that leaves only what was synced',
    async () => {
      await using place = await placeDatabase('migrated');
      const left = await mkdtemp(join(tmpdir(), 'milepost-power-cut-'));
      try {
        const shadow = { SHADOW_OF: join(place.dataDir, 'db'), SHADOW: join(left, 'db') };
        await cp(shadow.SHADOW_OF, shadow.SHADOW, { recursive: true });
        const environment = { ...WITHOUT_SEED, ...shadow, NODE_OPTIONS: `--import=${SHADOW_DISK}` };
        await using product = await startProduct({ place, environment });
        const { brand, record } = await createFacts(product);
        const acknowledged: string[] = [];
        const writers = Array.from({ length: 4 }, async (_none, writer) => {
          for (let year = 2000; year < 2025; year++) {
            const period = `${year}-0${writer + 1}`;
            await record(period, year);
            acknowledged.push(period);
          }
        });
        const settled = Promise.allSettled(writers);
        await until('some are written', () => acknowledged.length > 10, 60_000);
        await product.kill();
        await settled;
        expect(acknowledged.length).toBeLessThan(100);

        await using again = await startProduct({ place: { ...place, dataDir: left }, environment: WITHOUT_SEED });
        const { brand: found } = await ask<Figures>(again, FIGURES_OF, { slug: brand });
        const kept = found.figures.nodes.map(({ period }) => period);
        expect(kept).toEqual(expect.arrayContaining(acknowledged));
      } finally {
        await rm(left, { recursive: true, force: true });
      }
    },
  );
});

interface Figures {
  readonly brand: {
    readonly figures: { readonly nodes: readonly { readonly period: string; readonly value: number }[] };
  };
}

/** What the thread that answers has done, in order: taken a request of GraphQL, synced the write-ahead log, and answered. */
async function eventsOf(trace: string, { pid }: Product): Promise<readonly string[]> {
  const lines = (await readFile(trace, 'utf8')).split('\n').filter((line) => line.startsWith(`${pid} `));
  return lines.flatMap((line) => {
    if (/ read\(\d+<TCP.*"POST \/graphql/.test(line)) return ['request'];
    if (/ f(data)?sync\(\d+<[^>]*\/pg_wal\/[0-9A-F]{24}>/.test(line)) return ['sync'];
    if (/ writev?\(\d+<TCP.*"HTTP\/1\.1 200/.test(line)) return ['answer'];
    return [];
  });
}
