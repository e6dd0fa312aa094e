import { isMemberOn } from '../catalog/memberships.ts';
import { dayAt } from '../values/calendar.ts';
import type { Link } from './near-claims.ts';
import { nameOf, numberOf, type Stated } from './stated.ts';

/**
 * Whether a value and another one of the same subject cannot both be true because the period of one lies within that of the other:
 * 1 if it is more than the other one around it, -1 if it is less than the other one within it, else 0.
 */
export function clashInTime(value: Stated, other: Stated): -1 | 0 | 1 {
  if (value.upper !== null && other.lower > value.upper && lies(other, value)) return -1;
  return other.upper !== null && value.lower > other.upper && lies(value, other) ? 1 : 0;
}

/** The same for the values of a part and its whole in the same period; 0 if the part does not belong to it then. */
export function clashInFamily(value: Stated, other: Stated, link: Link): -1 | 0 | 1 {
  const isPart = value.subjectId === link.partId;
  const [part, whole] = isPart ? [value, other] : [other, value];
  if (whole.upper === null || part.lower <= whole.upper || !isInside(value, link)) return 0;
  return isPart ? 1 : -1;
}

/** A clash as a sentence. The link is that of a part and its whole, null for the periods of one subject. */
export function writeClash(value: Stated, other: Stated, link: Link | null): string {
  if (link === null) {
    const isLess = clashInTime(value, other) === -1;
    const place = isLess ? 'which lies within it' : 'within which it lies';
    return `${nameOf(value)} is ${isLess ? 'less' : 'more'} than the ${nameOf(other)}, ${place}.`;
  }
  return value.subjectId === link.partId
    ? `${numberOf(value)} of ${link.part} in ${value.period} is more than the ${numberOf(other)} of ${link.whole}, of which it is a part.`
    : `${numberOf(value)} of ${link.whole} in ${value.period} is less than the ${numberOf(other)} of ${link.part}, which is a part of it.`;
}

/** Whether the days of one value lie within those of the other, without being the same. */
function lies(inner: Stated, outer: Stated): boolean {
  if (inner.end > outer.end || (inner.start === outer.start && inner.end === outer.end)) return false;
  return outer.start === null || (inner.start !== null && inner.start >= outer.start);
}

/** Whether the part belongs to the whole in the whole period. A total to date needs a membership from the start. */
function isInside({ start, end }: Stated, link: Link): boolean {
  const isFromStart = start === null ? link.joinedOn === null : isMemberOn(link, dayAt(start));
  return isFromStart && isMemberOn(link, dayAt(end));
}
