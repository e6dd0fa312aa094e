import type { Membership, Source } from '../../database/generated/client.ts';
import { knownFrom } from './figure-input.ts';

/** What says when a membership became known: the day of its document, and when it and its end were recorded. */
export type DatedMembership = Pick<Membership, 'joinedOn' | 'leftOn' | 'createdAt' | 'leftRecordedAt'> & {
  readonly source?: Pick<Source, 'publishedOn'> | null;
};

/**
 * The memberships that were known at an instant, as they were known then: from the publication of their document, or from their recording
 * if no day is known or they were recorded earlier. No document is kept of a leaving, so it is known from its recording. All without an
 * instant.
 */
export function membershipsKnownAt<M extends DatedMembership>(
  memberships: readonly M[],
  asOf: Date | null,
): readonly M[] {
  if (asOf === null) return memberships;
  return memberships
    .filter(({ source, createdAt }) => knownFrom(source?.publishedOn ?? null, createdAt) <= asOf)
    .map((one) => (one.leftRecordedAt === null || one.leftRecordedAt <= asOf ? one : { ...one, leftOn: null }));
}
