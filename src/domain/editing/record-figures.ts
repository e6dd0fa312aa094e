import type { Figure, Milestone, PrismaClient } from '../../database/generated/client.ts';
import type { Db, Tx } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { familiesOf } from '../catalog/families.ts';
import { type Draft, type FigureInput, parseFigures, type Sent } from '../claims/figure-input.ts';
import { describeStatement, sameStatement } from '../claims/figure-value.ts';
import { insertFigures } from '../claims/new-figures.ts';
import { noteImplausible, noteImplausibleBeside, questionedIn } from '../claims/plausibility.ts';
import { noteEarlyPublication } from '../claims/publication.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { checkBatchSize } from './batch.ts';
import { editReading } from './edit.ts';
import { applyEffects } from './effects.ts';
import { type FigureReading, readForFigures } from './figure-reading.ts';

/** The figures of a batch in its order, how many of them existed already, and the place in the log after the new ones. */
export interface RecordedFigures {
  readonly figures: readonly Figure[];
  readonly deduplicated: number;
  /** The milestones whose status changed because of the new figures. */
  readonly milestones: readonly Milestone[];
  /** Null if there were no new figures. */
  readonly cursor: string | null;
}

/** Records one claim; throws BadInput with all its problems. */
export function recordFigure(db: PrismaClient, input: FigureInput, now = new Date()): Promise<RecordedFigures> {
  return record(db, [{ input, problems: collectProblems('input') }], now);
}

/** Records 1 to 1,000 claims, all or none; throws BadInput with all problems of all claims. */
export async function recordFigures(
  db: PrismaClient,
  inputs: readonly FigureInput[],
  now = new Date(),
): Promise<RecordedFigures> {
  const problems = collectProblems('inputs');
  checkBatchSize(problems, inputs.length, 'record');
  problems.throwIfAny();
  return record(
    db,
    inputs.map((input, index) => ({ input, problems: problems.at(String(index)) })),
    now,
  );
}

async function record(db: PrismaClient, sent: readonly Sent[], now: Date): Promise<RecordedFigures> {
  const drafts = await parseFigures(db, sent, now);
  const all = present(sent[0]?.problems);
  // If there are problems already, the comparison with the database runs now, so that all are reported at once. Otherwise it runs once,
  // under the lock.
  if (all.count > 0) await compareWithRecorded(db, drafts);
  all.throwIfAny();
  const subjects = new Set(drafts.map(({ data }) => data.subjectId));
  const data = drafts.map((draft) => draft.data);
  const read = (tx: Tx): Promise<FigureReading> => readForFigures(tx, data, questionedIn(drafts));
  return editReading(db, familiesOf([...subjects]), read, async (open) => {
    const recorded = byClaimKey(open.same);
    noteClaims(drafts, recorded);
    noteImplausibleBeside(open.known, newAmong(drafts, recorded));
    all.throwIfAny();
    const fresh = freshOf(drafts, recorded, open.ids);
    // What was read is of all that was sent, so it serves if all of it is new.
    const isAllNew = recorded.size === 0;
    if (!isAllNew && fresh.length > 0) await insertFigures(open.tx, fresh);
    const effects = await applyEffects(
      open,
      fresh.map((figure) => ({ figure, action: 'RECORDED' })),
      isAllNew ? open.parts : null,
    );
    const figures = [...recorded.values(), ...fresh];
    const byKey = new Map(figures.map((figure) => [figure.claimKey, figure]));
    return {
      figures: drafts.map(({ data }) => required(byKey, data.claimKey)),
      deduplicated: drafts.length - fresh.length,
      ...effects,
    };
  });
}

/** The new figures, in the order of the input, which is also that of their ids and their order in the log. */
function freshOf(
  drafts: readonly Draft[],
  recorded: ReadonlyMap<string, Figure>,
  ids: readonly number[],
): readonly Figure[] {
  // Of a claim that the list repeats, the first counts: a later one can leave out that it begins a redefined series.
  const fresh = new Map<string, Draft['data']>();
  for (const { data } of newAmong(drafts, recorded)) if (!fresh.has(data.claimKey)) fresh.set(data.claimKey, data);
  return [...fresh.values()].map((data, index) => ({ id: present(ids[index]), ...data }));
}

function newAmong(drafts: readonly Draft[], recorded: ReadonlyMap<string, Figure>): readonly Draft[] {
  return drafts.filter(({ data }) => !recorded.has(data.claimKey));
}

function byClaimKey(figures: readonly Figure[]): ReadonlyMap<string, Figure> {
  return new Map(figures.map((figure) => [present(figure.claimKey), figure]));
}

/** Notes everything that is wrong with drafts beside what is recorded now. */
async function compareWithRecorded(db: Db, drafts: readonly Draft[]): Promise<void> {
  const keys = drafts.map(({ data }) => data.claimKey);
  const recorded = byClaimKey(await db.figure.findMany({ where: { claimKey: { in: keys } } }));
  noteClaims(drafts, recorded);
  await noteImplausible(db, newAmong(drafts, recorded));
}

/**
 * Notes ALREADY_RECORDED for each different value and each break that is not recorded, against the earlier claims of the drafts' sources about
 * their slots and the batch; for new claims INVALID_PERIOD if the source was published before the period ended.
 */
function noteClaims(drafts: readonly Draft[], recorded: ReadonlyMap<string, Figure>): void {
  const inBatch = new Map<string, Draft['data']>();
  for (const { data, problems } of drafts) {
    const there = recorded.get(data.claimKey);
    const earlier = inBatch.get(data.claimKey);
    if (there !== undefined && !sameStatement(there, data)) {
      problems.add('ALREADY_RECORDED', 'value', {
        about: { type: 'Figure', row: there.id },
        write: (name) => `This source has already said ${describeStatement(there)} about it; revise figure ${name}.`,
      });
    } else if (earlier !== undefined && !sameStatement(earlier, data)) {
      problems.add(
        'ALREADY_RECORDED',
        'value',
        `The same source says ${describeStatement(earlier)} about it earlier in this list.`,
      );
    } else if (data.breaks) noteMissingBreak(problems, there, earlier);
    inBatch.set(data.claimKey, earlier ?? data);
  }
  for (const draft of newAmong(drafts, recorded)) noteEarlyPublication(draft.problems, 'period', draft);
}

/**
 * Notes that a claim which begins a redefined series is there without saying so. The other way round nothing is lost: false is what is sent
 * by whoever says nothing about it.
 */
function noteMissingBreak(problems: Problems, recorded: Figure | undefined, earlier: Draft['data'] | undefined): void {
  if (recorded?.breaks === false) {
    problems.add('ALREADY_RECORDED', 'breaks', {
      about: { type: 'Figure', row: recorded.id },
      write: (name) => `This claim is recorded without a break; withdraw figure ${name} and record it again with one.`,
    });
  } else if (recorded === undefined && earlier?.breaks === false) {
    problems.add('ALREADY_RECORDED', 'breaks', 'The same claim is earlier in this list without a break.');
  }
}
