import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { Expanded } from '../catalog/subjects.ts';
import type { ChangeFilter } from './change-filter.ts';

/** Which entries of the log, all in the order of the log. */
export interface ChangeRange {
  /** Only entries after this position. */
  readonly after: bigint;
  /** Only entries before this position; null: up to the end. */
  readonly before: bigint | null;
  /** About the newest position of the log. */
  readonly head: bigint;
  /** Only entries that were written at this instant or later. */
  readonly since: Date | null;
  /** Only entries that were written before this instant. */
  readonly until: Date | null;
  readonly filter: ChangeFilter;
}

/** To look through so many entries takes about as long as a statement. */
const SHORT = 4_000n;

/** Whether so many entries may have to be looked through that it is worth a statement to know the positions of those that are wanted. */
export function isLong({ after, before, head }: Pick<ChangeRange, 'after' | 'before' | 'head'>): boolean {
  return (before ?? head) - after > SHORT;
}

/** Which entries are wanted: those about subjects, or about what was below them. */
interface Wanted {
  readonly range: Omit<ChangeRange, 'filter' | 'head'>;
  readonly about: Expanded;
  readonly metrics: ChangeFilter['metrics'];
}

/**
 * The positions of the first entries of a range, or backwards of the last ones, at most so many, in the order of reading. First it looks
 * through the end of the range. If the subjects are so rare that there are too few, it reads all of their entries from the index by subject.
 * Either takes at most about as long as the root of the length of the range, which the planner cannot choose by itself: a plan that is kept
 * does not know the subjects.
 */
export async function findPositions(db: Db, wanted: Wanted, most: number, backwards: boolean): Promise<bigint[]> {
  const { range, about } = wanted;
  const order = backwards ? Prisma.sql`order by position desc` : Prisma.sql`order by position`;
  const isInRange = Prisma.sql`c.position > ${range.after}::bigint and c.position < coalesce(${range.before}::bigint, ${LAST})`;
  const isWanted = Prisma.sql`${isInRange} and ${matches(wanted)}`;
  const rows = await db.$queryRaw<{ readonly position: bigint }[]>`
    /* findPositions */
    with near as materialized (
      select position
        from (select *
                from "Change" c
               where ${isInRange}
               ${order}
               limit (select ceil(sqrt(${most}::float8 * greatest(1, max(position) - ${range.after}::bigint)))::bigint from "Change")) c
       where ("lineIds" && ${about.own}::int[] or ("lineIds" is null and "subjectId" = any(${about.all}::int[]))) and ${isWanted}
       ${order}
       limit ${most}
    ), everywhere as (
      -- The offsets force the indexes by subject.
      select position from (select * from "Change" where "lineIds" && ${about.own}::int[] offset 0) c where ${isWanted}
       union all
      select position
        from (select * from "Change" where "subjectId" = any(${about.all}::int[]) and "lineIds" is null offset 0) c
       where ${isWanted}
    )
    select position
      from (select position from near
             union
            select position from everywhere where (select count(*) from near) < ${most}) c
     ${order}
     limit ${most}`;
  return rows.map(({ position }) => position);
}

const LAST = Prisma.sql`9223372036854775807`;

/** Whether an entry c is of the time and the metrics, and about no new document. */
function matches({ range: { since, until }, metrics }: Wanted): Prisma.Sql {
  const times = Prisma.sql`c.at >= coalesce(${since}::timestamptz, '-infinity') and c.at < coalesce(${until}::timestamptz, 'infinity')`;
  if (metrics == null) return Prisma.sql`c.kind <> 'SOURCE' and ${times}`;
  return Prisma.sql`
    ${times} and case c.kind when 'FIGURE' then (select metric from "Figure" where id = c."aboutId")
                             when 'MILESTONE' then (select metric from "Milestone" where id = c."aboutId")
                             when 'TARGET' then (select metric from "Target" where id = c."aboutId")
                             when 'CONTRADICTION' then (select metric from "Contradiction" where id = c."aboutId")
                              end::text = any(${[...metrics]}::text[])`;
}
