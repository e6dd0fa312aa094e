-- After ten million, only each ten million is a milestone that figures show. Until now each million was.
-- What was detected at another number, and announced by nobody, is withdrawn, with an entry in the log for each. A row cannot be deleted:
-- the entries about it need it.

-- Added by hand: all tables are locked in the order in which writes use them, the log last.
LOCK TABLE "Milestone", "MilestoneClaim", "Change" IN ACCESS EXCLUSIVE MODE;

-- The columns are those of a milestone without a day. The entries have no line: like older ones they are filtered by the present parents.
with withdrawn as (
  update "Milestone" m
     set status = 'WITHDRAWN', "reachedOn" = null, "sortOn" = '9999-12-31', "elapsedSort" = 2147483647,
         "windowFrom" = null, "windowUntil" = null
   where m.kind = 'UNITS' and m.status = 'DETECTED'
     and m.threshold not in (10000, 50000, 100000, 500000)
     and m.threshold <> case when m.threshold < 10000000 then floor(m.threshold / 1000000) * 1000000
                             else floor(m.threshold / 10000000) * 10000000 end
     and not exists (select from "MilestoneClaim" c where c."milestoneId" = m.id)
  returning m.id, m."subjectId"),
entries as (
  select jsonb_populate_record(null::"Change", jsonb_build_object(
           'position', coalesce(c.position, l."prunedThrough") + row_number() over (order by w.id),
           'kind', 'MILESTONE', 'at', now(), 'subjectId', w."subjectId", 'aboutId', w.id,
           'status', 'WITHDRAWN', 'statusBefore', 'DETECTED')) as entry,
         coalesce(c.digest, l."prunedDigest") as origin
    from withdrawn w, "ChangeLog" l
    left join (select position, digest from "Change" order by position desc limit 1) c on true)
insert into "Change" (position, kind, at, "subjectId", "aboutId", status, "statusBefore", digest)
select (entry).position, (entry).kind, (entry).at, (entry)."subjectId", (entry)."aboutId", (entry).status, (entry)."statusBefore",
       change_chain(origin, (entry).position, change_content(entry)) over (order by (entry).position)
  from entries;
