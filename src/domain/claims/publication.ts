import { addDays, type Day } from '../values/calendar.ts';
import { type Period, periodFromDays, toDate } from '../values/period.ts';
import type { Problems } from '../values/problems.ts';

/** A claim's period and its source's day of publication. */
export interface Published {
  readonly period: Period;
  readonly publishedOn: Date | null;
  /** Whether the sender confirmed the period. */
  readonly acknowledged: boolean;
}

/**
 * Notes INVALID_PERIOD for a claim whose source was published before the last day of its period: nobody could count it yet. A total to date
 * may be to the day after, which has begun in Shanghai while it is still the day before elsewhere. An acknowledgement clears it.
 */
export function noteEarlyPublication(problems: Problems, path: string | readonly string[], claim: Published): void {
  const { period, publishedOn, acknowledged } = claim;
  if (publishedOn === null || acknowledged) return;
  const published = dayText(publishedOn);
  const lastDay = period.kind === 'TO_DATE' ? addDays(published, 1) : published;
  if (period.end <= lastDay) return;
  const sourceDay = `after the source was published on ${published}.`;
  if (period.start !== null && period.start > published) {
    problems.add(
      'INVALID_PERIOD',
      path,
      `${period.text} began on ${period.start}, ${sourceDay} What is expected is a target, not a figure. If the period is right, send acknowledgeOutlier: true.`,
    );
    return;
  }
  const total = toDate(published).text;
  const parts = period.start === null ? [total] : [periodFromDays(period.start, published).text, total];
  problems.add(
    'INVALID_PERIOD',
    path,
    `${period.text} ended on ${period.end}, ${sourceDay} Is ${parts.join(' or ')} meant? If not, send acknowledgeOutlier: true.`,
    parts,
  );
}

/** Notes INVALID_INPUT for a revision by a source that was published before that of the figure: it cannot know better. */
export function noteOlderSource(problems: Problems, revised: Date | null, publishedOn: Date | null): void {
  if (revised === null || publishedOn === null || publishedOn >= revised) return;
  problems.add(
    'INVALID_INPUT',
    'sourceId',
    `This source was published on ${dayText(publishedOn)}, before that of the figure on ${dayText(revised)}, so it cannot revise it. Record it as a claim of its own.`,
  );
}

function dayText(date: Date): Day {
  return date.toISOString().slice(0, 10);
}
