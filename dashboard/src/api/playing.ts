import { signal } from '@preact/signals';
import { dayAfter } from '../format/day.ts';
import { asOfDay, showAsOf, today } from './as-of.ts';
import { changeFrom, newestPublished } from './next-change.ts';
import { waiting } from './waiting.ts';

/** How many days are played, and how long each is shown at least, in milliseconds. */
export const DAYS = 30;
const SHOWN_FOR = 1_000;
/** How long a day waits for its numbers at most, in milliseconds. */
const PATIENCE = 15_000;
const LOOK_AGAIN = 50;

/** The days that are played; null: none are. */
export const played = signal<{ readonly first: string; readonly last: string } | null>(null);

interface Told {
  readonly begins: (day: string) => void;
  readonly ends: (day: string) => void;
}

/** Where a month begins: at the chosen day, or a month before the newest publication. */
export async function beginningOfMonth(): Promise<string> {
  return asOfDay.value ?? dayAfter((await newestPublished()) ?? today(), -DAYS);
}

/** Shows a month day by day. Days on which nothing became known are passed over. It ends when the reader pauses it or chooses another day. */
export async function play({ begins, ends }: Told): Promise<void> {
  const first = await beginningOfMonth();
  const last = earlier(dayAfter(first, DAYS), today());
  const run = { first, last };
  played.value = run;
  showAsOf(first);
  begins(first);
  let day = first;
  try {
    while (day < last) {
      await isShown();
      const next = earlier((await changeFrom(dayAfter(day, 1))) ?? last, last);
      if (played.value !== run || asOfDay.value !== day) break;
      day = next;
      showAsOf(day);
    }
  } finally {
    if (played.value === run) pausePlaying();
    ends(asOfDay.value ?? day);
  }
}

export function pausePlaying(): void {
  played.value = null;
}

/** Resolves when a day was shown for its time and its numbers are there. */
async function isShown(): Promise<void> {
  const until = Date.now() + PATIENCE;
  await sleep(SHOWN_FOR);
  while (waiting.value && Date.now() < until) await sleep(LOOK_AGAIN);
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
