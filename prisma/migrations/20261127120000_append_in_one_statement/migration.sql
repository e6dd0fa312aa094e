-- Appends entries to the log as the last step of a transaction, in one statement. A function's statements each see what was committed before
-- they began, as statements that are sent one by one do: the contents are worked out before the lock is taken, and everything that depends on
-- earlier entries is read after it.
-- Of the entries the positions count from 1. `keys` has the key of the line of each entry, null for none. A line is what a subject is below,
-- and begins with the `line_ids` of its key in `line_keys`. What is directly above what is the same as in src/changes/hierarchy.ts.
create function append_changes(entries jsonb, keys int[], line_keys int[], line_ids int[])
  returns table (log text, "position" bigint, digest bytea)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  contents bytea;
begin
  select coalesce(string_agg(change_content(e), ''::bytea order by e.position), ''::bytea)
    into contents
    from jsonb_populate_recordset(jsonb_populate_record(null::"Change", jsonb_build_object('at', now())), entries) e;
  -- 'milo' in ASCII. It is held until the commit.
  perform pg_advisory_xact_lock(1835625583::bigint);
  return query
    with recursive lines as (
      select * from unnest(line_keys, line_ids) l(key, id)
      union
      -- The offset forces index lookups: the planner overestimates the size of lines, and would scan the tables.
      select lines.key, edge.above
        from lines
       cross join lateral (
         select above
           from (select "parentId" as above, id as below from "Subject" where "parentId" is not null
                 union all
                 select "operatorId", id from "Subject" where "operatorId" is not null
                 union all
                 select "allianceId", "brandId" from "Membership" where "leftOn" is null) edges
          where edges.below = lines.id
         offset 0) edge),
    within as (select key, array_agg(id order by id) as ids from lines group by key),
    head as (
      select l.name as log, coalesce(c.position, l."prunedThrough") as position, coalesce(c.digest, l."prunedDigest") as digest
        from "ChangeLog" l
        left join (select position, digest from "Change" order by position desc limit 1) c on true),
    chained as (
      select e::"Change" as entry, w.ids, h.position + e.position as position,
             change_chain(h.digest, h.position + e.position, substr(contents, 32 * e.position::int - 31, 32))
               over (order by e.position) as digest
        from head h,
             jsonb_populate_recordset(jsonb_populate_record(null::"Change", jsonb_build_object('at', now())), entries) e
        left join unnest(keys) with ordinality k(key, position) on k.position = e.position
        left join within w on w.key = k.key),
    appended as (
      insert into "Change"
      select r.*
        from chained c,
             jsonb_populate_record(
               c.entry, jsonb_build_object('position', c.position, 'digest', c.digest, 'lineIds', c.ids)) r
      returning position, digest)
    select h.log, coalesce(a.position, h.position), coalesce(a.digest, h.digest)
      from head h
      left join appended a on true
     order by a.position desc
     limit 1;
end
$$;
