import type { Figure } from '../../database/generated/client.ts';
import { Prisma } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { readJson } from '../../database/read-json.ts';
import { familiesOf, type Relatives, relativesOf } from '../catalog/families.ts';
import type { NewFigure } from '../claims/figure-input.ts';
import { type Known, type KnownRow, knownFrom, knownOf, type Questioned } from '../claims/near-claims.ts';
import { recordedAndKeptOf } from '../estimates/recorded.ts';
import { type RecordedAndKept, type RecordedAndKeptRow, recordedAndKeptFrom } from '../estimates/recorded-rows.ts';
import { scopeToRead } from '../estimates/settle.ts';
import { partsOf } from './effects.ts';

/** Everything that a write of new figures depends on. */
export interface FigureReading {
  readonly relatives: Relatives;
  /** The current claims of the same sources about the same slots. */
  readonly same: readonly Figure[];
  readonly known: Known;
  /** What is recorded and kept of each part of the figures. */
  readonly parts: readonly RecordedAndKept[];
  /** An id for each figure that is not recorded yet, in ascending order. */
  readonly ids: readonly number[];
}

/** Reads it for figures and their questioned values, under the lock of their families. One statement, however many there are. */
export async function readForFigures(
  tx: Tx,
  figures: readonly NewFigure[],
  questioned: readonly Questioned[],
): Promise<FigureReading> {
  const scope = familiesOf([...new Set(figures.map(({ subjectId }) => subjectId))]);
  const claimKeys = figures.map(({ claimKey }) => claimKey);
  const sourceIds = [...new Set(figures.map(({ sourceId }) => sourceId))];
  const parts = partsOf(figures).map(({ subjectIds, ...part }) => {
    const ids = subjectIds === null ? Prisma.sql`array(select id from scope)` : Prisma.sql`${subjectIds}::int[]`;
    return Prisma.sql`(select to_json(part) from (${recordedAndKeptOf(ids, scopeToRead(part), sourceIds)}) part)`;
  });
  const {
    relatives,
    same,
    known,
    parts: read,
    ids,
  } = await readJson<ReadingRow>(
    tx,
    Prisma.sql`
    /* readForFigures */
    with scope as materialized (select distinct id from (${scope}) family)
    select json_build_object(
             'relatives', (select to_json(relatives) from (${relativesOf(Prisma.sql`select id from scope`)}) relatives),
             'same', (select coalesce(json_agg(same), '[]')
                        from "Figure" same
                       where "claimKey" = any(${claimKeys}::text[])),
             'known', (select to_json(known) from (${knownOf(questioned, [])}) known),
             'parts', json_build_array(${Prisma.join(parts)}),
             'ids', (select coalesce(json_agg(nextval('"Figure_id_seq"')), '[]')
                       from generate_series(1, ${figures.length}::int - (
                              select count(*)::int from "Figure" where "claimKey" = any(${claimKeys}::text[])))))::text as json`,
  );
  return { relatives, same: same.map(figureFrom), known: knownFrom(known), parts: read.map(recordedAndKeptFrom), ids };
}

interface ReadingRow {
  readonly relatives: Relatives;
  readonly same: readonly FigureRow[];
  readonly known: KnownRow;
  readonly parts: readonly RecordedAndKeptRow[];
  readonly ids: readonly number[];
}

/** A figure with its days and instants as texts. */
type FigureRow = {
  readonly [Column in keyof Figure]: Figure[Column] extends Date
    ? string
    : Figure[Column] extends Date | null
      ? string | null
      : Figure[Column];
};

function figureFrom(row: FigureRow): Figure {
  const { periodStart, periodEnd, publishedSort, recordedAt, knownFrom: from, knownUntil } = row;
  return {
    ...row,
    periodStart: periodStart === null ? null : new Date(periodStart),
    periodEnd: new Date(periodEnd),
    publishedSort: new Date(publishedSort),
    recordedAt: new Date(recordedAt),
    knownFrom: new Date(from),
    knownUntil: knownUntil === null ? null : new Date(knownUntil),
  };
}
