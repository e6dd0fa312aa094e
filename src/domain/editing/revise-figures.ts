import type { Figure, PrismaClient, Source } from '../../database/generated/client.ts';
import type { Db, Tx } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { familiesOf } from '../catalog/families.ts';
import { addUnknownSource, findSources } from '../catalog/sources.ts';
import { claimKeyOf, knownFrom } from '../claims/figure-input.ts';
import { checkValue, type StatedValue, sameStatement } from '../claims/figure-value.ts';
import { noteImplausible } from '../claims/plausibility.ts';
import { noteEarlyPublication, noteOlderSource } from '../claims/publication.ts';
import { firstRanks } from '../claims/rank-history.ts';
import { groupBy } from '../values/group.ts';
import { boundsOf } from '../values/interval.ts';
import { parsePeriod } from '../values/period.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { checkBatchSize } from './batch.ts';
import { addUnknownFigure, checkReason, findFigures, requireCurrent } from './current-figure.ts';
import { edit } from './edit.ts';
import { applyEffects } from './effects.ts';
import type { RecordedFigures } from './record-figures.ts';

/** The new statement of a restatement. */
export interface RevisionInput extends StatedValue {
  /** The row of the restating document; undefined for the same one as before, null for an unknown id. */
  readonly sourceId?: number | null | undefined;
  readonly reason: string;
  /** Records an implausible value, or one for a period that had not ended at the publication, all the same. */
  readonly acknowledgeOutlier?: boolean | null | undefined;
}

/** Which figure is restated, and how. */
export interface RevisionOf {
  /** The row of the figure; null for an unknown id. */
  readonly id: number | null;
  readonly input: RevisionInput;
}

/** A restatement as it was sent, and the collector for its problems. */
interface Sent extends RevisionOf {
  readonly problems: Problems;
}

/** A checked restatement. */
interface Draft {
  /** The restated figure. What its claim says never changes. */
  readonly old: Figure;
  readonly statement: ReturnType<typeof statementOf>;
  readonly reason: string;
  readonly source: Pick<Source, 'id' | 'publishedOn'>;
  /** When the source of the restated figure was published; null: not known. */
  readonly revisedPublishedOn: Date | null;
  /** The source and the slot of the new figure. */
  readonly claimKey: string;
  readonly acknowledged: boolean;
  /** The collectors for the problems of the values, and of the source: at the id of the figure if the input names no source. */
  readonly problems: Problems;
  readonly atInput: Problems;
  readonly sourcePath: readonly string[];
}

/**
 * Closes a figure and adds the one that restates it, with its rank and whether it begins a redefined series. The same restatement again
 * writes nothing.
 * Throws BadInput with UNKNOWN_FIGURE and all problems of the values, with INVALID_INPUT for a source older than that of the figure,
 * INVALID_PERIOD, SUSPECT_MAGNITUDE, and STALE_REVISION, which names the current figure, if the figure was restated or withdrawn already.
 */
export function reviseFigure(
  db: PrismaClient,
  id: number | null,
  input: RevisionInput,
  now = new Date(),
): Promise<RecordedFigures> {
  return revise(db, [{ id, input, problems: collectProblems() }], now);
}

/** Restates 1 to 1,000 figures, all or none; throws BadInput with all problems of all restatements. */
export async function reviseFigures(
  db: PrismaClient,
  inputs: readonly RevisionOf[],
  now = new Date(),
): Promise<RecordedFigures> {
  const problems = collectProblems('inputs');
  checkBatchSize(problems, inputs.length, 'revise');
  problems.throwIfAny();
  return revise(
    db,
    inputs.map((one, index) => ({ ...one, problems: problems.at(String(index)) })),
    now,
  );
}

async function revise(db: PrismaClient, sent: readonly Sent[], now: Date): Promise<RecordedFigures> {
  const all = present(sent[0]?.problems);
  const drafts = await parseRevisions(db, sent);
  // If there are problems already, the comparison with the database runs now, so that all are reported at once. Otherwise it runs once,
  // under the lock.
  if (all.count > 0) await compareWithRecorded(db, drafts);
  all.throwIfAny();
  const subjects = new Set(drafts.map(({ old }) => old.subjectId));
  return edit(db, familiesOf([...subjects]), async (open) => {
    const recorded = await compareWithRecorded(open.tx, drafts);
    all.throwIfAny();
    const fresh = drafts.filter(({ old }) => !recorded.has(old.id));
    const written = await replace(open.tx, fresh, now);
    const effects = await applyEffects(
      open,
      fresh.map(({ old }) => ({ figure: required(written, old.id), action: 'REVISED' })),
    );
    return {
      figures: drafts.map(({ old }) => recorded.get(old.id) ?? required(written, old.id)),
      deduplicated: recorded.size,
      ...effects,
    };
  });
}

/** Checks restatements. The problems of each are noted at its place. */
async function parseRevisions(db: Db, sent: readonly Sent[]): Promise<readonly Draft[]> {
  const figures = await findFigures(
    db,
    sent.map(({ id }) => id),
  );
  const sources = await findSources(db, [
    ...sent.flatMap(({ input }) => input.sourceId ?? []),
    ...[...figures.values()].map(({ sourceId }) => sourceId),
  ]);
  const seen = new Map<number, number>();
  return sent.flatMap(({ id, input, problems }, index) => {
    const old = id === null ? undefined : figures.get(id);
    const earlier = old && seen.get(old.id);
    if (old === undefined) addUnknownFigure(problems);
    else if (earlier !== undefined)
      problems.add('INVALID_INPUT', 'id', `This figure is in the list already, as number ${earlier}, counted from 0.`);
    else seen.set(old.id, index);
    const atInput = problems.at('input');
    checkReason(atInput, input.reason);
    const before = problems.count;
    checkValue(atInput, old?.metric ?? null, input);
    const isValue = problems.count === before;
    const isNamed = input.sourceId !== undefined;
    const sourceId = isNamed ? input.sourceId : old?.sourceId;
    const source = sourceId == null ? undefined : sources.get(sourceId);
    // If the figure is unknown, its source is unknown too.
    if (source === undefined && isNamed) addUnknownSource(atInput);
    if (!isValue || old === undefined || earlier !== undefined || source === undefined) return [];
    return [
      {
        ...{ old, source, problems, atInput, reason: input.reason },
        statement: statementOf(input),
        revisedPublishedOn: sources.get(old.sourceId)?.publishedOn ?? null,
        claimKey: claimKeyOf({ ...old, sourceId: source.id }),
        acknowledged: input.acknowledgeOutlier ?? false,
        sourcePath: isNamed ? ['input', 'sourceId'] : ['id'],
      },
    ];
  });
}

/**
 * The restatements that are recorded already, by the row of the figure that they restate. Notes all problems that the others have beside
 * what is recorded, and beside each other.
 */
async function compareWithRecorded(db: Db, drafts: readonly Draft[]): Promise<ReadonlyMap<number, Figure>> {
  const revisions = await db.figure.findMany({ where: { revisesId: { in: drafts.map(({ old }) => old.id) } } });
  const byOld = new Map(revisions.map((figure) => [figure.revisesId, figure]));
  const recorded = new Map<number, Figure>();
  for (const { old, source, statement } of drafts) {
    const again = byOld.get(old.id);
    if (again?.sourceId === source.id && sameStatement(again, statement)) recorded.set(old.id, again);
  }
  const fresh = drafts.filter(({ old }) => !recorded.has(old.id));
  const now = await findFigures(
    db,
    fresh.map(({ old }) => old.id),
  );
  await requireCurrent(
    db,
    fresh.map(({ old, problems }) => ({ figure: required(now, old.id), problems })),
  );
  await checkClaims(db, fresh);
  await checkRestatements(db, fresh);
  return recorded;
}

/** Notes a restatement that changes nothing, and one by a source that would have two claims about the slot. */
async function checkClaims(db: Db, drafts: readonly Draft[]): Promise<void> {
  const others = await db.figure.findMany({ where: { claimKey: { in: drafts.map(({ claimKey }) => claimKey) } } });
  const revised = new Set(drafts.map(({ old }) => old.id));
  // A claim that this list restates makes room.
  const inTheWay = new Map(others.filter(({ id }) => !revised.has(id)).map((figure) => [figure.claimKey, figure]));
  const inList = new Set<string>();
  for (const { old, source, statement, claimKey, problems, atInput, sourcePath } of drafts) {
    if (source.id === old.sourceId && sameStatement(old, statement))
      atInput.add('INVALID_VALUE', 'value', 'This is what the figure says already.');
    const other = source.id === old.sourceId ? undefined : inTheWay.get(claimKey);
    if (other !== undefined) {
      problems.add('ALREADY_RECORDED', sourcePath, {
        about: { type: 'Figure', row: other.id },
        write: (name) => `This source has a claim about it already; revise figure ${name}.`,
      });
    } else if (inList.has(claimKey))
      problems.add('ALREADY_RECORDED', sourcePath, 'The same source has a claim about it earlier in this list.');
    inList.add(claimKey);
  }
}

/** Notes sources that cannot restate their figures, and values that are implausible beside all but the restated figures. */
async function checkRestatements(db: Db, drafts: readonly Draft[]): Promise<void> {
  const candidates = drafts.map((draft) => {
    const { old, source, statement, claimKey, acknowledged, problems, atInput, sourcePath } = draft;
    noteOlderSource(atInput, draft.revisedPublishedOn, source.publishedOn);
    const period = present(parsePeriod(old.period));
    noteEarlyPublication(problems, sourcePath, { period, publishedOn: source.publishedOn, acknowledged });
    return { data: { ...old, ...statement, claimKey }, problems: atInput, acknowledged };
  });
  await noteImplausible(
    db,
    candidates,
    drafts.map(({ old }) => old.id),
  );
}

/** Closes the figures and inserts those that restate them; the new ones by the rows of the old ones. */
async function replace(tx: Tx, drafts: readonly Draft[], now: Date): Promise<ReadonlyMap<number, Figure>> {
  if (drafts.length === 0) return new Map();
  // Read again: ranks may have changed before the lock was taken.
  const figures = await findFigures(
    tx,
    drafts.map(({ old }) => old.id),
  );
  // A new document is known from its publication day on; a correction by the same document is known from now on.
  const since = ({ old, source }: Draft): Date =>
    source.id === old.sourceId ? now : knownFrom(source.publishedOn, now);
  for (const together of groupBy(drafts, (draft) => since(draft).getTime()).values()) {
    await tx.figure.updateMany({
      where: { id: { in: together.map(({ old }) => old.id) } },
      data: { knownUntil: since(present(together[0])), claimKey: null },
    });
  }
  const created = await tx.figure.createManyAndReturn({
    data: drafts.map((draft) => {
      const { subjectId, metric, period, periodStart, periodEnd, withinId, ...old } = required(figures, draft.old.id);
      const { attributedTo, note, breaks, rank, rankReason } = old;
      return {
        ...{
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
        },
        ...draft.statement,
        sourceId: draft.source.id,
        action: 'REVISED' as const,
        reason: draft.reason,
        revisesId: draft.old.id,
        recordedAt: now,
        knownFrom: since(draft),
        claimKey: draft.claimKey,
      };
    }),
  });
  const ranks = created.flatMap((figure) => firstRanks(figure).map((rank) => ({ ...rank, figureId: figure.id })));
  if (ranks.length > 0) await tx.figureRank.createMany({ data: ranks });
  return new Map(created.map((figure) => [present(figure.revisesId), figure]));
}

function statementOf({ value, lower, upper, qualifier }: RevisionInput) {
  const bounds = boundsOf(qualifier, value ?? null, { lower: lower ?? null, upper: upper ?? null });
  return { value: value ?? null, ...bounds, qualifier, statedChangePercent: null };
}
