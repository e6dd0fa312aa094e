import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { joinAlliance } from '../../../src/domain/editing/memberships.ts';
import { announceMilestone } from '../../../src/domain/editing/milestones.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import type { ReportedDifference } from '../../../src/domain/verify/verification.ts';
import { verifyDatabase, verifyDerived } from '../../../src/domain/verify/verify.ts';
import { present } from '../../../src/required.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { derivedRows } from '../../support/derived-rows.ts';
import { makeFamily, makeSources } from './scenario.ts';

let place: TestDatabase;
let db: PrismaClient;
let whole: Awaited<ReturnType<typeof derivedRows>>;
let company: string;
let brand: string;
let other: string;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  const sources = await makeSources(db);
  const { slugs } = await makeFamily(db);
  [company, brand, other] = [present(slugs[0]), present(slugs[1]), present(slugs[2])];
  await createSubject(db, { kind: 'ALLIANCE', slug: 'alliance', name: 'Alliance' });
  await createSubject(db, { kind: 'MARKET', slug: 'market', name: 'Market' });
  await createSubject(db, { kind: 'BRAND', slug: 'stranger', name: 'Stranger' });
  await joinAlliance(db, { alliance: 'alliance', brand });
  const record = (subject: string, period: string, value: number, source = 0, more: object = {}) =>
    recordFigure(db, {
      ...{ subject, metric: 'DELIVERIES', period, value, qualifier: 'EXACT', acknowledgeOutlier: true, ...more },
      sourceId: present(sources[source]).id,
    });
  await record(brand, '2025-01', 9_010);
  await record(brand, '2025-02', 8_020);
  await record(other, '2025-01', 5_030);
  await record(other, '2025-02', 4_040);
  // The press contradicts a month of the brand, and the company the sum of its brands.
  await record(brand, '2025-01', 9_301, 3);
  await record(company, '2025-02', 12_345, 3);
  const share = { metric: 'MARKET_SHARE', within: 'market' };
  await record(brand, '2025-02', 11, 0, share);
  await record(brand, '2025-02', 13, 3, share);
  await announceMilestone(db, {
    ...{ subject: brand, kind: 'UNITS', metric: 'DELIVERIES', threshold: 15_000, title: 'So many' },
    ...{ reachedOn: '2025-02-10', sourceId: present(sources[0]).id },
  });
  const launch = { subject: other, kind: 'LAUNCH', title: 'A new one', reachedOn: '2024-04' } as const;
  await announceMilestone(db, { ...launch, sourceId: present(sources[0]).id });
  whole = await derivedRows(db);
});

afterAll(() => place[Symbol.asyncDispose]());

test('everything that is tampered with below is there', () => {
  const { observations, contradictions, milestones } = whole;
  expect(new Set(observations.map(({ method }) => method))).toEqual(new Set(['ASSERTED', 'DERIVED']));
  expect(new Set(contradictions.map(({ kind, metric }) => `${kind} ${metric}`))).toEqual(
    new Set(['SAME_PERIOD DELIVERIES', 'WHOLE_AND_PARTS DELIVERIES', 'SAME_PERIOD MARKET_SHARE']),
  );
  expect(new Set(milestones.map(({ status }) => status))).toEqual(new Set(['DETECTED', 'CONFIRMED', 'ANNOUNCED']));
});

describe('is found and mended:', () => {
  const ofSlot = (slug: string, period: string, metric = 'DELIVERIES'): string =>
    `"subjectId" = (select id from "Subject" where slug = '${slug}') and period = '${period}' and metric = '${metric}'`;

  /** What is done, and what the differences are about. */
  const TAMPERINGS: readonly (readonly [what: string, sql: () => string, about: () => readonly string[]])[] = [
    [
      'the value of a claimed month',
      () => `update "Observation" set value = 9011 where ${ofSlot(brand, '2025-01')}`,
      () => [`${brand} DELIVERIES 2025-01`],
    ],
    [
      'the lower bound of a quarter that follows from its months',
      () => `update "Observation" set lower = 18000 where ${ofSlot(brand, '2025-Q1')}`,
      () => [`${brand} DELIVERIES 2025-Q1`],
    ],
    [
      'the upper bound of a total to date that follows from months',
      () => `update "Observation" set upper = 5 where ${ofSlot(brand, '../2025-01-31')}`,
      () => [`${brand} DELIVERIES ../2025-01-31`],
    ],
    [
      'the value of a company that follows from its brands',
      () => `update "Observation" set value = 1 where ${ofSlot(company, '2025-01')}`,
      () => [`${company} DELIVERIES 2025-01`],
    ],
    [
      'what an alliance has of its members',
      () => `update "Observation" set lower = lower + 1, missing = '{}' where ${ofSlot('alliance', '2025-H1')}`,
      () => ['alliance DELIVERIES 2025-H1'],
    ],
    [
      'a share',
      () => `update "Observation" set value = 12 where ${ofSlot(brand, '2025-02', 'MARKET_SHARE')}`,
      () => [`${brand} MARKET_SHARE 2025-02`],
    ],
    [
      'a claimed and a derived observation that are gone',
      () => `delete from "Observation" where ${ofSlot(brand, '2025-02')} or ${ofSlot(company, '2025')}`,
      () => [`${brand} DELIVERIES 2025-02`, `${company} DELIVERIES 2025`],
    ],
    [
      'an observation of a metric of which nothing is known',
      () => `insert into "Observation" ("subjectId", metric, period, kind, "periodEnd", slot, qualifier, method, agreement, origins, resolution)
             select id, 'EXPORTS', '2025', 'YEAR', '2025-12-31', 'stray', 'OVER', 'DERIVED', 'SOLE', 0, '' from "Subject" where slug = 'stranger'`,
      () => ['stranger EXPORTS 2025'],
    ],
    ...[
      'gap = gap + 1',
      `explanation = 'Because.'`,
      `kind = 'METRICS'`,
      `periods = '{2025}'`,
      `"setAsideIds" = '{}'`,
    ].map(
      (change) =>
        [
          `a contradiction of the same month: ${change}`,
          () => `update "Contradiction" set ${change} where kind = 'SAME_PERIOD' and metric = 'DELIVERIES'`,
          () => [`${brand} DELIVERIES, a contradiction about 2025-01`],
        ] as const,
    ),
    [
      'the claims of a contradiction',
      () => `update "Contradiction" set "figureIds" = '{1}' where kind = 'WHOLE_AND_PARTS'`,
      () => [`${company} DELIVERIES, a contradiction about 2025-02`],
    ],
    [
      'a contradiction of shares that is said to be resolved',
      () => `update "Contradiction" set "resolvedAt" = now() where metric = 'MARKET_SHARE'`,
      () => [`${brand} MARKET_SHARE, a contradiction about 2025-02`],
    ],
    [
      'a contradiction of which no claim is there',
      () => `insert into "Contradiction" ("subjectId", metric, kind, periods, gap, "figureIds", "setAsideIds", explanation, identity)
             select id, 'EXPORTS', 'SUM', '{2025}', 1, '{}', '{}', 'Nobody says so.', 'stray' from "Subject" where slug = 'stranger'`,
      () => ['stranger EXPORTS, a contradiction about 2025'],
    ],
    [
      'a detected milestone that is said to be withdrawn',
      () => `update "Milestone" set status = 'WITHDRAWN', "windowUntil" = null
              where threshold = 10000 and "subjectId" = (select id from "Subject" where slug = '${company}')`,
      () => [`${company}: Company passes 10,000 deliveries`],
    ],
    [
      'an announced milestone that is said to be disputed',
      () => `update "Milestone" set status = 'DISPUTED' where threshold = 15000`,
      () => [`${brand}: So many`],
    ],
    [
      'what is about two subjects of one family',
      () => `with first as (update "Observation" set lower = 1 where ${ofSlot(company, '2025-H1')})
             update "Milestone" set status = 'EXPECTED', "sortOn" = '2020-01-01' where kind = 'LAUNCH'`,
      () => [`${company} DELIVERIES 2025-H1`, `${other}: A new one`],
    ],
    [
      'a window',
      () => `update "Milestone" set "windowFrom" = '2025-02-02' where threshold = 15000`,
      () => [`${brand}: So many`],
    ],
  ];

  test.each(TAMPERINGS)('%s', async (_what, sql, about) => {
    expect(await db.$executeRawUnsafe(sql())).toBeGreaterThan(0);
    const places = (differences: readonly { readonly about: string }[]) => differences.map((one) => one.about).sort();
    expect(places((await verifyDerived(db)).differences)).toEqual([...about()].sort());
    const mended = await repair();
    expect(places(mended)).toEqual([...about()].sort());
    expect(mended.every(({ repaired }) => repaired)).toBe(true);
    expect((await verifyDerived(db)).differences).toEqual([]);
    const { contradictions, ...others } = await derivedRows(db);
    // A contradiction that nobody finds any more is kept as resolved.
    expect({ ...others, contradictions: contradictions.filter(({ identity }) => identity !== 'stray') }).toEqual(whole);
  });
});

test('contradictions and milestones that are gone are found again, and only their log entries have lost what they are about', async () => {
  await db.$executeRaw`delete from "Contradiction" where metric = 'DELIVERIES'`;
  await db.$executeRaw`delete from "Milestone" where threshold = 10000`;
  const told = await repair();
  const left = told.filter(({ repaired }) => !repaired);
  expect(told.length).toBeGreaterThan(left.length);
  for (const { about } of left) expect(about).toMatch(/^the log at /);
  const { observations, milestones, contradictions } = await derivedRows(db);
  expect({ observations, milestones }).toEqual({ observations: whole.observations, milestones: whole.milestones });
  const open = (rows: typeof contradictions) => rows.filter(({ resolvedAt }) => resolvedAt === null);
  expect(open(contradictions)).toEqual(open(whole.contradictions));
});

async function repair(): Promise<readonly ReportedDifference[]> {
  const told: ReportedDifference[] = [];
  await verifyDatabase(db, true, (one) => told.push(one));
  return told;
}
