import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { FIGURE_ORDERS } from '../../src/graphql/orders.ts';
import { openApi } from '../support/api.ts';
import { databaseAddress } from '../support/postgres-address.ts';
import { sentToServer } from '../support/statements.ts';

const BRANDS = 40;
const DAYS = 250;
const SIZE = 20;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** Both databases have the same planner, but only a server takes statements as they were sent. */
describe.skipIf(inject('backend') !== 'postgres')('of many figures', async () => {
  const api = await openApi({ key: null });
  let client: pg.Client;

  beforeAll(async () => {
    const [named] = await api.db.$queryRaw<{ name: string }[]>`/* named */ select current_database() as name`;
    client = new pg.Client(databaseAddress(inject('serverUrl'), named?.name ?? ''));
    await client.connect();
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

  /** The steps with which the server answered an operation. */
  async function planOf(document: string): Promise<readonly Plan[]> {
    const steps: Plan[] = [];
    for (const { text, values } of await sentToServer(() => api.ask(document))) {
      const { rows } = await client.query(`explain (analyze, timing off, format json) ${text}`, values);
      steps.push(...stepsIn(rows[0]['QUERY PLAN'][0].Plan));
    }
    return steps;
  }

  const rowsRead = (steps: readonly Plan[]) =>
    steps
      .filter((step) => step['Relation Name'] === 'Figure')
      .reduce(
        (sum, step) => sum + (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0)) * step['Actual Loops'],
        0,
      );

  /** Few rows that are equal in a part of the order can be sorted more cheaply than read in order. */
  const rowsSorted = (steps: readonly Plan[]) =>
    steps
      .filter((step) => step['Node Type'].endsWith('Sort'))
      .reduce((sum, { Plans: [input] = [] }) => sum + (input?.['Actual Rows'] ?? 0), 0);

  test.each(Object.keys(FIGURE_ORDERS))('%s reads what it shows, and sorts no more', async (orderBy) => {
    const list = (after: string | null, size: number) =>
      `{ figures(orderBy: ${orderBy}, first: ${size}, after: ${JSON.stringify(after)}) {
        nodes { value source { title publisher { name } } } pageInfo { endCursor }
      } }`;
    let after: string | null = null;
    for (const _ of [1, 2, 3]) {
      const steps = await planOf(list(after, SIZE));
      expect(rowsSorted(steps)).toBeLessThanOrEqual(2 * SIZE);
      expect(rowsRead(steps)).toBeLessThanOrEqual(2 * SIZE);
      const { figures }: { figures: { pageInfo: { endCursor: string } } } = await api.ask(list(after, 50));
      after = figures.pageInfo.endCursor;
    }
  });

  test('the list of one subject, and of each of several documents, reads what it shows', async () => {
    const nodes = 'nodes { value }';
    const ofOne = await planOf(`{ brand(slug: "brand-7") { figures(first: ${SIZE}) { ${nodes} } } }`);
    expect(rowsRead(ofOne)).toBeLessThanOrEqual(2 * SIZE);
    const ofSources = await planOf(`{ sources(first: 5) { nodes { figures(first: ${SIZE}) { ${nodes} } } } }`);
    expect(rowsRead(ofSources)).toBeLessThanOrEqual(5 * 2 * SIZE);
  });
});

function stepsIn(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(stepsIn)];
}
