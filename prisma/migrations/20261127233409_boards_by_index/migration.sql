-- All tables are locked in the order in which writes use them.
LOCK TABLE "Subject", "Observation" IN ACCESS EXCLUSIVE MODE;

-- DropIndex
DROP INDEX "Observation_metric_period_idx";

-- AlterTable
ALTER TABLE "Observation" ADD COLUMN     "subjectKind" "SubjectKind";

-- AlterTable
ALTER TABLE "Subject" ADD COLUMN     "isNested" BOOLEAN NOT NULL DEFAULT false;

-- Added by hand: the database sets both columns, so that no writer can forget them. The kind of a subject never changes.
update "Subject" s
   set "isNested" = true
  from "Subject" parent
 where parent.id = s."parentId" and parent.kind = s.kind;
update "Observation" o
   set "subjectKind" = s.kind
  from "Subject" s
 where s.id = o."subjectId";
alter table "Observation" alter column "subjectKind" set not null;

-- A restore of the data alone writes with an empty search path, and the functions have to find the subjects then as well.
create function subject_nested() returns trigger
  language plpgsql
  set search_path from current
as $$
begin
  -- A restore can write a subject before its parent: then it is as it was.
  new."isNested" := new."parentId" is not null
                    and coalesce((select parent.kind = new.kind from "Subject" parent where parent.id = new."parentId"), new."isNested");
  return new;
end
$$;
create trigger "Subject_nested" before insert or update of "parentId" on "Subject"
  for each row execute function subject_nested();

create function observation_subject_kind() returns trigger
  language plpgsql
  set search_path from current
as $$
begin
  new."subjectKind" := (select s.kind from "Subject" s where s.id = new."subjectId");
  return new;
end
$$;
-- A trigger takes as long as a third of the insertion, so the one who writes many looks the kinds up itself.
create trigger "Observation_subjectKind" before insert on "Observation"
  for each row when (new."subjectKind" is null) execute function observation_subject_kind();
create trigger "Observation_subjectKind_moved" before update on "Observation"
  for each row when (new."subjectId" <> old."subjectId") execute function observation_subject_kind();

-- What is ranked, in the order of a board. An index-only scan takes the columns that the expression is made of from the index as well.
create index "Observation_board_idx"
    on "Observation" (metric, period, "subjectKind", (coalesce(value, lower)) desc, "subjectId") include ("decidedBy", value, lower)
 where "withinId" is null and not "isAnotherName" and (value is not null or lower > 0);
create index "Subject_nested_idx" on "Subject" (kind)
 where "isNested";
create index "Observation_market_idx" on "Observation" (metric, period)
 where "withinId" is not null;
