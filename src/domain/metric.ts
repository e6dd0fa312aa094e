/** What can be counted of a subject, as in the public schema. */
export const METRICS = [
  'DELIVERIES',
  'PRODUCTION',
  'SALES',
  'WHOLESALE',
  'RETAIL',
  'REGISTRATIONS',
  'EXPORTS',
  'MARKET_SHARE',
  'REVENUE',
  'RND_SPEND',
  'BATTERY_SWAPS',
  'CHARGING_STATIONS',
  'SWAP_STATIONS',
  'COUNTRIES',
  'SALES_OUTLETS',
  'ASSEMBLY_PLANTS',
  'LOGISTICS_HUBS',
  'SUPPLIERS',
] as const;

/** The base units values are stored in, as in the public schema. */
export const UNITS = ['VEHICLES', 'CNY', 'PERCENT', 'SWAPS', 'STATIONS', 'COUNT'] as const;

/** The largest value that is stored: above it whole numbers are no longer exact. */
export const MAX_SAFE_VALUE: number = Number.MAX_SAFE_INTEGER;

export type Metric = (typeof METRICS)[number];

export type Unit = (typeof UNITS)[number];

const UNIT_OF: Readonly<Record<Metric, Unit>> = {
  DELIVERIES: 'VEHICLES',
  PRODUCTION: 'VEHICLES',
  SALES: 'VEHICLES',
  WHOLESALE: 'VEHICLES',
  RETAIL: 'VEHICLES',
  REGISTRATIONS: 'VEHICLES',
  EXPORTS: 'VEHICLES',
  MARKET_SHARE: 'PERCENT',
  REVENUE: 'CNY',
  RND_SPEND: 'CNY',
  BATTERY_SWAPS: 'SWAPS',
  CHARGING_STATIONS: 'STATIONS',
  SWAP_STATIONS: 'STATIONS',
  COUNTRIES: 'COUNT',
  SALES_OUTLETS: 'COUNT',
  ASSEMBLY_PLANTS: 'COUNT',
  LOGISTICS_HUBS: 'COUNT',
  SUPPLIERS: 'COUNT',
};

// Stations and counts are states on a day, and percentages are of a different whole in every period.
const FLOW_UNITS: ReadonlySet<Unit> = new Set<Unit>(['VEHICLES', 'CNY', 'SWAPS']);

/** The base unit of a metric. */
export function unitOf(metric: Metric): Unit {
  return UNIT_OF[metric];
}

/** Whether the values of a metric must be whole numbers: all but percentages and money. */
export function isWhole(metric: Metric): boolean {
  const unit = unitOf(metric);
  return unit !== 'PERCENT' && unit !== 'CNY';
}

/** Whether the periods of a metric add up to a longer one: vehicles, money and swaps do. */
export function isAdditive(metric: Metric): boolean {
  return FLOW_UNITS.has(unitOf(metric));
}
