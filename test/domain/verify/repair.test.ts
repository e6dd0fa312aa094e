import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PrismaClient, Source } from '../../../src/database/generated/client.ts';
import { withdrawFigure } from '../../../src/domain/editing/amend-figures.ts';
import { announceMilestone } from '../../../src/domain/editing/milestones.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { reviseFigure } from '../../../src/domain/editing/revise-figures.ts';
import { updateSubject } from '../../../src/domain/editing/subjects.ts';
import type { ReportedDifference } from '../../../src/domain/verify/verification.ts';
import { verifyDatabase, verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { derivedRows } from '../../support/derived-rows.ts';
import { type Family, makeFamily, makeSources } from './scenario.ts';

const onPostgres = inject('backend') === 'postgres';
/** Each has two figures; twice as many figures are more than are read at once. */
const MANY = 1_200;
const DISPUTED = MANY / 12;
/**
 * What follows from so many days since 2000: the 40 months, 14 quarters, 7 halves and 4 years in which they are, and the totals to the ends
 * of 39 months.
 */
const DERIVED = 40 + 14 + 7 + 4 + 39;

let place: TestDatabase;
let db: PrismaClient;
let sources: readonly Source[];
let family: Family;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  sources = await makeSources(db);
  family = await makeFamily(db);
});

afterAll(() => place[Symbol.asyncDispose]());

test('a repair rewrites everything that is derived, and leaves everything else alone', async () => {
  const [company, brand, other] = family.slugs as [string, string, string];
  for (const period of ['2025-01', '2025-02', '2025-03', '2025-04', '../2024-12-31']) {
    await record(brand, period, 9_990);
    await record(other, period, 5_000);
    await record(other, period, 5_000, 1);
  }
  const taken = await record(company, '2025-05', 7_000);
  await withdrawFigure(db, taken, 'Taken back.');
  await announceMilestone(db, {
    ...{ subject: brand, kind: 'UNITS', metric: 'DELIVERIES', threshold: 50_000, title: 'So many' },
    ...{ reachedOn: '2025-04', sourceId: sources[0]?.id ?? null },
  });
  const derived = await derivedRows(db);
  const given = await givenRows();
  expect(derived.milestones.length).toBeGreaterThan(3);

  await run(`update "Observation" set value = 1, lower = 1, upper = 1 where period = '2025-01'`);
  await run(
    `update "Observation" set agreement = 'CONFLICTS', resolution = 'Because.', revised = true where period = '2025-02'`,
  );
  await run(`update "Observation" set period = '2025-09', "periodEnd" = '2025-09-30' where period = '2025-03'`);
  await run(`delete from "Observation" where period = '2025-04'`);
  await run(`update "Observation" set "subjectId" = (select id from "Subject" where slug = '${company}'), slot = 'no slot'
              where period = '../2024-12-31' and "subjectId" = (select id from "Subject" where slug = '${brand}')`);
  await run(`insert into "Observation" ("subjectId", metric, period, kind, "periodEnd", slot, value, qualifier, method, agreement, origins, resolution)
             select "subjectId", metric, period, 'MONTH', "periodEnd", concat("subjectId", '|', metric, '|', period, '|'), 7000, 'EXACT', 'ASSERTED', 'SOLE', 1, 'Still.'
               from "Figure" where id = ${taken}`);
  await run(
    `update "Milestone" set status = 'EXPECTED', "windowUntil" = null, "sortOn" = '2020-01-01' where threshold = 10000`,
  );
  await run(`update "Milestone" set "reachedOn" = '1999' where threshold = 50000`);
  const gone = await db.milestone.findFirstOrThrow({ where: { threshold: 10_000, subject: { slug: company } } });
  await run(`delete from "Milestone" where id = ${gone.id}`);
  // What its deletion did to the log is not repaired.
  const lost = await db.change.findMany({
    where: { kind: 'MILESTONE', aboutId: gone.id },
    orderBy: { position: 'asc' },
  });

  const told = await repair();
  expect(told.length).toBeGreaterThan(12);
  const left = told.filter(({ repaired }) => !repaired);
  // Its entries no longer have a milestone, and so have other digests.
  const entries = lost.map(({ position }) => `the log at ${position}`);
  expect(left.map(({ about }) => about)).toEqual([...entries, ...entries]);
  expect(await derivedRows(db)).toEqual(derived);
  expect(await givenRows()).toEqual(given);
  const { differences } = await verifyDerived(db);
  expect(differences.map(({ about }) => about)).toEqual(left.map(({ about }) => about));
  await run(`update "Milestone" set id = ${gone.id} where threshold = 10000 and "subjectId" = ${gone.subjectId}`);
  expect((await verifyDerived(db)).differences).toEqual([]);
});

test('a repair reads thousands of figures of one subject in pieces, and never splits a slot', async () => {
  const subject = await db.subject.create({ data: { kind: 'BRAND', slug: 'daily', name: 'Daily' } });
  await run(`
    insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, lower, upper, qualifier, "sourceId", "knownFrom", "claimKey")
    select ${subject.id}, 'DELIVERIES', day::text, day, day, value, value, value, 'EXACT', source, '2025-01-01',
           concat_ws('|', source, ${subject.id}, 'DELIVERIES', day, '')
      from (select date '2000-01-01' + n / 2 as day, (array[${sources[0]?.id}, ${sources[1]?.id}])[n % 2 + 1] as source, 107 + (n % 24 = 1)::int as value
              from generate_series(0, ${MANY * 2 - 1}) n) made`);
  const ofFigures = (told: readonly ReportedDifference[]) =>
    told.filter(({ about }) => /^daily DELIVERIES \S+$/.test(about));
  const told = await repair();
  expect(ofFigures(told)).toHaveLength(MANY + DERIVED);
  expect(new Set(ofFigures(told).map(({ kept, repaired }) => `${kept} ${repaired}`))).toEqual(
    new Set(['nothing true']),
  );
  const ofSubject = { subjectId: subject.id };
  expect(await db.observation.count({ where: { ...ofSubject, agreement: 'CONFLICTS' } })).toBe(DISPUTED);
  // Of each twelfth day the other source says one more.
  expect(await db.contradiction.count({ where: { ...ofSubject, kind: 'SAME_PERIOD', gap: 1 } })).toBe(DISPUTED);
  expect(ofFigures(await repair())).toEqual([]);
  await db.observation.deleteMany({ where: ofSubject });
  await db.contradiction.deleteMany({ where: ofSubject });
  await db.milestone.deleteMany({ where: ofSubject });
  await db.figure.deleteMany({ where: ofSubject });
});

if (onPostgres) {
  test('writes between any two statements of a verification or a repair are not differences', async () => {
    const [company, brand, other] = (await makeFamily(db)).slugs as [string, string, string];
    let turn = 0;
    let figure = await record(brand, '../2024-12-31', 9_000);
    let value = 9_000;
    const writes = [
      async () => {
        value += 10_000;
        figure = await revise(figure, value);
      },
      () => updateSubject(db, other, { parent: turn % 2 === 0 ? null : company }),
      () => record(brand, `../20${10 + (turn % 10)}-01-${10 + Math.floor(turn / 10)}`, 10 + turn),
      async () => withdrawFigure(db, await record(other, `19${10 + (turn % 90)}`, turn), 'Taken back.'),
    ];
    // Another write comes before every statement of the verification.
    const disturbed = db.$extends({
      query: {
        $allOperations: async ({ args, query }) => {
          if (turn < 90) await writes[turn++ % writes.length]?.();
          return query(args);
        },
      },
    }) as unknown as PrismaClient;
    for (const repairs of [false, true]) {
      turn = 0;
      const told: ReportedDifference[] = [];
      await verifyDatabase(disturbed, repairs, (one) => told.push(one));
      expect(told).toEqual([]);
      expect(turn).toBeGreaterThan(10);
    }
    expect((await verifyDerived(db)).differences).toEqual([]);
  });
}

function run(sql: string): Promise<number> {
  return db.$executeRawUnsafe(sql);
}

async function repair(): Promise<readonly ReportedDifference[]> {
  const told: ReportedDifference[] = [];
  await verifyDatabase(db, true, (one) => told.push(one));
  return told;
}

async function record(subject: string, period: string, value: number, source = 0): Promise<number> {
  const claim = { subject, metric: 'DELIVERIES', qualifier: 'EXACT', acknowledgeOutlier: true } as const;
  const { figures } = await recordFigure(db, { ...claim, period, value, sourceId: sources[source]?.id ?? null });
  return figures[0]?.id as number;
}

async function revise(id: number, value: number): Promise<number> {
  const { figures } = await reviseFigure(db, id, {
    ...{ value, qualifier: 'EXACT', reason: 'Restated.', acknowledgeOutlier: true },
  });
  return figures[0]?.id as number;
}

async function givenRows() {
  return {
    figures: await db.figure.findMany({ orderBy: { id: 'asc' } }),
    claims: await db.milestoneClaim.findMany({ orderBy: { id: 'asc' } }),
    changes: await db.change.findMany({ orderBy: { position: 'asc' } }),
  };
}
