import type { Relative } from '../../src/domain/catalog/families.ts';
import { buildHistories, type HistoryScope, type Knowledge } from '../../src/domain/estimates/history.ts';
import { keptOf } from '../../src/domain/estimates/kept.ts';
import { type SpanClaim, slotsOf } from '../../src/domain/estimates/weighing.ts';
import { dayNumber } from '../../src/domain/values/calendar.ts';
import { boundsOf } from '../../src/domain/values/interval.ts';
import { printTable } from '../fanout/table.ts';
import { type Shape, type Stated, shapeOf, statedAt } from './claims.ts';
import { against, load, median, shown } from './measure.ts';

/** The goal for 300 claims, in milliseconds of CPU. */
const GOAL = { claims: 300, cpuMs: 5 };
const WARM_UP_MS = 2_000;
const MEASURED_MS = 3_000;
const MOST_RUNS = 200;
const FEWEST_RUNS = 5;

const SUBJECT: Relative = {
  ...{ id: 1, slug: 'lone', name: 'Lone', kind: 'BRAND', parentId: null, brandsComplete: true },
  ...{ firstDeliveryOn: null, launchedOn: null },
};
const SCOPE: HistoryScope = { metric: 'DELIVERIES', withinId: null, asOf: null };

/** Measures what it costs to work out everything that is kept of one subject, by the number of its claims. */
export function measureNetwork(sizes: readonly number[]): void {
  const rows: Record<string, string | number>[] = [];
  let base = 0;
  const row = (name: string, claims: readonly SpanClaim[], goal: number | null): void => {
    const { cpuMs, kept } = timeOf(claims);
    if (base === 0) base = cpuMs;
    rows.push({
      claims: name,
      'observations kept': kept,
      'CPU (ms)': against(cpuMs, goal),
      'a claim (µs)': shown((cpuMs / claims.length) * 1_000),
      [`× of ${sizes[0]} claims`]: shown(cpuMs / base),
    });
  };
  for (const size of sizes) row(size.toLocaleString('en'), claimsOf(size), size === GOAL.claims ? GOAL.cpuMs : null);
  const disputed = disputedClaims();
  row(`${disputed.length} with quarters, totals and disputes`, disputed, GOAL.cpuMs);
  printTable(`Working out what is kept of one subject, with ${load()}`, rows);
}

function timeOf(claims: readonly SpanClaim[]): { readonly cpuMs: number; readonly kept: number } {
  const knowledge: Knowledge = {
    slots: new Map([[SUBJECT.id, slotsOf(claims)]]),
    ...{ revised: new Map(), announced: [], elsewhere: new Map(), deliveries: null },
  };
  const run = (): number => {
    const history = buildHistories({ subjects: [SUBJECT], memberships: [] }, SCOPE, knowledge).get(SUBJECT.id);
    return history === undefined ? 0 : keptOf(history).size;
  };
  let kept = 0;
  const repeat = (forMs: number): readonly number[] => {
    const times: number[] = [];
    const end = performance.now() + forMs;
    while (times.length < FEWEST_RUNS || (times.length < MOST_RUNS && performance.now() < end)) {
      const before = process.cpuUsage();
      kept = run();
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1_000);
    }
    return times;
  };
  repeat(WARM_UP_MS);
  return { cpuMs: median(repeat(MEASURED_MS)), kept };
}

function claimsOf(count: number): readonly SpanClaim[] {
  const shape = shapeOf(count);
  return Array.from({ length: count }, (_, index) => {
    const stated = statedAt(shape, Math.floor(index / shape.sources));
    return claimOf(index, stated, index % shape.sources);
  });
}

/** Ten years of claims as makers have them: two sources a month that differ every tenth month, quarters, and totals to every half year's end. */
function disputedClaims(): readonly SpanClaim[] {
  const shape: Shape = { isDaily: false, sources: 2 };
  const months = Array.from({ length: 120 }, (_, index) => statedAt(shape, index));
  const sum = (some: readonly Stated[]): number => some.reduce((total, { value }) => total + value, 0);
  const quarters = months.flatMap((month, index) => {
    if (index % 3 !== 2) return [];
    const ofQuarter = months.slice(index - 2, index + 1);
    const period = `${month.period.slice(0, 4)}-Q${Math.floor((index % 12) / 3) + 1}`;
    return [{ ...month, period, first: ofQuarter[0]?.first ?? month.first, value: sum(ofQuarter) }];
  });
  const totals = months.flatMap((month, index) =>
    index % 6 === 5 ? [{ ...month, period: `../${month.last}`, value: sum(months.slice(0, index + 1)) }] : [],
  );
  return [
    ...months.map((month) => ({ stated: month, publisher: 0 })),
    ...months.map((month, index) => ({
      stated: index % 10 === 9 ? { ...month, value: month.value + 10 } : month,
      publisher: 1,
    })),
    ...quarters.map((quarter) => ({ stated: quarter, publisher: 0 })),
    ...totals.map((total) => ({ stated: total, publisher: 2 })),
  ].map(({ stated, publisher }, index) => claimOf(index, stated, publisher));
}

function claimOf(id: number, { period, first, last, value }: Stated, publisher: number): SpanClaim {
  const slug = `press-${publisher + 1}`;
  return {
    ...{
      id,
      subjectId: 1,
      metric: 'DELIVERIES',
      period,
      value,
      qualifier: 'EXACT',
      bounds: boundsOf('EXACT', value),
      rank: 'NORMAL',
    },
    after: period.startsWith('..') ? null : dayNumber(first) - 1,
    through: dayNumber(last),
    ...{ origin: slug, publisher: { slug, name: slug }, tier: publisher + 1, title: 'Figures' },
    ...{ publishedOn: null, statedChangePercent: null },
  };
}
