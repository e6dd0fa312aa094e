import { csvOf } from '../format/csv.ts';
import { monthsOf, type Row, USUAL } from './rows.ts';
import type { Month } from './table-query.ts';

interface Facts {
  readonly year: number;
  /** What the last column adds up: 2025, or 2026-01/2026-07. */
  readonly toDate: string;
  /** The day as of which it is known. */
  readonly day: string;
  /** Where it comes from. */
  readonly address: string;
}

/** The table as CSV: lines with what it is, which begin with #, then of each period a column with the value and one with its marks. */
export function tableCsv(rows: readonly Row[], { year, toDate, day, address }: Facts): string {
  const periods = [...monthsOf(year), ...(monthsOf(year).includes(toDate) ? [] : [toDate])];
  return csvOf([
    [`# Vehicles by maker and month: ${year}; as known on ${day}`],
    [
      '# Metric: DELIVERIES; another one is named in the marks; so is what is not exact (ABOUT OVER UNDER BETWEEN >= <=)',
    ],
    ['# Marks: DERIVED = worked out from other claims; REVISED = restated; CONTRADICTED = a claim contradicts it'],
    [`# Source: Milepost ${address.replaceAll(',', '%2C')}`],
    ['maker', 'name_zh', 'slug', 'kind', ...periods.flatMap((period) => [period, `${period} marks`]), 'change %'],
    ...rows.map(({ maker, months, total }) => [
      maker.name,
      maker.nameZh,
      maker.slug,
      maker.kind,
      ...[...months, total]
        .slice(0, periods.length)
        .flatMap((of) => [of?.value ?? null, of === null ? null : marksOf(of)]),
      total?.change?.percent ?? null,
    ]),
  ]);
}

/** Everything that is to be known of a number beside its value, in the words of the API. */
function marksOf({ metric, value, lower, upper, qualifier, method, revised, contradictions }: Month): string {
  const marks = [
    metric !== USUAL && metric,
    qualifier !== 'EXACT' && qualifier,
    lower !== null && lower !== value && `>=${lower}`,
    upper !== null && upper !== value && `<=${upper}`,
    method === 'DERIVED' && method,
    revised && 'REVISED',
    contradictions.length > 0 && 'CONTRADICTED',
  ];
  return marks.filter(Boolean).join(' ');
}
