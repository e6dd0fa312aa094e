import { asOf } from '../api/as-of.ts';
import { type Read, useLive } from '../api/use-live.ts';
import { readAddress } from '../parts/address.ts';
import { type Choice, readChoice } from './choice.ts';
import { FIRST } from './series-query.ts';

/** The choice in the address, with who is first in the newest month where nobody is chosen. Null: that is not known yet. */
export function useChoice(): {
  readonly choice: Choice;
  readonly slugs: readonly string[] | null;
  readonly read: Read<unknown>;
} {
  const choice = readChoice(readAddress);
  const read = useLive(FIRST, { asOf: asOf.value }, choice.makers === null);
  const slugs = choice.makers ?? read.data?.leaderboard.entries.map(({ subject }) => subject.slug) ?? null;
  return { choice, slugs, read };
}
