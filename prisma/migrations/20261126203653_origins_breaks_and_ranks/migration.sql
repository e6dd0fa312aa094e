-- Who first said what a document repeats, whether a claim begins a redefined series, and which ranks a claim has had.

-- Added by hand: tables are locked in the order in which writes use them. No rank is being given while the log is read below, because that
-- writes to "Figure" first. The foreign key to "Publisher" needs no more than this lock, beside which it can still be read: readers reach it
-- from "Source", and would wait for it in the opposite order.
LOCK TABLE "Figure" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "Publisher" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "Source" IN ACCESS EXCLUSIVE MODE;

ALTER TABLE "Figure" ADD COLUMN "breaks" BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE "Source" ADD COLUMN "originId" INTEGER;

CREATE INDEX "Source_originId_idx" ON "Source"("originId");

ALTER TABLE "Source" ADD CONSTRAINT "Source_originId_fkey" FOREIGN KEY ("originId") REFERENCES "Publisher"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "FigureRank" (
    "id" SERIAL NOT NULL,
    "figureId" INTEGER NOT NULL,
    "rank" "ClaimRank" NOT NULL,
    "reason" TEXT,
    "knownFrom" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FigureRank_pkey" PRIMARY KEY ("id")
);

-- The ranks that figures have had, as far as they are known. Until now a new rank replaced the one before:
-- * The present rank holds from the last entry RANKED. If that was cut from the log, it holds from the end of what was cut, because it was
--   given before then. If there never was one, it holds from the figure's own knownFrom: it was recorded with it.
-- * Before its first ranking a revision had the rank of the figure that it revises, which cannot have changed since.
-- * Any other figure is taken to have been NORMAL before. Of several rankings only the last is known, so this holds up to it.
-- The ids are in the order of the ranks, because the last one by id is the present one.
INSERT INTO "FigureRank" ("figureId", "rank", "reason", "knownFrom")
WITH ranking AS (
  SELECT "aboutId" AS "figureId", max(at) AS at
    FROM "Change"
   WHERE kind::text = 'FIGURE' AND action::text = 'RANKED'
   GROUP BY "aboutId"
), ranked AS (
  SELECT f.id, f.rank, f."rankReason", f."knownFrom", f."revisesId",
         coalesce(r.at, CASE WHEN f.action::text = 'RANKED' THEN coalesce(l."prunedAt", f."knownFrom") END) AS "rankedAt"
    FROM "Figure" f
   CROSS JOIN "ChangeLog" l
    LEFT JOIN ranking r ON r."figureId" = f.id
   WHERE r.at IS NOT NULL OR f.rank::text <> 'NORMAL' OR f."rankReason" IS NOT NULL
), history AS (
  SELECT id AS "figureId", rank, "rankReason" AS reason, coalesce("rankedAt", "knownFrom") AS "knownFrom", 2 AS step
    FROM ranked
  UNION ALL
  SELECT f.id, old.rank, old."rankReason", f."knownFrom", 1
    FROM ranked f
    JOIN "Figure" old ON old.id = f."revisesId"
   WHERE f."rankedAt" IS NOT NULL AND (old.rank::text <> 'NORMAL' OR old."rankReason" IS NOT NULL)
)
SELECT "figureId", rank, reason, "knownFrom" FROM history ORDER BY "figureId", step;

CREATE INDEX "FigureRank_figureId_id_idx" ON "FigureRank"("figureId", "id");

ALTER TABLE "FigureRank" ADD CONSTRAINT "FigureRank_figureId_fkey" FOREIGN KEY ("figureId") REFERENCES "Figure"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What an entry says, as before. A claim that begins a redefined series has one element more; no entry so far has one, so that every digest
-- stays as it is.
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
             || case when f.breaks then '["breaks"]'::jsonb else '[]'::jsonb end
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
