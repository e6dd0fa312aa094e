import { listOf } from '../values/text.ts';
import type { Evidence } from './judging.ts';
import { phraseOfValue } from './phrases.ts';
import type { SlotClaims, SpanClaim, Voice } from './weighing.ts';

/** The reason for the value of a slot that a claim gives. */
export function explain({ voices }: SlotClaims, best: Voice, decidedBy: Evidence): string {
  const left = voices.filter(({ claims }) => claims !== best.claims);
  const others = publishersOf(left);
  const by = publishersOf([best]);
  const say = by.isOne ? 'says' : 'say';
  switch (decidedBy) {
    case 'ONLY':
      if (best.claims.length === 1) return `Only ${by.names} says so.`;
      return `${best.claims.length} sources say so, of ${best.origins === 1 ? 'one origin' : `${best.origins} origins`}.`;
    case 'EDITOR':
      if (best.claims.some(({ rank }) => rank === 'PREFERRED')) return `The editors prefer what ${by.names} ${say}.`;
      return `${by.isOne ? 'Only ' : ''}${by.names} ${say} so; the editors deprecated what else was said.`;
    case 'TIER':
      return `${tiersOf([best])} ranks before ${tiersOf(left)}.`;
    default:
      // Where a publisher says both, its name tells nothing apart.
      return by.all.some((name) => others.all.includes(name))
        ? betweenValues(best, left, decidedBy)
        : betweenPublishers(best, left, decidedBy);
  }
}

type Between = Exclude<Evidence, 'ONLY' | 'EDITOR' | 'TIER'>;

function betweenPublishers(best: Voice, left: readonly Voice[], decidedBy: Between): string {
  const by = publishersOf([best]);
  const others = publishersOf(left);
  const [say, are] = by.isOne ? ['says', 'is'] : ['say', 'are'];
  const otherSay = `what ${others.names} ${others.isOne ? 'says' : 'say'}`;
  switch (decidedBy) {
    case 'SUMS':
      return `What ${by.names} ${say} fits other periods and parts, and ${otherSay} does not.`;
    case 'ORIGINS':
      return `More independent origins (${best.origins}) state what ${by.names} ${say} than ${otherSay}.`;
    case 'PRECISION':
      return `${by.names} ${are} more precise than ${others.names}.`;
    case 'CLOSENESS':
      return `No evidence decides; ${by.names} published closer to the end of the period than ${others.names}.`;
    case 'NONE':
      return `No evidence decides between ${shortened([...by.all, ...others.all])}.`;
  }
}

function betweenValues(best: Voice, left: readonly Voice[], decidedBy: Between): string {
  const value = phraseOfValue(best);
  const otherValues = [...new Set(left.map(phraseOfValue))];
  const others = shortened(otherValues);
  switch (decidedBy) {
    case 'SUMS':
      return `${value} fits other periods and parts, and ${others} ${left.length === 1 ? 'does' : 'do'} not.`;
    case 'ORIGINS':
      return `More independent origins (${best.origins}) state ${value} than ${others}.`;
    case 'PRECISION':
      return `${value} is more precise than ${others}.`;
    case 'CLOSENESS':
      return `No evidence decides; ${value} was published closer to the end of the period than ${others}.`;
    case 'NONE': {
      const by = publishersOf([best, ...left]);
      const same = by.isOne ? `, ${left.length === 1 ? 'both' : 'all'} by ${by.names}` : '';
      return `No evidence decides between ${shortened([value, ...otherValues])}${same}.`;
    }
  }
}

/** The reason for the value of a slot with claims that others give. `best` is null if all its claims were set aside. */
export function explainOthers({ voices }: SlotClaims, best: Voice | null): string {
  const { names, isOne } = publishersOf(best === null ? voices : [best]);
  if (best === null) return `Other periods and parts decide; ${names} ${isOne ? 'states' : 'state'} something else.`;
  const say = `${names} ${isOne ? 'says' : 'say'}`;
  return best.isRounded
    ? `What ${say} is taken as rounded; other periods and parts say more.`
    : `Other periods and parts say more than what ${say}.`;
}

/** The publishers of claims, each once; of many, the first. */
function publishersOf(voices: readonly Voice[]): {
  readonly all: readonly string[];
  readonly names: string;
  readonly isOne: boolean;
} {
  const all = [...new Set(voices.flatMap(({ claims }) => claims).map(({ publisher }) => publisher.name))];
  return { all, names: shortened(all), isOne: all.length === 1 };
}

/** The publisher of the lowest tier of each voice, with its tier. */
function tiersOf(voices: readonly Voice[]): string {
  const best = voices.flatMap(({ claims: [claim] }): SpanClaim[] => (claim === undefined ? [] : [claim]));
  return shortened([...new Set(best.map(({ publisher, tier }) => `${publisher.name} (tier ${tier})`))]);
}

function shortened(names: readonly string[]): string {
  return names.length <= 3 ? listOf(names) : `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
}
