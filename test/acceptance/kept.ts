import pg from 'pg';
import { expect } from 'vitest';
import type { TestPlace } from '../support/database.ts';

/** Read past the product: a brand's figures are those that were acknowledged, each with its observation and its one entry in the log, which has no gaps and is about nothing that is not there. */
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
           where c."figureId" = f.id and c.kind = 'FIGURE' and c.action = 'RECORDED') as entries,
         (select o.value from "Observation" o
           where o."subjectId" = f."subjectId" and o.metric = f.metric and o.period = f.period) as observed
    from "Figure" f join "Subject" s on s.id = f."subjectId"
   where s.slug = $1
   order by f.value`;

const KEPT_LOG = `/* keptLog */
  select (max(position) - min(position) + 1 - count(*))::int as gaps,
         (count(*) filter (where kind = 'FIGURE' and "figureId" is null))::int as strays
    from "Change"`;
