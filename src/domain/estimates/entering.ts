import { type Interval, overlaps } from '../values/interval.ts';
import { type Evidence, evidenceAmong, isBorneOut, judge } from './judging.ts';
import { type Contradiction, createNetwork, type Grounds, type Network } from './network.ts';
import { asRounded, compareVoices, type Elsewhere, type SlotClaims, type Voice } from './weighing.ts';

/** Something else that bounds the curve, such as the sum of a company's brands. */
export interface OtherBound<Other> {
  readonly after: number | null;
  readonly through: number;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly other: Other;
}

/** What a constraint of the network stands for. */
export type Ground<Other> = { readonly voice: Voice } | { readonly other: Other };

/** A voice that contradicts others, which were believed. */
export interface SetAside<Other> {
  readonly voice: Voice;
  readonly contradiction: Contradiction<Ground<Other>>;
}

/** Another bound that contradicts what was believed. */
export interface Refused<Other> {
  readonly bound: OtherBound<Other>;
  readonly contradiction: Contradiction<Ground<Other>>;
}

/** Which claims count, and what follows from them. Claims enter undisputed slots first, so that these decide about the others. */
export interface Entering<Other> {
  /** The tightest bounds of a count, after the end of one day and until the end of another. Null: from the start. */
  boundsOf(after: number | null, through: number): Interval & { readonly lower: number };
  /** What these bounds follow from. */
  groundsOf(after: number | null, through: number): Grounds<Ground<Other>>;
  /** The voices that entered, by period; rounded ones with their wider bounds. */
  readonly entered: ReadonlyMap<string, readonly Voice[]>;
  readonly setAside: readonly SetAside<Other>[];
  /** What decided, by the period of each slot that was decided about. */
  readonly decided: ReadonlyMap<string, Evidence>;
  /** The other bounds that contradict what entered before them. */
  readonly refused: readonly Refused<Other>[];
  enterUndisputed(slots: readonly SlotClaims[]): void;
  enterDisputed(slots: readonly SlotClaims[]): void;
  /** Adds other bounds. */
  bound(bounds: readonly OtherBound<Other>[]): void;
  /** Takes all other bounds out again. What they decided stays decided. */
  release(): void;
  /** The other bounds that entered. */
  readonly bounded: readonly OtherBound<Other>[];
}

type Entry<Other> = { readonly voice: Voice } | { readonly bound: OtherBound<Other> };

/** How the claims about a curve are weighed. */
export interface Weights {
  /** Whether all claims are whole numbers. */
  readonly isWhole: boolean;
  /** What other metrics of the same vehicles say about disputed periods. */
  readonly elsewhere: readonly Elsewhere[];
}

/**
 * All claims about a curve enter again in another order until so many have, and at least so often. Real figures need fewer; nonsense would
 * need many more. Of a curve with few claims, those that let more in do not count.
 */
const MOST_REENTERED = 20_000;
const LEAST_REPLAYS = 10;
const FEW = 500;

/** Nothing has entered yet. The network counts in whole numbers: hundredths of the unit where a claim may have fractions. */
export function createEntering<Other>({ isWhole, elsewhere }: Weights): Entering<Other> {
  const scale = isWhole ? 1 : 100;
  let network: Network<Ground<Other>> = createNetwork();
  /** Everything that is in the network, in the order in which it entered. */
  let entries: Entry<Other>[] = [];
  let setAside: SetAside<Other>[] = [];
  let entered = new Map<string, Voice[]>();
  const decided = new Map<string, Evidence>();
  let refused: Refused<Other>[] = [];

  const add = (span: OtherBound<unknown> | Voice, bounds: Interval, claim: Ground<Other>) => {
    const { after, through } = span;
    const contradiction = network.add({ after, through, ...times(bounds, scale), claim });
    return contradiction === null ? null : { ...contradiction, gap: contradiction.gap / scale };
  };
  const addVoice = (voice: Voice) => add(voice, voice.bounds, { voice });
  const boundsOf = (after: number | null, through: number) => {
    const { lower, upper } = network.boundsOf(after, through);
    return { lower: lower / scale, upper: upper === null ? null : upper / scale };
  };
  const fits = (voice: Voice): boolean => {
    const bounds = boundsOf(voice.after, voice.through);
    return overlaps(bounds, voice.bounds) || overlaps(bounds, asRounded(voice)?.bounds ?? voice.bounds);
  };
  const enter = (voice: Voice): void => {
    const contradiction = addVoice(voice);
    const rounded = contradiction === null ? null : asRounded(voice);
    if (contradiction !== null && (rounded === null || addVoice(rounded) !== null)) {
      if (!roundAnother(voice, contradiction)) setAside.push({ voice, contradiction });
      return;
    }
    const stands = contradiction === null ? voice : (rounded as Voice);
    entries.push({ voice: stands });
    const ofSlot = entered.get(voice.period);
    if (ofSlot === undefined) entered.set(voice.period, [stands]);
    else ofSlot.push(stands);
  };
  const bound = (one: OtherBound<Other>): void => {
    const contradiction = add(one, one, { other: one.other });
    if (contradiction === null) entries.push({ bound: one });
    else refused.push({ bound: one, contradiction });
  };
  let replays = 0;
  let reentered = 0;
  /** Everything again, in another order. As it was, if no more enter than before. Returns whether more do. */
  const replay = (again: readonly Entry<Other>[]): boolean => {
    if (replays >= LEAST_REPLAYS && reentered + again.length > MOST_REENTERED) return false;
    replays += 1;
    reentered += again.length;
    const before = { network, entries, setAside, entered, refused };
    network = createNetwork();
    [entries, setAside, entered, refused] = [[], [], new Map(), []];
    for (const entry of again) 'voice' in entry ? enter(entry.voice) : bound(entry.bound);
    if (entries.length > before.entries.length) {
      if (again.length <= FEW) reentered -= again.length;
      return true;
    }
    ({ network, entries, setAside, entered, refused } = before);
    return false;
  };
  const standingAside = (): readonly Entry<Other>[] => [
    ...setAside.map(({ voice }) => ({ voice })),
    ...refused.map(({ bound: one }) => ({ bound: one })),
  ];
  /** Without one voice, which comes last, those enter that stand aside because of it. */
  const exchange = (loser: Voice): boolean => {
    const others = entries.filter((entry) => !('voice' in entry) || entry.voice !== loser);
    return replay([...others, ...standingAside(), { voice: loser }]);
  };
  /**
   * A round value that keeps a voice out is taken as rounded, if the voice enters then: one of fewer origins, or of no more than those of a
   * voice that is not round itself.
   */
  const roundAnother = (voice: Voice, { claims }: Contradiction<Ground<Other>>): boolean => {
    const isRound = (voice.bounds.lower ?? 0) % 100 === 0;
    const inTheWay = claims
      .flatMap((ground) => ('voice' in ground && ground.voice !== voice ? [ground.voice] : []))
      .filter((other) => other.origins < voice.origins + (isRound ? 0 : 1) && asRounded(other) !== null)
      .sort((a, b) => compareVoices(b, a));
    return inTheWay.some((other) => {
      const rounded = { voice: asRounded(other) ?? other };
      const others = entries.map((entry) => ('voice' in entry && entry.voice === other ? rounded : entry));
      return replay([...others, { voice }, ...standingAside()]);
    });
  };
  /** A voice goes when others that it keeps out agree with each other and have more origins. */
  const exchangeAll = (): void => {
    for (;;) {
      const count = entries.length;
      for (const [voice, others] of opponents(setAside)) {
        if (others.size < 2 || originsOf(others) <= voice.origins) continue;
        if (exchange(voice)) break;
      }
      if (entries.length <= count) return;
    }
  };

  return {
    boundsOf,
    groundsOf: (after, through) => network.groundsOf(after, through),
    get entered() {
      return entered;
    },
    get setAside() {
      return setAside;
    },
    get refused() {
      return refused;
    },
    decided,
    enterUndisputed: (slots) => {
      const voices = slots.flatMap((slot) => slot.voices);
      for (const voice of voices.sort(compareVoices)) enter(voice);
      exchangeAll();
      for (const slot of slots) decided.set(slot.period, evidenceAmong(slot, slot.voices));
    },
    enterDisputed: (slots) => {
      let waiting = [...slots].sort((a, b) => compareVoices(best(a.voices), best(b.voices)));
      // What other periods say comes first; each slot that they decide may decide another.
      for (let before = Number.POSITIVE_INFINITY; waiting.length < before; ) {
        before = waiting.length;
        waiting = waiting.filter((slot) => {
          const fitting = slot.voices.filter(fits);
          if (fitting.length === 1) decide(slot, fitting);
          return fitting.length !== 1;
        });
      }
      for (const slot of waiting) decide(slot, slot.voices.filter(fits));
      exchangeAll();
    },
    bound: (bounds) => {
      for (const one of bounds) bound(one);
    },
    release: () => {
      refused = [];
      const voices = entries.filter((entry) => 'voice' in entry);
      if (voices.length === entries.length) return;
      network = createNetwork();
      entries = voices;
      for (const { voice } of voices) addVoice(voice);
    },
    get bounded() {
      return entries.flatMap((entry) => ('bound' in entry ? [entry.bound] : []));
    },
  };

  function decide(slot: SlotClaims, fitting: readonly Voice[]): void {
    const { winners, others, evidence } = judge(slot, fitting, (voice) => isBorneOut(voice, elsewhere, boundsOf));
    for (const winner of winners) enter(winner);
    for (const other of others) enterBeside(other, best(winners));
    decided.set(slot.period, evidence);
  }

  /** A voice of a disputed slot after the one that won: it may still agree with it. */
  function enterBeside(voice: Voice, winner: Voice): void {
    if (overlaps(voice.bounds, winner.bounds)) {
      enter(voice);
      return;
    }
    const gap = Math.max(
      (voice.bounds.lower ?? 0) - (winner.bounds.upper ?? Number.POSITIVE_INFINITY),
      (winner.bounds.lower ?? 0) - (voice.bounds.upper ?? Number.POSITIVE_INFINITY),
    );
    setAside.push({ voice, contradiction: { claims: [{ voice }, { voice: winner }], gap } });
  }
}

/** Bounds in smaller units. */
function times({ lower, upper }: Interval, scale: number): Interval {
  if (scale === 1) return { lower, upper };
  return {
    lower: lower === null ? null : Math.round(lower * scale),
    upper: upper === null ? null : Math.round(upper * scale),
  };
}

/** The voices that entered, with those that each of them keeps out; those that keep out most come first. */
function opponents<Other>(setAside: readonly SetAside<Other>[]): readonly (readonly [Voice, ReadonlySet<Voice>])[] {
  const against = new Map<Voice, Set<Voice>>();
  for (const { voice, contradiction } of setAside) {
    for (const ground of contradiction.claims) {
      if (!('voice' in ground) || ground.voice.period === voice.period) continue;
      against.set(ground.voice, (against.get(ground.voice) ?? new Set()).add(voice));
    }
  }
  return [...against].sort(([a, keptA], [b, keptB]) => keptB.size - keptA.size || compareVoices(b, a));
}

function originsOf(voices: ReadonlySet<Voice>): number {
  return [...voices].reduce((sum, { origins }) => sum + origins, 0);
}

function best<One>(sorted: readonly One[]): One {
  return sorted[0] as One;
}
