import type { PrismaClient } from '../../../src/database/generated/client.ts';
import type { FigureInput } from '../../../src/domain/claims/figure-input.ts';
import { rankFigure, withdrawFigure } from '../../../src/domain/editing/amend-figures.ts';
import { joinAlliance, leaveAlliance } from '../../../src/domain/editing/memberships.ts';
import { announceMilestone } from '../../../src/domain/editing/milestones.ts';
import { recordFigures } from '../../../src/domain/editing/record-figures.ts';
import { reviseFigure } from '../../../src/domain/editing/revise-figures.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject, updateSubject } from '../../../src/domain/editing/subjects.ts';
import { parsePeriod, periodsBetween } from '../../../src/domain/values/period.ts';
import { BadInput } from '../../../src/errors.ts';
import { present } from '../../../src/required.ts';

const BRANDS = ['one', 'two', 'three', 'part', 'lone'];
const COMPANIES = ['whole', 'other-whole'];
const SUBJECTS = [...BRANDS, ...COMPANIES, 'union'];
/** Three that count the same vehicles, so that what one says about a disputed period can decide about another. */
const METRICS = ['DELIVERIES', 'DELIVERIES', 'SALES', 'SALES', 'WHOLESALE', 'PRODUCTION'] as const;
const MONTHS = Array.from(
  { length: 14 },
  (_none, month) => `${2024 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`,
);
const PERIODS = [
  ...[...MONTHS, ...MONTHS],
  ...['2024-Q1', '2024-Q3', '2024-Q4', '2024-H1', '2024', '2025-01-14', '2025-W05', '2024-05/2024-08'],
  ...['../2024-03-31', '../2024-12-31', '../2025-02-28', '../2025-01-12'],
];
/** What the brands really counted in a month. */
const VALUES = [1_010, 1_041, 1_099, 1_100];
/** By how much a source may be wrong: few numbers, so that sources agree in what is wrong as well, also across metrics. */
const ERRORS = [31, 58, -31];
/** What one of the values is above another, to the place at which a source states it; and one that fits nothing. */
const PERCENTS = [3.1, 3.07, 8.8, 5.6, -3];

/**
 * Makes a family, and returns a function that does writes of a random kind about it and says how many: several claims at once, as an import
 * does, or none where they are refused.
 */
export async function makeRandomWrites(
  db: PrismaClient,
  pick: (below: number) => number,
): Promise<() => Promise<number>> {
  const among = <One>(all: readonly One[]): One => all[pick(all.length)] as One;
  for (const slug of COMPANIES) await createSubject(db, { kind: 'COMPANY', slug, name: slug });
  await createSubject(db, { kind: 'ALLIANCE', slug: 'union', name: 'union' });
  await createSubject(db, { kind: 'MARKET', slug: 'market', name: 'market' });
  for (const slug of ['one', 'two', 'three'])
    await createSubject(db, { kind: 'BRAND', slug, name: slug, parent: 'whole' });
  await createSubject(db, { kind: 'BRAND', slug: 'part', name: 'part', parent: 'three' });
  await createSubject(db, { kind: 'BRAND', slug: 'lone', name: 'lone', parent: 'other-whole' });
  const sources: number[] = [];
  /** A new document of one of a few publishers, so that no claim is refused because its source said something else before. */
  const newSource = async (): Promise<number> => {
    const index = pick(6);
    const publisher = { slug: `press-${index}`, name: `Press ${index}`, tier: 1 + (index % 4) };
    const { source } = await registerSource(db, { publisher, title: `Figures, part ${sources.length}` });
    sources.push(source.id);
    return source.id;
  };
  /** Mostly the truth or a few numbers beside it, and sometimes anything. */
  const anyValue = (subject: string, period: string): number => {
    if (pick(30) === 0) return pick(2) === 0 ? 100 * pick(300) : pick(30_000);
    const truth = truthOf(subject, period);
    return pick(3) > 0 ? truth : Math.max(0, truth + among(ERRORS));
  };
  const anyClaim = (sourceId: number, metric: FigureInput['metric']): FigureInput => {
    const [subject, period] = [among(SUBJECTS), among(PERIODS)];
    return {
      ...{ subject, metric, period, sourceId, value: anyValue(subject, period), acknowledgeOutlier: true },
      qualifier: among(['EXACT', 'EXACT', 'EXACT', 'EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER'] as const),
      statedChangePercent: pick(4) === 0 ? among(PERCENTS) : null,
    };
  };
  /** Records claims of one source, each about another slot. */
  const record = async (claims: readonly FigureInput[]): Promise<number> => {
    const distinct = [...new Map(claims.map((one) => [`${one.subject} ${one.metric} ${one.period}`, one])).values()];
    const { figures } = await recordFigures(db, distinct);
    current.push(...figures.map(({ id }) => id));
    return distinct.length;
  };
  const current: number[] = [];
  const taken = (): number | null =>
    current.length === 0 ? null : present(current.splice(pick(current.length), 1)[0]);
  /** Each does some writes, and says how many. */
  const kinds: readonly (() => Promise<number>)[] = [
    ...Array.from({ length: 6 }, () => async () => {
      const sourceId = await newSource();
      const metric = among(METRICS);
      return record(Array.from({ length: 1 + pick(12) }, () => anyClaim(sourceId, metric)));
    }),
    async () => {
      const sourceId = await newSource();
      return record(Array.from({ length: 1 + pick(60) }, () => anyClaim(sourceId, among(METRICS))));
    },
    async () => {
      const share = { metric: 'MARKET_SHARE', within: 'market', value: among([7, 7.1, 9.5]) } as const;
      const slot = { subject: among(BRANDS), period: among(MONTHS) };
      return record([{ ...slot, ...share, sourceId: await newSource(), qualifier: 'EXACT', acknowledgeOutlier: true }]);
    },
    async () => {
      const milestone = { kind: 'UNITS', metric: among(METRICS), threshold: among([10_000, 12_000, 50_000]) } as const;
      const reachedOn = among(['2024-05-20', '2024-11', '2025', '2025-02-11']);
      const subject = among(SUBJECTS);
      await announceMilestone(db, { ...milestone, subject, title: 'Units', reachedOn, sourceId: await newSource() });
      return 1;
    },
    async () => {
      const id = taken();
      if (id === null) return 0;
      const { subject, period } = await db.figure.findUniqueOrThrow({
        where: { id },
        select: { period: true, subject: { select: { slug: true } } },
      });
      const value = anyValue(subject.slug, period);
      const input = { value, qualifier: 'EXACT' as const, reason: 'Again', acknowledgeOutlier: true };
      const { figures } = await reviseFigure(db, id, { ...input, sourceId: await newSource() });
      current.push(present(figures[0]).id);
      return 1;
    },
    async () => {
      await withdrawFigure(db, taken(), 'It was wrong');
      return 1;
    },
    async () => {
      const id = taken();
      await rankFigure(db, id, among(['PREFERRED', 'NORMAL', 'DEPRECATED'] as const), `Checked ${pick(1_000_000)}`);
      current.push(present(id));
      return 1;
    },
    async () => {
      const brand = among(BRANDS);
      await updateSubject(
        db,
        brand,
        among([
          { parent: 'whole' },
          { parent: 'other-whole' },
          { firstDeliveryOn: '2024-03' },
          { firstDeliveryOn: null },
          { launchedOn: '2024-02-20' },
          { launchedOn: null },
        ]),
      );
      return 1;
    },
    async () => {
      await updateSubject(db, among(COMPANIES), { brandsComplete: pick(3) > 0 });
      return 1;
    },
    async () => {
      await joinAlliance(db, {
        alliance: 'union',
        brand: among(BRANDS),
        joinedOn: among(['2024-02-10', '2025-01-01', null]),
      });
      return 1;
    },
    async () => {
      const open = await db.membership.findMany({ where: { leftOn: null } });
      if (open.length === 0) return 0;
      await leaveAlliance(db, among(open).id, among(['2024-09-01', '2024-12-15', '2025-01-20']));
      return 1;
    },
  ];
  return () =>
    among(kinds)().catch((error: unknown) => {
      // What is refused, such as another value of the same source, writes nothing.
      if (error instanceof BadInput) return 0;
      throw error;
    });
}

/** What was really counted: of brands some of the few values a month, of companies and the alliance what their brands counted at first. */
function truthOf(subject: string, period: string): number {
  const { start, end } = present(parsePeriod(period));
  const months = periodsBetween('MONTH', start ?? '2024-01-01', end);
  const brands = { whole: ['one', 'two', 'three'], 'other-whole': ['lone'], union: ['one', 'lone'] }[subject] ?? [
    subject,
  ];
  const counted = brands.flatMap((brand) =>
    months.map(({ text }) => {
      const value = present(VALUES[(BRANDS.indexOf(brand) + Number(text.slice(5))) % VALUES.length]);
      return brand === 'part' ? value - 1_000 : value;
    }),
  );
  const sum = counted.reduce((total, value) => total + value, 0);
  // A day or a week.
  return start !== null && months.length === 1 && period.length > 7 ? Math.floor(sum / 30) : sum;
}
