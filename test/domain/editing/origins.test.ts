import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { fillOrigins } from '../../../src/domain/editing/origins.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

let place: TestDatabase;
let db: PrismaClient;
/** The documents of the maker and of a mirror that repeats it. */
let maker: number;
let mirror: number;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  maker = await sourceOf('maker');
  mirror = await sourceOf('mirror');
  for (const slug of ['early', 'late']) await createSubject(db, { kind: 'BRAND', slug, name: slug });
  await record('early');
});
afterAll(() => place[Symbol.asyncDispose]());

test('figures that are recorded just before the origins are written are worked out again as well', async () => {
  let waits = true;
  const racing = new Proxy(db, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (name !== '$transaction' || !waits) return value;
      return async (...args: Parameters<PrismaClient['$transaction']>) => {
        waits = false;
        await record('late');
        return target.$transaction(...args);
      };
    },
  });
  await fillOrigins(racing, [{ sourceId: mirror, origin: 'maker' }]);
  const observations = await db.observation.findMany({
    where: { period: '2025-01' },
    select: { subject: { select: { slug: true } }, origins: true },
    orderBy: { subjectId: 'asc' },
  });
  expect(observations).toEqual([
    { subject: { slug: 'early' }, origins: 1 },
    { subject: { slug: 'late' }, origins: 1 },
  ]);
  expect((await verifyDerived(db)).differences).toEqual([]);
});

async function sourceOf(slug: string): Promise<number> {
  const { source } = await registerSource(db, { publisher: { slug, name: slug, tier: 3 }, title: `What ${slug} says` });
  return source.id;
}

/** What both documents say about a month. */
async function record(subject: string): Promise<void> {
  for (const sourceId of [maker, mirror])
    await recordFigure(db, {
      ...{ subject, metric: 'DELIVERIES', period: '2025-01', value: 101, qualifier: 'EXACT', sourceId },
    });
}
