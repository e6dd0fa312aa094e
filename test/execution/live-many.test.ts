import { createClient } from 'graphql-ws';
import { expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { recordFigure } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { openServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

/** The embedded database answers in the process of the test, one question after the other. */
const MANY = inject('backend') === 'postgres' ? 1_000 : 200;
const WRITTEN = 3;
const LIVE = 'subscription ($slug: String!) { live { brand(slug: $slug) { figures { totalCount } } } }';

test('a figure of one brand executes one of many live queries about as many brands', { timeout: 120_000 }, async () => {
  await using server = await openServer({ maxSubscriptionsPerSocket: MANY });
  const slugs = Array.from({ length: MANY }, (_, index) => `brand-${index}`);
  await server.db.subject.createMany({ data: slugs.map((slug) => ({ kind: 'BRAND' as const, slug, name: slug })) });
  const publisher = { slug: 'daily', name: 'Daily', tier: 4 };
  const { source } = await registerSource(server.db, { publisher, title: 'Figures' });
  const errors: unknown[] = [];
  const answers = new Map<string, number>();
  const client = createClient({ url: server.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  for (const slug of slugs) {
    client.subscribe(
      { query: LIVE, variables: { slug } },
      {
        next: () => void answers.set(slug, (answers.get(slug) ?? 0) + 1),
        error: (error) => void errors.push(error),
        complete: () => undefined,
      },
    );
  }
  await until('all have an answer', () => answers.size === MANY, 100_000);
  expect(server.subscriptions.groups).toBe(MANY);
  const before = server.subscriptions.counts.executions;
  const record = (slug: string, period: string) =>
    recordFigure(server.db, {
      subject: slug,
      metric: 'DELIVERIES',
      period,
      value: 5,
      qualifier: 'EXACT',
      sourceId: source.id,
    });
  const written = slugs.slice(-WRITTEN);
  for (const slug of written) {
    await record(slug, '2025-01');
    await until('its next answer came', () => answers.get(slug) === 2);
  }
  // Any other executions begun by the first writes would have been counted before the last answer.
  expect(server.subscriptions.counts.executions - before).toBe(written.length);
  expect([...answers.values()].filter((count) => count > 1).length).toBe(written.length);
  expect(errors).toEqual([]);
  await client.dispose();
  await until('they end with their reader', () => server.subscriptions.groups === 0);
});
