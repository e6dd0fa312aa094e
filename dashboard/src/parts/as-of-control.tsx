import './as-of.css';
import { signal } from '@preact/signals';
import { asOfDay, FIRST_DAY, showAsOf, today } from '../api/as-of.ts';
import { changeFrom } from '../api/next-change.ts';
import { beginningOfMonth, DAYS, pausePlaying, play, played } from '../api/playing.ts';
import { waiting } from '../api/waiting.ts';
import { dayAfter } from '../format/day.ts';
import { day } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { announce } from './announcer.tsx';

const DAY_MS = 86_400_000;

/** What there is to say of a day that is shown. */
const note = signal<{ readonly day: string | null; readonly words: () => string } | null>(null);

/** Chooses the day as of which the page is shown, and plays what became known in a month. */
export function AsOfControl() {
  const m = messages.value;
  return (
    <div class="as-of">
      <label>
        {m.asOf}{' '}
        <input
          type="date"
          min={FIRST_DAY}
          max={today()}
          value={asOfDay.value ?? ''}
          onChange={({ currentTarget }) => showAsOf(currentTarget.value || null)}
        />
      </label>
      {asOfDay.value === null && <PlayButton />}
    </div>
  );
}

/** Says that the page is not of now, leads from day to day and back. While it plays it is not read out: only the first and the last day are. */
export function AsOfBanner() {
  const m = messages.value;
  const { value } = asOfDay;
  if (value === null) return null;
  const run = played.value;
  return (
    <div class="banner as-of-banner" role="status" aria-live={run === null ? 'polite' : 'off'}>
      <span>
        {m.asOfThen(day(value))} {waiting.value && <span class="quiet">{m.loading}…</span>}
      </span>
      {run !== null && <Progress first={run.first} last={run.last} now={value} />}
      <PlayButton />
      {run === null && <Steps from={value} />}
      {note.value?.day === value && <span>{note.value.words()}</span>}
      <button type="button" onClick={() => showAsOf(null)}>
        {m.asOfNow}
      </button>
    </div>
  );
}

/** Plays, or pauses. Where motion is not wanted it only goes to the first day, from which the reader steps. */
function PlayButton() {
  const m = messages.value;
  if (played.value !== null)
    return (
      <button type="button" onClick={pausePlaying}>
        {m.pause}
      </button>
    );
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  if (!isStill)
    return (
      <button type="button" onClick={() => void start()}>
        <span aria-hidden="true">▶</span> {m.play}
      </button>
    );
  if (asOfDay.value !== null) return null;
  return (
    <button type="button" onClick={() => void beginningOfMonth().then(showAsOf, reportFailure)}>
      {m.stepMonth}
    </button>
  );
}

function Steps({ from }: { readonly from: string }) {
  const m = messages.value;
  const next = dayAfter(from, 1);
  const isLast = next > today();
  const toNextChange = async (): Promise<void> => {
    const found = await changeFrom(next);
    if (found !== null && found <= today()) return showAsOf(found);
    note.value = { day: from, words: () => messages.value.noMoreChanges };
  };
  return (
    <>
      <button type="button" onClick={() => showAsOf(dayAfter(from, -1))}>
        <span aria-hidden="true">‹</span> {m.dayBefore}
      </button>
      <button type="button" disabled={isLast} onClick={() => showAsOf(next)}>
        {m.dayAfter} <span aria-hidden="true">›</span>
      </button>
      <button type="button" disabled={isLast} onClick={() => void toNextChange().catch(reportFailure)}>
        {m.nextChange} <span aria-hidden="true">»</span>
      </button>
    </>
  );
}

function Progress({ first, last, now }: { readonly first: string; readonly last: string; readonly now: string }) {
  const daysTo = (end: string) => Math.round((Date.parse(end) - Date.parse(first)) / DAY_MS);
  return (
    <span class="quiet">
      <progress max={daysTo(last) || DAYS} value={daysTo(now)} aria-hidden="true" />{' '}
      {messages.value.playing(daysTo(now), daysTo(last))}
    </span>
  );
}

async function start(): Promise<void> {
  try {
    await play({
      begins: (first) => announce(() => messages.value.playBegins(day(first))),
      ends: (last) => announce(() => messages.value.playDone(day(last))),
    });
  } catch {
    reportFailure();
  }
}

function reportFailure(): void {
  note.value = { day: asOfDay.value, words: () => messages.value.failedSource };
}
