import { expect, test } from 'vitest';
import { findBrokenLinks } from '../../../src/changes/chain.ts';
import { headOf, readAfter, readLogState } from '../../../src/changes/log.ts';
import { write } from '../../../src/changes/write.ts';
import type { Milestone, PrismaClient } from '../../../src/database/generated/client.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { bringUpToDate } from '../../../src/domain/editing/bring-up-to-date.ts';
import { announceMilestone } from '../../../src/domain/editing/milestones.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import { milestoneKey } from '../../../src/domain/milestones/state.ts';
import { verifyDatabase, verifyDerived } from '../../../src/domain/verify/verify.ts';
import { freshDatabase } from '../../support/database.ts';
import { MIGRATIONS } from '../../support/migrations.ts';
import { fillBefore } from '../../support/older-schema.ts';

const MIGRATION = '20261126161000_fewer_thresholds';
const MILLION = 1_000_000;

test('stored detections at numbers that are no thresholds any more are withdrawn, and announced ones stay', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await fillBefore(database, MIGRATION, async (today) => {
    await writeMaker(today);
    // As every million was one.
    for (const count of [11, 13]) await detectAt(today, count * MILLION);
  });
  const head = headOf(await readLogState(client));

  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);
  await bringUpToDate(client);
  const { differences } = await verifyDerived(client);
  expect(differences).toEqual([]);
  expect(
    (await readAfter(client, head, 10)).map(({ threshold, status, statusBefore }) => [threshold, status, statusBefore]),
  ).toEqual([
    [11 * MILLION, 'WITHDRAWN', 'DETECTED'],
    [13 * MILLION, 'WITHDRAWN', 'DETECTED'],
  ]);
  for await (const link of findBrokenLinks(client)) expect(link).toBeUndefined();
  expect(await statusAt(client, 10)).toBe('DETECTED');
  expect(await statusAt(client, 12)).toBe('CONFIRMED');

  // A source that announces it brings it back.
  const { id } = await milestoneAt(client, 11);
  await announce(client, 11);
  expect(await milestoneAt(client, 11)).toMatchObject({ id, status: 'CONFIRMED' });
  expect((await verifyDerived(client)).differences).toEqual([]);
});

test('a detection at another number is found by verification, and withdrawn by the repair or the next figure', async () => {
  await using fresh = await freshDatabase();
  const { client } = fresh.database;
  await migrate(fresh.database, MIGRATIONS);
  const sourceId = await writeMaker(client);
  for (const count of [11, 13]) await detectAt(client, count * MILLION);
  expect((await verifyDerived(client)).differences).toHaveLength(2);
  await verifyDatabase(client, true, () => undefined);
  expect((await verifyDerived(client)).differences).toEqual([]);
  expect(await statusAt(client, 13)).toBe('WITHDRAWN');

  await client.milestone.update({ where: { id: (await milestoneAt(client, 11)).id }, data: { status: 'DETECTED' } });
  await recordFigure(client, { ...CLAIM, sourceId, period: '../2026-01-31', value: 14_000_001 });
  expect(await statusAt(client, 11)).toBe('WITHDRAWN');
  expect((await verifyDerived(client)).differences).toEqual([]);
});

const CLAIM = { subject: 'byd', metric: 'DELIVERIES', qualifier: 'EXACT' } as const;

/** A maker with fourteen million deliveries, whose twelfth was announced. */
async function writeMaker(client: PrismaClient): Promise<number> {
  await createSubject(client, { kind: 'BRAND', slug: 'byd', name: 'BYD', firstDeliveryOn: '2008-12' });
  const publisher = { slug: 'gasgoo', name: 'Gasgoo', tier: 3 };
  const { source } = await registerSource(client, { publisher, title: 'Article' });
  await recordFigure(client, { ...CLAIM, sourceId: source.id, period: '../2025-12-31', value: 14_000_000 });
  await announce(client, 12);
  return source.id;
}

async function announce(client: PrismaClient, millions: number): Promise<void> {
  const { id: sourceId } = await client.source.findFirstOrThrow();
  const said = { subject: 'byd', metric: 'DELIVERIES', kind: 'UNITS', sourceId } as const;
  await announceMilestone(client, {
    ...said,
    title: `${millions} million`,
    threshold: millions * MILLION,
    reachedOn: '2025',
  });
}

/** Stores what was detected at a number while it was a threshold. */
async function detectAt(client: PrismaClient, threshold: number): Promise<void> {
  const { id: _, createdAt: __, ...columns } = await milestoneAt(client, 10);
  const key = milestoneKey(columns.subjectId, { ...columns, threshold });
  await write(client, async ({ tx, append }) => {
    const { id, subjectId, status } = await tx.milestone.create({ data: { ...columns, threshold, key } });
    await append([{ kind: 'MILESTONE', aboutId: id, subjectId, status, statusBefore: null }]);
  });
}

function milestoneAt(client: PrismaClient, millions: number): Promise<Milestone> {
  return client.milestone.findFirstOrThrow({ where: { threshold: millions * MILLION } });
}

async function statusAt(client: PrismaClient, millions: number): Promise<string> {
  return (await milestoneAt(client, millions)).status;
}
