import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PrismaClient, Source } from '../../src/database/generated/client.ts';
import { recordFigure } from '../../src/domain/figure.ts';
import { reviseFigure, withdrawFigure } from '../../src/domain/figure-revision.ts';
import { announceMilestone } from '../../src/domain/milestone.ts';
import { updateSubject } from '../../src/domain/subject.ts';
import type { Told } from '../../src/domain/verification.ts';
import { verifyDatabase, verifyDerived } from '../../src/domain/verify.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Family, makeFamily, makeSources } from './world.ts';

const onPostgres = inject('backend') === 'postgres';
/** Of two figures each; twice as many figures are more than are read at once. */
const MANY = 1_200;

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

test('a repair writes everything anew that is derived, and leaves alone what is not', async () => {
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
  const derived = await derivedRows();
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
  await run(`insert into "Observation" ("subjectId", metric, period, "periodEnd", slot, value, qualifier, agreement, resolution)
             select "subjectId", metric, period, "periodEnd", concat("subjectId", '|', metric, '|', period, '|'), 7000, 'EXACT', 'SOLE', 'Still.'
               from "Figure" where id = ${taken}`);
  await run(
    `update "Milestone" set status = 'EXPECTED', "windowUntil" = null, "sortOn" = '2020-01-01' where threshold = 10000`,
  );
  await run(`update "Milestone" set "reachedOn" = '1999' where threshold = 50000`);
  const gone = await db.milestone.findFirstOrThrow({ where: { threshold: 10_000, subject: { slug: company } } });
  await run(`delete from "Milestone" where id = ${gone.id}`);
  // What its deletion did to the log is no part of it.
  const lost = await db.change.findMany({ where: { kind: 'MILESTONE', milestoneId: null } });

  const told = await repair();
  expect(told.length).toBeGreaterThan(12);
  const left = told.filter(({ repaired }) => !repaired);
  // Its entry has no milestone any more, and so another digest.
  expect(left.map(({ about }) => about)).toEqual(
    lost.flatMap(({ position }) => Array(2).fill(`the log at ${position}`)),
  );
  expect(await derivedRows()).toEqual(derived);
  expect({ ...(await givenRows()), changes: [] }).toEqual({ ...given, changes: [] });
  const { differences } = await verifyDerived(db);
  expect(differences.map(({ about }) => about)).toEqual(left.map(({ about }) => about));
  await run(`update "Milestone" set id = ${gone.id} where threshold = 10000 and "subjectId" = ${gone.subjectId}`);
  await run(`update "Change" set "milestoneId" = ${gone.id} where kind = 'MILESTONE' and "milestoneId" is null`);
  expect((await verifyDerived(db)).differences).toEqual([]);
});

test('a repair goes through thousands of figures of one subject, and divides no slot', async () => {
  const subject = await db.subject.create({ data: { kind: 'BRAND', slug: 'daily', name: 'Daily' } });
  await run(`
    insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, lower, upper, qualifier, "sourceId", "knownFrom", "claimKey")
    select ${subject.id}, 'DELIVERIES', day::text, day, day, value, value, value, 'EXACT', source, '2025-01-01',
           concat_ws('|', source, ${subject.id}, 'DELIVERIES', day, '')
      from (select date '2000-01-01' + n / 2 as day, (array[${sources[0]?.id}, ${sources[1]?.id}])[n % 2 + 1] as source, 100 + n % 2 as value
              from generate_series(0, ${MANY * 2 - 1}) n) made`);
  const ofFigures = (told: readonly Told[]) => told.filter(({ about }) => /^daily DELIVERIES \S+$/.test(about));
  const told = await repair();
  expect(ofFigures(told)).toHaveLength(MANY);
  expect(new Set(ofFigures(told).map(({ kept, repaired }) => `${kept} ${repaired}`))).toEqual(
    new Set(['nothing true']),
  );
  expect(await db.observation.count({ where: { subjectId: subject.id, agreement: 'CONFLICTS' } })).toBe(MANY);
  expect(ofFigures(await repair())).toEqual([]);
  await run(`delete from "Observation" where "subjectId" = ${subject.id}`);
  await run(`delete from "Figure" where "subjectId" = ${subject.id}`);
});

if (onPostgres) {
  test('writes in between every two statements of a verification, and of a repair, are no differences', async () => {
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
    // Every statement of the verification comes after a write of somebody else.
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
      const told: Told[] = [];
      await verifyDatabase(disturbed, repairs, (one) => told.push(one));
      expect(told).toEqual([]);
      expect(turn).toBeGreaterThan(20);
    }
    expect((await verifyDerived(db)).differences).toEqual([]);
  });
}

function run(sql: string): Promise<number> {
  return db.$executeRawUnsafe(sql);
}

async function repair(): Promise<readonly Told[]> {
  const told: Told[] = [];
  await verifyDatabase(db, true, (one) => told.push(one));
  return told;
}

async function record(subject: string, period: string, value: number, source = 0): Promise<number> {
  const claim = { subject, metric: 'DELIVERIES', qualifier: 'EXACT', acknowledgeOutlier: true } as const;
  const { figures } = await recordFigure(db, { ...claim, period, value, sourceId: sources[source]?.id ?? null });
  return figures[0]?.id as number;
}

async function revise(id: number, value: number): Promise<number> {
  const { figures } = await reviseFigure(db, id, { value, qualifier: 'EXACT', reason: 'Restated.' });
  return figures[0]?.id as number;
}

/** Everything that is derived, without the numbers of rows. */
async function derivedRows() {
  const observations = await db.observation.findMany({ orderBy: { slot: 'asc' }, omit: { id: true } });
  const milestones = await db.milestone.findMany({ orderBy: { key: 'asc' }, omit: { id: true, createdAt: true } });
  return { observations, milestones };
}

async function givenRows() {
  return {
    figures: await db.figure.findMany({ orderBy: { id: 'asc' } }),
    claims: await db.milestoneClaim.findMany({ orderBy: { id: 'asc' } }),
    changes: await db.change.findMany({ orderBy: { position: 'asc' } }),
  };
}
