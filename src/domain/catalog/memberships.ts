import type { Membership } from '../../database/generated/client.ts';
import { type Day, parsePartialDate } from '../values/calendar.ts';

/** Whether a membership holds on a day. A date known to the month or year counts from its first day. */
export function isMemberOn(membership: Pick<Membership, 'joinedOn' | 'leftOn'>, day: Day): boolean {
  const { joinedOn, leftOn } = membership;
  return (joinedOn === null || firstDay(joinedOn) <= day) && (leftOn === null || day < firstDay(leftOn));
}

/** The first day that a date known to the day, month or year can mean. */
export function firstDay(text: string): Day {
  return parsePartialDate(text)?.first ?? text;
}
