import { SERVING } from '../../src/database/bounds.ts';
import type { Metric, PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { MIGRATIONS } from '../../src/root.ts';
import { type Shape, statedAt } from './claims.ts';

const SOURCES = 3;
/** One for each lane. */
const CONNECTIONS = 5;

/** Opens an empty database, and adds sources. Filling it with a million figures takes longer than the server waits for a statement. */
export async function openFilled(databaseUrl: string, bounds = SERVING): Promise<Database> {
  const options = { databaseUrl, dataDir: '', databaseConnections: CONNECTIONS, bounds };
  const database = await openDatabase(options, createLogger('error'));
  await migrate(database, MIGRATIONS);
  await database.client.$executeRaw`
    /* fillPublishers */
    insert into "Publisher" (slug, name, tier) select 'press-' || n, 'Press ' || n, n from generate_series(1, ${SOURCES}::int) n`;
  await database.client.$executeRaw`
    /* fillSources */
    insert into "Source" ("publisherId", title, identity) select id, 'Figures of ' || name, slug from "Publisher" order by id`;
  return database;
}

/** Adds brands named after a word, two to a company if asked for. */
export async function fillBrands(db: PrismaClient, word: string, count: number, inCompanies = false): Promise<void> {
  if (inCompanies)
    await db.$executeRaw`
      /* fillCompanies */
      insert into "Subject" (kind, slug, name)
      select 'COMPANY', ${word} || '-group-' || n, ${word} || ' group ' || n from generate_series(1, ${Math.ceil(count / 2)}::int) n`;
  await db.$executeRaw`
    /* fillBrands */
    insert into "Subject" (kind, slug, name, "parentId")
    select 'BRAND', ${word} || '-' || n, ${word} || ' ' || n, above.id
      from generate_series(1, ${count}::int) n
      left join "Subject" above on above.slug = ${word} || '-group-' || ((n + 1) / 2)`;
}

/** Adds figures of all brands named after a word: as many as are asked for of each, with the same values from all sources. */
export async function fillFigures(
  db: PrismaClient,
  word: string,
  shape: Shape,
  each: number,
  metric: Metric = 'DELIVERIES',
): Promise<void> {
  const stated = Array.from({ length: Math.ceil(each / shape.sources) }, (_, index) => ({
    index,
    ...statedAt(shape, index),
  }));
  await db.$executeRaw`
    /* fillFigures */
    insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, lower, upper, qualifier, "sourceId", "knownFrom", "claimKey")
    select s.id, ${metric}::"Metric", p.period, p.first, p.last, v.value, v.value, v.value, 'EXACT', o.id, now(),
           concat_ws('-', 'filled', ${metric}::text, s.id, p.index, o.id)
      from jsonb_to_recordset(${JSON.stringify(stated)}::jsonb) as p(index int, period text, first date, last date, value int)
     cross join "Subject" s
      join "Source" o on o.id <= ${shape.sources}::int,
           -- Every brand has values of its own.
           lateral (select p.value + s.id % 500 as value) v
     where s.slug ~ ('^' || ${word}::text || '-[0-9]+$') and p.index * ${shape.sources}::int + o.id <= ${each}::int
     order by s.id, p.index, o.id`;
}
