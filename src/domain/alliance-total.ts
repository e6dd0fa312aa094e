import type { Membership, Metric } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { isMemberOn } from './alliance.ts';
import { dayOf, firstDayOfMonth, parsePartialDate } from './calendar.ts';
import { deriveObservation, type Ledger, type Observed, sumOfValues } from './derivation.ts';
import { readLedgers } from './ledger.ts';
import { monthsOf, type Period, periodFromDays } from './period.ts';

export type BasisName = 'AS_MEMBERS' | 'FULL_HISTORY';

export interface TotalRequest {
  readonly allianceId: number;
  readonly metric: Metric;
  readonly period: Period;
  readonly basis: BasisName;
  readonly asOf: Date | null;
}

/** What an alliance amounts to, with its coverage and parts. */
export interface TotalOf {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly qualifier: Observed['qualifier'];
  readonly method: Observed['method'];
  readonly basis: BasisName;
  readonly membersWithData: number;
  readonly memberCount: number;
  readonly missing: readonly Period[];
  readonly parts: readonly Observed[];
}

/** The spans of a period in which a brand counts, and what is known of them. */
interface MemberPart {
  readonly observed: readonly Observed[];
  readonly missing: readonly Period[];
}

/**
 * Adds up an alliance from its members. AS_MEMBERS: a month counts if the brand is a member on its last day; FULL_HISTORY: the whole period of today's members.
 * What the alliance itself is said to have wins over the sum; coverage and parts come along either way. Members without data make the sum a lower bound.
 */
export async function readAllianceTotal(db: Db, request: TotalRequest): Promise<TotalOf> {
  const { allianceId, metric, period, basis, asOf } = request;
  const memberships = await db.membership.findMany({ where: { allianceId }, orderBy: { id: 'asc' } });
  const counted = countedSpans(memberships, period, basis);
  const ledgers = await readLedgers(db, [allianceId, ...counted.keys()], { metric, withinId: null, asOf });
  const members = [...counted].map(([brandId, spans]) => partOf(ledgers.get(brandId) as Ledger, spans));
  const withData = members.filter(({ observed }) => observed.length > 0);
  const parts = withData.flatMap(({ observed }) => observed);
  const missing = uniquePeriods(members.flatMap((member) => member.missing));
  const coverage = { basis, membersWithData: withData.length, memberCount: members.length, missing, parts };
  const own = (ledgers.get(allianceId) as Ledger).asserted.get(period.text);
  if (own !== undefined) {
    const { value, lower, upper, qualifier } = own;
    return { value, lower, upper, qualifier, method: 'ASSERTED', ...coverage };
  }
  return { ...sumOfMembers(parts, missing.length > 0), method: 'DERIVED', ...coverage };
}

/** By brand the spans of the period in which it counts; a brand that counts at no time is left out. */
function countedSpans(
  memberships: readonly Membership[],
  period: Period,
  basis: BasisName,
): ReadonlyMap<number, readonly Period[]> {
  const spans = new Map<number, readonly Period[]>();
  const today = dayOf(new Date());
  for (const brandId of new Set(memberships.map((membership) => membership.brandId))) {
    const own = memberships.filter((membership) => membership.brandId === brandId);
    const isMember = (day: string) => own.some((membership) => isMemberOn(membership, day));
    const counted =
      basis === 'FULL_HISTORY' ? (isMember(today) ? [period] : []) : memberSpans(sinceJoining(period, own), isMember);
    if (counted.length > 0) spans.set(brandId, counted);
  }
  return spans;
}

/** A to-date value of a member begins with its first month in the alliance, where that is known. */
function sinceJoining(period: Period, memberships: readonly Membership[]): Period {
  const joined = memberships.map(({ joinedOn }) =>
    joinedOn === null ? null : (parsePartialDate(joinedOn)?.first ?? null),
  );
  const [first] = joined.includes(null) ? [] : [...joined].sort();
  if (period.kind !== 'TO_DATE' || first == null || first > period.end) return period;
  return periodFromDays(firstDayOfMonth(first), period.end);
}

/** The longest runs of months on whose last day the brand is a member; a period that is not made of months counts by its own last day. */
function memberSpans(period: Period, isMember: (day: string) => boolean): readonly Period[] {
  const months = monthsOf(period);
  if (months === null) return isMember(period.end) ? [period] : [];
  const runs: Period[][] = [[]];
  for (const month of months) {
    if (isMember(month.end)) runs.at(-1)?.push(month);
    else runs.push([]);
  }
  return runs
    .filter((run) => run.length > 0)
    .map((months) => periodFromDays(months[0]?.start as string, months.at(-1)?.end as string));
}

/** What is known of the spans; of a span that is not known whole, what is known of its months. */
function partOf(ledger: Ledger, spans: readonly Period[]): MemberPart {
  const parts = spans.map((span): MemberPart => {
    const whole = deriveObservation(ledger, span);
    if (whole !== null && whole.missing.length === 0) return { observed: [whole], missing: [] };
    const months = monthsOf(span) ?? [];
    if (months.length <= 1) return { observed: [], missing: [span] };
    const observed = months
      .flatMap((month) => deriveObservation(ledger, month) ?? [])
      .filter(({ missing }) => missing.length === 0);
    const known = new Set(observed.map(({ period }) => period.text));
    return { observed, missing: months.filter(({ text }) => !known.has(text)) };
  });
  return { observed: parts.flatMap(({ observed }) => observed), missing: parts.flatMap(({ missing }) => missing) };
}

function sumOfMembers(
  parts: readonly Observed[],
  incomplete: boolean,
): Pick<TotalOf, 'value' | 'lower' | 'upper' | 'qualifier'> {
  if (parts.length === 0) return { value: null, lower: null, upper: null, qualifier: null };
  const sum = sumOfValues(parts);
  return incomplete ? { value: sum.value, lower: sum.lower, upper: null, qualifier: 'OVER' } : sum;
}

function uniquePeriods(periods: readonly Period[]): readonly Period[] {
  const byText = new Map(periods.map((period) => [period.text, period]));
  return [...byText.values()].sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
}
