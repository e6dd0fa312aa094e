import { afterEach, beforeEach, expect, test } from 'vitest';
import { headOf, readAfter, readLogState } from '../../../src/changes/log.ts';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { bringUpToDate } from '../../../src/domain/editing/bring-up-to-date.ts';
import { announceMilestone } from '../../../src/domain/editing/milestones.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import { resolvedInEntry } from '../../../src/domain/estimates/observation-entry.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { derivedRows } from '../../support/derived-rows.ts';

let place: TestDatabase;
let db: PrismaClient;
let whole: Awaited<ReturnType<typeof derivedRows>>;

beforeEach(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  await writeTwoFamilies();
  whole = await derivedRows(db);
  expect((await verifyDerived(db)).differences).toEqual([]);
  await leaveAsOlderRules();
});

afterEach(() => place[Symbol.asyncDispose]());

test('what older rules kept is worked out again, with log entries for the milestones and contradictions that changed', async () => {
  const before = await head();
  // Two families, and a brand of which only a milestone is known.
  expect(await bringUpToDate(db)).toBe(3);
  expect(await derivedRows(db)).toEqual(whole);
  expect((await verifyDerived(db)).differences).toEqual([]);
  expect(await toldAfter(before)).toEqual(CHANGED);
  expect(await db.$queryRaw`select "estimatesVersion" as version from "ChangeLog"`).toEqual([{ version: 2 }]);
});

test('a second time does nothing', async () => {
  await bringUpToDate(db);
  const before = await head();
  const rows = await db.observation.findMany({ orderBy: { id: 'asc' } });
  expect(await bringUpToDate(db)).toBe(0);
  expect(await head()).toEqual(before);
  expect(await db.observation.findMany({ orderBy: { id: 'asc' } })).toEqual(rows);
});

test('one that is ended before its last statement is done again, and tells nothing a second time', async () => {
  const before = await head();
  const broken = db.$extends({
    query: {
      $executeRaw: ({ args, query }) => {
        if (JSON.stringify(args).includes('noteEstimatesVersion')) throw new Error('ended');
        return query(args);
      },
    },
  }) as unknown as PrismaClient;
  await expect(bringUpToDate(broken)).rejects.toThrow('ended');
  expect(await derivedRows(db)).toEqual(whole);
  expect(await bringUpToDate(db)).toBe(3);
  expect(await toldAfter(before)).toEqual(CHANGED);
});

test('two instances that start at the same time tell each change once', async () => {
  const before = await head();
  await Promise.all([bringUpToDate(db), bringUpToDate(db)]);
  expect(await derivedRows(db)).toEqual(whole);
  expect(await toldAfter(before)).toEqual(CHANGED);
  expect((await verifyDerived(db)).differences).toEqual([]);
});

/** The log entries about what older rules kept otherwise, family by family. */
const CHANGED = [
  ['one', 'MILESTONE', 'WITHDRAWN', 'DETECTED'],
  ['maker', 'MILESTONE', 'DISPUTED', 'DETECTED'],
  ['one', 'CONTRADICTION', false],
  ['lone', 'MILESTONE', 'EXPECTED', 'ANNOUNCED'],
];

/** A maker with two brands, a brand with one contradicted month, and a brand of which only a launch is known. */
async function writeTwoFamilies(): Promise<void> {
  await createSubject(db, { kind: 'COMPANY', slug: 'maker', name: 'Maker' });
  await createSubject(db, { kind: 'BRAND', slug: 'one', name: 'One', parent: 'maker' });
  await createSubject(db, { kind: 'BRAND', slug: 'two', name: 'Two', parent: 'maker' });
  await createSubject(db, { kind: 'BRAND', slug: 'other', name: 'Other' });
  await createSubject(db, { kind: 'BRAND', slug: 'lone', name: 'Lone' });
  const sources: number[] = [];
  for (const tier of [1, 3]) {
    const publisher = { slug: `tier-${tier}`, name: `Tier ${tier}`, tier };
    sources.push((await registerSource(db, { publisher, title: 'Document' })).source.id);
  }
  const claim = { metric: 'DELIVERIES', qualifier: 'EXACT', acknowledgeOutlier: true } as const;
  for (const [subject, period, value, source = 0] of [
    ['one', '../2024-12-31', 9_000],
    ['one', '2025-01', 3_010],
    ['one', '2025-01', 3_210, 1],
    ['two', '../2024-12-31', 2_000],
    ['two', '2025-01', 1_000],
    ['other', '2025-Q1', 500],
    ['other', '2025-01', 100],
  ] as const)
    await recordFigure(db, { ...claim, subject, period, value, sourceId: sources[source] ?? null });
  const launch = { subject: 'lone', kind: 'LAUNCH', title: 'Launched', reachedOn: '2024-04' } as const;
  await announceMilestone(db, { ...launch, sourceId: sources[0] ?? null });
}

/** Observations were not yet kept as they are now, and milestones and contradictions were judged otherwise. */
async function leaveAsOlderRules(): Promise<void> {
  await db.observation.deleteMany();
  const milestoneOf = (slug: string) => ({ subject: { slug } });
  await db.milestone.updateMany({ where: milestoneOf('maker'), data: { status: 'DISPUTED' } });
  await db.milestone.updateMany({ where: milestoneOf('one'), data: { status: 'WITHDRAWN' } });
  await db.milestone.updateMany({ where: milestoneOf('lone'), data: { status: 'EXPECTED' } });
  await db.contradiction.updateMany({ data: { resolvedAt: new Date() } });
  await db.$executeRaw`update "ChangeLog" set "estimatesVersion" = 0`;
}

async function head() {
  return headOf(await readLogState(db));
}

async function toldAfter(place: Awaited<ReturnType<typeof head>>) {
  const entries = await readAfter(db, place, 100);
  const slugs = new Map((await db.subject.findMany()).map(({ id, slug }) => [id, slug]));
  return entries.map((entry) => {
    const slug = slugs.get(entry.subjectId ?? 0);
    if (entry.kind === 'CONTRADICTION') return [slug, entry.kind, resolvedInEntry(entry)];
    return [slug, entry.kind, entry.statusBefore, entry.status];
  });
}
