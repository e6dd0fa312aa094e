import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import type { Database } from '../../../src/database/handle.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { joinAlliance, leaveAlliance } from '../../../src/domain/editing/memberships.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject, updateSubject } from '../../../src/domain/editing/subjects.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { createLogger } from '../../../src/logger.ts';
import { present } from '../../../src/required.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { holdSubjects } from '../../support/subject-lock.ts';

const MAKERS = 12;
/** Each waiting write holds a connection; one more holds the subjects, and one counts the waiting writes. */
const CONNECTIONS = 5 * (MAKERS * 2 + 2);

let place: TestDatabase;
let wide: Database | undefined;
let db: PrismaClient;

beforeAll(async () => {
  place = await openTestDatabase();
  if (inject('backend') === 'postgres')
    wide = await openDatabase({ ...place, databaseConnections: CONNECTIONS }, createLogger('silent'));
  db = (wide ?? place.database).client;
});

afterAll(async () => {
  await wide?.[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('when brands move while figures about them arrive, every company ends with at least what its brand counts', async () => {
  const publisher = { slug: 'gazette', name: 'The Gazette', tier: 3 };
  const { source } = await registerSource(db, { publisher, title: 'All of them' });
  const indexes = Array.from({ length: MAKERS }, (_none, index) => index);
  const company = (index: number): string => `company-${index % MAKERS}`;
  // With other brands than theirs, so that none of them is its brand under another name.
  for (const index of indexes)
    await createSubject(db, { kind: 'COMPANY', slug: company(index), name: 'Company', brandsComplete: false });
  const brands = indexes.map((index) => `brand-${index}`);
  for (const [index, slug] of brands.entries())
    await createSubject(db, { kind: 'BRAND', slug, name: 'Brand', parent: company(index) });

  for (const [turn, period] of [
    [1, '../2025-01-31'],
    [2, '../2025-02-28'],
  ] as const) {
    await using held = await holdSubjects(db, brands);
    const moves = brands.map((slug, index) => updateSubject(db, slug, { parent: company(index + turn) }));
    await held.waitedForBy(MAKERS);
    const claim = { metric: 'DELIVERIES', qualifier: 'EXACT', sourceId: source.id, acknowledgeOutlier: true } as const;
    const figures = brands.map((subject, index) =>
      recordFigure(db, { ...claim, subject, period, value: turn * 1_000_000 + index }),
    );
    await held.waitedForBy(MAKERS * 2);
    await held.release();
    await Promise.all([...moves, ...figures]);
    expect((await verifyDerived(db)).differences).toEqual([]);
    const detected = await db.milestone.findMany({
      where: { subject: { kind: 'COMPANY' }, threshold: turn * 1_000_000 },
    });
    expect(detected.map(({ status }) => status)).toEqual(Array(MAKERS).fill('DETECTED'));
    const kept = await db.observation.findMany({
      where: { subject: { kind: 'COMPANY' }, period },
      include: { subject: true },
    });
    expect(new Map(kept.map(({ subject: { slug }, lower }) => [slug, lower]))).toEqual(
      new Map(indexes.map((index) => [company(index + turn), turn * 1_000_000 + index])),
    );
  }
});

test('when parts of brands move, join and leave while figures about all of them arrive, every write succeeds and nothing differs', async () => {
  const publisher = { slug: 'courier', name: 'The Courier', tier: 3 };
  const { source } = await registerSource(db, { publisher, title: 'Parts and wholes' });
  const claim = { metric: 'DELIVERIES', qualifier: 'EXACT', sourceId: source.id, acknowledgeOutlier: true } as const;
  // The ids of wholes are between those of parts, so that what a write locks is below as well as above it.
  const make = async (kind: 'BRAND' | 'COMPANY' | 'ALLIANCE', slug: string): Promise<string> =>
    (await createSubject(db, { kind, slug, name: slug })).subject.slug;
  const parts: string[] = [];
  const wholes: string[] = [];
  const alliances: string[] = [];
  for (const index of [0, 1, 2]) {
    parts.push(await make('BRAND', `part-${index}`));
    alliances.push(await make('ALLIANCE', `alliance-${index}`));
    const owner = await make('COMPANY', `owner-${index}`);
    wholes.push(await make('BRAND', `whole-${index}`));
    await updateSubject(db, `whole-${index}`, { parent: owner });
  }
  const at = (list: readonly string[], index: number): string => present(list[index % list.length]);
  for (const turn of [0, 1, 2]) {
    const writes = parts.flatMap((part, index) => [
      updateSubject(db, part, { parent: at(wholes, index + turn) }),
      joinAlliance(db, { alliance: at(alliances, index + turn), brand: part, joinedOn: '2024' }).then(
        ({ membership }) => leaveAlliance(db, membership.id, '2025'),
      ),
      ...[part, at(wholes, index), at(alliances, index)].map((subject, place) =>
        recordFigure(db, { ...claim, subject, period: `../2025-0${turn + 1}-28`, value: 10_000 * (turn + 1) + place }),
      ),
      updateSubject(db, at(wholes, index), { parent: `owner-${(index + turn) % 3}` }),
    ]);
    await Promise.all(writes);
  }
  expect((await verifyDerived(db)).differences).toEqual([]);
  expect(await db.membership.count({ where: { leftOn: '2025' } })).toBe(9);
});
