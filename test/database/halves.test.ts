import { expect, test } from 'vitest';
import { findBrokenLinks } from '../../src/changes/chain.ts';
import { readLogState } from '../../src/changes/log.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { bringUpToDate } from '../../src/domain/editing/bring-up-to-date.ts';
import { recordFigures } from '../../src/domain/editing/record-figures.ts';
import { reviseFigure } from '../../src/domain/editing/revise-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { setTarget } from '../../src/domain/editing/targets.ts';
import { verifyDerived } from '../../src/domain/verify/verify.ts';
import { present } from '../../src/required.ts';
import { freshDatabase } from '../support/database.ts';
import { MIGRATIONS } from '../support/migrations.ts';
import { fillBefore, REDIGEST } from '../support/older-schema.ts';

const MIGRATION = '20261126160000_halves';
/** Of these, the first two are halves. The others only look like them. */
const VALUES = {
  ...{ '2025-H1': 57_000, '2024-H2': 57_000, '2025-Q1': 30_000 },
  ...{ '2024-01/2025-06': 200_000, '2024-07/2025-12': 400_000, '2024-01-15/2024-06-30': 60_000 },
};
const CLAIM = { metric: 'DELIVERIES', qualifier: 'EXACT', acknowledgeOutlier: true } as const;

test('stored halves get their name, and slots, targets and the digests of the log stay as they are', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  let said: Awaited<ReturnType<typeof writeHalves>> | undefined;
  await fillBefore(database, MIGRATION, async (today) => {
    said = await writeHalves(today);
  });
  const { claims, target } = present(said);
  for (const statement of AS_BEFORE) await client.$executeRawUnsafe(statement);
  expect(await periodsOf(client)).toEqual([
    ...['2024-01-15/2024-06-30', '2024-01/2025-06', '2024-07/2024-12', '2024-07/2025-12', '2025-01/2025-06'],
    ...['2025-01/2025-06', '2025-Q1'],
  ]);
  const before = await readLogState(client);
  expect(await broken(client)).toEqual([]);

  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);
  expect(await periodsOf(client)).toEqual([
    ...['2024-01-15/2024-06-30', '2024-01/2025-06', '2024-07/2025-12', '2024-H2', '2025-H1', '2025-H1', '2025-Q1'],
  ]);
  expect(await readLogState(client)).toEqual(before);
  await bringUpToDate(client);
  expect(await readLogState(client)).toEqual(before);
  expect((await verifyDerived(client)).differences).toEqual([]);

  // The same claims and the same target again write nothing.
  expect((await recordFigures(client, claims)).cursor).toBe(null);
  expect((await setTarget(client, target)).cursor).toBeNull();
  await recordFigures(client, [{ ...present(claims[0]), period: '2024-H1', value: 70_000 }]);
  expect((await verifyDerived(client)).differences).toEqual([]);
  expect(await client.target.findMany({ select: { period: true } })).toEqual([{ period: '2025-H2' }]);
});

test('an instance that does not know halves yet cannot write one under its old name', async () => {
  await using fresh = await freshDatabase();
  const { client } = fresh.database;
  await migrate(fresh.database, MIGRATIONS);
  await writeHalves(client);
  for (const table of ['Figure', 'Target']) {
    const renamed = client.$executeRawUnsafe(`update "${table}" set period = '2023-07/2023-12'`);
    await expect(renamed).rejects.toThrow(`${table}_period_check`);
  }
});

async function writeHalves(client: PrismaClient) {
  await createSubject(client, { kind: 'BRAND', slug: 'aito', name: 'AITO' });
  const publisher = { slug: 'gasgoo', name: 'Gasgoo', tier: 3 };
  const { source } = await registerSource(client, { publisher, title: 'Article' });
  const said = { subject: 'aito', sourceId: source.id };
  const target = { ...said, metric: 'DELIVERIES', period: '2025-H2', value: 1_000_000 } as const;
  await recordFigures(
    client,
    Object.entries(VALUES).map(([period, value]) => ({ ...said, ...CLAIM, period, value })),
  );
  const { id } = await client.figure.findFirstOrThrow({ where: { period: '2025-H1' } });
  await reviseFigure(client, id, { value: 58_000, qualifier: 'EXACT', reason: 'A correction.' });
  await setTarget(client, target);
  const claims = Object.entries({ ...VALUES, '2025-H1': 58_000 }).map(([period, value]) => ({
    ...{ ...said, ...CLAIM, period, value },
  }));
  return { claims, target };
}

/** Makes of the halves what an instance from before the migration would have written. */
const AS_BEFORE = [
  ...[
    ['Figure', 'period'],
    ['Figure', '"claimKey"'],
    ['Observation', 'period'],
    ['Observation', 'slot'],
    ['Target', 'period'],
  ].map(
    ([table, column]) => `
      update "${table}"
         set ${column} = regexp_replace(regexp_replace(${column}, '(\\d{4})-H1', '\\1-01/\\1-06'), '(\\d{4})-H2', '\\1-07/\\1-12')`,
  ),
  REDIGEST,
];

async function periodsOf(client: PrismaClient): Promise<string[]> {
  return (await client.figure.findMany({ select: { period: true } })).map(({ period }) => period).sort();
}

/** The positions of the entries whose digests do not follow. */
async function broken(client: PrismaClient): Promise<bigint[]> {
  const found: bigint[] = [];
  for await (const { position } of findBrokenLinks(client)) found.push(position);
  return found;
}
