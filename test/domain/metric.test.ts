import { describe, expect, it } from 'vitest';
import {
  isAdditive,
  isWhole,
  MAX_SAFE_VALUE,
  METRICS,
  type Metric,
  UNITS,
  type Unit,
  unitOf,
} from '../../src/domain/metric.ts';

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

  it.each(UNITS)('have the unit %s where they should', (unit) => {
    expect(METRICS.filter((metric) => unitOf(metric) === unit)).toEqual(METRICS_BY_UNIT[unit]);
  });

  it('are whole numbers but for percentages and money', () => {
    expect(METRICS.filter((metric) => !isWhole(metric))).toEqual(['MARKET_SHARE', 'REVENUE', 'RND_SPEND']);
  });

  it('add up over periods where they flow, not where they are a state or a share', () => {
    expect(METRICS.filter(isAdditive)).toEqual([...METRICS_BY_UNIT.VEHICLES, 'REVENUE', 'RND_SPEND', 'BATTERY_SWAPS']);
  });

  it('stay where whole numbers are exact', () => {
    expect(MAX_SAFE_VALUE).toBe(2 ** 53 - 1);
  });
});
