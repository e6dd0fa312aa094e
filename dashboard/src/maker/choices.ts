import { readAddress, writeAddress } from '../parts/address.ts';
import type { Maker } from './maker-query.ts';

/** What counts vehicles, in the order in which it is offered. */
const OF_VEHICLES = ['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL', 'PRODUCTION', 'REGISTRATIONS', 'EXPORTS'] as const;
const LENGTHS = { month: 'MONTH', quarter: 'QUARTER', half: 'HALF', year: 'YEAR' } as const;

export type Length = keyof typeof LENGTHS;
export type VehicleMetric = (typeof OF_VEHICLES)[number];

export const lengths = Object.keys(LENGTHS) as readonly Length[];

/** The length of the periods that the reader chose; months if none. */
export function chosenLength(): Length {
  const by = readAddress('by');
  return lengths.find((length) => length === by) ?? 'month';
}

export function granularityOf(length: Length): (typeof LENGTHS)[Length] {
  return LENGTHS[length];
}

export function chooseLength(length: Length): void {
  writeAddress({ by: length === 'month' ? null : length });
}

/** The metrics of vehicles in which something is known of a maker. */
export function metricsOf({ metrics }: Pick<Maker, 'metrics'>): readonly VehicleMetric[] {
  return OF_VEHICLES.filter((one) => metrics.some(({ metric }) => metric === one));
}

/** The metric that the reader chose, or else the one in which the maker is reported; null if nothing is known of its vehicles. */
export function chosenMetric(maker: Pick<Maker, 'metrics' | 'headlineMetric'>): VehicleMetric | null {
  const known = metricsOf(maker);
  const chosen = readAddress('metric');
  return known.find((one) => one === chosen) ?? known.find((one) => one === maker.headlineMetric) ?? known[0] ?? null;
}

export function chooseMetric(metric: string, { headlineMetric }: Pick<Maker, 'headlineMetric'>): void {
  writeAddress({ metric: metric === headlineMetric ? null : metric });
}
