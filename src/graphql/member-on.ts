import { requireDay } from '../domain/boards/series.ts';
import { isMemberOn } from '../domain/catalog/memberships.ts';
import { dayOf } from '../domain/values/calendar.ts';

/** Tells whether a membership holds on the day that was asked for, which is today if none was; BadInput (path on) for a text that is not a day. */
export function memberOn(on: string | null | undefined): (membership: Parameters<typeof isMemberOn>[0]) => boolean {
  return (membership) => isMemberOn(membership, requireDay(on ?? dayOf(new Date()), 'on'));
}
