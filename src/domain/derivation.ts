import type { Metric, Qualifier } from '../database/generated/client.ts';
import { addDays, type Day, LAST_DAY } from './calendar.ts';
import { type Interval, sumOf } from './interval.ts';
import { isAdditive, unitOf } from './metric.ts';
import type { Asserted } from './observation.ts';
import { type Period, parsePeriod, periodFromDays, tilingsOf, toDate } from './period.ts';

/** What is known of one subject and metric: the observations by period, and for a company the same of its brands. */
export interface Ledger {
  readonly subjectId: number;
  readonly slug: string;
  readonly metric: Metric;
  readonly withinId: number | null;
  /** What was known at that instant; null: what is known now. */
  readonly asOf: Date | null;
  /** By the canonical text of the period. */
  readonly asserted: ReadonlyMap<string, Asserted>;
  /** The brands that sum up to a company; none for everything else. */
  readonly brands: readonly Ledger[];
}

/** A value with its origin: the best claim, or the sum of parts. Its value is null where a part is missing. */
export interface Observed {
  readonly ledger: Ledger;
  readonly period: Period;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Null where there is no value. */
  readonly qualifier: Qualifier | null;
  readonly method: 'ASSERTED' | 'DERIVED';
  readonly bestId: number | null;
  /** The figures it rests on. */
  readonly inputIds: readonly number[];
  readonly agreement: Asserted['agreement'];
  readonly resolution: string;
  readonly revised: boolean;
  readonly missing: readonly Period[];
}

/**
 * What is known of a period: the asserted observation; else the sum of finer periods that tile it exactly; for a company else the sum of its brands;
 * for a to-date value the newest asserted one plus periods that tile the days since. Null where nothing at all is known.
 */
export function deriveObservation(ledger: Ledger, period: Period): Observed | null {
  const known = derived.get(ledger) ?? new Map<string, Observed | null>();
  derived.set(ledger, known);
  const before = known.get(period.text);
  if (before !== undefined) return before;
  const observed = derive(ledger, period);
  known.set(period.text, observed);
  return observed;
}

/** A ledger never changes, so what was worked out from it is kept with it: parts of parts are asked for many times. */
const derived = new WeakMap<Ledger, Map<string, Observed | null>>();

function derive(ledger: Ledger, period: Period): Observed | null {
  const asserted = ledger.asserted.get(period.text);
  if (asserted !== undefined) return fromAsserted(ledger, period, asserted);
  if (!isAdditive(ledger.metric)) return null;
  const own = period.kind === 'TO_DATE' ? fromAnchor(ledger, period) : fromTiles(ledger, period);
  if (own !== null && own.missing.length === 0) return own;
  return better(own, fromBrands(ledger, period));
}

/** An observation on its own, without what else is known of its subject. */
export function observedAlone(
  place: Pick<Ledger, 'subjectId' | 'slug' | 'metric' | 'withinId' | 'asOf'> & { readonly period: string },
  asserted: Asserted,
): Observed {
  const { period, ...head } = place;
  const ledger: Ledger = { ...head, asserted: new Map([[period, asserted]]), brands: [] };
  return fromAsserted(ledger, parsePeriod(period) as Period, asserted);
}

/** Every to-date value that is known, by its day: the asserted ones and what periods add to them. */
export function toDatePoints(ledger: Ledger): readonly Observed[] {
  const days = new Set<Day>();
  collectToDateDays(ledger, days);
  return [...days]
    .sort()
    .map((day) => deriveObservation(ledger, toDate(day)))
    .filter((point): point is Observed => point !== null && point.missing.length === 0);
}

/** The sum of observations as one; bounds are added as intervals. */
function sumObservations(ledger: Ledger, period: Period, parts: readonly Observed[], resolution: string): Observed {
  // Two brands can lack the same period.
  const missing = [...new Map(parts.flatMap((part) => part.missing.map((gap) => [gap.text, gap]))).values()];
  const base = {
    ledger,
    period,
    method: 'DERIVED' as const,
    bestId: null,
    inputIds: [...new Set(parts.flatMap(({ inputIds }) => inputIds))],
    agreement: agreementOfParts(parts),
    revised: parts.some(({ revised }) => revised),
    missing,
  };
  if (missing.length > 0) {
    return { ...base, value: null, lower: null, upper: null, qualifier: null, resolution: gapSentence(missing) };
  }
  return { ...base, ...sumOfValues(parts), resolution };
}

/** Value, bounds and qualifier of a sum. */
export function sumOfValues(
  parts: readonly Pick<Observed, 'value' | 'lower' | 'upper' | 'qualifier'>[],
): Pick<Observed, 'value' | 'lower' | 'upper' | 'qualifier'> {
  const { lower, upper } = sumOf(parts.map((part): Interval => part));
  const values = parts.map(({ value }) => value);
  const sum = values.includes(null) ? null : values.reduce<number>((total, value) => total + (value ?? 0), 0);
  if (lower !== null && lower === upper) return { value: lower, lower, upper, qualifier: 'EXACT' };
  if (upper === null) return { value: lower, lower, upper, qualifier: 'OVER' };
  if (lower === null || lower === 0) return { value: upper, lower, upper, qualifier: 'UNDER' };
  const vague = parts.every(({ qualifier }) => qualifier === 'EXACT' || qualifier === 'ABOUT');
  return { value: sum, lower, upper, qualifier: vague ? 'ABOUT' : 'BETWEEN' };
}

function fromAsserted(ledger: Ledger, period: Period, asserted: Asserted): Observed {
  return { ...asserted, ledger, period, method: 'ASSERTED', inputIds: [asserted.bestId], missing: [] };
}

/** The sum of the coarsest complete tiling; where none is complete, the gaps of the one that knows most. */
function fromTiles(ledger: Ledger, period: Period): Observed | null {
  let incomplete: Observed | null = null;
  for (const tiles of tilingsOf(period)) {
    const parts = tiles.map((tile) => deriveObservation(ledger, tile) ?? nothing(ledger, tile));
    if (parts.every(({ missing, period: tile }) => missing.length === 1 && missing[0] === tile)) continue;
    const sum = sumObservations(
      ledger,
      period,
      parts,
      `Sum of ${tiles.length} periods, ${tiles[0]?.text} to ${tiles.at(-1)?.text}.`,
    );
    if (sum.missing.length === 0) return sum;
    incomplete = better(incomplete, sum);
  }
  return fromStatedTiles(ledger, period) ?? incomplete;
}

/** The sum of stated periods of whatever length that tile it, such as nine months and a quarter; weeks tile nothing. */
function fromStatedTiles(ledger: Ledger, period: Period): Observed | null {
  if (period.start === null) return null;
  const tiles = tileDays(ledger, period.start, period.end, ({ kind, text }) => kind !== 'WEEK' && text !== period.text);
  if (tiles === null) return null;
  const [first, last] = [tiles[0]?.period.text, tiles.at(-1)?.period.text];
  return sumObservations(ledger, period, tiles, `Sum of ${tiles.length} periods, ${first} to ${last}.`);
}

function fromBrands(ledger: Ledger, period: Period): Observed | null {
  if (ledger.brands.length === 0 || unitOf(ledger.metric) !== 'VEHICLES') return null;
  const parts = ledger.brands.map((brand) => deriveObservation(brand, period));
  // A brand without data is a gap in who, which no list of periods can name: then the company's value is not known from its brands.
  if (parts.some((part) => part === null)) return null;
  const names = ledger.brands.map(({ slug }) => slug);
  return sumObservations(
    ledger,
    period,
    parts as Observed[],
    `Sum of its ${names.length === 1 ? 'brand' : 'brands'} ${listOf(names)}.`,
  );
}

function fromAnchor(ledger: Ledger, period: Period): Observed | null {
  const anchors = indexOf(ledger).anchors.filter((anchor) => anchor.end < period.end);
  for (const anchor of anchors) {
    const tiles = tileDays(ledger, addDays(anchor.end, 1), period.end);
    if (tiles === null) continue;
    const parts = [deriveObservation(ledger, anchor) as Observed, ...tiles];
    return sumObservations(
      ledger,
      period,
      parts,
      `What is stated to ${anchor.end} plus ${tiles.length} ${tiles.length === 1 ? 'period' : 'periods'} since.`,
    );
  }
  const [newest] = anchors;
  if (newest === undefined) return null;
  const known = deriveObservation(ledger, newest) as Observed;
  const gaps = gapsBetween(ledger, newest.end, period.end).map((gap) => nothing(ledger, gap));
  return sumObservations(ledger, period, [known, ...gaps], '');
}

/** The spans behind a day, up to another, that observations leave open. */
function gapsBetween(ledger: Ledger, from: Day, end: Day): readonly Period[] {
  const gaps: Period[] = [];
  const starts = [...indexOf(ledger).flows.keys()].sort();
  const goesOn = (start: Day) => flowsFrom(ledger, start, ({ period }) => period.end <= end).length > 0;
  const lastFrom = (day: Day) => [...reachableDays(ledger, day, end)].sort().at(-1) as Day;
  for (let reached = lastFrom(from); reached < end; ) {
    const open = addDays(reached, 1);
    const next = starts.find((start) => start > open && goesOn(start));
    const closed = next === undefined ? end : addDays(next, -1);
    gaps.push(periodFromDays(open, closed));
    reached = lastFrom(closed);
  }
  return gaps;
}

/** Observations that tile the days from start to end exactly, the coarsest first; null when there are none. */
function tileDays(
  ledger: Ledger,
  start: Day,
  end: Day,
  mayTile: (period: Period) => boolean = () => true,
): readonly Observed[] | null {
  const tiles: Flow[] = [];
  const deadEnds = new Set<Day>();
  // No recursion: years of daily figures follow each other further than the call stack is deep.
  for (let day = start; day <= end; ) {
    const next = flowsFrom(ledger, day, ({ period }) => period.end <= end && mayTile(period)).find(
      ({ after }) => !deadEnds.has(after),
    );
    if (next === undefined) deadEnds.add(day);
    else tiles.push(next);
    const step = next ?? tiles.pop();
    if (step === undefined) return null;
    day = next === undefined ? (step.period.start as Day) : step.after;
  }
  return tiles.map(({ period }) => deriveObservation(ledger, period) as Observed);
}

/** All days, not after the end, up to which observations follow each other from the day after a start; with the start itself. */
function reachableDays(ledger: Ledger, from: Day, end: Day, reached = new Set<Day>()): ReadonlySet<Day> {
  const waiting = [from];
  for (let day = waiting.pop(); day !== undefined; day = waiting.pop()) {
    if (day > end || reached.has(day)) continue;
    reached.add(day);
    waiting.push(...flowsFrom(ledger, addDays(day, 1)).map(({ period }) => period.end));
  }
  return reached;
}

/** The periods that begin on a day, may be used and have a value that is known, the longest first; of a company also those of its brands. */
function flowsFrom(ledger: Ledger, start: Day, mayUse: (flow: Flow) => boolean = () => true): readonly Flow[] {
  return (indexOf(ledger).flows.get(start) ?? []).filter((flow) => {
    // Asked first: what is worked out from its parts must ask neither for itself nor for what holds it.
    if (!mayUse(flow)) return false;
    const observed = deriveObservation(ledger, flow.period);
    return observed !== null && observed.missing.length === 0;
  });
}

/** A period with a beginning, and the day after it. */
interface Flow {
  readonly period: Period;
  readonly after: Day;
}

/** What a ledger asserts, as it is looked up. */
interface LedgerIndex {
  /** Its to-date periods, the newest first. */
  readonly anchors: readonly Period[];
  /** The periods with a beginning that it or its brands assert, by their first day, the longest first. */
  readonly flows: ReadonlyMap<Day, readonly Flow[]>;
}

const indexes = new WeakMap<Ledger, LedgerIndex>();

/** Read once a ledger: every day of every to-date value asks for it. */
function indexOf(ledger: Ledger): LedgerIndex {
  const known = indexes.get(ledger);
  if (known !== undefined) return known;
  const texts = new Set([ledger, ...ledger.brands].flatMap(({ asserted }) => [...asserted.keys()]));
  const periods = [...texts].flatMap((text) => parsePeriod(text) ?? []);
  const latestFirst = periods.sort((a, b) => (a.end < b.end ? 1 : a.end > b.end ? -1 : 0));
  const flows = new Map<Day, Flow[]>();
  for (const period of latestFirst) {
    if (period.start === null) continue;
    const flow = { period, after: addDays(period.end, 1) };
    const group = flows.get(period.start);
    if (group === undefined) flows.set(period.start, [flow]);
    else group.push(flow);
  }
  const anchors = latestFirst.filter(({ kind, text }) => kind === 'TO_DATE' && ledger.asserted.has(text));
  const index = { anchors, flows };
  indexes.set(ledger, index);
  return index;
}

function collectToDateDays(ledger: Ledger, days: Set<Day>): void {
  for (const { end } of indexOf(ledger).anchors) reachableDays(ledger, end, LAST_DAY, days);
  for (const brand of ledger.brands) for (const { period } of toDatePoints(brand)) days.add(period.end);
}

function nothing(ledger: Ledger, period: Period): Observed {
  const none = { value: null, lower: null, upper: null, qualifier: null, bestId: null, inputIds: [] };
  return {
    ...none,
    ledger,
    period,
    method: 'DERIVED',
    agreement: 'SOLE',
    resolution: '',
    revised: false,
    missing: [period],
  };
}

/** Of two partial answers the one with fewer gaps. */
function better(a: Observed | null, b: Observed | null): Observed | null {
  if (a === null || b === null) return a ?? b;
  return b.missing.length < a.missing.length ? b : a;
}

function agreementOfParts(parts: readonly Observed[]): Asserted['agreement'] {
  if (parts.some(({ agreement }) => agreement === 'CONFLICTS')) return 'CONFLICTS';
  return parts.some(({ agreement }) => agreement === 'AGREES') ? 'AGREES' : 'SOLE';
}

function gapSentence(missing: readonly Period[]): string {
  return `Not known: nothing is recorded for ${listOf(missing.map(({ text }) => text))}.`;
}

function listOf(names: readonly string[]): string {
  return names.length <= 1 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
