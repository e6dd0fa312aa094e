import { type Figure, Prisma } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { firstRanks } from './rank-history.ts';

/** Inserts figures whose ids are theirs already, with the ranks with which they begin. */
export async function insertFigures(tx: Tx, figures: readonly Figure[]): Promise<void> {
  await tx.$executeRaw`/* insertFigures */ ${insertedFirst(figures)} select 1`;
}

/** The first part of a statement, which inserts figures with the ranks with which they begin. The ids are theirs already. */
export function insertedFirst(figures: readonly Figure[]): Prisma.Sql {
  const ranks = figures.flatMap((figure) => firstRanks(figure).map((rank) => ({ ...rank, figureId: figure.id })));
  const inserted = Prisma.sql`
    with figures as (
      insert into "Figure" (
             id, "subjectId", metric, period, "periodStart", "periodEnd", "withinId", value, lower, upper, qualifier, "statedChangePercent",
             "sourceId", "attributedTo", note, breaks, rank, "rankReason", action, reason, "revisesId", "recordedAt", "knownFrom",
             "knownUntil", "claimKey")
      select id, "subjectId", metric, period, "periodStart", "periodEnd", "withinId", value, lower, upper, qualifier, "statedChangePercent",
             "sourceId", "attributedTo", note, breaks, rank, "rankReason", action, reason, "revisesId", "recordedAt", "knownFrom",
             "knownUntil", "claimKey"
        from jsonb_populate_recordset(null::"Figure", ${JSON.stringify(figures)}::jsonb))`;
  if (ranks.length === 0) return inserted;
  return Prisma.sql`${inserted},
    ranks as (
      insert into "FigureRank" ("figureId", rank, reason, "knownFrom")
      select "figureId", rank, reason, "knownFrom" from jsonb_populate_recordset(null::"FigureRank", ${JSON.stringify(ranks)}::jsonb))`;
}
