import type { Board, Maker } from './table-query.ts';

export type Kind = Maker['kind'];

/** The kinds of makers that have rows. */
export const KINDS = ['BRAND', 'COMPANY', 'ALLIANCE'] as const satisfies readonly Kind[];

/** Who is in the table: of these kinds, with numbers of the year, largest first. One that owns another and has no more than that is not a maker of its own. */
export function makersOf({ entries }: Pick<Board, 'entries'>, kinds: readonly Kind[]): readonly Maker[] {
  const known = new Map(
    entries.flatMap(({ subject, metric, observation }) => {
      const owner = ownerOf(subject);
      return owner === null ? [] : [[`${owner} ${metric} ${observation.value ?? observation.lower}`, subject.kind]];
    }),
  );
  return entries
    .filter(({ subject, metric, observation: { value, lower } }) => {
      const part = known.get(`${subject.id} ${metric} ${lower}`);
      return kinds.includes(subject.kind) && (value !== null || part === undefined || !kinds.includes(part));
    })
    .map(({ subject }) => subject);
}

/** Of whom nothing is known in the year. An owner is not named beside what it owns. */
export function silentOf({ missing }: Pick<Board, 'missing'>, kinds: readonly Kind[]): readonly Maker[] {
  const chosen = missing.filter(({ kind }) => kinds.includes(kind));
  const owners = new Set(chosen.map(ownerOf));
  return chosen.filter(({ id }) => !owners.has(id));
}

/** What a maker is a part of, by its id. */
function ownerOf(maker: Maker): string | null {
  if ('parent' in maker) return maker.parent?.id ?? null;
  return 'group' in maker ? (maker.group?.id ?? null) : null;
}
