import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import type { ReportedDifference } from '../../../src/domain/verify/verification.ts';
import { verifyDatabase } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { makeSources } from './scenario.ts';

let place: TestDatabase;
let db: PrismaClient;

/** Two sources contradict each other about two months of one brand, and a third one both of them about the first. */
beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  const sources = await makeSources(db);
  await createSubject(db, { kind: 'BRAND', slug: 'brand', name: 'Brand' });
  const record = (period: string, value: number, source: number) =>
    recordFigure(db, {
      ...{ subject: 'brand', metric: 'DELIVERIES', period, value, qualifier: 'EXACT', acknowledgeOutlier: true },
      sourceId: sources[source]?.id ?? null,
    });
  await record('2025-01', 101, 0);
  await record('2025-01', 141, 2);
  await record('2025-01', 181, 3);
  await record('2025-02', 102, 0);
  await record('2025-02', 142, 3);
});
afterAll(() => place[Symbol.asyncDispose]());

test('those that are not resolved are counted', async () => {
  expect((await verify(false)).compared).toMatchObject({ contradictions: 3 });
});

test('one that cannot be repaired does not make others of its subject, metric or period seem so', async () => {
  const rows = await db.contradiction.findMany({ orderBy: [{ gap: 'asc' }, { id: 'asc' }] });
  const [stubborn] = rows.filter(({ periods }) => periods[0] === '2025-01');
  await db.$executeRaw`update "Contradiction" set gap = gap + 7, explanation = 'Because of ' || gap`;
  await db.$executeRawUnsafe(`
    create function keep_wrong() returns trigger language plpgsql as $$ begin return null; end $$;`);
  await db.$executeRawUnsafe(`
    create trigger keep_wrong before update on "Contradiction" for each row when (old.id = ${stubborn?.id}) execute function keep_wrong()`);
  const { told } = await verify(true);
  const about = (period: string) => `brand DELIVERIES, a contradiction about ${period}`;
  expect(told.map((one) => one.about).sort()).toEqual([about('2025-01'), about('2025-01'), about('2025-02')]);
  expect(told.filter(({ repaired }) => !repaired)).toMatchObject([
    {
      about: about('2025-01'),
      kept: expect.stringMatching(/^SAME_PERIOD of brand in 2025-01 by 47, figures .+ set aside: Because of 40$/),
      recomputed: expect.stringMatching(/^SAME_PERIOD of brand in 2025-01 by 40, figures .+ set aside: Of 2025-01, /),
    },
  ]);
  expect((await verify(false)).told).toHaveLength(1);
});

async function verify(repair: boolean) {
  const told: ReportedDifference[] = [];
  const compared = await verifyDatabase(db, repair, (one) => told.push(one));
  return { compared, told };
}
