-- When a leaving was recorded, so that an earlier `asOf` does not know of it yet.
ALTER TABLE "Membership" ADD COLUMN     "leftRecordedAt" TIMESTAMPTZ(3);

-- Added by hand: the last entry of a membership that has ended is that of its leaving. If it was cut from the log, the leaving was recorded
-- before the end of what was cut; without either, all that is known is that the membership was recorded.
UPDATE "Membership" m
   SET "leftRecordedAt" = coalesce(
         (SELECT max(c.at) FROM "Change" c WHERE c.kind::text = 'MEMBERSHIP' AND c."aboutId" = m.id),
         (SELECT l."prunedAt" FROM "ChangeLog" l),
         m."createdAt")
 WHERE "leftOn" IS NOT NULL;
