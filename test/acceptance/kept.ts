import pg from 'pg';
import { expect } from 'vitest';
import type { TestPlace } from '../support/database.ts';

/** Reads the database directly: a brand's figures are the acknowledged ones, each with its observation and its one log entry. The log has no gaps, and its entries are about existing rows. */
export async function expectKept(
  { databaseUrl }: Pick<TestPlace, 'databaseUrl'>,
  brand: string,
  acknowledged: readonly number[],
): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows: figures } = await client.query(KEPT_FIGURES, [brand]);
    const values = [...acknowledged].sort((a, b) => a - b);
    expect(figures).toEqual(values.map((value) => ({ value, entries: 1, observed: value })));
    const { rows: log } = await client.query(KEPT_LOG);
    expect(log).toEqual([{ gaps: 0, strays: 0 }]);
  } finally {
    await client.end();
  }
}

const KEPT_FIGURES = `/* keptFigures */
  select f.value,
         (select count(*)::int from "Change" c
           where c.kind = 'FIGURE' and c."aboutId" = f.id and c.action = 'RECORDED') as entries,
         (select o.value from "Observation" o
           where o."subjectId" = f."subjectId" and o.metric = f.metric and o.period = f.period) as observed
    from "Figure" f join "Subject" s on s.id = f."subjectId"
   where s.slug = $1
   order by f.value`;

const KEPT_LOG = `/* keptLog */
  select (max(position) - min(position) + 1 - count(*))::int as gaps,
         (count(*) filter (where kind = 'FIGURE' and "aboutId" not in (select id from "Figure")))::int as strays
    from "Change"`;
