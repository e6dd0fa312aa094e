import type { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readJson } from '../../database/read-json.ts';
import type { Observed } from '../estimates/observation.ts';
import { ALL_DETAILS, type Detail, type PlacedValues, placedIn } from '../estimates/reading.ts';
import type { RankedRow } from './ranking.ts';

/** What is asked of a ranking besides the ranks. What is not asked is not worked out. */
export interface Asked {
  /** What depends on who is part of whom: the total, the shares, and who overlaps with whom. */
  readonly parts: boolean;
  /** The ranks that the bounds allow. */
  readonly bounds: boolean;
  readonly previousRank: boolean;
  readonly yearAgoRank: boolean;
  /** Who has not reported, and how many there could be. */
  readonly missing: boolean;
  /** What is read of the observations besides values and bounds. */
  readonly details: ReadonlySet<Detail>;
}

/** Everything. */
export const ALL: Asked = {
  ...{ parts: true, bounds: true, previousRank: true, yearAgoRank: true, missing: true },
  details: ALL_DETAILS,
};

/** A ranking of subjects of which none is part of another one, with what is kept of those that are shown. */
export interface RankedApart {
  readonly rows: readonly RankedRow[];
  readonly observed: ReadonlyMap<number, Observed>;
}

/** What a statement answers. */
interface Answer {
  readonly isApart: boolean;
  readonly total: number;
  readonly listedIds: readonly number[] | null;
  readonly rows: readonly (readonly [
    ...[rank: number, size: number, rankLower: number | null, rankUpper: number | null],
    ...[previousRank: number | null, yearAgoRank: number | null, observation: PlacedValues],
  ])[];
}

/** Reads a ranking by a statement that answers with JSON, with these details; null if somebody is part of another one. */
export async function readRankedApart(
  db: Db,
  details: ReadonlySet<Detail>,
  statement: Prisma.Sql,
): Promise<RankedApart | null> {
  const answer = await readJson<Answer>(db, statement);
  if (!answer.isApart) return null;
  const observed = new Map<number, Observed>();
  const { total, listedIds } = answer;
  const rows = answer.rows.map(([rank, size, rankLower, rankUpper, previousRank, yearAgoRank, values]): RankedRow => {
    const one = placedIn(values, details);
    const { subjectId, metric } = one.place;
    observed.set(subjectId, one);
    return {
      ...{ subjectId, metric, rank, size, previousRank, yearAgoRank, total, listedIds },
      // Null where nobody asks for them.
      ...{ rankLower: rankLower ?? rank, rankUpper: rankUpper ?? rank, wholes: [], shared: [] },
    };
  });
  return { rows, observed };
}
