-- The halves of a year have a name of their own. Until now 2025-H1 was the range 2025-01/2025-06.

-- Added by hand: all tables are locked in the order in which writes use them. Nothing can have the new names yet, because they were refused
-- as periods, so no two slots become one.
LOCK TABLE "Figure", "Observation", "Target" IN ACCESS EXCLUSIVE MODE;

create function halves_named(period text) returns text
  language sql immutable
as $$
  select regexp_replace(regexp_replace(period, '(\d{4})-01/\1-06', '\1-H1'), '(\d{4})-07/\1-12', '\1-H2')
$$;

update "Figure"
   set period = halves_named(period), "claimKey" = halves_named("claimKey")
 where period ~ '^(\d{4})-(01/\1-06|07/\1-12)$';

update "Observation"
   set period = halves_named(period), slot = halves_named(slot)
 where period ~ '^(\d{4})-(01/\1-06|07/\1-12)$';

update "Target"
   set period = halves_named(period)
 where period ~ '^(\d{4})-(01/\1-06|07/\1-12)$';

drop function halves_named(text);

-- An older instance that is still running would write the old names: without this a half would have two slots.
ALTER TABLE "Figure" ADD CONSTRAINT "Figure_period_check" CHECK (period !~ '^(\d{4})-(01/\1-06|07/\1-12)$');
ALTER TABLE "Target" ADD CONSTRAINT "Target_period_check" CHECK (period !~ '^(\d{4})-(01/\1-06|07/\1-12)$');

-- The name of a period in digests: for a half the one that it had in the entries from before it was named.
create function change_period(period text) returns text
  language sql immutable
as $$
  select regexp_replace(regexp_replace(period, '^(\d{4})-H1$', '\1-01/\1-06'), '^(\d{4})-H2$', '\1-07/\1-12')
$$;

-- What an entry says, in 32 bytes, byte by byte as before: a half goes in under the name that it had.
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
               f.metric, change_period(f.period), w.slug, change_number(f.value), change_number(f.lower), change_number(f.upper), f.qualifier,
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
