import type { Membership, Metric } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { firstDay, isMemberOn } from '../catalog/memberships.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { readHistories } from '../estimates/knowledge.ts';
import { knownDaysOf, spanOf } from '../estimates/known-days.ts';
import { type Observed, observationOf, sumOfBounds } from '../estimates/observation.ts';
import { addDays, type Day, dayOf, firstDayOfMonth, maxDay, minDay, parsePartialDate } from '../values/calendar.ts';
import {
  consistsOfMonths,
  type DaySpan,
  type Period,
  parsePeriod,
  periodFromDays,
  tilingsOf,
  toDate,
} from '../values/period.ts';

export type BasisName = 'AS_MEMBERS' | 'FULL_HISTORY';

export interface TotalRequest {
  readonly allianceId: number;
  readonly metric: Metric;
  readonly period: Period;
  readonly basis: BasisName;
  readonly asOf: Date | null;
}

/** The total of an alliance, with its coverage and parts. */
export interface TotalData {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly qualifier: Observed['qualifier'] | null;
  readonly method: Observed['method'];
  readonly basis: BasisName;
  readonly membersWithData: number;
  readonly memberCount: number;
  readonly missing: readonly Period[];
  readonly parts: readonly Observed[];
}

/** A brand's observations for the spans of the period in which it counts, and the gaps. */
interface MemberPart {
  readonly observed: readonly Observed[];
  readonly missing: readonly Period[];
}

/**
 * The total of an alliance. AS_MEMBERS: what is known of the alliance itself, of which a brand is a part in the months on whose last day it
 * is a member. FULL_HISTORY: the whole period of today's members counts, and what is known of the alliance is a part of it.
 * Coverage and parts are returned in both cases. Members without data make a sum a lower bound.
 */
export async function readAllianceTotal(db: Db, request: TotalRequest): Promise<TotalData> {
  const { allianceId, metric, period, basis, asOf } = request;
  const memberships = await db.membership.findMany({ where: { allianceId }, orderBy: { id: 'asc' } });
  const counted = countedSpans(memberships, period, basis);
  const histories = await readHistories(db, [allianceId, ...counted.keys()], { metric, withinId: null, asOf });
  const knownDays = spanOf([...counted.keys()].map((brandId) => knownDaysOf(required(histories, brandId))));
  const members = [...counted].map(([brandId, spans]) => partOf(required(histories, brandId), spans, knownDays));
  const withData = members.filter(({ observed }) => observed.length > 0);
  const parts = withData.flatMap(({ observed }) => observed);
  const missing = uniquePeriods(members.flatMap((member) => member.missing));
  const coverage = { basis, membersWithData: withData.length, memberCount: members.length, missing, parts };
  const own = observationOf(required(histories, allianceId), period);
  const isOfMembers = basis === 'AS_MEMBERS' || sameSpans(counted, countedSpans(memberships, period, 'AS_MEMBERS'));
  const sum = sumOfMembers(parts, missing.length > 0);
  // Of months without any member nothing is known of the alliance, but they count nothing here.
  const isSumExact = sum.lower !== null && sum.lower === sum.upper;
  if (own !== null && (own.method === 'ASSERTED' || (isOfMembers && !isSumExact))) {
    const { value, lower, upper, qualifier, method } = own;
    return { value, lower, upper, qualifier, method, ...coverage };
  }
  return { ...sum, method: 'DERIVED', ...coverage };
}

type Spans = ReadonlyMap<number, readonly Period[]>;

function sameSpans(a: Spans, b: Spans): boolean {
  const textOf = (spans: readonly Period[] | undefined): string => (spans ?? []).map(({ text }) => text).join();
  return a.size === b.size && [...a].every(([id, spans]) => textOf(spans) === textOf(b.get(id)));
}

/** For each brand the spans of the period in which it counts. Brands that never count are left out. */
function countedSpans(memberships: readonly Membership[], period: Period, basis: BasisName): Spans {
  const spans = new Map<number, readonly Period[]>();
  const today = dayOf(new Date());
  for (const brandId of new Set(memberships.map((membership) => membership.brandId))) {
    const own = memberships.filter((membership) => membership.brandId === brandId);
    const isMember = (day: string) => own.some((membership) => isMemberOn(membership, day));
    const counted =
      basis === 'FULL_HISTORY' ? (isMember(today) ? [period] : []) : memberSpans(sinceJoining(period, own), own);
    if (counted.length > 0) spans.set(brandId, counted);
  }
  return spans;
}

/** A member's to-date value begins with its first month in the alliance, if that is known. */
function sinceJoining(period: Period, memberships: readonly Membership[]): Period {
  const joined = memberships.map(({ joinedOn }) =>
    joinedOn === null ? null : (parsePartialDate(joinedOn)?.first ?? null),
  );
  const [first] = joined.includes(null) ? [] : [...joined].sort();
  if (period.kind !== 'TO_DATE' || first == null || first > period.end) return period;
  return periodFromDays(firstDayOfMonth(first), period.end);
}

/**
 * The longest runs of months on whose last day the brand is a member, from the days of joining and leaving and not month by month. A period
 * that does not consist of months counts by its own last day; a total to date of a member that left, to the last month that counts.
 */
function memberSpans(period: Period, memberships: readonly Membership[]): readonly Period[] {
  if (period.kind === 'TO_DATE' && !memberships.some((membership) => isMemberOn(membership, period.end))) {
    const ends = memberships.flatMap(({ leftOn }) => (leftOn === null ? [] : [lastMonthBefore(leftOn)]));
    const [last] = ends
      .filter((end) => end < period.end)
      .sort()
      .reverse();
    return last === undefined ? [] : [toDate(last)];
  }
  if (!consistsOfMonths(period))
    return memberships.some((membership) => isMemberOn(membership, period.end)) ? [period] : [];
  const runs: DaySpan[] = [];
  for (const run of memberships.map((membership) => monthsInside(period, membership)).sort(byFirst)) {
    const before = runs.at(-1);
    if (run.first > run.last) continue;
    if (before === undefined || run.first > addDays(before.last, 1)) runs.push(run);
    else runs[runs.length - 1] = { first: before.first, last: maxDay(before.last, run.last) };
  }
  return runs.map(({ first, last }) => periodFromDays(first, last));
}

/** From the month of joining to the month before the one of leaving, inside the period; reversed if there are none. */
function monthsInside(
  { start, end }: { readonly start: Day; readonly end: Day },
  { joinedOn, leftOn }: Membership,
): DaySpan {
  return {
    first: joinedOn === null ? start : maxDay(start, firstDayOfMonth(firstDay(joinedOn))),
    last: leftOn === null ? end : minDay(end, lastMonthBefore(leftOn)),
  };
}

/** The last day of the month before a day. */
function lastMonthBefore(date: string): Day {
  return addDays(firstDayOfMonth(firstDay(date)), -1);
}

function byFirst(a: DaySpan, b: DaySpan): number {
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}

/** The observations of the spans. For a span without a complete value, those of its months in the years of which anything is known. */
function partOf(history: MetricHistory, spans: readonly Period[], knownDays: DaySpan | null): MemberPart {
  const parts = spans.map((span): MemberPart => {
    const whole = observationOf(history, span);
    if (whole !== null && whole.missing.length === 0) return { observed: [whole], missing: [] };
    const months = knownDays === null ? [] : (tilingsOf(span, knownDays).at(-1) ?? []);
    // Of a total to date at least its lower bound is known.
    if (months.length === 0 && whole !== null && (whole.lower ?? 0) > 0)
      return { observed: [whole], missing: whole.missing.map((text) => present(parsePeriod(text))) };
    if (months.length === 0) return { observed: [], missing: [span] };
    const observed = months
      .flatMap((month) => observationOf(history, month) ?? [])
      .filter(({ missing }) => missing.length === 0);
    const known = new Set(observed.map(({ period }) => period.text));
    return { observed, missing: months.filter(({ text }) => !known.has(text)) };
  });
  return { observed: parts.flatMap(({ observed }) => observed), missing: parts.flatMap(({ missing }) => missing) };
}

function sumOfMembers(
  parts: readonly Observed[],
  incomplete: boolean,
): Pick<TotalData, 'value' | 'lower' | 'upper' | 'qualifier'> {
  if (parts.length === 0) return { value: null, lower: null, upper: null, qualifier: null };
  const sum = sumOfBounds(parts);
  return incomplete ? { value: null, lower: sum.lower, upper: null, qualifier: 'OVER' } : sum;
}

function uniquePeriods(periods: readonly Period[]): readonly Period[] {
  const byText = new Map(periods.map((period) => [period.text, period]));
  return [...byText.values()].sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
}
