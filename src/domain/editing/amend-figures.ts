import type { ClaimRank, Figure, Prisma, PrismaClient } from '../../database/generated/client.ts';
import { present } from '../../required.ts';
import { familiesOf } from '../catalog/families.ts';
import { collectProblems } from '../values/problems.ts';
import { addUnknownFigure, checkReason, findFigures, requireCurrent } from './current-figure.ts';
import { edit } from './edit.ts';
import { applyEffects } from './effects.ts';
import type { RecordedFigures } from './record-figures.ts';

/** Withdraws a figure; a second time writes nothing. Throws BadInput with UNKNOWN_FIGURE or STALE_REVISION. */
export async function withdrawFigure(
  db: PrismaClient,
  id: number | null,
  reason: string,
  now = new Date(),
): Promise<RecordedFigures> {
  return amend(db, id, reason, 'WITHDRAWN', (figure) =>
    figure.action === 'WITHDRAWN' ? null : { knownUntil: now, claimKey: null, reason },
  );
}

/**
 * Changes a figure's rank from now on: what was known before, with `asOf`, keeps the rank of that time. The same rank and reason again write
 * nothing. Throws BadInput with UNKNOWN_FIGURE or STALE_REVISION.
 */
export async function rankFigure(
  db: PrismaClient,
  id: number | null,
  rank: ClaimRank,
  reason: string,
  now = new Date(),
): Promise<RecordedFigures> {
  return amend(db, id, reason, 'RANKED', (figure) =>
    figure.rank === rank && figure.rankReason === reason
      ? null
      : { rank, rankReason: reason, reason, ranks: { create: { rank, reason, knownFrom: now } } },
  );
}

/** Changes a figure and appends to the log; the amendment is null when there is nothing to change. */
async function amend(
  db: PrismaClient,
  id: number | null,
  reason: string,
  action: 'WITHDRAWN' | 'RANKED',
  amendment: (figure: Figure) => Prisma.FigureUncheckedUpdateInput | null,
): Promise<RecordedFigures> {
  const problems = collectProblems();
  const found = (await findFigures(db, [id])).get(id ?? 0);
  if (found === undefined) addUnknownFigure(problems);
  checkReason(problems, reason);
  problems.throwIfAny();
  const { id: known, subjectId } = present(found);
  return edit(db, familiesOf([subjectId]), async (open) => {
    const current = await open.tx.figure.findUniqueOrThrow({ where: { id: known } });
    const data = amendment(current);
    if (data === null) return unchanged(current);
    await requireCurrent(open.tx, [{ figure: current, problems }]);
    problems.throwIfAny();
    const figure = await open.tx.figure.update({ where: { id: current.id }, data: { ...data, action } });
    return { figures: [figure], deduplicated: 0, ...(await applyEffects(open, [{ figure, action }])) };
  });
}

function unchanged(figure: Figure): RecordedFigures {
  return { figures: [figure], deduplicated: 1, milestones: [], cursor: null };
}
