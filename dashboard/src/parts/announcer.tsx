import { effect, signal, untracked } from '@preact/signals';
import { asOf } from '../api/as-of.ts';
import { changes } from '../api/changes.ts';
import { messages } from '../i18n/language.ts';
import { sentenceOf } from './sentence.ts';

/** Readers of the screen are told one sentence in this time at most, in milliseconds. */
const EVERY = 10_000;

const said = signal('');
let next: (() => string) | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** What is said to readers of the screen, who do not see what changes. It is the only such place for what happens on the page. */
export function Announcer() {
  return (
    <div class="hidden" role="status" data-announcer>
      {said.value}
    </div>
  );
}

/** Says a sentence as soon as ten seconds have passed since the one before. A later sentence takes the place of one that still waits. */
export function announce(sentence: () => string): void {
  next = sentence;
  if (timer === undefined) sayNext();
}

/** Says of the feed what comes from now on: the newest sentence, and how many more have come since the one before. */
export function announceChanges(): void {
  let newest: string | undefined;
  let unsaid = 0;
  effect(() => {
    const list = changes.value;
    const [first] = list;
    if (first === undefined || first.cursor === newest) return;
    const place = list.findIndex(({ cursor }) => cursor === newest);
    const isFirst = newest === undefined;
    newest = first.cursor;
    if (isFirst || asOf.peek() !== null) return;
    unsaid += place === -1 ? list.length : place;
    announce(() => {
      const more = unsaid - 1;
      unsaid = 0;
      const sentence = sentenceOf(first);
      return more > 0 ? messages.value.andMore(sentence, more) : sentence;
    });
  });
}

function sayNext(): void {
  timer = undefined;
  if (next === null) return;
  said.value = untracked(next);
  next = null;
  timer = setTimeout(sayNext, EVERY);
}
