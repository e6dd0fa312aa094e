-- Added by hand: the entries from a position on, in order, at most so many, with the state of the log, as one JSON text. One statement, so all
-- of it is of one moment. It is volatile, so that the transaction that appended entries sees them in the statement that appends.
create function log_entries(first_position bigint, most int) returns text
  language plpgsql volatile
as $$
begin
  return (
    select json_build_object(
             'log', l.name, 'prunedThrough', l."prunedThrough"::text, 'prunedDigest', encode(l."prunedDigest", 'hex'),
             'entries', coalesce(e.entries, '[]'))
      from "ChangeLog" l
     cross join (
       select json_agg(
                json_build_object(
                  'position', c.position::text, 'digest', encode(c.digest, 'hex'), 'at', (1000 * extract(epoch from c.at))::bigint,
                  'kind', c.kind, 'aboutId', c."aboutId", 'subjectId', c."subjectId", 'subjectKind', s.kind, 'lineIds', c."lineIds",
                  'action', c.action, 'status', c.status, 'statusBefore', c."statusBefore", 'causedById', c."causedById",
                  'before', c.before, 'observation', c.observation, 'metric', coalesce(f.metric, m.metric, t.metric, x.metric),
                  'period', f.period, 'sourceId', f."sourceId", 'milestoneKind', m.kind, 'threshold', m.threshold)
                order by c.position) as entries
         from (select * from "Change" where position >= first_position order by position limit most) c
         -- The offsets force index lookups: otherwise whole tables are scanned, and planning takes longer than all the rest.
         left join lateral (select kind from "Subject" where id = c."subjectId" offset 0) s on true
         left join lateral (
           select metric, period, "sourceId" from "Figure" where c.kind = 'FIGURE' and id = c."aboutId" offset 0) f on true
         left join lateral (
           select metric, kind, threshold from "Milestone" where c.kind = 'MILESTONE' and id = c."aboutId" offset 0) m on true
         left join lateral (select metric from "Target" where c.kind = 'TARGET' and id = c."aboutId" offset 0) t on true
         left join lateral (
           select metric from "Contradiction" where c.kind = 'CONTRADICTION' and id = c."aboutId" offset 0) x on true) e);
end
$$;
