import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { connectTo, planOf, rowsOf, rowsSorted } from '../support/plans.ts';

const BRANDS = 2_000;
const SIZE = 20;
const BOARD = (kind: string) => `{
  leaderboard(period: "2025-12", kinds: [${kind}], first: ${SIZE}) {
    total entries { rank previousRank yearAgoRank share subject { slug } observation { value } }
  }
}`;

interface Board {
  readonly leaderboard: {
    readonly total: number;
    readonly entries: readonly { readonly previousRank: number | null }[];
  };
}

/** Both databases have the same planner, but only a server takes statements as they were sent. */
describe.skipIf(inject('backend') !== 'postgres')('of many brands', async () => {
  const api = await openApi({ key: null });
  let client: pg.Client;

  beforeAll(async () => {
    client = await connectTo(api);
    // As many companies, and all trade places.
    await client.query(`
      insert into "Subject" (kind, slug, name) select 'COMPANY', 'group-' || n, 'Group ' || n from generate_series(1, ${BRANDS}) n;
      insert into "Subject" (kind, slug, name, "parentId")
      select 'BRAND', 'brand-' || n, 'Brand ' || n, s.id from generate_series(1, ${BRANDS}) n join "Subject" s on s.slug = 'group-' || n;
      insert into "Observation" (slot, "subjectId", metric, period, kind, "periodStart", "periodEnd", value, lower, upper, qualifier, method,
             agreement, "decidedBy", origins, resolution)
      select concat_ws('|', s.id, 'DELIVERIES', p.period, ''), s.id, 'DELIVERIES', p.period, 'MONTH', p.first, p.last, v, v, v, 'EXACT',
             'ASSERTED', 'SOLE', 'ONLY', 1, ''
        from "Subject" s
       cross join (values ('2025-12', date '2025-12-01', date '2025-12-31', 0), ('2025-11', '2025-11-01', '2025-11-30', 3),
                          ('2024-12', '2024-12-01', '2024-12-31', 5)) p(period, first, last, place)
       cross join lateral (select 10 * s.id + (s.id * 7919 + p.place * 31) % 60 as v) worked_out
       order by s.id, p.first`);
    await client.query('vacuum analyze');
  });
  afterAll(async () => {
    await client.end();
    await api[Symbol.asyncDispose]();
  });

  test.each(['BRAND', 'COMPANY'])(
    "a month's board of kind %s goes through all of them once, for the total",
    async (kind) => {
      const steps = await planOf(client, api, BOARD(kind));
      const many = steps.filter((step) => rowsOf(step) > 6 * SIZE && step['Node Type'] !== 'Bitmap Index Scan');
      expect(many.map(rowsOf)).toEqual([BRANDS]);
      // Where the rows of a month lie together, or were written just now, reading them can be cheaper than the index alone.
      expect(many[0]?.['Node Type']).toMatch(/^(Index Only|Bitmap Heap) Scan$/);
      expect(rowsSorted(steps)).toBeLessThanOrEqual(8 * SIZE);
      const { leaderboard }: Board = await api.ask(BOARD(kind));
      expect(leaderboard.entries.map(({ previousRank }) => previousRank)).not.toContain(null);
    },
  );
});
