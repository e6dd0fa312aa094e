-- Observations are kept for more than the periods with claims, and say what decided. All of them are worked out again by the next start.
-- Locked in the order of writes: a write that changes a subject does so first. The foreign key of "Contradiction" locks "Subject" as well.
LOCK TABLE "Subject" IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE "Observation", "Change", "ChangeLog" IN ACCESS EXCLUSIVE MODE;

CREATE TYPE "Method" AS ENUM ('ASSERTED', 'DERIVED');
CREATE TYPE "Evidence" AS ENUM ('ONLY', 'EDITOR', 'SUMS', 'ORIGINS', 'TIER', 'PRECISION', 'CLOSENESS', 'NONE');
CREATE TYPE "PeriodKind" AS ENUM ('DAY', 'WEEK', 'MONTH', 'QUARTER', 'HALF', 'YEAR', 'RANGE', 'TO_DATE');
CREATE TYPE "ContradictionKind" AS ENUM ('SAME_PERIOD', 'SUM', 'TO_DATE', 'WHOLE_AND_PARTS', 'BEFORE_FIRST', 'METRICS', 'MILESTONE');
ALTER TYPE "ChangeKind" ADD VALUE 'CONTRADICTION';

DELETE FROM "Observation";
ALTER TABLE "Observation"
  ADD COLUMN "kind" "PeriodKind" NOT NULL,
  ADD COLUMN "method" "Method" NOT NULL,
  ADD COLUMN "decidedBy" "Evidence",
  ADD COLUMN "origins" INTEGER NOT NULL,
  ADD COLUMN "missing" TEXT[],
  ADD COLUMN "isAnotherName" BOOLEAN NOT NULL DEFAULT false;

DROP INDEX "Observation_subjectId_metric_periodEnd_idx";
CREATE INDEX "Observation_subjectId_metric_kind_periodEnd_idx" ON "Observation"("subjectId", "metric", "kind", "periodEnd");

CREATE TABLE "Contradiction" (
  "id" SERIAL NOT NULL,
  "subjectId" INTEGER NOT NULL,
  "metric" "Metric" NOT NULL,
  "kind" "ContradictionKind" NOT NULL,
  "periods" TEXT[],
  "withinId" INTEGER,
  "gap" DOUBLE PRECISION NOT NULL,
  "figureIds" INTEGER[],
  "setAsideIds" INTEGER[],
  "explanation" TEXT NOT NULL,
  "identity" TEXT NOT NULL,
  "resolvedAt" TIMESTAMPTZ(3),
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Contradiction_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Contradiction_identity_key" ON "Contradiction"("identity");
CREATE INDEX "Contradiction_subjectId_metric_idx" ON "Contradiction"("subjectId", "metric");
CREATE INDEX "Contradiction_figureIds_idx" ON "Contradiction" USING GIN ("figureIds");
-- Those that there are now, in the order of their pages.
CREATE INDEX "Contradiction_open_idx" ON "Contradiction"("id") WHERE "resolvedAt" IS NULL;
ALTER TABLE "Contradiction" ADD CONSTRAINT "Contradiction_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The version of the rules by which observations, contradictions and milestones were worked out.
ALTER TABLE "ChangeLog" ADD COLUMN "estimatesVersion" INTEGER NOT NULL DEFAULT 0;

-- What an entry says, in 32 bytes, as before; a contradiction has a branch of its own.
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
    when 'CONTRADICTION' then
      own := own || jsonb_build_object('contradictionId', entry."aboutId");
      select to_jsonb(c.identity) into about from "Contradiction" c where c.id = entry."aboutId";
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
