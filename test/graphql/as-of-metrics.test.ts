import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';

interface Known {
  readonly slug: string;
  readonly metrics: readonly { readonly metric: string; readonly claims: number }[];
  readonly headlineMetric: string | null;
  readonly latest: { readonly metric: string; readonly period: string; readonly value: number | null } | null;
}

const KINDS = ['brands', 'companies', 'alliances', 'models', 'plants', 'markets'];

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

function fieldsOf(asOf?: string): string {
  const args = asOf === undefined ? '' : `(asOf: "${asOf}")`;
  return `slug metrics${args} { metric from to observations claims } headlineMetric${args} latest${args} { metric period value }`;
}

async function allOf(kind: string, asOf?: string): Promise<readonly Known[]> {
  const { list } = await scenario.api.ask<{ list: { nodes: readonly Known[] } }>(
    `{ list: ${kind}(first: 100) { nodes { ${fieldsOf(asOf)} } } }`,
  );
  return list.nodes;
}

async function knownOf(slug: string, asOf: string): Promise<Known> {
  const { subject } = await scenario.api.ask<{ subject: Known }>(`{ subject(slug: "${slug}") { ${fieldsOf(asOf)} } }`);
  return subject;
}

test.each(KINDS)('what was known of %s in the far future is what is known now', async (kind) => {
  const now = await allOf(kind);
  expect(now.length).toBeGreaterThan(0);
  expect(await allOf(kind, '2100-01-01T00:00:00Z')).toEqual(now);
});

test('a subject is known in the metrics of which something was published by then', async () => {
  // Xiaomi's own deliveries of April and May came first; the table with sales by month is of August 2026.
  expect(await knownOf('xiaomi-auto', '2024-06-02T12:00:00Z')).toMatchObject({
    metrics: [{ metric: 'DELIVERIES', claims: 2 }],
    headlineMetric: 'DELIVERIES',
    latest: { metric: 'DELIVERIES', period: '2024-05', value: 8_646 },
  });
  expect(await knownOf('xiaomi-auto', '2024-05-31T15:59:59Z')).toMatchObject({
    metrics: [],
    headlineMetric: null,
    latest: null,
  });
});
