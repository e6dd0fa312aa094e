-- Added by hand: a list of kinds before the order kept a page from being read in its order. The kind stands beside the status instead, so
-- that milestones of some kinds and statuses are still counted in the index alone.
drop index "Milestone_threshold_idx";

create index "Milestone_threshold_idx" on "Milestone" (threshold, "sortOn", id) include (kind, status)
 where kind is not null;
