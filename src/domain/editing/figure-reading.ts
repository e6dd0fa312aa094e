import type { Figure } from '../../database/generated/client.ts';
import { Prisma } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { readJsonColumns } from '../../database/read-json.ts';
import { familiesOf, type Relatives, relativesOf } from '../catalog/families.ts';
import type { NewFigure } from '../claims/figure-input.ts';
import { type Known, type KnownRow, knownFrom, knownOf, type Questioned } from '../claims/near-claims.ts';
import { nearAmong } from '../claims/near-recorded.ts';
import { recordedAndKeptOf } from '../estimates/recorded.ts';
import { type RecordedAndKept, type RecordedAndKeptRow, recordedAndKeptFrom } from '../estimates/recorded-rows.ts';
import { scopeToRead } from '../estimates/settle.ts';
import { stretchAround } from '../estimates/stretch.ts';
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
  const parted = partsOf(figures);
  const stretches = parted.map(({ written }) => stretchAround(written));
  const parts = parted.map(({ subjectIds, ...part }, index) => {
    const [ids, whole] =
      subjectIds === null
        ? [Prisma.sql`array(select id from scope)`, Prisma.sql`select id from related`]
        : [Prisma.sql`${subjectIds}::int[]`, Prisma.sql`select null::int`];
    return recordedAndKeptOf(ids, scopeToRead(part), { sourceIds, stretch: stretches[index] ?? null, whole });
  });
  const row = await readJsonColumns<ReadingRow>(
    tx,
    Prisma.sql`
    /* readForFigures */
    with scope as materialized (select distinct id from (${scope}) family),
         -- As relatedIn has it.
         related as materialized (
           select id from scope
            where exists (select from "Membership" where "brandId" = scope.id or "allianceId" = scope.id)
           union
           select unnest(array[part.id, part."parentId"])
             from scope
             join "Subject" part on part.id = scope.id
            where part."parentId" in (select id from scope))
    select relatives.subjects::text as subjects, relatives.memberships::text as memberships,
           (select coalesce(json_agg(same), '[]')::text
              from "Figure" same
             where "claimKey" = any(${claimKeys}::text[])) as same,
           (select to_json(known)::text from (${knownOf(questioned, [], 'wholes and parts')}) known) as known,
           (select coalesce(json_agg(nextval('"Figure_id_seq"')), '[]')::text
              from generate_series(1, ${figures.length}::int - (
                     select count(*)::int from "Figure" where "claimKey" = any(${claimKeys}::text[])))) as ids,
           ${Prisma.join(parts.flatMap((_part, index) => columnsOf(index)))}
      from (${relativesOf(Prisma.sql`select id from scope`)}) relatives,
           ${Prisma.join(parts.map((part, index) => Prisma.sql`(${part}) ${Prisma.raw(`part${index}`)}`))}`,
  );
  const { subjects, memberships, same, known, ids } = row;
  const read = parts.map((_part, index) => recordedAndKeptFrom(partIn(row, index), stretches[index]));
  const { recorded, ...others } = knownFrom(known);
  const near = nearAmong(
    read.flatMap(({ claims }) => claims),
    questioned,
  );
  return {
    relatives: { subjects, memberships },
    same: same.map(figureFrom),
    known: { ...others, recorded: [...recorded, ...near] },
    parts: read,
    ids,
  };
}

interface ReadingRow extends Relatives {
  readonly same: readonly FigureRow[];
  readonly known: KnownRow;
  readonly ids: readonly number[];
}

const PART = [
  'figures',
  'sources',
  'milestones',
  'whole',
  'kept',
  'contradictions',
] as const satisfies (keyof RecordedAndKeptRow)[];

/** The columns of a part, with its place in their names. */
function columnsOf(index: number): readonly Prisma.Sql[] {
  return PART.map((name) => Prisma.raw(`part${index}.${name}::text as ${name}${index}`));
}

function partIn(row: object, index: number): RecordedAndKeptRow {
  const columns = row as Readonly<Record<string, never>>;
  return Object.fromEntries(PART.map((name) => [name, columns[`${name}${index}`]])) as unknown as RecordedAndKeptRow;
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
