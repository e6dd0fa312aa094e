import { isAdditive, nounOf } from '../values/metric.ts';
import type { Estimate, Observed } from './observation.ts';

type Stated = Pick<Estimate, 'value' | 'lower' | 'upper' | 'qualifier'>;

/** The document of a claim, as it is cited. */
export interface CitedSource {
  readonly publisher: string;
  readonly title: string;
  /** The day of publication. Null if it is not known. */
  readonly publishedOn: string | null;
  /** Whom the document names as the origin of the number. Null if nobody. */
  readonly attributedTo: string | null;
  /** What it says itself, which can be less exact than what all claims together allow. */
  readonly stated: Stated;
}

/** What a citation names besides the observation itself. */
export interface Cited {
  readonly subject: string;
  /** The market of a share. Null for everything else. */
  readonly within: string | null;
  /** The document that states the value; null if none does. */
  readonly source: CitedSource | null;
  /** What it follows from if no document states it: "the sum of 3 periods, 2025-10 to 2025-12". */
  readonly ground: string;
  /** The last document that it follows from. Null if there is none with a date. */
  readonly last: CitedSource | null;
}

/** One sentence that names subject, metric, period, value, how exactly it is known, the source and the day of its publication. */
export function citationOf(observed: Observed, { subject, within, source, ground, last }: Cited): string {
  const { metric, asOf } = observed.place;
  const noun = within === null ? nounOf(metric) : `${nounOf(metric)} "${within}"`;
  const known = asOf === null ? '' : `, as known at ${asOf.toISOString().replace('.000', '')}`;
  const when = whenOf(observed);
  const amount = amountOf(source?.stated ?? observed);
  if (amount === null) return `Nothing is known of the ${noun} of ${subject} ${when}${known}.`;
  return `${subject} had ${amount} ${noun} ${when}, ${
    source === null
      ? `${ground}${lastOf(last)}`
      : `according to ${documentOf(source)}${narrowed(observed, source.stated)}`
  }${known}.`;
}

/** What other claims leave of what a document says. */
function narrowed({ lower, upper }: Stated, stated: Stated): string {
  const least = lower !== null && lower > (stated.lower ?? 0) ? `at least ${grouped(lower)}` : null;
  const most = upper !== null && (stated.upper === null || upper < stated.upper) ? `at most ${grouped(upper)}` : null;
  const left = [least, most].filter((part) => part !== null).join(' and ');
  return left === '' ? '' : `; by other claims ${left}`;
}

/** The value and how exactly it is known: "about 410,000 (405,000 to 415,000)". Null if nothing is known. */
export function amountOf({ value, lower, upper, qualifier }: Stated): string | null {
  if (value === null) {
    if (lower !== null && upper !== null)
      return lower === upper ? grouped(lower) : `between ${grouped(lower)} and ${grouped(upper)}`;
    if (lower !== null) return `at least ${grouped(lower)}`;
    return upper === null ? null : `at most ${grouped(upper)}`;
  }
  const least = lower === null || lower === value ? null : grouped(lower);
  const most = upper === null || upper === value ? null : grouped(upper);
  switch (qualifier) {
    case 'ABOUT':
      return `about ${grouped(value)}${least === null || most === null ? '' : ` (${least} to ${most})`}`;
    case 'OVER':
      return `over ${grouped(value)}${least === null ? '' : ` (at least ${least})`}`;
    case 'UNDER':
      return `under ${grouped(value)}${most === null ? '' : ` (at most ${most})`}`;
    case 'BETWEEN':
      return `${grouped(value)} (between ${grouped(lower ?? value)} and ${grouped(upper ?? value)})`;
    default:
      return grouped(value);
  }
}

/** The period in words: "in 2025-12", "on 2026-01-13", "from 2025-01 to 2025-09", "from the start to 2026-01-13". */
function whenOf({ period: { kind, text, end }, place: { metric } }: Observed): string {
  if (kind === 'TO_DATE') return isAdditive(metric) ? `from the start to ${end}` : `on ${end}`;
  if (kind === 'DAY') return `on ${text}`;
  if (kind !== 'RANGE') return `in ${text}`;
  const [first, last] = text.split('/');
  return `from ${first} to ${last}`;
}

function documentOf({ publisher, title, publishedOn, attributedTo }: CitedSource): string {
  const who = attributedTo === null || attributedTo === publisher ? publisher : `${attributedTo} in ${publisher}`;
  return `${who}, "${title}", ${publishedOn === null ? 'publication day unknown' : `published on ${publishedOn}`}`;
}

function lastOf(last: CitedSource | null): string {
  return last === null ? '' : `, last from ${documentOf(last)}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
