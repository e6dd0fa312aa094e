import type { VariablesOf } from 'gql.tada';
import type { SERIES } from './series-query.ts';

type Asked = VariablesOf<typeof SERIES>;
export type Granularity = NonNullable<Asked['by']>;
type Metric = NonNullable<Asked['metrics']>[number];

/** As many lines as can be told apart. */
export const MOST_MAKERS = 8;
export const METRICS: readonly Metric[] = [
  'DELIVERIES',
  'SALES',
  'WHOLESALE',
  'RETAIL',
  'PRODUCTION',
  'REGISTRATIONS',
  'EXPORTS',
];
export const GRANULARITIES: readonly Granularity[] = ['WEEK', 'MONTH', 'QUARTER', 'YEAR'];
/** Without a choice, of each maker the first of these that it has. */
const AS_REPORTED: readonly Metric[] = ['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL'];
/** How many years are shown if no first month is chosen: about as many points of each length as can be told apart. */
const YEARS: Readonly<Partial<Record<Granularity, number>>> = { WEEK: 1, MONTH: 3, QUARTER: 6, YEAR: 15 };
/** In place of the first month: everything that is known. */
export const ALL = 'all';
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;
const SEPARATOR = ',';

/** What the reader wants to compare, as it is in the address. Null: as it is without a choice. */
export interface Choice {
  readonly makers: readonly string[] | null;
  readonly metric: Metric | null;
  readonly by: Granularity;
  /** A month, or `all`. */
  readonly from: string | null;
  readonly to: string | null;
  readonly isLog: boolean;
  readonly isIndexed: boolean;
}

/** Reads a choice from an address. What is not understood is as if it were not there. */
export function readChoice(read: (name: string) => string | null): Choice {
  const from = read('from');
  return {
    makers: makersIn(read('makers')),
    metric: METRICS.find((metric) => metric === read('metric')) ?? null,
    by: GRANULARITIES.find((by) => by === read('by')) ?? 'MONTH',
    from: from === ALL ? ALL : monthIn(from),
    to: monthIn(read('to')),
    isLog: read('scale') === 'log',
    isIndexed: read('base') === 'indexed',
  };
}

/** Makers as they are in the address. */
export function writeMakers(makers: readonly string[]): string {
  return makers.join(SEPARATOR);
}

/** The variables that ask for a choice. `today` is the day as of which the page is: 2026-07-31. */
export function askFor({ metric, by, from, to }: Choice, today: string): Pick<Asked, 'metrics' | 'by' | 'from' | 'to'> {
  const year = Number((to ?? today).slice(0, 4)) - (YEARS[by] ?? 1);
  const first = from ?? `${year}${(to ?? today).slice(4, 7)}`;
  return { metrics: [...(metric === null ? AS_REPORTED : [metric])], by, from: first === ALL ? null : first, to };
}

function makersIn(text: string | null): readonly string[] | null {
  if (text === null) return null;
  const slugs = text
    .replaceAll(/\p{Cc}/gu, '')
    .toLowerCase()
    .split(SEPARATOR)
    .map((slug) => slug.trim());
  return [...new Set(slugs.filter((slug) => slug !== ''))].slice(0, MOST_MAKERS);
}

function monthIn(text: string | null): string | null {
  return text !== null && MONTH.test(text) ? text : null;
}
