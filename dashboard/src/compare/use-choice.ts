import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { readAddress } from '../parts/address.ts';
import { type Choice, readChoice } from './choice.ts';
import { FIRST } from './series-query.ts';

/** The choice in the address, with who is first in the newest month where nobody is chosen. Null: that is not known yet. */
export function useChoice(): {
  readonly choice: Choice;
  readonly slugs: readonly string[] | null;
  readonly failed: boolean;
} {
  const choice = readChoice(readAddress);
  const { data, failed } = useLive(FIRST, { asOf: asOf.value }, choice.makers === null);
  const slugs = choice.makers ?? data?.leaderboard.entries.map(({ subject }) => subject.slug) ?? null;
  return { choice, slugs, failed };
}
