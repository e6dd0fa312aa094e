import type { ClaimRank, Figure, Prisma, PrismaClient } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { encodeId } from './api-id.ts';
import { edit, withWholes } from './edit.ts';
import type { RecordedFigures } from './figure.ts';
import { claimKeyOf, knownFrom } from './figure-input.ts';
import { settleFigures } from './figure-settlement.ts';
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
 * BadInput: UNKNOWN_FIGURE, and everything wrong with the values; STALE_REVISION, naming the current one, when it was restated or withdrawn already.
 */
export async function reviseFigure(
  db: PrismaClient,
  id: number | null,
  input: RevisionInput,
  now = new Date(),
): Promise<RecordedFigures> {
  const problems = collectProblems();
  const found = await findFigure(db, problems, id);
  const atInput = problems.at('input');
  checkText(atInput, 'reason', input.reason, MAX_REASON);
  checkValue(atInput, found?.metric ?? null, input);
  const sourceId = input.sourceId === undefined ? found?.sourceId : input.sourceId;
  const source = sourceId == null ? undefined : (await findSources(db, [sourceId])).get(sourceId);
  // Of a figure that there is not, no source can be told.
  if (source === undefined && sourceId !== undefined)
    atInput.add('UNKNOWN_SOURCE', 'sourceId', 'There is no source with this id; register it first.');
  problems.throwIfAny();
  const old = found as Figure;
  const statement = statementOf(input);
  return edit(db, withWholes([old.subjectId]), async (open) => {
    const again = await open.tx.figure.findUnique({ where: { revisesId: old.id } });
    if (again !== null && again.sourceId === sourceId && sameStatement(again, statement)) return unchanged(again);
    await requireCurrent(open.tx, problems, await open.tx.figure.findUniqueOrThrow({ where: { id: old.id } }));
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
      ...(await settleFigures(open, [{ figure, action: 'REVISED' }])),
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
  const problems = collectProblems();
  const found = await findFigure(db, problems, id);
  checkText(problems, 'reason', reason, MAX_REASON);
  problems.throwIfAny();
  const { id: known, subjectId } = found as Figure;
  return edit(db, withWholes([subjectId]), async (open) => {
    const current = await open.tx.figure.findUniqueOrThrow({ where: { id: known } });
    const data = amendment(current);
    if (data === null) return unchanged(current);
    await requireCurrent(open.tx, problems, current);
    problems.throwIfAny();
    const figure = await open.tx.figure.update({ where: { id: current.id }, data: { ...data, action } });
    return { figures: [figure], deduplicated: 0, ...(await settleFigures(open, [{ figure, action }])) };
  });
}

/** The figure of an id; null, and UNKNOWN_FIGURE noted, when there is none. */
async function findFigure(db: Db, problems: Problems, id: number | null): Promise<Figure | null> {
  const figure = id === null ? null : await db.figure.findUnique({ where: { id } });
  if (figure === null) problems.add('UNKNOWN_FIGURE', 'id', 'There is no figure with this id.');
  return figure;
}

/** Notes STALE_REVISION when a figure is no longer its source's word. */
async function requireCurrent(db: Db, problems: Problems, figure: Pick<Figure, 'id' | 'claimKey'>): Promise<void> {
  if (figure.claimKey !== null) return;
  const latest = await latestRevision(db, figure.id);
  if (latest === figure.id) {
    problems.add('STALE_REVISION', 'id', 'This figure was withdrawn; record the claim anew.');
    return;
  }
  const current = encodeId('Figure', latest);
  problems.add('STALE_REVISION', 'id', `This figure was restated already; the current one is ${current}.`, [current]);
}

/** The figure at the end of a chain of restatements; the figure itself when it was never restated. */
async function latestRevision(db: Db, id: number): Promise<number> {
  const [latest] = await db.$queryRaw<{ id: number }[]>`
    /* latestFigure */
    with recursive chain(id, step) as (
      select ${id}::int, 0
      union all
      select next.id, chain.step + 1 from chain join "Figure" next on next."revisesId" = chain.id
    )
    select id from chain order by step desc limit 1`;
  return latest?.id ?? id;
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
