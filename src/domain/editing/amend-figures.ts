import type { ClaimRank, Figure, Prisma, PrismaClient, Source } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { familiesOf } from '../catalog/families.ts';
import { addUnknownSource, findSources } from '../catalog/sources.ts';
import { claimKeyOf, knownFrom } from '../claims/figure-input.ts';
import { checkValue, type StatedValue, sameStatement } from '../claims/figure-value.ts';
import { noteImplausible } from '../claims/plausibility.ts';
import { noteEarlyPublication, noteOlderSource } from '../claims/publication.ts';
import { firstRanks } from '../claims/rank-history.ts';
import { boundsOf } from '../values/interval.ts';
import { parsePeriod } from '../values/period.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';
import { edit } from './edit.ts';
import { applyEffects } from './effects.ts';
import { latestRevision } from './latest-revision.ts';
import type { RecordedFigures } from './record-figures.ts';

const MAX_REASON = 2_000;

/** The new statement of a restatement. */
export interface RevisionInput extends StatedValue {
  /** The row of the restating document; undefined for the same one as before, null for an unknown id. */
  readonly sourceId?: number | null | undefined;
  readonly reason: string;
  /** Records an implausible value, or one for a period that had not ended at the publication, all the same. */
  readonly acknowledgeOutlier?: boolean | null | undefined;
}

/** Who restates a figure. */
interface Restatement {
  readonly source: Pick<Source, 'id' | 'publishedOn'>;
  /** When the source of the restated figure was published; null: not known. */
  readonly revisedPublishedOn: Date | null;
  /** Whether the input names the source. */
  readonly isNamed: boolean;
  readonly acknowledged: boolean;
}

/**
 * Closes a figure and adds the one that restates it, with its rank and whether it begins a redefined series. The same restatement again
 * writes nothing.
 * Throws BadInput with UNKNOWN_FIGURE and all problems of the values, with INVALID_INPUT for a source older than that of the figure,
 * INVALID_PERIOD, SUSPECT_MAGNITUDE, and STALE_REVISION, which names the current figure, if the figure was restated or withdrawn already.
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
  const before = problems.count;
  checkValue(atInput, found?.metric ?? null, input);
  const isValue = problems.count === before;
  const sourceId = input.sourceId === undefined ? found?.sourceId : input.sourceId;
  const sources = await findSources(
    db,
    [sourceId, found?.sourceId].flatMap((known) => known ?? []),
  );
  const source = sourceId == null ? undefined : sources.get(sourceId);
  // If the figure is unknown, its source is unknown too.
  if (source === undefined && sourceId !== undefined) addUnknownSource(atInput);
  const restatement = source && {
    source,
    revisedPublishedOn: (found && sources.get(found.sourceId)?.publishedOn) ?? null,
    isNamed: input.sourceId !== undefined,
    acknowledged: input.acknowledgeOutlier ?? false,
  };
  // If there are problems already, all are to be reported at once. Otherwise these checks run once, under the lock.
  if (problems.count > 0 && isValue && found !== null && restatement !== undefined) {
    await checkRestatement(db, problems, found, statementOf(input), restatement);
  }
  problems.throwIfAny();
  const old = present(found);
  const statement = statementOf(input);
  return edit(db, familiesOf([old.subjectId]), async (open) => {
    const again = await open.tx.figure.findUnique({ where: { revisesId: old.id } });
    if (again !== null && again.sourceId === sourceId && sameStatement(again, statement)) return unchanged(again);
    await requireCurrent(open.tx, problems, await open.tx.figure.findUniqueOrThrow({ where: { id: old.id } }));
    await checkClaim(open.tx, atInput, old, present(sourceId), statement);
    await checkRestatement(open.tx, problems, old, statement, present(restatement));
    problems.throwIfAny();
    // A new document is known from its publication day on; a correction by the same document is known from now on.
    const known = sourceId === old.sourceId ? now : knownFrom(source?.publishedOn ?? null, now);
    // Read again: its rank may have changed before the lock was taken.
    const {
      subjectId,
      metric,
      period,
      periodStart,
      periodEnd,
      withinId,
      attributedTo,
      note,
      breaks,
      rank,
      rankReason,
    } = await open.tx.figure.update({ where: { id: old.id }, data: { knownUntil: known, claimKey: null } });
    const place = { subjectId, metric, period, periodStart, periodEnd, withinId };
    const ranks = firstRanks({ rank, rankReason, knownFrom: known });
    const figure = await open.tx.figure.create({
      data: {
        ...place,
        ...statement,
        attributedTo,
        note,
        breaks,
        rank,
        rankReason,
        ranks: { create: [...ranks] },
        sourceId: present(sourceId),
        action: 'REVISED',
        reason: input.reason,
        revisesId: old.id,
        recordedAt: now,
        knownFrom: known,
        claimKey: claimKeyOf({ ...place, sourceId: present(sourceId) }),
      },
    });
    return {
      figures: [figure],
      deduplicated: 0,
      ...(await applyEffects(open, [{ figure, action: 'REVISED' }])),
    };
  });
}

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
  const found = await findFigure(db, problems, id);
  checkText(problems, 'reason', reason, MAX_REASON);
  problems.throwIfAny();
  const { id: known, subjectId } = present(found);
  return edit(db, familiesOf([subjectId]), async (open) => {
    const current = await open.tx.figure.findUniqueOrThrow({ where: { id: known } });
    const data = amendment(current);
    if (data === null) return unchanged(current);
    await requireCurrent(open.tx, problems, current);
    problems.throwIfAny();
    const figure = await open.tx.figure.update({ where: { id: current.id }, data: { ...data, action } });
    return { figures: [figure], deduplicated: 0, ...(await applyEffects(open, [{ figure, action }])) };
  });
}

/** The figure with this id; notes UNKNOWN_FIGURE and returns null if there is none. */
async function findFigure(db: Db, problems: Problems, id: number | null): Promise<Figure | null> {
  const figure = id === null ? null : await db.figure.findUnique({ where: { id } });
  if (figure === null) problems.add('UNKNOWN_FIGURE', 'id', 'There is no figure with this id.');
  return figure;
}

/** Notes STALE_REVISION if a figure is no longer current. */
async function requireCurrent(db: Db, problems: Problems, figure: Pick<Figure, 'id' | 'claimKey'>): Promise<void> {
  if (figure.claimKey !== null) return;
  const latest = await latestRevision(db, 'Figure', figure.id);
  if (latest === figure.id) {
    problems.add('STALE_REVISION', 'id', 'This figure was withdrawn; record the claim again.');
    return;
  }
  problems.add('STALE_REVISION', 'id', {
    about: { type: 'Figure', row: latest },
    write: (name) => `This figure was restated already; the current one is ${name}.`,
  });
}

/** Notes a restatement that changes nothing, and one by a source that already has its own claim about the slot. */
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
    problems.add('ALREADY_RECORDED', 'sourceId', {
      about: { type: 'Figure', row: other.id },
      write: (name) => `This source has a claim about it already; revise figure ${name}.`,
    });
  }
}

/** Notes a source that cannot restate the figure, and a value that is implausible beside all but the restated figure. */
async function checkRestatement(
  db: Db,
  problems: Problems,
  old: Figure,
  statement: ReturnType<typeof statementOf>,
  { source, revisedPublishedOn, isNamed, acknowledged }: Restatement,
): Promise<void> {
  const atInput = problems.at('input');
  const [place, step] = isNamed ? [atInput, 'sourceId'] : [problems, 'id'];
  const claim = { period: present(parsePeriod(old.period)), publishedOn: source.publishedOn, acknowledged };
  noteOlderSource(atInput, revisedPublishedOn, source.publishedOn);
  noteEarlyPublication(place, step, claim);
  const data = { ...old, ...statement, claimKey: claimKeyOf({ ...old, sourceId: source.id }) };
  await noteImplausible(db, [{ data, problems: atInput, acknowledged }], [old.id]);
}

function statementOf({ value, lower, upper, qualifier }: RevisionInput) {
  const bounds = boundsOf(qualifier, value ?? null, { lower: lower ?? null, upper: upper ?? null });
  return { value: value ?? null, ...bounds, qualifier, statedChangePercent: null };
}

function unchanged(figure: Figure): RecordedFigures {
  return { figures: [figure], deduplicated: 1, milestones: [], cursor: null };
}
