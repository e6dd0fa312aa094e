import { expect } from 'vitest';
import type { Observed, Scenario, Stated } from './scenario.ts';

/** The month that the claims are about. */
export const CLAIMED_MONTH = '2025-12';

/** What one source says, with its tier, its value and, if known, its day of publication. */
export type Claim = readonly [tier: 1 | 2 | 3 | 4, stated: number | Stated, publishedOn?: string];

/** Creates a brand with claims of several sources about its month, each of a publisher of its own. */
export async function claimed(
  scenario: Scenario,
  ...said: readonly Claim[]
): Promise<{ readonly brand: string; readonly ids: readonly string[] }> {
  const brand = await scenario.subject('BRAND');
  const ids: string[] = [];
  for (const [tier, stated, publishedOn] of said) {
    const sourceId = await scenario.source(tier, publishedOn);
    const written = await scenario.record(brand, { [CLAIMED_MONTH]: stated }, { sourceId, acknowledgeOutlier: true });
    ids.push(...written.ids);
  }
  return { brand, ids };
}

/** The observation of the month; its resolution is one plain sentence. */
export async function look(scenario: Scenario, brand: string): Promise<Observed | null> {
  const observed = await scenario.observe(brand, CLAIMED_MONTH);
  expect(observed?.resolution).toMatch(/^[^.]+\.$/);
  return observed;
}
