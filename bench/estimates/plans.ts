import pg from 'pg';
import type { Statement } from './statements.ts';

/** What the database does for statements. */
export interface Work {
  readonly ms: number;
  /** The rows that it takes from tables and indexes, also those that it then leaves out. */
  readonly rowsRead: number;
  /** The tables that it reads without an index. */
  readonly readWhole: readonly string[];
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}

/** Has the database execute queries again, and say how. */
export async function explain(databaseUrl: string, statements: readonly Statement[]): Promise<Work> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  let ms = 0;
  let rowsRead = 0;
  const readWhole = new Set<string>();
  for (const { text, values } of statements.filter(({ command }) => command === 'SELECT')) {
    const { rows } = await client.query(`explain (analyze, timing off, format json) ${text}`, [...values]);
    const [{ Plan: plan, 'Execution Time': time }] = rows[0]['QUERY PLAN'];
    ms += time;
    for (const scan of scansIn(plan)) {
      const removed = (scan['Rows Removed by Filter'] ?? 0) + (scan['Rows Removed by Index Recheck'] ?? 0);
      rowsRead += (scan['Actual Rows'] + removed) * scan['Actual Loops'];
      if (scan['Node Type'] === 'Seq Scan' && scan['Actual Loops'] > 0) readWhole.add(scan['Relation Name'] as string);
    }
  }
  await client.end();
  return { ms, rowsRead: Math.round(rowsRead), readWhole: [...readWhole].sort() };
}

function scansIn(plan: Plan): readonly Plan[] {
  return [...(plan['Relation Name'] === undefined ? [] : [plan]), ...(plan.Plans ?? []).flatMap(scansIn)];
}
