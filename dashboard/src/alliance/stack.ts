import { endOf } from '../format/day.ts';
import type { Member, Month } from './alliance-query.ts';

/** A part of a month's bar. */
export interface Segment {
  readonly from: Date;
  readonly to: Date;
  readonly part: string;
  readonly lower: number;
  readonly upper: number;
}

type MonthOf = Pick<Month, 'period' | 'metric' | 'value' | 'periodStart' | 'periodEnd'>;
type MemberOf = Pick<Member, 'joinedOn' | 'leftOn'> & {
  readonly brand: { readonly slug: string; readonly series: { readonly observations: readonly MonthOf[] } };
};

/** A month of the whole with what is known of its members. */
export interface StackedMonth {
  readonly period: string;
  readonly from: string;
  readonly to: string;
  /** Null: not known exactly. */
  readonly total: number | null;
  readonly parts: readonly { readonly slug: string; readonly value: number }[];
  /** How many were members at the end of the month. */
  readonly memberCount: number;
}

/** The months of which the whole or a member is known, the oldest first. Members count in the months at whose end they were members, and only in the metric of the whole. */
export function stackMonths(whole: readonly MonthOf[], members: readonly MemberOf[]): readonly StackedMonth[] {
  const totals = new Map(whole.map((month) => [month.period, month]));
  const months = new Map<string, MonthOf>();
  for (const month of [...members.flatMap(({ brand }) => brand.series.observations), ...whole])
    if (month.value !== null) months.set(month.period, month);
  return [...months.values()]
    .flatMap(({ period, periodStart, periodEnd }) => {
      if (periodStart === null) return [];
      const total = totals.get(period);
      const then = members.filter((member) => isMember(member, periodEnd));
      const parts = then.flatMap(({ brand }) => {
        const own = brand.series.observations.find((month) => month.period === period);
        const isSameMetric = total === undefined || total.value === null || own?.metric === total.metric;
        return own?.value == null || !isSameMetric ? [] : [{ slug: brand.slug, value: own.value }];
      });
      const month = { period, from: periodStart, to: periodEnd, total: total?.value ?? null, parts };
      return [{ ...month, memberCount: then.length }];
    })
    .sort((a, b) => a.from.localeCompare(b.from));
}

/** The part of a bar that no known member accounts for. */
export const REST = '';

/** The bars: the members in their order from below, then what is left of the total. */
export function segmentsOf(months: readonly StackedMonth[]): readonly Segment[] {
  return months.flatMap(({ from, to, parts, total }) => {
    const span = { from: new Date(from), to: endOf(to) };
    let height = 0;
    const segments = parts.map(({ slug, value }) => {
      height += value;
      return { ...span, part: slug, lower: height - value, upper: height };
    });
    return total !== null && total > height
      ? [...segments, { ...span, part: REST, lower: height, upper: total }]
      : segments;
  });
}

function isMember({ joinedOn, leftOn }: MemberOf, day: string): boolean {
  return (joinedOn === null || joinedOn <= day) && (leftOn === null || leftOn > day);
}
