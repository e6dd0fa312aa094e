import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FigureInput } from '../../../src/domain/claims/figure-input.ts';
import { recordFigures } from '../../../src/domain/editing/record-figures.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { numbersFrom, seedOfRun } from '../../support/random.ts';

const WRITES = 80;
const VERIFIED_EVERY = 10;
const SUBJECTS = ['aurora', 'borealis', 'corona'];
const METRICS = ['DELIVERIES', 'DELIVERIES', 'DELIVERIES', 'PRODUCTION', 'CHARGING_STATIONS'] as const;

let place: TestDatabase;
let db: TestDatabase['database']['client'];
let sourceId = 0;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  for (const slug of SUBJECTS) await createSubject(db, { kind: 'BRAND', slug, name: slug, parent: null });
  const publisher = await db.publisher.create({ data: { slug: 'press', name: 'Press', tier: 3 } });
  sourceId = (await db.source.create({ data: { publisherId: publisher.id, title: 'One', identity: 'one' } })).id;
});

afterAll(() => place[Symbol.asyncDispose]());

test('what is kept of brands without relatives is right after figures of years near and apart', {
  timeout: 300_000,
}, async () => {
  const seed = seedOfRun();
  const random = numbersFrom(seed);
  const pick = <One>(some: readonly One[]): One => some[random(some.length)] as One;
  const recorded = new Set<string>();
  const drawn = (): FigureInput => {
    const year = 2015 + random(9);
    const month = String(1 + random(12)).padStart(2, '0');
    const periods = [`${year}-Q${1 + random(4)}`, `${year}`, `${year}-10/${year + 1}-03`, `../${year}-${month}-28`];
    const period = random(10) < 8 ? `${year}-${month}` : pick(periods);
    const metric = pick(METRICS);
    return {
      ...{
        subject: pick(SUBJECTS),
        metric,
        period: metric === 'CHARGING_STATIONS' ? `../${year}-${month}-28` : period,
      },
      ...{ value: 100 + random(3), qualifier: pick(['EXACT', 'EXACT', 'OVER', 'ABOUT']), sourceId },
      acknowledgeOutlier: true,
    };
  };
  for (let written = 1; written <= WRITES; written += 1) {
    const batch = Array.from({ length: 1 + random(3) }, drawn).filter(({ subject, metric, period }) => {
      const slot = `${subject} ${metric} ${period}`;
      return !recorded.has(slot) && recorded.add(slot);
    });
    if (batch.length > 0) await recordFigures(db, batch);
    if (written % VERIFIED_EVERY === 0)
      expect((await verifyDerived(db)).differences, `with the seed ${seed}, after ${written} writes`).toEqual([]);
  }
});
