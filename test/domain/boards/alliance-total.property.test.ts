import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { type BasisName, readAllianceTotal, type TotalData } from '../../../src/domain/boards/alliance-total.ts';
import { joinAlliance, leaveAlliance } from '../../../src/domain/editing/memberships.ts';
import { recordFigures } from '../../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import {
  monthsOf,
  type Period,
  parsePeriod,
  periodFromDays,
  periodsBetween,
} from '../../../src/domain/values/period.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

const MONTHS = periodsBetween('MONTH', '2025-01-01', '2025-12-31');
const PERIODS = ['2025', '2025-Q1', '2025-Q3', '2025-03', '2025-02/2025-07', '2025-04/2025-12'].map(
  (text) => parsePeriod(text) as Period,
);
/** Each makes an alliance in the database. */
const RUNS = { numRuns: 6, interruptAfterTimeLimit: 15_000 };

/** A brand's time in the alliance, by the months of 2025, and what it delivered in each of them; null: unknown. */
interface Member {
  readonly joinedOn: string | null;
  readonly leftOn: string | null;
  readonly delivered: readonly (number | null)[];
}

const anyDelivered = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.nat(50_000), { minLength: 12, maxLength: 12 }) },
  { weight: 2, arbitrary: fc.array(fc.option(fc.nat(50_000), { freq: 5 }), { minLength: 12, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant<null[]>(Array(12).fill(null)) },
);
const anyMember: fc.Arbitrary<Member> = fc
  .record({
    joined: fc.option(fc.nat(11)),
    stayed: fc.option(fc.integer({ min: 1, max: 11 }), { freq: 2 }),
    toTheDay: fc.boolean(),
    delivered: anyDelivered,
  })
  .map(({ joined, stayed, toTheDay, delivered }) => {
    const dateOf = (month: number) => (MONTHS[month] as Period).text + (toTheDay ? '-15' : '');
    const left = stayed === null ? null : (joined ?? 0) + stayed;
    return {
      joinedOn: joined === null ? null : dateOf(joined),
      leftOn: left === null || left > 11 ? null : dateOf(left),
      delivered,
    };
  });
const anyMembers = fc.array(anyMember, { minLength: 1, maxLength: 4 });

let place: TestDatabase;
let db: PrismaClient;
let sourceId: number;
let alliances = 0;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  const publisher = { slug: 'publisher', name: 'Publisher', tier: 1 };
  sourceId = (await registerSource(db, { publisher, title: 'Document' })).source.id;
});

afterAll(() => place[Symbol.asyncDispose]());

test('the total is the sum of the months in which each brand counts, with its coverage and its gaps', async () => {
  await fc.assert(
    fc.asyncProperty(anyMembers, async (members) => {
      const allianceId = await makeAlliance(members);
      for (const period of PERIODS) {
        for (const basis of ['AS_MEMBERS', 'FULL_HISTORY'] as const) {
          const total = await totalOf(allianceId, period, basis);
          expect([period.text, summaryOf(total)]).toEqual([period.text, expected(members, period, basis)]);
        }
      }
    }),
    RUNS,
  );
});

test('the months add up to the year, for brands that come and go', async () => {
  await fc.assert(
    fc.asyncProperty(anyMembers, async (members) => {
      const allianceId = await makeAlliance(members);
      const year = await totalOf(allianceId, PERIODS[0] as Period, 'AS_MEMBERS');
      let lower = 0;
      const missing = new Set<string>();
      for (const month of MONTHS) {
        const total = await totalOf(allianceId, month, 'AS_MEMBERS');
        lower += total.lower ?? 0;
        for (const { text } of total.missing) missing.add(text);
      }
      expect(year.lower ?? 0).toBe(lower);
      expect(gapsOf(year)).toEqual([...missing].sort());
    }),
    RUNS,
  );
});

test('a stated value of the alliance itself wins over the sum, with no more gaps than before', async () => {
  await fc.assert(
    fc.asyncProperty(anyMembers, fc.nat(900_000), async (members, value) => {
      const allianceId = await makeAlliance(members);
      const period = PERIODS[0] as Period;
      const sum = await totalOf(allianceId, period, 'AS_MEMBERS');
      const { slug } = await db.subject.findUniqueOrThrow({ where: { id: allianceId } });
      await recordFigures(db, [figureOf(slug, period, value)]);
      const total = await totalOf(allianceId, period, 'AS_MEMBERS');
      const said = { value, lower: value, upper: value, qualifier: 'EXACT', method: 'ASSERTED' };
      expect(total).toMatchObject({ ...said, memberCount: sum.memberCount });
      // What the members leave of it can fill a gap of one of them, and never makes one.
      expect(total.membersWithData).toBeGreaterThanOrEqual(sum.membersWithData);
      expect(gapsOf(sum)).toEqual(expect.arrayContaining([...gapsOf(total)]));
      if (sum.missing.length === 0)
        expect(total.parts).toMatchObject(sum.parts.map(({ value: of }) => ({ value: of })));
    }),
    RUNS,
  );
});

/** The same, computed month by month. */
function expected(members: readonly Member[], period: Period, basis: BasisName) {
  const months = monthsOf(period) ?? [];
  const counted = members
    .map((member) => months.filter((month) => countsIn(member, month, basis)).map((month) => [member, month] as const))
    .filter((ofMember) => ofMember.length > 0);
  const reportedIn = ([member, month]: readonly [Member, Period]) => member.delivered[indexOf(month)] ?? null;
  const values = counted.flat().flatMap((part) => reportedIn(part) ?? []);
  const isAnythingKnown = counted.flat().some(([{ delivered }]) => delivered.some((value) => value !== null));
  // Of members of which nothing at all is known, the whole time is one gap.
  const gaps = isAnythingKnown
    ? counted.flat().flatMap((part) => (reportedIn(part) === null ? [part[1].text] : []))
    : counted.map((parts) => spanOfMonths(parts.map(([, month]) => month)).text);
  const missing = [...new Set(gaps)];
  const sum = values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
  const isComplete = missing.length === 0;
  const known = { value: isComplete ? sum : null, lower: sum, upper: isComplete ? sum : null };
  return {
    ...known,
    qualifier: sum === null ? null : isComplete ? 'EXACT' : 'OVER',
    membersWithData: counted.filter((ofMember) => ofMember.some((part) => reportedIn(part) !== null)).length,
    memberCount: counted.length,
    missing: missing.sort(),
  };
}

/** The months that lack. */
function gapsOf({ missing }: TotalData): readonly string[] {
  return [...new Set(missing.flatMap((gap) => (monthsOf(gap) ?? []).map(({ text }) => text)))].sort();
}

function spanOfMonths(months: readonly Period[]): Period {
  return periodFromDays(months[0]?.start as string, months.at(-1)?.end as string);
}

function countsIn({ joinedOn, leftOn }: Member, month: Period, basis: BasisName): boolean {
  // All brands that left did so in 2025, and are not members today.
  if (basis === 'FULL_HISTORY') return leftOn === null;
  const joined = joinedOn === null || joinedOn <= month.end;
  return joined && (leftOn === null || month.end < (leftOn.length === 7 ? `${leftOn}-01` : leftOn));
}

function summaryOf({ value, lower, upper, qualifier, membersWithData, memberCount, missing }: TotalData) {
  return {
    ...{ value, lower, upper, qualifier, membersWithData, memberCount },
    missing: missing.map(({ text }) => text).sort(),
  };
}

function totalOf(allianceId: number, period: Period, basis: BasisName): Promise<TotalData> {
  return readAllianceTotal(db, { allianceId, metric: 'DELIVERIES', period, basis, asOf: null });
}

/** Creates an alliance with brands of its own. */
async function makeAlliance(members: readonly Member[]): Promise<number> {
  alliances += 1;
  const slug = `alliance-${alliances}`;
  const { subject } = await createSubject(db, { kind: 'ALLIANCE', slug, name: slug });
  const figures = [];
  for (const [index, { joinedOn, leftOn, delivered }] of members.entries()) {
    const brand = `${slug}-brand-${index}`;
    await createSubject(db, { kind: 'BRAND', slug: brand, name: brand });
    const { membership } = await joinAlliance(db, { alliance: slug, brand, joinedOn });
    if (leftOn !== null) await leaveAlliance(db, membership.id, leftOn);
    for (const [month, value] of delivered.entries()) {
      if (value !== null) figures.push(figureOf(brand, MONTHS[month] as Period, value));
    }
  }
  if (figures.length > 0) await recordFigures(db, figures);
  return subject.id;
}

function figureOf(subject: string, { text: period }: Period, value: number) {
  const common = { metric: 'DELIVERIES', qualifier: 'EXACT', acknowledgeOutlier: true } as const;
  return { ...common, subject, period, value, sourceId };
}

function indexOf(month: Period): number {
  return MONTHS.findIndex(({ text }) => text === month.text);
}
