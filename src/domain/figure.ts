import type { Figure, Milestone, PrismaClient } from '../database/generated/client.ts';
import type { Db, Tx } from '../database/handle.ts';
import { encodeId } from './api-id.ts';
import { edit, withWholes } from './edit.ts';
import { type Draft, type FigureInput, type Sent, understandFigures } from './figure-input.ts';
import { settleFigures } from './figure-settlement.ts';
import { said, sameStatement } from './figure-value.ts';
import { noteOutliers } from './outlier.ts';
import { collectProblems, type Problems } from './problems.ts';

const MAX_BATCH = 1_000;

/** The figures of a batch in its order, how many of them were there already, and the place in the log behind the new ones. */
export interface RecordedFigures {
  readonly figures: readonly Figure[];
  readonly deduplicated: number;
  /** The milestones that the new figures gave another status. */
  readonly milestones: readonly Milestone[];
  /** Null when nothing was new. */
  readonly cursor: string | null;
}

/** Records one claim; BadInput names everything wrong at once. */
export function recordFigure(db: PrismaClient, input: FigureInput, now = new Date()): Promise<RecordedFigures> {
  return record(db, [{ input, problems: collectProblems('input') }], now);
}

/** Records 1 to 1,000 claims, all or none; BadInput names everything wrong in all of them. */
export async function recordFigures(
  db: PrismaClient,
  inputs: readonly FigureInput[],
  now = new Date(),
): Promise<RecordedFigures> {
  const problems = collectProblems('inputs');
  if (inputs.length === 0) problems.add('INVALID_INPUT', [], 'There is nothing to record: send 1 to 1,000 figures.');
  if (inputs.length > MAX_BATCH) {
    problems.add('TOO_MANY', [], `${inputs.length} figures were sent; at most 1,000 are recorded at once.`);
  }
  problems.throwIfAny();
  return record(
    db,
    inputs.map((input, index) => ({ input, problems: problems.at(String(index)) })),
    now,
  );
}

async function record(db: PrismaClient, sent: readonly Sent[], now: Date): Promise<RecordedFigures> {
  const drafts = await understandFigures(db, sent, now);
  const all = sent[0]?.problems as Problems;
  // What the database has to say is told together with everything else that is wrong; otherwise it is asked once, under the lock.
  if (all.count > 0) await compareWithRecorded(db, drafts);
  all.throwIfAny();
  const subjects = new Set(drafts.map(({ data }) => data.subjectId));
  return edit(db, withWholes([...subjects]), async (open) => {
    const recorded = await compareWithRecorded(open.tx, drafts);
    all.throwIfAny();
    const figures = await insert(open.tx, drafts, recorded);
    const fresh = figures.filter(({ claimKey }) => !recorded.has(claimKey as string));
    const settled = await settleFigures(
      open,
      fresh.map((figure) => ({ figure, action: 'RECORDED' })),
    );
    const byKey = new Map([...recorded.values(), ...figures].map((figure) => [figure.claimKey, figure]));
    return {
      figures: drafts.map(({ data }) => byKey.get(data.claimKey) as Figure),
      deduplicated: drafts.length - fresh.length,
      ...settled,
    };
  });
}

/** Inserts what is new; the rows come back in the order of the input, so that the log follows it. */
async function insert(
  tx: Tx,
  drafts: readonly Draft[],
  recorded: ReadonlyMap<string, Figure>,
): Promise<readonly Figure[]> {
  const fresh = new Map(drafts.map(({ data }) => [data.claimKey, data]));
  for (const key of recorded.keys()) fresh.delete(key);
  if (fresh.size === 0) return [];
  const created = await tx.figure.createManyAndReturn({ data: [...fresh.values()] });
  const byKey = new Map(created.map((figure) => [figure.claimKey, figure]));
  return [...fresh.keys()].map((key) => byKey.get(key) as Figure);
}

/**
 * What the drafts' sources said about their slots before, by claim key. Notes ALREADY_RECORDED for each other value, there or within the batch,
 * and SUSPECT_MAGNITUDE for values out of all proportion.
 */
async function compareWithRecorded(db: Db, drafts: readonly Draft[]): Promise<ReadonlyMap<string, Figure>> {
  const keys = drafts.map(({ data }) => data.claimKey);
  const figures = await db.figure.findMany({ where: { claimKey: { in: keys } } });
  const recorded = new Map(figures.map((figure) => [figure.claimKey as string, figure]));
  const inBatch = new Map<string, Draft['data']>();
  for (const { data, problems } of drafts) {
    const there = recorded.get(data.claimKey);
    const earlier = inBatch.get(data.claimKey);
    if (there !== undefined && !sameStatement(there, data)) {
      const id = encodeId('Figure', there.id);
      problems.add(
        'ALREADY_RECORDED',
        'value',
        `This source has already said ${said(there)} about it; revise figure ${id}.`,
        [id],
      );
    } else if (earlier !== undefined && !sameStatement(earlier, data)) {
      problems.add('ALREADY_RECORDED', 'value', `The same source says ${said(earlier)} about it earlier in this list.`);
    }
    inBatch.set(data.claimKey, earlier ?? data);
  }
  await noteOutliers(
    db,
    drafts.filter(({ data }) => !recorded.has(data.claimKey)),
  );
  return recorded;
}
