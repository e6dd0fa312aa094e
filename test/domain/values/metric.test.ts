import { describe, expect, it } from 'vitest';
import { Metric as StoredMetric } from '../../../src/database/generated/client.ts';
import {
  descriptionOf,
  isAdditive,
  isWhole,
  MAX_SAFE_VALUE,
  METRICS,
  type Metric,
  nounOf,
  UNITS,
  type Unit,
  unitOf,
} from '../../../src/domain/values/metric.ts';

const METRICS_BY_UNIT: Readonly<Record<Unit, readonly Metric[]>> = {
  VEHICLES: ['DELIVERIES', 'PRODUCTION', 'SALES', 'WHOLESALE', 'RETAIL', 'REGISTRATIONS', 'EXPORTS'],
  CNY: ['REVENUE', 'RND_SPEND'],
  PERCENT: ['MARKET_SHARE'],
  SWAPS: ['BATTERY_SWAPS'],
  STATIONS: ['CHARGING_STATIONS', 'SWAP_STATIONS'],
  COUNT: ['COUNTRIES', 'SALES_OUTLETS', 'ASSEMBLY_PLANTS', 'LOGISTICS_HUBS', 'SUPPLIERS'],
};

describe('metrics', () => {
  it('are each named once and measured in a known unit', () => {
    expect(new Set(METRICS).size).toBe(METRICS.length);
    expect(new Set(METRICS.map(unitOf))).toEqual(new Set(UNITS));
  });

  it('are those that the database can store, in the same order', () => {
    expect(METRICS).toEqual(Object.values(StoredMetric));
  });

  it('have each a noun and a description of their own', () => {
    expect(new Set(METRICS.map(nounOf)).size).toBe(METRICS.length);
    expect(new Set(METRICS.map(descriptionOf)).size).toBe(METRICS.length);
  });

  it.each(UNITS)('have the unit %s where they should', (unit) => {
    expect(METRICS.filter((metric) => unitOf(metric) === unit)).toEqual(METRICS_BY_UNIT[unit]);
  });

  it('are whole numbers except percentages and money', () => {
    expect(METRICS.filter((metric) => !isWhole(metric))).toEqual(['MARKET_SHARE', 'REVENUE', 'RND_SPEND']);
  });

  it('add up over periods when they are flows, not when they are a state or a share', () => {
    expect(METRICS.filter(isAdditive)).toEqual([...METRICS_BY_UNIT.VEHICLES, 'REVENUE', 'RND_SPEND', 'BATTERY_SWAPS']);
  });

  it('stay in the range of exact whole numbers', () => {
    expect(MAX_SAFE_VALUE).toBe(2 ** 53 - 1);
  });
});
