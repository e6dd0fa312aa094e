import type { Prisma } from '../../database/generated/client.ts';
import { type Day, quarterOf } from '../values/calendar.ts';
import { checkDays } from '../values/day-filter.ts';
import { containing } from '../values/text-filter.ts';

/** Which milestones, by when they were reached and what is said of them; what is not given does not restrict. */
export interface ReachFilter {
  /** The first day on which they can have been reached. */
  readonly reachedSince?: string | null | undefined;
  /** The last day on which they can have been reached. */
  readonly reachedUntil?: string | null | undefined;
  /** In the title, a note of a claim or the title of its source. */
  readonly text?: string | null | undefined;
}

/** The conditions of a filter, none if nothing restricts. Throws BadInput with INVALID_INPUT for a text that is not a day, and one that is too long. */
export function reachesMatching(filter: ReachFilter): readonly Prisma.MilestoneWhereInput[] {
  const { reachedSince, reachedUntil } = checkDays({
    reachedSince: filter.reachedSince,
    reachedUntil: filter.reachedUntil,
  });
  const contains = containing(filter.text);
  return [
    ...(reachedSince === null ? [] : [reachedFrom(reachedSince)]),
    ...(reachedUntil === null ? [] : [reachedTo(reachedUntil)]),
    ...(contains === null
      ? []
      : [
          {
            OR: [
              { title: contains },
              { claims: { some: { OR: [{ note: contains }, { source: { title: contains } }] } } },
            ],
          },
        ]),
  ];
}

/**
 * The last possible day is not before this one. A milestone is sorted by its first possible day, so of those that begin earlier the ones
 * count whose month, quarter or year contains the day. Without a date, the window that the figures leave decides; it can be open on one side.
 */
function reachedFrom(day: Day): Prisma.MilestoneWhereInput {
  const on = new Date(day);
  return {
    OR: [
      { reachedOn: { not: null }, sortOn: { gte: on } },
      { reachedOn: { in: [day.slice(0, 4), quarterOf(day), day.slice(0, 7)] } },
      { reachedOn: null, windowUntil: { gte: on } },
      { reachedOn: null, windowFrom: { not: null }, windowUntil: null },
    ],
  };
}

/** The first possible day is not after this one. */
function reachedTo(day: Day): Prisma.MilestoneWhereInput {
  const on = new Date(day);
  return {
    OR: [
      { reachedOn: { not: null }, sortOn: { lte: on } },
      { reachedOn: null, windowFrom: { lte: on } },
      { reachedOn: null, windowFrom: null, windowUntil: { not: null } },
    ],
  };
}
