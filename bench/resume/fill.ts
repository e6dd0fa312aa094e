import type { PrismaClient } from '../../src/database/generated/client.ts';

const MAKERS = 500;

/** Puts figures of many makers into an empty database, each with its log entry, as if they had been recorded one by one. Through the product it would take a quarter of an hour. */
export async function fillLog(db: PrismaClient, entries: number): Promise<void> {
  await db.$executeRaw`
    /* fillSubjects */
    insert into "Subject" (kind, slug, name)
    select 'BRAND', 'maker-' || n, 'Maker ' || n from generate_series(1, ${MAKERS}::int) n`;
  await db.$executeRaw`
    /* fillPublishers */
    insert into "Publisher" (slug, name, tier) values ('past', 'The past', 1)`;
  await db.$executeRaw`
    /* fillSources */
    insert into "Source" ("publisherId", title, identity) select id, 'What was', 'past' from "Publisher" where slug = 'past'`;
  await db.$executeRaw`
    /* fillFigures */
    insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, lower, upper, qualifier, "sourceId", "knownFrom", "claimKey")
    select s.id, 'DELIVERIES', day::text, day, day, n, n, n, 'EXACT', o.id, now(), 'past-' || n
      from generate_series(1, ${entries}::int) n
      join "Subject" s on s.slug = 'maker-' || (1 + n % ${MAKERS}::int)
      join "Source" o on o.identity = 'past',
           lateral (select (date '1900-01-01' + n / ${MAKERS}::int)::date as day) days`;
  await logFigures(db);
}

/** Gives each figure of a database with an empty log its entry. */
export async function logFigures(db: PrismaClient): Promise<void> {
  await db.$executeRaw`
    /* fillChanges */
    insert into "Change" (position, kind, "aboutId", "subjectId", action, observation, digest)
    select row_number() over (order by id), 'FIGURE', id, "subjectId", 'RECORDED',
           jsonb_build_object('version', 1, 'value', value, 'lower', lower, 'upper', upper, 'bestId', id, 'revised', false,
                              'qualifier', 'EXACT', 'agreement', 'SOLE', 'resolution', 'Only What was says so.'), ''
      from "Figure"`;
  await db.$executeRaw`
    /* fillDigests */
    update "Change" c set digest = chained.digest
      from (select e.position, change_chain(l."prunedDigest", e.position, change_content(e)) over (order by e.position) as digest
              from "ChangeLog" l, "Change" e) chained
     where chained.position = c.position`;
  // Otherwise the server would do this by itself within the next minute, during the measurement.
  await db.$executeRaw`/* vacuumAll */ vacuum analyze`;
}
