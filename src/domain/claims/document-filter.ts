import type { Prisma } from '../../database/generated/client.ts';
import { checkDays } from '../values/day-filter.ts';
import { containing } from '../values/text-filter.ts';
import { UNPUBLISHED } from './figure-sorts.ts';

/** Which figures, by when they were recorded and by their documents; what is not given does not restrict. */
export interface DocumentFilter {
  /** The first instant at which they were recorded. */
  readonly recordedSince?: Date | null | undefined;
  /** The instant before which they were recorded. */
  readonly recordedUntil?: Date | null | undefined;
  /** The first day on which their sources were published. */
  readonly publishedSince?: string | null | undefined;
  /** The last day on which their sources were published. */
  readonly publishedUntil?: string | null | undefined;
  /** In the title of the source, the note or the origin of the number. */
  readonly text?: string | null | undefined;
}

/**
 * The conditions of a filter, none if nothing restricts. None of the rows that they test ever changes in what they test. Throws BadInput
 * with INVALID_INPUT for a text that is not a day, and one that is too long.
 */
export function documentsMatching(filter: DocumentFilter): readonly Prisma.FigureWhereInput[] {
  const { recordedSince, recordedUntil, text } = filter;
  const { publishedSince, publishedUntil } = checkDays({
    publishedSince: filter.publishedSince,
    publishedUntil: filter.publishedUntil,
  });
  const contains = containing(text);
  return [
    ...(recordedSince == null ? [] : [{ recordedAt: { gte: recordedSince } }]),
    ...(recordedUntil == null ? [] : [{ recordedAt: { lt: recordedUntil } }]),
    ...(publishedSince === null ? [] : [{ publishedSort: { gt: UNPUBLISHED, gte: new Date(publishedSince) } }]),
    ...(publishedUntil === null ? [] : [{ publishedSort: { gt: UNPUBLISHED, lte: new Date(publishedUntil) } }]),
    ...(contains === null
      ? []
      : [{ OR: [{ source: { title: contains } }, { note: contains }, { attributedTo: contains }] }]),
  ];
}
