import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { FIGURE_ORDERS } from '../../src/graphql/orders.ts';
import { openApi } from '../support/api.ts';
import { connectTo, type Plan, planOf, rowsOf, rowsSorted } from '../support/plans.ts';

const BRANDS = 40;
const DAYS = 250;
const SIZE = 20;

/** Both databases have the same planner, but only a server takes statements as they were sent. */
describe.skipIf(inject('backend') !== 'postgres')('of many figures', async () => {
  const api = await openApi({ key: null });
  let client: pg.Client;

  beforeAll(async () => {
    client = await connectTo(api);
    await client.query(`
      insert into "Subject" (kind, slug, name) select 'BRAND', 'brand-' || n, 'Brand ' || n from generate_series(1, ${BRANDS}) n;
      insert into "Publisher" (slug, name, tier) values ('press', 'Press', 3);
      insert into "Source" ("publisherId", title, "publishedOn", identity)
      select p.id, 'Source ' || n, case when n % 10 > 0 then date '2024-01-01' + n end, 'source-' || n
        from "Publisher" p, generate_series(1, 100) n;
      insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, qualifier, "sourceId", "knownFrom", "recordedAt", "claimKey")
      select s.id, 'DELIVERIES', d.day::text, d.day, d.day, case when o.id % 7 > 0 then (n * 7919 + s.id) % 10000 end, 'EXACT', o.id, now(),
             now() + n * interval '1 second', s.id || '/' || n
        from generate_series(1, ${DAYS}) n
       cross join lateral (select date '2023-01-01' + n as day) d
        join "Subject" s on true
        join "Source" o on o.identity = 'source-' || (1 + (n + s.id) % 100);
      analyze`);
  });
  afterAll(async () => {
    await client.end();
    await api[Symbol.asyncDispose]();
  });

  const rowsRead = (steps: readonly Plan[]) =>
    steps.filter((step) => step['Relation Name'] === 'Figure').reduce((sum, step) => sum + rowsOf(step), 0);

  test.each(Object.keys(FIGURE_ORDERS))('%s reads what it shows, and sorts no more', async (orderBy) => {
    const list = (after: string | null, size: number) =>
      `{ figures(orderBy: ${orderBy}, first: ${size}, after: ${JSON.stringify(after)}) {
        nodes { value source { title publisher { name } } } pageInfo { endCursor }
      } }`;
    let after: string | null = null;
    for (const _ of [1, 2, 3]) {
      const steps = await planOf(client, api, list(after, SIZE));
      expect(rowsSorted(steps)).toBeLessThanOrEqual(2 * SIZE);
      expect(rowsRead(steps)).toBeLessThanOrEqual(2 * SIZE);
      const { figures }: { figures: { pageInfo: { endCursor: string } } } = await api.ask(list(after, 50));
      after = figures.pageInfo.endCursor;
    }
  });

  test('the list of one subject, and of each of several documents, reads what it shows', async () => {
    const nodes = 'nodes { value }';
    const ofOne = await planOf(client, api, `{ brand(slug: "brand-7") { figures(first: ${SIZE}) { ${nodes} } } }`);
    expect(rowsRead(ofOne)).toBeLessThanOrEqual(2 * SIZE);
    const ofSources = await planOf(
      client,
      api,
      `{ sources(first: 5) { nodes { figures(first: ${SIZE}) { ${nodes} } } } }`,
    );
    expect(rowsRead(ofSources)).toBeLessThanOrEqual(5 * 2 * SIZE);
  });
});

describe.skipIf(inject('backend') !== 'postgres')('of many milestones', async () => {
  const api = await openApi({ key: null });
  let client: pg.Client;

  beforeAll(async () => {
    client = await connectTo(api);
    // Ten smaller ones before each million, which half of the subjects have reached.
    await client.query(`
      insert into "Subject" (kind, slug, name) select 'BRAND', 'brand-' || n, 'Brand ' || n from generate_series(1, 1000) n;
      insert into "Milestone" ("subjectId", kind, metric, threshold, title, "sortOn", status, key)
      select s.id, 'UNITS', 'DELIVERIES', number, number || ' deliveries', date '2020-01-01' + s.id + number / 100000,
             case when s.id % 3 = 0 then 'DISPUTED' else 'DETECTED' end::"MilestoneStatus", s.id || '/' || number
        from "Subject" s
       cross join generate_series(100000, case when s.id % 2 = 0 then 1000000 else 900000 end, 100000) number;
      analyze`);
  });
  afterAll(async () => {
    await client.end();
    await api[Symbol.asyncDispose]();
  });

  test('those of a threshold, some kinds and statuses are read in their order, and no others are counted', async () => {
    const filter = '{ kinds: [UNITS], threshold: 1000000, statuses: [DETECTED, CONFIRMED] }';
    const document = `{ milestones(filter: ${filter}, first: ${SIZE}) { totalCount nodes { title status } } }`;
    const steps = await planOf(client, api, document);
    const [shown = [], counted = []] = [
      steps.filter((step) => step['Node Type'] === 'Index Scan'),
      steps.filter((step) => step['Node Type'] !== 'Index Scan'),
    ].map((some) => some.filter((step) => step['Relation Name'] === 'Milestone').map(rowsOf));
    expect(shown).toHaveLength(1);
    expect(shown[0]).toBeLessThanOrEqual(2 * SIZE);
    expect(counted).toEqual([500]);
  });
});
