import { expect, test } from 'vitest';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { setTarget } from '../../src/domain/editing/targets.ts';
import { verifyTargets } from '../../src/domain/verify/targets.ts';
import type { Difference } from '../../src/domain/verify/verification.ts';
import { freshDatabase } from '../support/database.ts';
import { MIGRATIONS, migrateUpTo } from '../support/migrations.ts';

const MIGRATION = '20261127053709_targets_with_claims';

/** Publishers, and a document of each; the third one of those with a day was published first. */
const SOURCES = [
  { tier: 4, publishedOn: '2025-12-01' },
  { tier: 3, publishedOn: '2026-01-15' },
  { tier: 3, publishedOn: '2026-01-10' },
  { tier: 3, publishedOn: null },
] as const;

interface Given {
  readonly metric: string;
  readonly source: number;
  readonly period?: string;
  readonly value?: number;
  readonly growth?: number;
  readonly setOn?: string;
  readonly revises?: number;
  readonly recordedOn?: string;
}

/** The targets that an instance from before the migration wrote, by their ids from 1. */
const GIVEN: readonly Given[] = [
  // One goal in three documents.
  { metric: 'DELIVERIES', source: 1, period: '2026', value: 540_000 },
  { metric: 'SALES', source: 2, period: '2026', value: 550_000 },
  { metric: 'SALES', source: 3, period: '2026', value: 550_000, setOn: '2026-01' },
  // A line of revisions, and another source's claim about the same year.
  { metric: 'SALES', source: 1, period: '2025', value: 310_000 },
  { metric: 'DELIVERIES', source: 1, period: '2025', value: 300_000 },
  { metric: 'DELIVERIES', source: 1, period: '2025', value: 350_000, revises: 5 },
  // Growths without a year are the same if their numbers are.
  { metric: 'DELIVERIES', source: 1, growth: 40 },
  { metric: 'DELIVERIES', source: 2, growth: 40 },
  { metric: 'DELIVERIES', source: 3, growth: 50 },
  { metric: 'PRODUCTION', source: 4, period: '2026', value: 550_000, setOn: '2025-Q4' },
  // One document with two numbers, of which the later one corrects the other.
  { metric: 'EXPORTS', source: 1, period: '2026', value: 500_000, recordedOn: '2026-02-01' },
  { metric: 'EXPORTS', source: 1, period: '2026', value: 1_000_000, recordedOn: '2026-02-02' },
  // And at once.
  { metric: 'EXPORTS', source: 1, period: '2027', value: 1_000_000, recordedOn: '2026-02-01' },
  { metric: 'EXPORTS', source: 1, period: '2027', value: 500_000, recordedOn: '2026-02-01' },
];

test('what each stored target said becomes a claim, and those about the same become one', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await migrateUpTo(database, MIGRATION);
  await insertAll(client);
  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);

  const rows = await client.target.findMany({
    include: { claims: { orderBy: { id: 'asc' } } },
    orderBy: { id: 'asc' },
  });
  expect(rows.map(({ identity }) => identity)).toEqual(GIVEN.map((_, index) => `target-${index + 1}`));
  const kept = rows.filter(({ mergedIntoId }) => mergedIntoId === null);
  expect(rows.map(({ mergedIntoId }) => mergedIntoId)).toEqual([
    null,
    1,
    1,
    6,
    null,
    null,
    null,
    7,
    ...[null, null, null, 11, null, 13],
  ]);
  expect(
    kept.map(({ id, kind, metric, value, sourceId, claims }) => [
      id,
      kind,
      metric,
      value,
      sourceId,
      claims.map((claim) => claim.sourceId),
    ]),
  ).toEqual([
    // Of the two that say 550,000 in the better press, the one that was published first.
    [1, 'TARGET', 'SALES', 550_000, 3, [1, 2, 3]],
    [5, 'TARGET', 'DELIVERIES', 300_000, 1, [1]],
    [6, 'TARGET', 'DELIVERIES', 350_000, 1, [1, 1]],
    [7, 'TARGET', 'DELIVERIES', null, 2, [1, 2]],
    [9, 'TARGET', 'DELIVERIES', null, 3, [3]],
    [10, 'TARGET', 'PRODUCTION', 550_000, 4, [4]],
    [11, 'TARGET', 'EXPORTS', 1_000_000, 1, [1, 1]],
    [13, 'TARGET', 'EXPORTS', 500_000, 1, [1, 1]],
  ]);
  const first = kept[0]?.claims.map(({ statedMetric, value, setOn, note, knownFrom }) => ({
    statedMetric,
    value,
    setOn,
    note,
    knownFrom,
  }));
  expect(first?.[2]).toEqual({
    ...{ statedMetric: 'SALES', value: 550_000, setOn: '2026-01', note: 'Said.' },
    knownFrom: new Date('2026-01-09T16:00:00Z'),
  });
  expect(kept[0]?.setOn).toBe('2026-01');
  // Without a day of publication it is known from the last day of the quarter in which it was set.
  expect(kept[5]?.claims[0]?.knownFrom).toEqual(new Date('2025-12-30T16:00:00Z'));
});

test('the same claims again write nothing, and a revision of a merged target revises the one that is left', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await migrateUpTo(database, MIGRATION);
  await insertAll(client);
  await migrate(database, MIGRATIONS);
  for (const [index, { metric, source, period, value, growth, revises, setOn }] of GIVEN.entries()) {
    const said = { subject: 'aito', metric: metric as 'SALES', period, value, growthMinPercent: growth, setOn };
    const { cursor, target } = await setTarget(client, { ...said, sourceId: source, revisesId: revises });
    expect([index, cursor, target.mergedIntoId]).toEqual([index, null, null]);
  }
  expect(await differences(client)).toEqual([]);
  const raised = {
    subject: 'aito',
    metric: 'SALES',
    period: '2026',
    value: 600_000,
    sourceId: 2,
    revisesId: 2,
  } as const;
  expect((await setTarget(client, raised)).target.revisesId).toBe(1);
});

/** What the targets should say by their claims, where it is something else. */
async function differences(client: PrismaClient): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  const compared = { figures: 0, entries: 0, observations: 0, contradictions: 0, milestones: 0 };
  await verifyTargets({ db: client, repair: false, compared, report: (difference) => found.push(difference) });
  return found;
}

async function insertAll(client: PrismaClient): Promise<void> {
  await client.$executeRaw`insert into "Subject" (kind, slug, name) values ('BRAND', 'aito', 'AITO')`;
  for (const [index, { tier, publishedOn }] of SOURCES.entries()) {
    const name = `publisher-${index + 1}`;
    await client.$executeRaw`insert into "Publisher" (slug, name, tier) values (${name}, ${name}, ${tier}::int)`;
    await client.$executeRaw`
      insert into "Source" ("publisherId", title, identity, "publishedOn") values (${index + 1}::int, ${name}, ${name}, ${publishedOn}::date)`;
  }
  for (const [
    index,
    { metric, source, period = null, value = null, growth = null, setOn = null, revises = null, recordedOn = null },
  ] of GIVEN.entries())
    await client.$executeRaw`
      insert into "Target" ("subjectId", metric, period, value, "growthMinPercent", "setOn", "sourceId", "revisesId", note, "recordedAt", identity)
      values (1, ${metric}::"Metric", ${period}, ${value}::float, ${growth}::float, ${setOn}, ${source}::int, ${revises}::int, 'Said.',
              coalesce(${recordedOn}::timestamptz, now()), ${`target-${index + 1}`})`;
}
