import { expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { DASHBOARD } from '../support/dashboard.ts';
import { shown } from '../support/deltas.ts';
import { subscribe } from '../support/readers.ts';
import { until } from '../support/wait.ts';

const LIVE = `subscription { live ${DASHBOARD} }`;
/** A change of one cell takes at most this share of the answer. */
const SHARE = 0.02;

test('a change of one cell of the dashboard takes at most 2 % of the answer', async () => {
  await using api = await openApi({ seeded: true });
  const reader = subscribe(api.server.wsUrl, LIVE, { extensions: { delta: 'json-patch' } });
  const whole = subscribe(api.server.wsUrl, LIVE);
  await until('both have begun', () => reader.results.length === 1 && whole.results.length === 1);
  await raise(api, 'zeekr', '2025-10');
  await until('both have the next', () => reader.results.length === 2 && whole.results.length === 2);
  const [patch, answer] = [reader, whole].map(({ results }) => results[1]);
  expect(patch?.patch).toContainEqual(expect.objectContaining({ path: expect.stringMatching(/\/value$/) }));
  expect(sizeOf(patch)).toBeLessThanOrEqual(SHARE * sizeOf(answer));
  expect((await shown(reader.results)).at(-1)).toEqual(answer?.data);
  for (const each of [reader, whole]) each.stop();
});

/** Adds one vehicle to each claim about a month, as if its source had corrected it. */
async function raise(api: Api, subject: string, period: string): Promise<void> {
  const { figures } = await api.ask<{ figures: { nodes: { id: string; value: number }[] } }>(
    `query ($subjects: [String!], $periods: [Period!]) {
      figures(first: 100, filter: { subjects: $subjects, periods: $periods }) { nodes { id value } }
    }`,
    { subjects: [subject], periods: [period] },
  );
  const inputs = figures.nodes.map(({ id, value }) => ({ id, input: { value: value + 1, reason: 'A correction.' } }));
  const { reviseFigures } = await api.ask<{ reviseFigures: { userErrors: unknown[] } }>(
    'mutation ($inputs: [RevisionOf!]!) { reviseFigures(inputs: $inputs) { userErrors { message } } }',
    { inputs },
  );
  expect([inputs.length > 0, reviseFigures.userErrors]).toEqual([true, []]);
}

function sizeOf(result: unknown): number {
  return JSON.stringify(result).length;
}
