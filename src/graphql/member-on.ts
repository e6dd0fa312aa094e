import { requireDay } from '../domain/boards/series.ts';
import { isMemberOn } from '../domain/catalog/memberships.ts';
import { type DatedMembership, membershipsKnownAt } from '../domain/claims/known-memberships.ts';
import { dayOf } from '../domain/values/calendar.ts';

/** Tells whether a membership holds on the day that was asked for, which is today if none was; BadInput (path on) for a text that is not a day. */
export function memberOn(on: string | null | undefined): (membership: Parameters<typeof isMemberOn>[0]) => boolean {
  return (membership) => isMemberOn(membership, requireDay(on ?? dayOf(new Date()), 'on'));
}

/** The columns of a membership that say when it holds and when that was known. */
export const MEMBERSHIP_DATES = {
  ...{ joinedOn: true, leftOn: true, createdAt: true, leftRecordedAt: true },
  source: { select: { publishedOn: true } },
} as const;

/** What is read of memberships, in the order in which they were recorded. Only for an instant their documents are needed. */
export function membershipQuery({ asOf }: { readonly asOf?: Date | null | undefined }) {
  return { orderBy: { id: 'asc' }, ...(asOf == null ? {} : { include: { source: true } }) } as const;
}

/** The memberships that were known at an instant and, judged by what was known then, hold on a day. They are returned as they are now. */
export function shownMemberships<M extends DatedMembership & { readonly id: number }>(
  memberships: readonly M[],
  { asOf, holds = () => true }: { asOf: Date | null | undefined; holds?: (membership: M) => boolean },
): M[] {
  const known = membershipsKnownAt(memberships, asOf ?? null).filter(holds);
  const ids = new Set(known.map(({ id }) => id));
  return memberships.filter(({ id }) => ids.has(id));
}
