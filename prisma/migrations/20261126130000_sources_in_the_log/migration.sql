-- A new document is told of by the log as well, which is about no subject.
ALTER TYPE "ChangeKind" ADD VALUE 'SOURCE';

ALTER TABLE "Change" ADD COLUMN "sourceId" INTEGER,
ALTER COLUMN "subjectId" DROP NOT NULL;

ALTER TABLE "Change" ADD CONSTRAINT "Change_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE SET NULL ON UPDATE CASCADE;
