import { shown, whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import type { Choice } from './choice.ts';
import type { Drawn } from './draw-compare.ts';
import { areMixed, type Line, type Point } from './lines.ts';
import { text } from './messages.ts';

/** The names of lines: of makers, with what is counted where that is not the same for all, and not deliveries. */
export function namesOf(lines: readonly Line[]): readonly string[] {
  const isMixed = areMixed(lines);
  return lines.map(({ maker, metrics }) => {
    const isPlain = !isMixed || metrics.every((metric) => metric === 'DELIVERIES');
    return isPlain ? nameOf(maker) : text.value.named(nameOf(maker), text.value.list(metrics.map(metricName)));
  });
}

/** What a comparison shows, in a line. */
export function titleOf(lines: readonly Line[], { metric, by }: Choice): string {
  const m = text.value;
  const counted = metric ?? lines.find(({ metrics }) => metrics.length > 0)?.metrics[0];
  const what = areMixed(lines) || counted === undefined ? m.counts : capital(metricName(counted));
  return m.chart(what, m.granularities[by] ?? by, m.list(lines.map(({ maker }) => nameOf(maker))));
}

/** What has to be known to read a comparison. `base` is the period that is 100; null if there is none. */
export function notesOf(lines: readonly Line[], { isIndexed, isLog }: Choice, base: string | null): string {
  const m = text.value;
  const unknown = lines.filter(({ points }) => points.every(({ lower }) => lower === null));
  const notes = [
    base !== null && m.indexNote(base),
    isIndexed && base === null && m.noIndex,
    isLog && m.logNote,
    areMixed(lines) && m.mixedNote,
    unknown.length > 0 && m.unknownNote(m.list(unknown.map(({ maker }) => nameOf(maker)))),
    m.bandNote,
  ];
  return m.sentences(notes.filter((note) => note !== false));
}

/** Lines as they are drawn, with words for each of their points. */
export function drawnLines(drawn: readonly Line[], lines: readonly Line[], isIndexed: boolean): readonly Drawn[] {
  const names = namesOf(lines);
  const isMixed = areMixed(lines);
  return drawn.map(({ points }, index) => {
    const name = names[index] ?? '';
    const { maker } = lines[index] as Line;
    return {
      name,
      points: points.map((point) => ({ ...point, words: describe(nameOf(maker), point, isMixed, isIndexed) })),
    };
  });
}

function describe(name: string, { of, value }: Point, isMixed: boolean, isIndexed: boolean): string {
  if (of === null) return name;
  const metric = isMixed ? ` (${metricName(of.metric)})` : '';
  const index = isIndexed && value !== null ? `, ${whole(Math.round(value))}` : '';
  return `${name}\n${period(of.period)}: ${shown(of)}${metric}${index}`;
}

function capital(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
