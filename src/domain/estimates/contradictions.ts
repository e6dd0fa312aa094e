import { createHash } from 'node:crypto';
import type { ContradictionKind, Metric } from '../../database/generated/client.ts';
import { dayAt } from '../values/calendar.ts';
import { listOf } from '../values/text.ts';
import type { Ground } from './entering.ts';
import { type OtherGround, voicesFrom } from './family.ts';
import type { MetricHistory } from './history.ts';
import type { Contradiction } from './network.ts';
import { numberOf, phraseOfValue } from './phrases.ts';
import { type SlotClaims, soften, type Voice } from './weighing.ts';

/** Claims that cannot all be true. */
export interface FoundContradiction {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly withinId: number | null;
  readonly kind: ContradictionKind;
  /** The periods of the claims, the earliest end first. */
  readonly periods: readonly string[];
  /** How far apart the claims are, in the unit of the metric. */
  readonly gap: number;
  readonly figureIds: readonly number[];
  /** Those that were set aside. */
  readonly setAsideIds: readonly number[];
  readonly explanation: string;
  /** The same as long as the same claim is set aside, or else the same claims contradict each other, in what is counted of the same subject. */
  readonly identity: string;
}

/** The claims of a contradiction before they are put in words. */
interface Clash {
  readonly history: MetricHistory;
  readonly voices: readonly Voice[];
  readonly others: readonly OtherGround[];
  readonly aside: Voice | null;
  readonly gap: number;
}

/**
 * The contradictions among the claims about relatives in one metric, each once: where the same claims contradict each other in several
 * periods or subjects, the one with the fewest claims, of the subject that comes first.
 */
export function contradictionsAmong(histories: Iterable<MetricHistory>): readonly FoundContradiction[] {
  const relatives = [...histories];
  const clashes = relatives.flatMap((history) => [...clashesOf(history)]);
  const found = new Map<string, { readonly clash: Clash; readonly ids: readonly number[] }>();
  const byCount = clashes
    .map((clash) => ({ clash, ids: idsOf(clash.voices) }))
    .sort((a, b) => a.ids.length - b.ids.length || compareClashes(a.clash, b.clash));
  /** The marks of those found, by their first one: only these can be covered by a clash that has it. */
  const byFirst = new Map<Mark, Mark[][]>();
  const aside = new Set<number>();
  for (const one of byCount) {
    const marks = [...one.ids, ...one.clash.others.map(markOf).filter((mark) => mark !== '')];
    const all = new Set<Mark>(marks);
    // A claim that was set aside is named in some contradiction.
    const isNamed = one.clash.aside === null || one.clash.aside.claims.every(({ id }) => aside.has(id));
    const isCovered = marks.some((mark) => byFirst.get(mark)?.some((other) => other.every((each) => all.has(each))));
    if (isCovered && isNamed) continue;
    for (const { id } of one.clash.aside?.claims ?? []) aside.add(id);
    found.set(identityOf(one.clash, one.ids), one);
    const [first] = marks;
    if (first !== undefined) byFirst.set(first, [...(byFirst.get(first) ?? []), marks]);
  }
  const slugs = new Map(relatives.map(({ subjectId, slug }) => [subjectId, slug]));
  return [...found].map(([identity, { clash, ids }]) => ({
    subjectId: clash.history.subjectId,
    metric: clash.history.metric,
    withinId: clash.history.withinId,
    kind: kindOf(clash),
    periods: periodsOf(clash.voices),
    gap: clash.gap,
    figureIds: ids,
    setAsideIds: clash.aside === null ? [] : clash.aside.claims.map(({ id }) => id).sort((a, b) => a - b),
    explanation: sentenceOf(clash, slugs),
    identity,
  }));
}

/** The id of a figure, or what a ground other than a claim is known by. */
type Mark = number | string;

/** A whole before its parts, then by what they hold. */
function compareClashes(a: Clash, b: Clash): number {
  const isOfPart = ({ others }: Clash): boolean => others.some(({ kind }) => kind === 'WHOLE');
  const textOf = ({ history, voices }: Clash): string => [history.slug, ...periodsOf(voices)].join(' ');
  return Number(isOfPart(a)) - Number(isOfPart(b)) || (textOf(a) < textOf(b) ? -1 : 1);
}

function* clashesOf(history: MetricHistory): Iterable<Clash> {
  if (history.curve === null) {
    for (const slot of history.slots.values()) if (slot.isDisputed) yield* clashesAlone(history, slot);
    return;
  }
  for (const { voice, contradiction } of history.curve.setAside) yield clashOf(history, contradiction, voice, []);
  for (const { bound, contradiction } of history.curve.refused)
    yield clashOf(history, contradiction, null, [bound.other]);
}

/** Of what does not add up over time: each claim that disagrees with the best. */
function* clashesAlone(history: MetricHistory, slot: SlotClaims): Iterable<Clash> {
  const [best, ...others] = soften(slot.voices);
  if (best === undefined) return;
  for (const voice of others) {
    const gap = Math.max(
      (voice.bounds.lower ?? 0) - (best.bounds.upper ?? Number.POSITIVE_INFINITY),
      (best.bounds.lower ?? 0) - (voice.bounds.upper ?? Number.POSITIVE_INFINITY),
    );
    if (gap > 0) yield { history, voices: [best, voice], others: [], aside: voice, gap };
  }
}

function clashOf(
  history: MetricHistory,
  { claims, gap }: Contradiction<Ground<OtherGround>>,
  aside: Voice | null,
  refused: readonly OtherGround[],
): Clash {
  const others = [...new Set([...refused, ...claims.flatMap((ground) => ('other' in ground ? [ground.other] : []))])];
  const own = claims.flatMap((ground) => ('voice' in ground ? [ground.voice] : []));
  const related = others.flatMap(voicesFrom);
  return {
    history,
    voices: [...new Set([...(aside === null ? [] : [aside]), ...own, ...related])],
    others,
    aside,
    gap,
  };
}

function kindOf({ voices, others }: Clash): ContradictionKind {
  const kinds = new Set(others.map(({ kind }) => kind));
  if (kinds.has('ANNOUNCED')) return 'MILESTONE';
  if (kinds.has('FIRST')) return 'BEFORE_FIRST';
  if (kinds.has('DELIVERED')) return 'METRICS';
  if (kinds.has('PARTS') || kinds.has('WHOLE')) return 'WHOLE_AND_PARTS';
  if (new Set(voices.map(({ period }) => period)).size === 1) return 'SAME_PERIOD';
  return voices.some(({ after }) => after === null) ? 'TO_DATE' : 'SUM';
}

function idsOf(voices: readonly Voice[]): readonly number[] {
  const ids = voices.flatMap(({ claims }) => claims.map(({ id }) => id));
  return [...new Set(ids)].sort((a, b) => a - b);
}

function periodsOf(voices: readonly Voice[]): readonly string[] {
  const sorted = [...voices].sort((a, b) => a.through - b.through || (a.period < b.period ? -1 : 1));
  return [...new Set(sorted.map(({ period }) => period))];
}

/** What a ground other than a claim is known by. Empty for sums of claims, which are known by these. */
function markOf(other: OtherGround): string {
  switch (other.kind) {
    case 'FIRST':
      return `first ${other.text}`;
    case 'ANNOUNCED':
      return `milestone ${other.milestoneId} ${other.on}`;
    default:
      return '';
  }
}

/** What is set aside tells one contradiction from another, whatever stands against it; else what cannot all be true. */
function identityOf({ history, others, aside }: Clash, ids: readonly number[]): string {
  const marks = [...new Set(others.map(markOf))].sort();
  const clashing = aside === null ? [ids, marks] : [aside.period, aside.bounds.lower, aside.bounds.upper];
  return createHash('sha256')
    .update(JSON.stringify([history.subjectId, history.metric, history.withinId, ...clashing]))
    .digest('hex');
}

function sentenceOf(clash: Clash, slugs: ReadonlyMap<number, string>): string {
  const { voices, others, gap } = clash;
  if (kindOf(clash) === 'SAME_PERIOD') {
    const said = voices.map((voice) => `${publisherOf(voice)} says ${phraseOfValue(voice)}`);
    return `Of ${voices[0]?.period}, ${listOf(said)}. They are ${numberOf(gap)} apart.`;
  }
  const all = [
    ...shortened(statementsOf(voices, slugs)),
    ...new Set(others.flatMap((other) => phraseOf(other, voices))),
  ];
  const [be, apart] =
    all.length === 1
      ? ['cannot be true', `It is ${numberOf(gap)} off`]
      : [`cannot ${all.length === 2 ? 'both' : 'all'} be true`, `They are ${numberOf(gap)} apart`];
  const reasons = [...new Set(others.flatMap(reasonOf))];
  return `${listOf(all)} ${be}${reasons.length === 0 ? '' : `, because ${listOf(reasons)}`}. ${apart}.`;
}

/** What the claims state, the earliest end first; with the subject or the metric, if there are several. */
function statementsOf(voices: readonly Voice[], slugs: ReadonlyMap<number, string>): readonly string[] {
  const claims = voices.flatMap((voice) => voice.claims);
  const areOfSubjects = new Set(claims.map(({ subjectId }) => subjectId)).size > 1;
  const areOfMetrics = new Set(claims.map(({ metric }) => metric)).size > 1;
  const slugOf = ({ claims: [claim] }: Voice): string =>
    claim === undefined ? '' : (slugs.get(claim.subjectId) ?? '');
  return [...voices]
    .sort((a, b) => a.through - b.through || compareTexts(a.period, b.period) || compareTexts(slugOf(a), slugOf(b)))
    .map((voice) => {
      const [claim] = voice.claims;
      const subject = areOfSubjects ? `${slugOf(voice)} ` : '';
      const metric = areOfMetrics ? `${claim?.metric.toLowerCase()} ` : '';
      return `${subject}${metric}${voice.period} (${phraseOfValue(voice)} by ${publisherOf(voice)})`;
    });
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** What takes part beside the claims. */
function phraseOf(other: OtherGround, voices: readonly Voice[]): readonly string[] {
  switch (other.kind) {
    case 'ANNOUNCED':
      return [`${numberOf(other.threshold)} announced for ${other.on}`];
    case 'DELIVERED': {
      // Unless the claims that say so are among those named.
      const isNamed = voices.some(({ claims: [claim] }) => claim?.metric === 'DELIVERIES');
      return isNamed ? [] : [`what was delivered to ${dayAt(other.through)}`];
    }
    default:
      return [];
  }
}

function reasonOf(other: OtherGround): readonly string[] {
  switch (other.kind) {
    case 'FIRST':
      return [`nothing is counted before ${other.text}`];
    case 'DELIVERED':
      return ['what is delivered was produced'];
    case 'PARTS':
    case 'WHOLE':
      return ['a whole is what its parts add up to'];
    default:
      return [];
  }
}

/** Long lists are cut: the figures are all named beside the sentence. */
function shortened(phrases: readonly string[]): readonly string[] {
  return phrases.length <= 8 ? phrases : [...phrases.slice(0, 7), `${phrases.length - 7} more`];
}

function publisherOf({ claims: [claim] }: Voice): string {
  return claim?.publisher.name ?? '';
}
