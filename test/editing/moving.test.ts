import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { openDatabase } from '../../src/database/open.ts';
import { recordFigure } from '../../src/domain/figure.ts';
import { registerSource } from '../../src/domain/source.ts';
import { createSubject, updateSubject } from '../../src/domain/subject.ts';
import { verifyDerived } from '../../src/domain/verify.ts';
import { createLogger } from '../../src/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { holdSubjects } from '../support/subject-lock.ts';

const MAKERS = 12;
/** Each write that waits holds a connection; one more holds the subjects, and one counts who waits. */
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

test('brands that all move while figures about all of them come leave every company as its brands amount to', async () => {
  const publisher = { slug: 'gazette', name: 'The Gazette', tier: 3 };
  const { source } = await registerSource(db, { publisher, title: 'All of them' });
  const indexes = Array.from({ length: MAKERS }, (_none, index) => index);
  const company = (index: number): string => `company-${index % MAKERS}`;
  for (const index of indexes) await createSubject(db, { kind: 'COMPANY', slug: company(index), name: 'Company' });
  const brands = indexes.map((index) => `brand-${index}`);
  for (const [index, slug] of brands.entries())
    await createSubject(db, { kind: 'BRAND', slug, name: 'Brand', parent: company(index) });

  for (const turn of [1, 2]) {
    await using held = await holdSubjects(db, brands);
    const moves = brands.map((slug, index) => updateSubject(db, slug, { parent: company(index + turn) }));
    await held.waitedForBy(MAKERS);
    const claim = { metric: 'DELIVERIES', qualifier: 'EXACT', sourceId: source.id, acknowledgeOutlier: true } as const;
    const figures = brands.map((subject, index) =>
      recordFigure(db, { ...claim, subject, period: `../2025-0${turn}-28`, value: turn * 1_000_000 + index }),
    );
    await held.waitedForBy(MAKERS * 2);
    await held.release();
    await Promise.all([...moves, ...figures]);
    expect((await verifyDerived(db)).differences).toEqual([]);
    const detected = await db.milestone.findMany({
      where: { subject: { kind: 'COMPANY' }, threshold: turn * 1_000_000 },
    });
    expect(detected.map(({ status }) => status)).toEqual(Array(MAKERS).fill('DETECTED'));
  }
});
