-- AlterTable
ALTER TABLE "Change" ADD COLUMN "lineIds" INTEGER[];

-- Added by hand: who was above whom is worked out under the log's lock, so that nothing can come in between; what an entry says is hashed before.
-- So it is no part of that, and every digest stays as it is.
create or replace function change_content(entry "Change") returns bytea
  language plpgsql stable
as $$
declare
  own jsonb := to_jsonb(entry);
  about jsonb;
begin
  if entry."figureId" is not null then
    select jsonb_build_array(
             f.metric, f.period, w.slug, change_number(f.value), change_number(f.lower), change_number(f.upper), f.qualifier,
             change_number(f."statedChangePercent"), o.identity, f."attributedTo", f.note, f."revisesId",
             change_instant(f."recordedAt"), change_instant(f."knownFrom"))
      into about
      from "Figure" f
      join "Source" o on o.id = f."sourceId"
      left join "Subject" w on w.id = f."withinId"
     where f.id = entry."figureId";
  elsif entry."milestoneId" is not null then
    select to_jsonb(m.key) into about from "Milestone" m where m.id = entry."milestoneId";
  elsif entry."targetId" is not null then
    select to_jsonb(t.identity) into about from "Target" t where t.id = entry."targetId";
  elsif entry."membershipId" is not null then
    select jsonb_build_array(b.slug, m."joinedOn")
      into about
      from "Membership" m join "Subject" b on b.id = m."brandId"
     where m.id = entry."membershipId";
  elsif own ? 'sourceId' then
    -- Entries about a source name it in a column that comes later.
    select to_jsonb(o.identity) into about from "Source" o where o.id = (own->>'sourceId')::int;
  end if;
  return sha256(convert_to(jsonb_build_array(
    jsonb_strip_nulls(own - '{position,digest,at,before,observation,lineIds}'::text[]),
    change_instant(entry.at), change_number(entry.before), entry.observation,
    (select jsonb_build_array(s.kind, s.slug) from "Subject" s where s.id = entry."subjectId"),
    about
  )::text, 'UTF8'));
end
$$;
