/** The base units values are stored in, as in the public schema. */
export const UNITS = ['VEHICLES', 'CNY', 'PERCENT', 'SWAPS', 'STATIONS', 'COUNT'] as const;

export type Unit = (typeof UNITS)[number];

/** The largest value that is stored: above it whole numbers are no longer exact. */
export const MAX_SAFE_VALUE: number = Number.MAX_SAFE_INTEGER;

/** Everything that is to be known of a metric. */
interface MetricRow {
  readonly unit: Unit;
  /** Whether values of periods add up to the value of a longer one. Counts at a day and shares of a market do not. */
  readonly additive: boolean;
  /** What a number of it is called in a title: "AITO passes 500,000 deliveries". */
  readonly noun: string;
  /** Its description in the public schema. */
  readonly description: string;
}

/**
 * The metrics, one row each, in the order of the public schema. A new one needs its row here, a migration of the enum in prisma/schema.prisma,
 * and the schema printed again.
 */
const TABLE = {
  DELIVERIES: vehicles('deliveries', 'Vehicles handed over to customers.'),
  PRODUCTION: vehicles('vehicles produced', 'Vehicles produced.'),
  SALES: vehicles('vehicles sold', 'Vehicles sold, if the source says no more than that.'),
  WHOLESALE: vehicles('vehicles wholesaled', 'Vehicles sold by the maker to dealers or for export.'),
  RETAIL: vehicles('vehicles retailed', 'Vehicles sold to end customers.'),
  REGISTRATIONS: vehicles('registrations', 'Vehicles registered or insured for the first time.'),
  EXPORTS: vehicles('vehicles exported', 'Vehicles exported from China.'),
  MARKET_SHARE: {
    unit: 'PERCENT',
    additive: false,
    noun: 'percent of the market',
    description: 'Share of the market given in `within`, in percent.',
  },
  REVENUE: { unit: 'CNY', additive: true, noun: 'CNY of revenue', description: 'Revenue, in CNY.' },
  RND_SPEND: {
    unit: 'CNY',
    additive: true,
    noun: 'CNY spent on research and development',
    description: 'Spending on research and development, in CNY.',
  },
  BATTERY_SWAPS: { unit: 'SWAPS', additive: true, noun: 'battery swaps', description: 'Battery swaps carried out.' },
  CHARGING_STATIONS: count('STATIONS', 'charging stations', 'Charging stations in operation.'),
  SWAP_STATIONS: count('STATIONS', 'battery-swap stations', 'Battery-swap stations in operation.'),
  COUNTRIES: count('COUNT', 'countries and regions', 'Countries and regions that the subject has entered.'),
  SALES_OUTLETS: count('COUNT', 'sales outlets', 'Sales outlets.'),
  ASSEMBLY_PLANTS: count('COUNT', 'assembly plants', 'Assembly plants.'),
  LOGISTICS_HUBS: count('COUNT', 'logistics hubs', 'Logistics hubs.'),
  SUPPLIERS: count('COUNT', 'suppliers', 'Supplier companies.'),
} as const satisfies Readonly<Record<string, MetricRow>>;

export type Metric = keyof typeof TABLE;

/** What can be counted of a subject, as in the public schema. */
export const METRICS = Object.keys(TABLE) as readonly Metric[];

/** The base unit of a metric. */
export function unitOf(metric: Metric): Unit {
  return TABLE[metric].unit;
}

/** What a number of a metric is called in a title. */
export function nounOf(metric: Metric): string {
  return TABLE[metric].noun;
}

/** What a metric counts, in one sentence. */
export function descriptionOf(metric: Metric): string {
  return TABLE[metric].description;
}

/** Whether the values of a metric must be whole numbers: all except percentages and money. */
export function isWhole(metric: Metric): boolean {
  const unit = unitOf(metric);
  return unit !== 'PERCENT' && unit !== 'CNY';
}

/** Whether the periods of a metric add up to a longer one. */
export function isAdditive(metric: Metric): boolean {
  return TABLE[metric].additive;
}

/** A flow of vehicles. */
function vehicles(noun: string, description: string): MetricRow {
  return { unit: 'VEHICLES', additive: true, noun, description };
}

/** A number of things on a day. */
function count(unit: 'STATIONS' | 'COUNT', noun: string, description: string): MetricRow {
  return { unit, additive: false, noun, description };
}
