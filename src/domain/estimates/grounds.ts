import { dayAt } from '../values/calendar.ts';
import type { Period } from '../values/period.ts';
import { listOf } from '../values/text.ts';
import { type OtherGround, voicesFrom } from './family.ts';
import type { MetricHistory } from './history.ts';
import { observationOf } from './observation.ts';
import { numberOf } from './phrases.ts';
import { spanOf } from './spans.ts';
import type { Voice } from './weighing.ts';

/** What an observation follows from. */
export interface Grounds {
  /** The ids of the figures, the earliest period first. */
  readonly figureIds: readonly number[];
  /** In short, why it has these bounds. */
  readonly explanation: string;
  /** The same as a part of a sentence: "the sum of 3 periods, 2025-10 to 2025-12". Empty if a claim gives the value. */
  readonly phrase: string;
}

const MOST_NAMED = 6;

/** What is known of a period follows from these. Of a slot with claims, the claim that gives the value, if one does. */
export function groundsOf(history: MetricHistory, period: Period): Grounds {
  const observed = observationOf(history, period);
  if (observed === null || history.curve === null)
    return {
      figureIds: observed?.bestId == null ? [] : [observed.bestId],
      explanation: observed?.resolution ?? NOTHING,
      phrase: '',
    };
  if (observed.bestId !== null) return { figureIds: [observed.bestId], explanation: observed.resolution, phrase: '' };
  const { after, through } = spanOf(period);
  const { lowerFrom, upperFrom } = history.curve.groundsOf(after, through);
  const grounds = [...new Set([...lowerFrom, ...upperFrom])];
  const others = grounds.flatMap((ground) => ('other' in ground ? [ground.other] : []));
  const own = grounds.flatMap((ground) => ('voice' in ground ? [ground.voice] : []));
  const voices = sorted([...own, ...others.flatMap(voicesFrom)]);
  const figureIds = [...new Set(voices.flatMap(({ claims: [claim] }) => (claim === undefined ? [] : [claim.id])))];
  const phrase = history.isAnotherName
    ? 'which follows from its only brand'
    : others.length === 0 && isTiling(own, after, through)
      ? `the ${sumOf(sorted(own))}`
      : followsFrom(own, others);
  if (observed.resolution !== '') return { figureIds, explanation: observed.resolution, phrase };
  const from = `${capitalised(phrase.replace(/^(which|the|because) /, ''))}.`;
  const { missing, lower, upper } = observed;
  const bounds =
    lower === upper ? '' : ` ${upper === null ? 'That is the least it can be' : 'It lies between its bounds'}.`;
  const gaps = missing.length === 0 ? '' : ` Not known: ${named(missing)}.`;
  return { figureIds, explanation: `${from}${bounds}${gaps}`, phrase };
}

const NOTHING = 'Nothing is known about it.';

function sorted(voices: readonly Voice[]): readonly Voice[] {
  return [...new Set(voices)].sort((a, b) => a.through - b.through || (a.period < b.period ? -1 : 1));
}

/** Whether claims follow each other from the first day to the last. */
function isTiling(voices: readonly Voice[], after: number | null, through: number): boolean {
  let reached = after;
  for (const voice of sorted(voices)) {
    if (voice.after !== reached) return false;
    reached = voice.through;
  }
  return reached === through;
}

function sumOf(voices: readonly Voice[]): string {
  return `sum of ${voices.length} periods, ${voices[0]?.period} to ${voices.at(-1)?.period}`;
}

function followsFrom(own: readonly Voice[], others: readonly OtherGround[]): string {
  const phrases = [...new Set(sorted(own).map(({ period }) => period))];
  const more = [...new Set(others.map(phraseOf))];
  const all = [...shortened(phrases), ...more];
  return all.length === 0 ? 'because totals never fall' : `which follows from ${listOf(all)}`;
}

function phraseOf(other: OtherGround): string {
  switch (other.kind) {
    case 'PARTS':
      return 'its parts';
    case 'WHOLE':
      return 'the whole less its other parts';
    case 'FIRST':
      return `nothing being counted before ${other.text}`;
    case 'ANNOUNCED':
      return `the ${numberOf(other.threshold)} announced for ${other.on}`;
    case 'DELIVERED':
      return `the deliveries to ${dayAt(other.through)}`;
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function named(periods: readonly string[]): string {
  return listOf(shortened(periods));
}

/** Long lists are cut: what they name can be asked for. */
function shortened(texts: readonly string[]): readonly string[] {
  if (texts.length <= MOST_NAMED) return texts;
  return [...texts.slice(0, MOST_NAMED - 1), `${texts.length - MOST_NAMED + 1} more`];
}
