-- An instant as milliseconds since 1970, which is how finely the tables keep it.
create function change_instant(instant timestamptz) returns bigint
  language sql immutable
as $$ select (extract(epoch from instant) * 1000)::bigint $$;

-- A number as the eight bytes it is kept in.
create function change_number(number double precision) returns text
  language sql immutable
as $$ select encode(float8send(number), 'hex') $$;

-- What an entry says, in 32 bytes: the entry itself, without its place, and that which it is about.
-- It is worked out again by `milepost verify`, so only what never changes is in it: of a figure the claim, not its rank, what happened to it, or until when it was the published word.
-- Nulls are left out of the entry, so that a column that comes later, and is null in the entries before it, leaves their digests as they are.
-- Times and fractions are written so that no setting of a session changes them.
create function change_content(entry "Change") returns bytea
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
    jsonb_strip_nulls(own - '{position,digest,at,before,observation}'::text[]),
    change_instant(entry.at), change_number(entry.before), entry.observation,
    (select jsonb_build_array(s.kind, s.slug) from "Subject" s where s.id = entry."subjectId"),
    about
  )::text, 'UTF8'));
end
$$;

-- The digest of an entry: of the digest before it, its position and its content.
create function change_digest(before bytea, "position" bigint, content bytea) returns bytea
  language sql immutable
as $$ select sha256(before || int8send("position") || content) $$;

create function change_chain_step(state bytea, origin bytea, "position" bigint, content bytea) returns bytea
  language sql immutable
as $$ select change_digest(coalesce(state, origin), "position", content) $$;

-- The digest of the last of several entries, in order of their positions, where the entry before the first has the digest `origin`.
create aggregate change_chain(origin bytea, "position" bigint, content bytea) (
  sfunc = change_chain_step,
  stype = bytea
);

-- AlterTable
ALTER TABLE "ChangeLog" ADD COLUMN "prunedAt" TIMESTAMPTZ(3), ADD COLUMN "prunedDigest" BYTEA;

-- Where nothing was cut yet, the chain begins with the log's name.
update "ChangeLog" set "prunedDigest" = sha256(convert_to(name, 'UTF8'));

-- AlterTable
ALTER TABLE "ChangeLog" ALTER COLUMN "prunedDigest" SET NOT NULL;

-- AlterTable
ALTER TABLE "Change" ADD COLUMN "digest" BYTEA;

-- The entries that are there already get their place in the chain.
update "Change" c
   set digest = chained.digest
  from (select e.position,
               change_chain(l."prunedDigest", e.position, change_content(e)) over (order by e.position) as digest
          from "ChangeLog" l, "Change" e) chained
 where chained.position = c.position;

-- AlterTable
ALTER TABLE "Change" ALTER COLUMN "digest" SET NOT NULL;
