import { listOf } from '../values/text.ts';
import type { Evidence } from './entering.ts';
import type { SlotClaims, Voice } from './weighing.ts';

/** The reason for the value of a slot that a claim gives. */
export function explain({ voices }: SlotClaims, best: Voice, decidedBy: Evidence): string {
  const others = publishersAmong(
    voices.flatMap(({ claims }) => claims).filter((claim) => !best.claims.includes(claim)),
  );
  const by = publishersAmong(best.claims);
  const [say, are] = by.isOne ? ['says', 'is'] : ['say', 'are'];
  const otherSay = `what ${others.names} ${others.isOne ? 'says' : 'say'}`;
  switch (decidedBy) {
    case 'ONLY':
      if (best.claims.length === 1) return `Only ${by.names} says so.`;
      return `${best.claims.length} sources say so, of ${best.origins === 1 ? 'one origin' : `${best.origins} origins`}.`;
    case 'EDITOR':
      if (best.claims.some(({ rank }) => rank === 'PREFERRED')) return `The editors prefer what ${by.names} ${say}.`;
      return `${by.isOne ? 'Only ' : ''}${by.names} ${say} so; the editors deprecated what else was said.`;
    case 'SUMS':
      return `What ${by.names} ${say} fits other periods and parts, and ${otherSay} does not.`;
    case 'ORIGINS':
      return `More independent origins (${best.origins}) state what ${by.names} ${say} than ${otherSay}.`;
    case 'TIER':
      return `${by.names} ${are} closer to the maker than ${others.names}.`;
    case 'PRECISION':
      return `${by.names} ${are} more precise than ${others.names}.`;
    case 'CLOSENESS':
      return `No evidence decides; ${by.names} published closer to the end of the period than ${others.names}.`;
    case 'NONE':
      return `No evidence decides between ${by.names} and ${others.names}.`;
  }
}

/** The reason for the value of a slot with claims that others give. `best` is null if all its claims were set aside. */
export function explainOthers({ voices }: SlotClaims, best: Voice | null): string {
  const { names, isOne } = publishersAmong((best === null ? voices : [best]).flatMap(({ claims }) => claims));
  const say = `${names} ${isOne ? 'says' : 'say'}`;
  if (best === null) return `Other claims stand against what ${say}.`;
  return best.isRounded
    ? `What ${say} is taken as rounded; other periods and parts say more.`
    : `Other periods and parts say more than what ${say}.`;
}

/** The publishers of claims, each once; of many, the first. */
function publishersAmong(claims: readonly Voice['claims'][number][]): {
  readonly names: string;
  readonly isOne: boolean;
} {
  const names = [...new Set(claims.map(({ publisher }) => publisher.name))];
  return {
    names: names.length <= 3 ? listOf(names) : `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`,
    isOne: names.length === 1,
  };
}
