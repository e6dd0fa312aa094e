// One statement for each question. Each returns the whole answer as one text, which the server sends as it comes.

export const TABLE = `
  /* table */
  select coalesce(json_agg(json_build_object(
           'subject', json_build_object('slug', s.slug, 'name', s.name, 'milestones', json_build_object('nodes', m.nodes)),
           'observations', o.observations) order by wanted.position), '[]')::text as answer
    from unnest($1::text[]) with ordinality wanted(slug, position)
    join "Subject" s on s.slug = wanted.slug
   cross join lateral (
         select coalesce(json_agg(row_to_json(newest)), '[]') as nodes
           from (select title, "reachedOn", status
                   from "Milestone"
                  where "subjectId" = s.id and status <> 'WITHDRAWN'
                  order by "sortOn" desc, id desc
                  limit 1) newest) m
   cross join lateral (
         select coalesce(json_agg(row_to_json(shown)), '[]') as observations
           from (select period, value, qualifier,
                        case when base <> 0 and value is not null then json_build_object('percent', (value - base) * 100 / base) end as change
                   from (select *, first_value(value) over (order by month range between '1 year' preceding and '1 year' preceding) as base
                           from (select period, value, qualifier, lower, date_trunc('month', "periodEnd")::date as month
                                   from "Observation"
                                  where "subjectId" = s.id and metric = 'DELIVERIES' and kind = 'MONTH' and "withinId" is null
                                    and "periodEnd" >= ($2 || '-01')::date - interval '1 year'
                                    and "periodEnd" < ($3 || '-01')::date + interval '1 month'
                                  order by "periodEnd") known) compared
                  where month >= ($2 || '-01')::date and (value is not null or lower > 0)
                  order by month) shown) o`;

export const BRAND = `
  /* brand */
  select json_build_object(
           'slug', s.slug, 'name', s.name, 'nameZh', s."nameZh", 'firstDeliveryOn', s."firstDeliveryOn",
           'company', case when c.id is not null then json_build_object('slug', c.slug, 'name', c.name) end,
           'series', json_build_object('observations', (
             select coalesce(json_agg(json_build_object('period', period, 'value', value, 'lower', lower, 'upper', upper, 'qualifier', qualifier)
                                      order by "periodEnd"), '[]')
               from "Observation"
              where "subjectId" = s.id and metric = 'DELIVERIES' and kind = 'MONTH' and "withinId" is null
                and "periodEnd" >= ($2 || '-01')::date and "periodEnd" < (($3 || '-01')::date + interval '1 month')
                and (value is not null or lower > 0))),
           'figures', json_build_object('nodes', (
             select coalesce(json_agg(json_build_object(
                      'metric', f.metric, 'period', f.period, 'value', f.value, 'qualifier', f.qualifier,
                      'source', json_build_object('title', r.title, 'publishedOn', r."publishedOn",
                                                  'publisher', json_build_object('name', p.name, 'tier', p.tier)))
                      order by f."periodEnd" desc, f.id), '[]')
               from (select * from "Figure"
                      where "subjectId" = s.id and "claimKey" is not null
                      order by "periodEnd" desc, id
                      limit 10) f
               join "Source" r on r.id = f."sourceId"
               join "Publisher" p on p.id = r."publisherId")),
           'milestones', json_build_object('nodes', (
             select coalesce(json_agg(json_build_object('title', title, 'reachedOn', "reachedOn", 'status', status) order by "sortOn", id), '[]')
               from (select id, title, "reachedOn", status, "sortOn"
                       from "Milestone"
                      where "subjectId" = s.id and status <> 'WITHDRAWN'
                      order by "sortOn" desc, id desc
                      limit 5) newest)))::text as answer
    from "Subject" s
    left join "Subject" c on c.id = s."parentId" and c.kind = 'COMPANY'
   where s.slug = $1 and s.kind = 'BRAND'`;

export const MILESTONES = `
  /* milestones */
  with club as materialized (
    select id, "subjectId", metric, title, "reachedOn", status, "sortOn", count(*) over () as total
      from "Milestone"
     where kind = any($1::"MilestoneKind"[]) and threshold = $2::float8 and status = any($3::"MilestoneStatus"[])
     order by "sortOn", id
     limit $4
  ), claimed as (
    select m."milestoneId" as id,
           json_agg(json_build_object(
             'on', m."on", 'note', m.note,
             'source', json_build_object('title', r.title, 'publisher', json_build_object('name', p.name, 'tier', p.tier)))
             order by m.id) as claims
      from "MilestoneClaim" m
      join "Source" r on r.id = m."sourceId"
      join "Publisher" p on p.id = r."publisherId"
     where m."milestoneId" in (select id from club)
     group by m."milestoneId"
  )
  select json_build_object(
           'totalCount', coalesce(max(club.total), 0),
           'nodes', coalesce(json_agg(json_build_object(
             'subject', json_build_object('slug', s.slug, 'name', s.name), 'metric', club.metric, 'title', club.title,
             'reachedOn', club."reachedOn", 'status', club.status, 'claims', coalesce(claimed.claims, '[]'))
             order by club."sortOn", club.id), '[]'))::text as answer
    from club
    join "Subject" s on s.id = club."subjectId"
    left join claimed on claimed.id = club.id`;

export const LEADERBOARD = `
  /* leaderboard */
  with known as (
    select o."subjectId" as id, o.value, o.qualifier, coalesce(o.value, o.lower) as size, before.size as before
      from "Observation" o
      join "Subject" s on s.id = o."subjectId" and s.kind = 'BRAND'
      left join (select "subjectId", coalesce(value, lower) as size
                   from "Observation"
                  where period = to_char(($1 || '-01')::date - interval '1 month', 'YYYY-MM') and metric = 'DELIVERIES' and "withinId" is null
                    and (value is not null or "decidedBy" is not null)) before
        on before."subjectId" = o."subjectId"
     where o.period = $1 and o.metric = 'DELIVERIES' and o."withinId" is null and (o.value is not null or o.lower > 0)
  ), ranked as (
    select *, rank() over (order by size desc) as rank, sum(size) over () as total,
           case when before is not null then rank() over (order by before desc nulls last) end as "previousRank"
      from known
     order by rank, id
     limit $2
  )
  select json_build_object(
           'period', $1, 'total', coalesce(max(total), 0),
           'entries', coalesce(json_agg(json_build_object(
             'rank', rank, 'previousRank', "previousRank", 'share', size / total,
             'subject', json_build_object('slug', s.slug, 'name', s.name),
             'observation', json_build_object('value', value, 'qualifier', qualifier)) order by rank, ranked.id), '[]'))::text as answer
    from ranked
    join "Subject" s on s.id = ranked.id`;

export const FIGURES = `
  /* figures */
  select json_build_object('nodes', coalesce(json_agg(json_build_object(
           'metric', f.metric, 'period', f.period, 'value', f.value, 'qualifier', f.qualifier,
           'recordedAt', to_char(f."recordedAt", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'subject', json_build_object('slug', s.slug, 'name', s.name),
           'source', json_build_object('title', r.title, 'url', r.url, 'publishedOn', r."publishedOn",
                                       'publisher', json_build_object('name', p.name, 'tier', p.tier)))
           order by f."recordedAt" desc, f.id desc), '[]'))::text as answer
    from (select * from "Figure" where "claimKey" is not null order by "recordedAt" desc, id desc limit $1) f
    join "Subject" s on s.id = f."subjectId"
    join "Source" r on r.id = f."sourceId"
    join "Publisher" p on p.id = r."publisherId"`;
