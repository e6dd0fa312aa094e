-- DropIndex
DROP INDEX "Figure_sourceId_idx";

-- DropIndex
DROP INDEX "Observation_agreement_idx";

-- AlterTable
ALTER TABLE "Figure" ADD COLUMN     "publishedSort" DATE NOT NULL DEFAULT '0001-01-01',
ADD COLUMN     "valueSort" DOUBLE PRECISION NOT NULL DEFAULT -1;

-- Added by hand: the database sets both columns, so that no writer can forget them. A figure's source and value never change, nor does a source's
-- day of publication.
update "Figure" f
   set "publishedSort" = coalesce(o."publishedOn", '0001-01-01'),
       "valueSort" = coalesce(f.value, -1)
  from "Source" o
 where o.id = f."sourceId";

create function figure_sorts() returns trigger
  language plpgsql
as $$
begin
  new."publishedSort" := coalesce((select o."publishedOn" from "Source" o where o.id = new."sourceId"), '0001-01-01');
  new."valueSort" := coalesce(new.value, -1);
  return new;
end
$$;

create trigger "Figure_sorts" before insert on "Figure"
  for each row execute function figure_sorts();

-- CreateIndex
CREATE INDEX "Change_subjectId_position_idx" ON "Change"("subjectId", "position");

-- CreateIndex
-- With a short list of entries that are not sorted in yet, because every reader goes through all of it.
CREATE INDEX "Change_lineIds_idx" ON "Change" USING GIN ("lineIds") WITH (gin_pending_list_limit = 128);

-- CreateIndex
CREATE INDEX "Figure_subjectId_periodEnd_id_idx" ON "Figure"("subjectId", "periodEnd" DESC, "id");

-- CreateIndex
CREATE INDEX "Figure_sourceId_periodEnd_id_idx" ON "Figure"("sourceId", "periodEnd" DESC, "id");

-- CreateIndex
CREATE INDEX "Figure_earliest_idx" ON "Figure"("periodEnd", "id");

-- CreateIndex
CREATE INDEX "Figure_recordedAt_id_idx" ON "Figure"("recordedAt", "id");

-- CreateIndex
CREATE INDEX "Figure_publishedSort_id_idx" ON "Figure"("publishedSort", "id");

-- CreateIndex
CREATE INDEX "Figure_valueSort_id_idx" ON "Figure"("valueSort" DESC, "id");

-- Added by hand: what is listed is few of many. Slots are in the order of their bytes, whatever the collation of the database.
create index "Observation_conflicts_idx" on "Observation" ("periodEnd" desc, slot collate "C" desc)
 where agreement = 'CONFLICTS';
create index "Change_subjects_idx" on "Change" ("position")
 where kind = 'SUBJECT';
