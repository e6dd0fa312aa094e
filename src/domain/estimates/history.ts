import type { Metric } from '../../database/generated/client.ts';
import { required } from '../../required.ts';
import type { Joined, Relative, Relatives } from '../catalog/families.ts';
import { firstDay } from '../catalog/memberships.ts';
import { dayNumber, firstDayOfMonth, parsePartialDate } from '../values/calendar.ts';
import { groupBy } from '../values/group.ts';
import { isAdditive, isWhole, unitOf } from '../values/metric.ts';
import type { OtherBound } from './entering.ts';
import { type Curve, estimateFamily, type OtherGround, type Part, type Whole, withoutCycles } from './family.ts';
import type { Elsewhere, SlotClaims } from './weighing.ts';

/** Which metric, market and instant. */
export interface HistoryScope {
  readonly metric: Metric;
  /** The market of shares; null for everything else. */
  readonly withinId: number | null;
  /** The instant whose knowledge is read; now if null. */
  readonly asOf: Date | null;
}

/** What all claims about a subject in one scope amount to. */
export interface MetricHistory extends HistoryScope {
  readonly subjectId: number;
  readonly slug: string;
  /** The claims that count, by the canonical text of their period. */
  readonly slots: ReadonlyMap<string, SlotClaims>;
  /** The periods of which a claim was ever revised or withdrawn. */
  readonly revised: ReadonlySet<string>;
  /** The number of units over time. Null for what does not add up over time, such as shares. */
  readonly curve: Curve | null;
  /** The same without what milestones announce and what follows from deliveries: nothing confirms itself. */
  readonly unannounced: Curve | null;
  /** The first and the last day of which anything is known of it or of its parts, as serial numbers. Null: nothing is. */
  readonly known: { readonly first: number; readonly last: number } | null;
  /** The days at which its bounds can change, in order. */
  readonly days: readonly number[];
  /** The days to which a total is stated, of it or of its parts, in order. */
  readonly totalDays: readonly number[];
  /** The days on which a milestone of a number was announced, in order. */
  readonly announcedDays: readonly number[];
  /** What it is made up of, where that is all of it. */
  readonly parts: readonly MetricHistory[];
  /** Whether it is its only brand under another name: nothing is claimed about it directly. */
  readonly isAnotherName: boolean;
}

/** A number that a source says was reached, on a day or at an unknown time within a month or year. */
export interface Announced {
  readonly milestoneId: number;
  readonly subjectId: number;
  readonly metric: Metric;
  readonly threshold: number;
  readonly on: string;
}

/** What is known about the subjects of families, in one scope. */
export interface Knowledge {
  /** The claims that count, by subject. */
  readonly slots: ReadonlyMap<number, readonly SlotClaims[]>;
  readonly revised: ReadonlyMap<number, ReadonlySet<string>>;
  readonly announced: readonly Announced[];
  /** What other metrics of the same vehicles say about disputed periods, by subject. */
  readonly elsewhere: ReadonlyMap<number, readonly Elsewhere[]>;
  /** The deliveries of the same subjects, where production is asked for: at least as many were produced. */
  readonly deliveries: ReadonlyMap<number, MetricHistory> | null;
}

/** The metrics that count nothing before the first delivery. */
const FROM_FIRST_DELIVERY: ReadonlySet<Metric> = new Set(['DELIVERIES', 'SALES']);

/** The histories of all subjects of families, from everything that is known of them in one scope. */
export function buildHistories(
  relatives: Relatives,
  scope: HistoryScope,
  knowledge: Knowledge,
): ReadonlyMap<number, MetricHistory> {
  const { subjects } = relatives;
  const wholes =
    unitOf(scope.metric) === 'VEHICLES' && scope.withinId === null ? withoutCycles(wholesAmong(relatives)) : [];
  const curves = curvesOf(subjects, wholes, scope, knowledge);
  const wholesById = new Map(wholes.map((whole) => [whole.id, whole]));
  const histories = new Map<number, MetricHistory>();
  const build = (subject: Relative): MetricHistory => {
    const before = histories.get(subject.id);
    if (before !== undefined) return before;
    const { id, slug } = subject;
    const whole = wholesById.get(id);
    const below = (whole?.parts ?? []).map((part) => build(required(bySubject, part.id)));
    const own = knowledge.slots.get(id) ?? [];
    const spans = [...own, ...below.flatMap((part) => [...part.slots.values()])];
    const bounded = (curves?.unannounced.get(id)?.bounded ?? []).filter(({ other: { kind } }) => kind === 'WHOLE');
    const isComplete =
      whole?.isComplete === true && whole.parts.every(({ from, until }) => from === null && until === null);
    const isAnotherName = subject.kind === 'COMPANY' && isComplete && below.length === 1 && own.length === 0;
    const [only] = isAnotherName ? below : [];
    const history: MetricHistory = {
      ...scope,
      subjectId: id,
      slug,
      slots: new Map(own.map((slot) => [slot.period, slot])),
      revised: knowledge.revised.get(id) ?? new Set(),
      curve: only?.curve ?? curves?.all.get(id) ?? null,
      unannounced: only?.unannounced ?? curves?.unannounced.get(id) ?? null,
      days: daysOf(own, below, bounded, beginningOf(subject, scope.metric)?.day ?? null),
      known: knownOf(own, below, bounded),
      totalDays: [...new Set(spans.filter(({ after }) => after === null).map(({ through }) => through))].sort(
        (a, b) => a - b,
      ),
      announcedDays: knowledge.announced
        .filter(({ subjectId, metric }) => subjectId === id && metric === scope.metric)
        .flatMap(({ on }) => parsePartialDate(on)?.last ?? [])
        .map(dayNumber)
        .sort((a, b) => a - b),
      parts: isComplete ? below : [],
      isAnotherName,
    };
    histories.set(id, history);
    return history;
  };
  const bySubject = new Map(subjects.map((subject) => [subject.id, subject]));
  for (const subject of subjects) build(subject);
  return histories;
}

function daysOf(
  own: readonly SlotClaims[],
  below: readonly MetricHistory[],
  bounded: readonly OtherBound<OtherGround>[],
  beginning: number | null,
): readonly number[] {
  const days = [
    ...bounded.flatMap(({ after, through }) => (after === null ? [through] : [after, through])),
    ...own.flatMap(({ after, through }) => (after === null ? [through] : [after, through])),
    ...below.flatMap((part) => part.days),
    ...(beginning === null ? [] : [beginning - 1]),
  ];
  return [...new Set(days)].sort((a, b) => a - b);
}

/** That a whole leaves room for something is not yet known of a part; that it leaves more than nothing is. */
function knownOf(
  own: readonly SlotClaims[],
  below: readonly MetricHistory[],
  bounded: readonly OtherBound<OtherGround>[],
): MetricHistory['known'] {
  const spans = [
    ...bounded
      .filter(({ lower }) => (lower ?? 0) > 0)
      .map(({ after, through }) => ({ first: after === null ? through : after + 1, last: through })),
    ...own.map(({ after, through }) => ({ first: after === null ? through : after + 1, last: through })),
    ...below.flatMap(({ known }) => known ?? []),
  ];
  if (spans.length === 0) return null;
  return spans.reduce((a, b) => ({ first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) }));
}

function curvesOf(
  subjects: readonly Relative[],
  wholes: readonly Whole[],
  { metric, withinId }: HistoryScope,
  knowledge: Knowledge,
): { readonly all: ReadonlyMap<number, Curve>; readonly unannounced: ReadonlyMap<number, Curve> } | null {
  if (!isAdditive(metric) || withinId !== null) return null;
  const announced = groupBy(
    knowledge.announced.filter((one) => one.metric === metric),
    ({ subjectId }) => subjectId,
  );
  const estimate = (withOthers: boolean): ReadonlyMap<number, Curve> => {
    const members = subjects.map((subject) => ({
      id: subject.id,
      slug: subject.slug,
      slots: knowledge.slots.get(subject.id) ?? [],
      elsewhere: knowledge.elsewhere.get(subject.id) ?? [],
      bounds: [
        ...(withOthers ? producedAtLeast(subject, knowledge) : []),
        ...(withOthers ? [...(announced.get(subject.id) ?? [])].sort(byDay).flatMap(announcementOf) : []),
        // The first delivery is doubted before anything that is said to have been delivered.
        ...nothingBefore(beginningOf(subject, metric)),
      ],
    }));
    return estimateFamily({ members, wholes }, isWhole(metric));
  };
  const unannounced = estimate(false);
  const hasOthers = announced.size > 0 || knowledge.deliveries !== null;
  return { unannounced, all: hasOthers ? estimate(true) : unannounced };
}

/** Companies over their brands, brands over their parts, alliances over their members. */
function wholesAmong({ subjects, memberships }: Relatives): readonly Whole[] {
  const byParent = groupBy(
    subjects.filter(({ kind, parentId }) => kind === 'BRAND' && parentId !== null),
    ({ parentId }) => parentId,
  );
  const byAlliance = groupBy(memberships, ({ allianceId }) => allianceId);
  const parentOf = new Map(subjects.map(({ id, parentId }) => [id, parentId]));
  return subjects.flatMap(({ id, kind, brandsComplete }): readonly Whole[] => {
    const brands = byParent.get(id)?.map((brand) => ({ id: brand.id, from: null, until: null, joined: null })) ?? [];
    const members = withoutInner((byAlliance.get(id) ?? []).map(memberOf).filter(isEver), parentOf);
    if (kind === 'ALLIANCE') return members.length === 0 ? [] : [{ id, parts: members, isComplete: true }];
    return brands.length === 0 ? [] : [{ id, parts: brands, isComplete: kind === 'COMPANY' && brandsComplete }];
  });
}

/** A brand that joins and leaves within a month is a member on no month's last day. */
function isEver({ from, until }: Part): boolean {
  return from === null || until === null || from < until;
}

/** Without the members that are parts of another one at the same time: they count there. */
function withoutInner(members: readonly Part[], parentOf: ReadonlyMap<number, number | null>): readonly Part[] {
  const isWithin = (id: number, whole: Part, passed: ReadonlySet<number>): boolean => {
    const above = parentOf.get(id) ?? null;
    if (above === null || passed.has(above)) return false;
    return above === whole.id || isWithin(above, whole, new Set([...passed, above]));
  };
  const covers = (a: Part, b: Part): boolean =>
    (a.from ?? Number.NEGATIVE_INFINITY) <= (b.from ?? Number.NEGATIVE_INFINITY) &&
    (b.until ?? Number.POSITIVE_INFINITY) <= (a.until ?? Number.POSITIVE_INFINITY);
  return members.filter(
    (part) => !members.some((whole) => covers(whole, part) && isWithin(part.id, whole, new Set([part.id]))),
  );
}

/** A month counts if the brand is a member on its last day; a day or a week if it is one on its last day as well. */
function memberOf({ brandId, joinedOn, leftOn }: Joined): Part {
  const monthOf = (date: string): number => dayNumber(firstDayOfMonth(firstDay(date)));
  return {
    id: brandId,
    from: joinedOn === null ? null : monthOf(joinedOn),
    joined: joinedOn === null ? null : dayNumber(firstDay(joinedOn)),
    until: leftOn === null ? null : monthOf(leftOn),
  };
}

/** Nothing is counted before the first delivery, or else the launch of a brand or model. */
function beginningOf(
  { kind, firstDeliveryOn, launchedOn }: Relative,
  metric: Metric,
): { readonly day: number; readonly text: string } | null {
  if (!FROM_FIRST_DELIVERY.has(metric)) return null;
  const launch = kind === 'BRAND' || kind === 'MODEL' ? launchedOn : null;
  const text = firstDeliveryOn ?? launch;
  const first = text === null ? null : parsePartialDate(text)?.first;
  return text === null || first == null ? null : { day: dayNumber(first), text };
}

function nothingBefore(beginning: ReturnType<typeof beginningOf>): readonly OtherBound<OtherGround>[] {
  if (beginning === null) return [];
  const other = { kind: 'FIRST', text: beginning.text } as const;
  return [{ after: null, through: beginning.day - 1, lower: null, upper: 0, other }];
}

/** At least as many as were delivered, to each day to which deliveries are known, if anything is known of production itself. */
function producedAtLeast({ id }: Relative, knowledge: Knowledge): readonly OtherBound<OtherGround>[] {
  const { slots: claimed, announced, deliveries } = knowledge;
  const delivered = deliveries?.get(id);
  const isKnown = (claimed.get(id)?.length ?? 0) > 0 || announced.some(({ subjectId }) => subjectId === id);
  if (delivered?.curve == null || !isKnown) return [];
  const { curve } = delivered;
  const days = [...new Set([...delivered.days, ...delivered.announcedDays])].sort((a, b) => a - b);
  return days.flatMap((through) => {
    const { lower } = curve.boundsOf(null, through);
    if (lower === 0) return [];
    const other = { kind: 'DELIVERED', through, from: [{ curve, after: null, through }] } as const;
    return [{ after: null, through, lower, upper: null, other }];
  });
}

/** The number was reached by that day; before it, it was not, if the day is exact. */
function announcementOf({ milestoneId, metric, threshold, on }: Announced): readonly OtherBound<OtherGround>[] {
  const date = parsePartialDate(on);
  if (date === null) return [];
  const other = { kind: 'ANNOUNCED', milestoneId, threshold, on } as const;
  const reached = { after: null, through: dayNumber(date.last), lower: threshold, upper: null, other };
  if (date.precision !== 'DAY') return [reached];
  const below = threshold - (isWhole(metric) ? 1 : 0);
  return [reached, { after: null, through: dayNumber(date.first) - 1, lower: null, upper: below, other }];
}

function byDay(a: Announced, b: Announced): number {
  return a.threshold - b.threshold || (a.on < b.on ? -1 : 1);
}
