-- DropIndex
DROP INDEX "Milestone_kind_threshold_idx";

-- Added by hand: in the order of the list, which a list of kinds before the order would break, and with the kind and the status, so that
-- those with some of them are counted in the index alone. Every kind is known; the condition only says that the index is not in Prisma's
-- schema, which has no included columns.
create index "Milestone_threshold_idx" on "Milestone" (threshold, "sortOn", id) include (kind, status)
 where kind is not null;
