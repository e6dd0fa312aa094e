-- What an entry is about was one column for each kind. Now it is its kind and one id, so that a new kind needs no new column.
-- An id can belong to five tables, so the database has no foreign keys for it: see scripts/schema-diff.ts.

-- Added by hand: all tables are locked in the order in which writes use them, the log last. To drop a foreign key locks both of its tables, and
-- with the log first this would meet the writes of a running instance in a deadlock.
LOCK TABLE "Figure", "Milestone", "Target", "Membership", "Source", "Change" IN ACCESS EXCLUSIVE MODE;

-- The ids move between the columns, in one pass over the table instead of an update that leaves a second copy of it.
ALTER TABLE "Change" DROP CONSTRAINT "Change_figureId_fkey",
DROP CONSTRAINT "Change_milestoneId_fkey",
DROP CONSTRAINT "Change_targetId_fkey",
DROP CONSTRAINT "Change_membershipId_fkey",
DROP CONSTRAINT "Change_sourceId_fkey";

-- An entry whose row was deleted by hand has lost the id. It gets 0, which no row has. The kind is compared as text, because pending
-- migrations run in one transaction, in which a value added to an enum cannot be used.
ALTER TABLE "Change" ALTER COLUMN "figureId" TYPE INTEGER USING coalesce(
  case kind::text
    when 'FIGURE' then "figureId"
    when 'MILESTONE' then "milestoneId"
    when 'TARGET' then "targetId"
    when 'MEMBERSHIP' then "membershipId"
    when 'SOURCE' then "sourceId"
    when 'SUBJECT' then "subjectId"
  end, 0);

ALTER TABLE "Change" RENAME COLUMN "figureId" TO "aboutId";

ALTER TABLE "Change" DROP COLUMN "milestoneId",
DROP COLUMN "targetId",
DROP COLUMN "membershipId",
DROP COLUMN "sourceId";

-- Prisma cannot say that a column of optional relations is never null. An older instance that is still running knows only the columns
-- that are gone: without this it would write entries that are about nothing.
ALTER TABLE "Change" ADD CONSTRAINT "Change_aboutId_check" CHECK ("aboutId" IS NOT NULL);

-- What an entry says, in 32 bytes, byte by byte as before: the id goes in under the name of the column that it was in.
-- Each kind has its branch. A kind without one is an error, because nothing would vouch for the rows that its entries are about.
create or replace function change_content(entry "Change") returns bytea
  language plpgsql stable
as $$
declare
  own jsonb := to_jsonb(entry) - '{position,digest,at,before,observation,lineIds,aboutId}'::text[];
  about jsonb;
begin
  case entry.kind::text
    when 'FIGURE' then
      own := own || jsonb_build_object('figureId', entry."aboutId");
      select jsonb_build_array(
               f.metric, f.period, w.slug, change_number(f.value), change_number(f.lower), change_number(f.upper), f.qualifier,
               change_number(f."statedChangePercent"), o.identity, f."attributedTo", f.note, f."revisesId",
               change_instant(f."recordedAt"), change_instant(f."knownFrom"))
        into about
        from "Figure" f
        join "Source" o on o.id = f."sourceId"
        left join "Subject" w on w.id = f."withinId"
       where f.id = entry."aboutId";
    when 'MILESTONE' then
      own := own || jsonb_build_object('milestoneId', entry."aboutId");
      select to_jsonb(m.key) into about from "Milestone" m where m.id = entry."aboutId";
    when 'TARGET' then
      own := own || jsonb_build_object('targetId', entry."aboutId");
      select to_jsonb(t.identity) into about from "Target" t where t.id = entry."aboutId";
    when 'MEMBERSHIP' then
      own := own || jsonb_build_object('membershipId', entry."aboutId");
      select jsonb_build_array(b.slug, m."joinedOn")
        into about
        from "Membership" m join "Subject" b on b.id = m."brandId"
       where m.id = entry."aboutId";
    when 'SOURCE' then
      own := own || jsonb_build_object('sourceId', entry."aboutId");
      select to_jsonb(o.identity) into about from "Source" o where o.id = entry."aboutId";
    when 'SUBJECT' then
      -- It is the subject of the entry, which is below as for every other kind.
      null;
  end case;
  return sha256(convert_to(jsonb_build_array(
    jsonb_strip_nulls(own),
    change_instant(entry.at), change_number(entry.before), entry.observation,
    (select jsonb_build_array(s.kind, s.slug) from "Subject" s where s.id = entry."subjectId"),
    about
  )::text, 'UTF8'));
end
$$;
