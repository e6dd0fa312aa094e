import { expect, inject, test, vi } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { StartupError } from '../../src/errors.ts';
import { createLogger } from '../../src/logger.ts';
import { openSeededDatabase, placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, runProduct, startProduct } from '../support/product.ts';
import { headOf, TRANSPORTS } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const SILENT = createLogger('silent');

const FIGURES = `subscription ($filter: FigureFilter, $after: Cursor) {
  event: figureRecorded(filter: $filter, after: $after) { cursor figure { value } }
}`;

interface Pushed {
  readonly event: { readonly cursor: string; readonly figure: { readonly value: number } };
}

if (inject('backend') === 'postgres') {
  test('two instances that start at once on an empty database both become ready, and the facts are loaded once', async () => {
    await using place = await placeDatabase('empty');
    const started = await Promise.all([
      startProduct({ place, adminKey: null }),
      startProduct({ place, adminKey: null }),
    ]);
    await using one = started[0];
    await using other = started[1];
    expect([one, other].filter(({ stdout }) => stdout.includes('Applied to the database'))).toHaveLength(1);
    // A key that one of them showed works on both.
    const keys = [one, other].map(({ adminKey }) => adminKey).filter((key) => key !== '');
    expect(keys).toHaveLength(1);
    const [adminKey] = keys as [string];
    for (const product of [one, other]) await createFacts({ ...product, adminKey } as Product);
    await Promise.all([one.stop(), other.stop()]);
    const counts = await countFacts(place);
    // Each of the two has added two brands and an article.
    expect({ ...counts, subjects: counts.subjects - 4, sources: counts.sources - 2 }).toEqual(await countSeed());
  });

  test('what is written on one instance is pushed by the other, in the same order for all', async () => {
    await using place = await placeDatabase('migrated');
    const options = { place, environment: { MILEPOST_SEED: 'off' } };
    const started = await Promise.all([startProduct(options), startProduct(options)]);
    await using one = started[0];
    await using other = started[1];
    const facts = await createFacts(one);
    const variables = { filter: { subjects: [facts.brand] }, after: await headOf(one) };
    const watches = [one, other].flatMap((product) =>
      TRANSPORTS.map(([, subscribe]) => subscribe<Pushed>(product, FIGURES, variables)),
    );
    const elsewhere = await createFacts(other);
    const cursors = [
      await facts.record('2025-01', 1),
      await elsewhere.record('2025-02', 2, facts.brand),
      await facts.record('2025-03', 3),
    ];
    for (const watch of watches) {
      for (const cursor of cursors) expect((await watch.next()).event.cursor).toBe(cursor);
      await watch.close();
    }
    expect(await headOf(one)).toBe(await headOf(other));
  });

  test('a client that loses its instance continues at the other with the same cursor', async () => {
    await using place = await placeDatabase('migrated');
    const options = { place, environment: { MILEPOST_SEED: 'off' } };
    const started = await Promise.all([startProduct(options), startProduct(options)]);
    await using lost = started[0];
    await using left = started[1];
    const { brand, record } = await createFacts(left);
    const variables = { filter: { subjects: [brand] }, after: await headOf(left) };
    const watches = TRANSPORTS.map(([, subscribe]) => subscribe<Pushed>(lost, FIGURES, variables));
    await record('2025-01', 1);
    const seen = await Promise.all(watches.map((watch) => watch.next()));
    await lost.kill();
    await record('2025-02', 2);
    for (const [index, [, subscribe]] of TRANSPORTS.entries()) {
      await using resumed = subscribe<Pushed>(left, FIGURES, { ...variables, after: seen[index]?.event.cursor });
      expect((await resumed.next()).event.figure.value).toBe(2);
    }
  });
} else {
  test('a second process on a data folder is told which process has it, and gets it as soon as that one is killed', async () => {
    await using place = await placeDatabase('migrated');
    const options = { place, environment: { MILEPOST_SEED: 'off' } };
    await using owner = await startProduct(options);
    await using second = runProduct(options);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.stderr).toContain(`${place.dataDir} is in use by process ${owner.pid}.`);
    expect(second.stdout).toBe('');
    await expect(openDatabase({ ...place, databaseConnections: 1 }, SILENT)).rejects.toThrow(StartupError);
    const { brand } = await createFacts(owner);

    await owner.kill();
    await using database = await openDatabase({ ...place, databaseConnections: 1 }, SILENT);
    expect(await database.client.subject.count({ where: { slug: brand } })).toBe(1);
  });
}

async function countFacts(
  place: TestPlace,
): Promise<Record<'subjects' | 'sources' | 'figures' | 'memberships' | 'claims' | 'targets', number>> {
  await using database = await openDatabase({ ...place, databaseConnections: 1 }, SILENT);
  return await countIn(database.client);
}

async function countSeed() {
  await using seeded = await openSeededDatabase();
  return await countIn(seeded.database.client);
}

async function countIn(db: Awaited<ReturnType<typeof openDatabase>>['client']) {
  return {
    subjects: await db.subject.count(),
    sources: await db.source.count(),
    figures: await db.figure.count(),
    memberships: await db.membership.count(),
    claims: await db.milestoneClaim.count(),
    targets: await db.target.count(),
  };
}
