-- DropIndex
DROP INDEX "Milestone_kind_threshold_idx";

-- Added by hand: in the order of the list, and with the status, so that those with some statuses are counted in the index alone. Every kind is
-- known; the condition only says that the index is not in Prisma's schema, which has no included columns.
create index "Milestone_threshold_idx" on "Milestone" (kind, threshold, "sortOn", id) include (status)
 where kind is not null;
