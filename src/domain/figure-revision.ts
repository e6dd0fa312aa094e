import { write } from '../changes/log.ts';
import type { ClaimRank, Figure, Prisma, PrismaClient } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { encodeId } from './api-id.ts';
import type { RecordedFigures } from './figure.ts';
import { claimKeyOf, knownFrom } from './figure-input.ts';
import { lockFigures, settleFigures } from './figure-settlement.ts';
import { checkValue, type StatedValue, sameStatement } from './figure-value.ts';
import { boundsOf } from './interval.ts';
import { collectProblems, type Problems } from './problems.ts';
import { findSources } from './source.ts';
import { checkText } from './text.ts';

const MAX_REASON = 2_000;

/** What a restatement says instead. */
export interface RevisionInput extends StatedValue {
  /** The restating document's row; undefined: the same as before, null: what was sent is the id of none. */
  readonly sourceId?: number | null | undefined;
  readonly reason: string;
}

/**
 * Closes a figure and adds the one that restates it. The same restatement again writes nothing.
 * BadInput: UNKNOWN_FIGURE; STALE_REVISION, naming the current one, when it was restated or withdrawn already; and everything wrong with the values.
 */
export async function reviseFigure(
  db: PrismaClient,
  id: number | null,
  input: RevisionInput,
  now = new Date(),
): Promise<RecordedFigures> {
  const { figure: old, problems } = await findFigure(db, id);
  const atInput = problems.at('input');
  checkText(atInput, 'reason', input.reason, MAX_REASON);
  checkValue(atInput, old.metric, input);
  const sourceId = input.sourceId === undefined ? old.sourceId : input.sourceId;
  const source = sourceId === null ? undefined : (await findSources(db, [sourceId])).get(sourceId);
  if (source === undefined)
    atInput.add('UNKNOWN_SOURCE', 'sourceId', 'There is no source with this id; register it first.');
  problems.throwIfAny();
  const statement = statementOf(input);
  return write(db, async (open) => {
    const family = await lockFigures(open.tx, [old]);
    const again = await open.tx.figure.findUnique({ where: { revisesId: old.id } });
    if (again !== null && again.sourceId === sourceId && sameStatement(again, statement)) return unchanged(again);
    await requireCurrent(open.tx, problems, old.id);
    await checkClaim(open.tx, atInput, old, sourceId as number, statement);
    problems.throwIfAny();
    // A new document was the published word from its own day on; the same document is corrected now.
    const known = sourceId === old.sourceId ? now : knownFrom(source?.publishedOn ?? null, now);
    // As it is now: its rank can have changed between the first look and the lock.
    const { subjectId, metric, period, periodStart, periodEnd, withinId, attributedTo, note, rank, rankReason } =
      await open.tx.figure.update({ where: { id: old.id }, data: { knownUntil: known, claimKey: null } });
    const place = { subjectId, metric, period, periodStart, periodEnd, withinId };
    const figure = await open.tx.figure.create({
      data: {
        ...place,
        ...statement,
        attributedTo,
        note,
        rank,
        rankReason,
        sourceId: sourceId as number,
        action: 'REVISED',
        reason: input.reason,
        revisesId: old.id,
        recordedAt: now,
        knownFrom: known,
        claimKey: claimKeyOf({ ...place, sourceId: sourceId as number }),
      },
    });
    return {
      figures: [figure],
      deduplicated: 0,
      ...(await settleFigures(open, family, [{ figure, action: 'REVISED' }])),
    };
  });
}

/** Takes a figure back; a second time writes nothing. BadInput: UNKNOWN_FIGURE, STALE_REVISION. */
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

/** Gives a figure another weight; the same weight and reason again write nothing. BadInput: UNKNOWN_FIGURE, STALE_REVISION. */
export async function rankFigure(
  db: PrismaClient,
  id: number | null,
  rank: ClaimRank,
  reason: string,
): Promise<RecordedFigures> {
  return amend(db, id, reason, 'RANKED', (figure) =>
    figure.rank === rank && figure.rankReason === reason ? null : { rank, rankReason: reason, reason },
  );
}

/** Changes what may change of a figure; the amendment is null when nothing does. */
async function amend(
  db: PrismaClient,
  id: number | null,
  reason: string,
  action: 'WITHDRAWN' | 'RANKED',
  amendment: (figure: Figure) => Prisma.FigureUncheckedUpdateInput | null,
): Promise<RecordedFigures> {
  const { figure: found, problems } = await findFigure(db, id);
  checkText(problems, 'reason', reason, MAX_REASON);
  problems.throwIfAny();
  return write(db, async (open) => {
    const family = await lockFigures(open.tx, [found]);
    const data = amendment(await open.tx.figure.findUniqueOrThrow({ where: { id: found.id } }));
    if (data === null) return unchanged(found);
    await requireCurrent(open.tx, problems, found.id);
    problems.throwIfAny();
    const figure = await open.tx.figure.update({ where: { id: found.id }, data: { ...data, action } });
    return { figures: [figure], deduplicated: 0, ...(await settleFigures(open, family, [{ figure, action }])) };
  });
}

async function findFigure(
  db: Db,
  id: number | null,
): Promise<{ readonly figure: Figure; readonly problems: Problems }> {
  const problems = collectProblems();
  const figure = id === null ? null : await db.figure.findUnique({ where: { id } });
  if (figure === null) problems.add('UNKNOWN_FIGURE', 'id', 'There is no figure with this id.');
  problems.throwIfAny();
  return { figure: figure as Figure, problems };
}

/** Notes STALE_REVISION when a figure is no longer its source's word. */
async function requireCurrent(db: Db, problems: Problems, id: number): Promise<void> {
  let figure = await db.figure.findUniqueOrThrow({ where: { id }, include: { revisedBy: true } });
  if (figure.claimKey !== null) return;
  if (figure.revisedBy === null) {
    problems.add('STALE_REVISION', 'id', 'This figure was withdrawn; record the claim anew.');
    return;
  }
  while (figure.revisedBy !== null) {
    figure = await db.figure.findUniqueOrThrow({ where: { id: figure.revisedBy.id }, include: { revisedBy: true } });
  }
  const current = encodeId('Figure', figure.id);
  problems.add('STALE_REVISION', 'id', `This figure was restated already; the current one is ${current}.`, [current]);
}

/** Notes a restatement that restates nothing, and one by a source that has a claim about the slot of its own. */
async function checkClaim(
  db: Db,
  problems: Problems,
  old: Figure,
  sourceId: number,
  statement: ReturnType<typeof statementOf>,
): Promise<void> {
  if (sourceId === old.sourceId) {
    if (sameStatement(old, statement)) problems.add('INVALID_VALUE', 'value', 'This is what the figure says already.');
    return;
  }
  const other = await db.figure.findUnique({ where: { claimKey: claimKeyOf({ ...old, sourceId }) } });
  if (other !== null) {
    const there = encodeId('Figure', other.id);
    problems.add('ALREADY_RECORDED', 'sourceId', `This source has a claim about it already; revise figure ${there}.`, [
      there,
    ]);
  }
}

function statementOf({ value, lower, upper, qualifier }: RevisionInput) {
  const bounds = boundsOf(qualifier, value ?? null, { lower: lower ?? null, upper: upper ?? null });
  return { value: value ?? null, ...bounds, qualifier, statedChangePercent: null };
}

function unchanged(figure: Figure): RecordedFigures {
  return { figures: [figure], deduplicated: 1, milestones: [], cursor: null };
}
