import fc from 'fast-check';
import type { Relatives } from '../../src/domain/catalog/families.ts';
import { type Span, spanOf } from '../../src/domain/estimates/spans.ts';
import type { SpanClaim } from '../../src/domain/estimates/weighing.ts';
import { dayNumber, firstDayOfMonth } from '../../src/domain/values/calendar.ts';
import { boundsOf, type Interval, type Qualifier } from '../../src/domain/values/interval.ts';
import { parsePeriod, periodsBetween } from '../../src/domain/values/period.ts';
import { present, required } from '../../src/required.ts';
import { relativeOf } from './histories.ts';

const MONTHS = periodsBetween('MONTH', '2024-01-01', '2025-06-30').map(({ text, start, end }) => ({
  text,
  first: dayNumber(present(start)),
  last: dayNumber(end),
}));
const PERIODS = [
  ...MONTHS.map(({ text }) => text),
  ...['2024-Q1', '2024-Q2', '2024-Q3', '2024-Q4', '2025-Q1', '2024-H1', '2024-H2', '2025-H1', '2024'],
  ...[
    '2025-03-14',
    '2024-02-29',
    '2025-W01',
    '2025-W10',
    '2024-05/2024-08',
    '2024-11/2025-02',
    '2024-05-10/2024-06-09',
  ],
  ...['../2023-12-31', '../2024-02-29', '../2024-03-31', '../2024-12-31', '../2025-05-12', '../2025-05-31'],
];

/** The subjects of a world: a company over two brands, one of which has a part; an alliance of the other one and of another maker's brand. */
const IDS = { company: 1, brand: 2, other: 3, part: 4, alliance: 5, mate: 6, mateCompany: 7 } as const;

/** What is counted by nobody else. The rests are what a brand counts beside its part, and a company beside the brands that are recorded. */
const COUNTED = ['part', 'restOfBrand', 'other', 'mate', 'restOfCompany'] as const;
type Counted = (typeof COUNTED)[number];

/** A family, and how much each of its subjects really counted. */
export interface World {
  readonly relatives: Relatives;
  readonly truth: (id: number, span: Span) => number;
}

const anyUnits = fc.record({
  before: fc.oneof(fc.constant(0), fc.nat(9_000)),
  monthly: fc.array(fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(900) }), {
    ...{ minLength: MONTHS.length, maxLength: MONTHS.length },
  }),
});

export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    units: fc.tuple(...COUNTED.map(() => anyUnits)),
    brandsComplete: fc.boolean(),
    launch: fc.option(fc.integer({ min: 1, max: 12 })),
    joinedOn: fc.constantFrom(null, '2024-05-17', '2024-05-31', '2024-06-01', '2024-05', '2024'),
    leftOn: fc.constantFrom(null, null, '2025-02-10', '2025-02-01', '2025-02'),
  })
  .map(({ units, brandsComplete, launch, joinedOn, leftOn }) => {
    const counted = new Map(COUNTED.map((name, index): [Counted, Units] => [name, present(units[index])]));
    if (launch !== null) counted.set('other', launchedIn(launch, required(counted, 'other')));
    const { company, brand, other, part, alliance, mate, mateCompany } = IDS;
    const firstDeliveryOn = launch === null ? null : present(MONTHS[launch]).text;
    const count = (name: Counted, span: Span) => countIn(required(counted, name), span);
    const truth = (id: number, span: Span): number => {
      switch (id) {
        case company:
          return truth(brand, span) + truth(other, span) + (brandsComplete ? 0 : count('restOfCompany', span));
        case brand:
          return count('part', span) + count('restOfBrand', span);
        case other:
          return count('other', span);
        case part:
          return count('part', span);
        case alliance: {
          const inside = withinMonths(span, joinedOn, leftOn);
          return count('mate', span) + (inside === null ? 0 : count('other', inside));
        }
        default:
          return count('mate', span);
      }
    };
    const subjects = [
      relativeOf(company, 'COMPANY', { brandsComplete }),
      relativeOf(brand, 'BRAND', { parentId: company }),
      relativeOf(other, 'BRAND', { parentId: company, firstDeliveryOn }),
      relativeOf(part, 'BRAND', { parentId: brand }),
      relativeOf(alliance, 'ALLIANCE'),
      relativeOf(mate, 'BRAND', { parentId: mateCompany }),
      relativeOf(mateCompany, 'COMPANY'),
    ];
    const memberships = [
      { allianceId: alliance, brandId: other, joinedOn, leftOn },
      { allianceId: alliance, brandId: mate, joinedOn: null, leftOn: null },
    ];
    return { relatives: { subjects, memberships }, truth };
  });

interface Units {
  readonly before: number;
  readonly monthly: readonly number[];
}

function launchedIn(launch: number, { monthly }: Units): Units {
  return { before: 0, monthly: monthly.map((units, month) => (month < launch ? 0 : units)) };
}

function countIn(units: Units, { after, through }: Span): number {
  return countTo(units, through) - (after === null ? 0 : countTo(units, after));
}

/** The count to the end of a day, with the units of a month evenly over its days. */
function countTo({ before, monthly }: Units, day: number): number {
  return MONTHS.reduce((sum, { first, last }, month) => {
    const days = Math.min(Math.max(day + 1 - first, 0), last + 1 - first);
    return sum + Math.floor((present(monthly[month]) * days) / (last + 1 - first));
  }, before);
}

/** The days of a span in the months in which a brand is a member. Null: there are none. */
function withinMonths({ after, through }: Span, joinedOn: string | null, leftOn: string | null): Span | null {
  const monthOf = (date: string): number => dayNumber(firstDayOfMonth(`${date}-01-01`.slice(0, 10)));
  const from = joinedOn === null ? after : Math.max(after ?? -Infinity, monthOf(joinedOn) - 1);
  const to = leftOn === null ? through : Math.min(through, monthOf(leftOn) - 1);
  return from === null || from < to ? { after: from, through: to } : null;
}

/** A claim before it is known what is true. */
interface Drawn {
  readonly id: number;
  readonly period: string;
  readonly qualifier: Qualifier;
  readonly slack: number;
  /** By how much it misses the truth. */
  readonly error: number;
  readonly others: Pick<SpanClaim, 'rank' | 'origin' | 'publisher' | 'tier' | 'publishedOn' | 'statedChangePercent'>;
}

/** Claims about a world, by subject. Some of them miss the truth by one of the errors. */
export function anyClaims(world: World, errors: readonly number[]): fc.Arbitrary<ReadonlyMap<number, SpanClaim[]>> {
  return fc.array(anyDrawn(errors), { minLength: 3, maxLength: 50, size: 'max' }).map((drawn) => {
    const claims = new Map<number, SpanClaim[]>();
    for (const [index, one] of drawn.entries()) {
      const claim = claimOf(world, one, index + 1);
      claims.set(one.id, [...(claims.get(one.id) ?? []), claim]);
    }
    return claims;
  });
}

function anyDrawn(errors: readonly number[]): fc.Arbitrary<Drawn> {
  return fc.record({
    id: fc.constantFrom(...Object.values(IDS)),
    period: fc.constantFrom(...PERIODS),
    qualifier: fc.constantFrom<Qualifier[]>('EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER', 'BETWEEN'),
    slack: fc.nat(50),
    error: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(0, ...errors) }),
    others: fc
      .record({
        publisher: fc.nat(7),
        tier: fc.integer({ min: 1, max: 4 }),
        rank: fc.oneof(
          { weight: 20, arbitrary: fc.constant<SpanClaim['rank']>('NORMAL') },
          { weight: 1, arbitrary: fc.constantFrom<SpanClaim['rank'][]>('PREFERRED', 'DEPRECATED') },
        ),
        publishedOn: fc.option(fc.integer({ min: dayNumber('2025-07-01'), max: dayNumber('2025-08-20') })),
        statedChangePercent: fc.option(fc.integer({ min: -50, max: 50 }), { freq: 1 }),
      })
      .map(({ publisher, ...more }) => {
        const slug = `publisher-${publisher}`;
        return { ...more, origin: slug, publisher: { slug, name: slug } };
      }),
  });
}

function claimOf(
  { truth }: World,
  { id: subjectId, period, qualifier, slack, error, others }: Drawn,
  id: number,
): SpanClaim {
  const span = spanOf(present(parsePeriod(period)));
  const count = Math.max(0, truth(subjectId, span) + error);
  // Its own title tells it from all others, whatever its id is.
  const about = { subjectId, metric: 'DELIVERIES', period, ...span } as const;
  return { id, ...about, ...statedAs(qualifier, count, slack), ...others, title: `Document ${id}` };
}

function statedAs(
  qualifier: Qualifier,
  count: number,
  slack: number,
): { readonly value: number | null; readonly bounds: Interval; readonly qualifier: Qualifier } {
  const value = {
    EXACT: count,
    ABOUT: Math.round(count / 100) * 100,
    OVER: Math.max(0, count - slack),
    UNDER: count + slack,
  };
  if (qualifier === 'BETWEEN') {
    return { qualifier, value: null, bounds: { lower: Math.max(0, count - slack), upper: count + slack } };
  }
  // Nothing is about 0.
  const stated = qualifier === 'ABOUT' && value.ABOUT === 0 ? 'EXACT' : qualifier;
  return { qualifier: stated, value: value[stated], bounds: boundsOf(stated, value[stated]) };
}
