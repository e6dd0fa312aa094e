-- A target has the claims of all sources about it. Until now each source's wording was a target of its own.

-- Added by hand: the tables are locked in the order in which writes use them. The foreign keys to "Source" need no more than this lock, beside
-- which it can still be read.
LOCK TABLE "Target" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "Source" IN SHARE ROW EXCLUSIVE MODE;

-- CreateEnum
CREATE TYPE "TargetKind" AS ENUM ('TARGET', 'GUIDANCE', 'FORECAST');

-- AlterTable
ALTER TABLE "Target" ADD COLUMN     "kind" "TargetKind" NOT NULL DEFAULT 'TARGET',
ADD COLUMN     "lower" DOUBLE PRECISION,
ADD COLUMN     "mergedIntoId" INTEGER,
ADD COLUMN     "upper" DOUBLE PRECISION;

-- CreateTable
CREATE TABLE "TargetClaim" (
    "id" SERIAL NOT NULL,
    "targetId" INTEGER NOT NULL,
    "sourceId" INTEGER NOT NULL,
    "statedMetric" "Metric" NOT NULL,
    "value" DOUBLE PRECISION,
    "lower" DOUBLE PRECISION,
    "upper" DOUBLE PRECISION,
    "growthMinPercent" DOUBLE PRECISION,
    "growthMaxPercent" DOUBLE PRECISION,
    "setOn" TEXT,
    "note" TEXT,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "knownFrom" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TargetClaim_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "TargetClaim_targetId_idx" ON "TargetClaim"("targetId");

-- CreateIndex
CREATE INDEX "TargetClaim_sourceId_idx" ON "TargetClaim"("sourceId");

-- CreateIndex
CREATE INDEX "Target_mergedIntoId_idx" ON "Target"("mergedIntoId");

-- AddForeignKey
ALTER TABLE "Target" ADD CONSTRAINT "Target_mergedIntoId_fkey" FOREIGN KEY ("mergedIntoId") REFERENCES "Target"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TargetClaim" ADD CONSTRAINT "TargetClaim_targetId_fkey" FOREIGN KEY ("targetId") REFERENCES "Target"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TargetClaim" ADD CONSTRAINT "TargetClaim_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What each target said becomes a claim.
INSERT INTO "TargetClaim" ("targetId", "sourceId", "statedMetric", value, "growthMinPercent", "growthMaxPercent", "setOn", note, "recordedAt", "knownFrom")
SELECT t.id, t."sourceId", t.metric, t.value, t."growthMinPercent", t."growthMaxPercent", t."setOn", t.note, t."recordedAt",
       -- The least of two ignores nulls. A day begins in Shanghai at 16:00 UTC of the day before.
       least(t."recordedAt", ((coalesce(s."publishedOn",
         CASE
           WHEN t."setOn" ~ '^\d{4}$' THEN (t."setOn" || '-12-31')::date
           WHEN t."setOn" ~ '^\d{4}-Q[1-4]$'
             THEN (make_date(left(t."setOn", 4)::int, right(t."setOn", 1)::int * 3, 1) + interval '1 month' - interval '1 day')::date
           WHEN t."setOn" ~ '^\d{4}-\d\d$' THEN ((t."setOn" || '-01')::date + interval '1 month' - interval '1 day')::date
           WHEN t."setOn" ~ '^\d{4}-\d\d-\d\d$' THEN t."setOn"::date
         END))::timestamp - interval '8 hours') AT TIME ZONE 'UTC')
  FROM "Target" t JOIN "Source" s ON s.id = t."sourceId"
 ORDER BY t.id;

-- Targets about the same subject, count and time are one, unless they stand in lines of revisions. Without a time they are the same if their
-- numbers are. The first of them keeps its id; if there is a line, its last target does. The others stay as rows, because the log names them.
WITH placed AS (
  SELECT t.id, t."revisesId" IS NULL AND NOT EXISTS (SELECT FROM "Target" n WHERE n."revisesId" = t.id) AS "isAlone",
         EXISTS (SELECT FROM "Target" n WHERE n."revisesId" = t.id) AS "isRevised",
         concat_ws('|', t."subjectId",
           CASE WHEN t.metric::text IN ('DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL') THEN 'SALES' ELSE t.metric::text END,
           coalesce(t.period, '-'), coalesce(t.deadline::text, '-'),
           CASE WHEN t.period IS NULL AND t.deadline IS NULL
             THEN concat_ws('|', coalesce(t.value::text, '-'), coalesce(t."growthMinPercent"::text, '-'), coalesce(t."growthMaxPercent"::text, '-'))
           END) AS place
    FROM "Target" t
), kept AS (
  SELECT DISTINCT ON (place) place, id FROM placed WHERE NOT "isRevised" ORDER BY place, "isAlone", id
)
UPDATE "Target" t
   SET "mergedIntoId" = kept.id
  FROM placed JOIN kept USING (place)
 WHERE placed.id = t.id AND placed."isAlone" AND kept.id <> t.id;

UPDATE "TargetClaim" c SET "targetId" = t."mergedIntoId" FROM "Target" t WHERE t.id = c."targetId" AND t."mergedIntoId" IS NOT NULL;

-- These say what their best claim does: see src/domain/targets/claims.ts.
UPDATE "Target" t
   SET metric = best."statedMetric", value = best.value, "growthMinPercent" = best."growthMinPercent",
       "growthMaxPercent" = best."growthMaxPercent", "setOn" = coalesce(best."setOn", best."firstSetOn"), "sourceId" = best."sourceId", note = best.note
  FROM (SELECT DISTINCT ON (c."targetId") c.*, same."firstSetOn"
          FROM "TargetClaim" c
          JOIN "Source" s ON s.id = c."sourceId"
          JOIN "Publisher" p ON p.id = s."publisherId"
         CROSS JOIN LATERAL (
           SELECT count(DISTINCT coalesce(os."originId", os."publisherId")) AS origins, min(o."setOn" COLLATE "C") AS "firstSetOn"
             FROM "TargetClaim" o JOIN "Source" os ON os.id = o."sourceId"
            WHERE o."targetId" = c."targetId" AND o.value IS NOT DISTINCT FROM c.value
              AND o."growthMinPercent" IS NOT DISTINCT FROM c."growthMinPercent"
              AND o."growthMaxPercent" IS NOT DISTINCT FROM c."growthMaxPercent") same
         ORDER BY c."targetId", p.tier, same.origins DESC, s."publishedOn" NULLS LAST,
                  array_position('{DELIVERIES,SALES,WHOLESALE,RETAIL}', c."statedMetric"::text), s.identity COLLATE "C",
                  -- Of two numbers of one document the later one, which corrected the other.
                  c."recordedAt" DESC, c.value, c."growthMinPercent", c."growthMaxPercent") best
 WHERE best."targetId" = t.id AND EXISTS (SELECT FROM "Target" other WHERE other."mergedIntoId" = t.id);
