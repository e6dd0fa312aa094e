import type { Crossed } from './tiles-query.ts';

const MILLION = 1_000_000;

interface Next {
  readonly subject: Crossed;
  readonly threshold: number;
  readonly earliest: string | null;
  readonly latest: string;
}

/** Who passes a million, or the next one, first: by the latest day on which it can be, of those that can still come. `today` is a day, 2026-07-31. */
export function nextMillion(subjects: readonly Crossed[], today: string): Next | null {
  const coming = subjects.flatMap((subject): readonly Next[] => {
    const next = subject.nextMilestone;
    if (next === null || next.latest === null || next.threshold < MILLION || next.latest < today) return [];
    return [{ subject, threshold: next.threshold, earliest: next.earliest, latest: next.latest }];
  });
  return coming.sort((a, b) => (a.latest < b.latest ? -1 : 1))[0] ?? null;
}
