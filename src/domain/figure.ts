import { type Write, write } from '../changes/log.ts';
import type {
  ClaimRank,
  Figure,
  Metric,
  Prisma,
  PrismaClient,
  Qualifier,
  Subject,
} from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { dayOf, startOfDay } from './calendar.ts';
import { boundsOf } from './interval.ts';
import { isWhole, MAX_SAFE_VALUE, type Unit, unitOf } from './metric.ts';
import { PERIOD_FORMATS, type Period, parsePeriod } from './period.ts';
import { collectProblems, type Problems } from './problems.ts';
import { findSources } from './source.ts';
import { lockSubjects, resolveSubjects } from './subject.ts';
import { checkText } from './text.ts';

const MAX_BATCH = 1_000;
const MAX_NOTE = 2_000;

/** A source's claim about a slot. */
export interface FigureInput {
  readonly subject: string;
  readonly metric: Metric;
  readonly period: string;
  readonly within?: string | null | undefined;
  readonly value?: number | null | undefined;
  readonly lower?: number | null | undefined;
  readonly upper?: number | null | undefined;
  readonly qualifier: Qualifier;
  readonly unit?: Unit | null | undefined;
  readonly statedChangePercent?: number | null | undefined;
  /** The source's row; null when what was sent is the id of none. */
  readonly sourceId: number | null;
  readonly attributedTo?: string | null | undefined;
  readonly note?: string | null | undefined;
  readonly acknowledgeOutlier?: boolean | null | undefined;
  /** The editors' weight, where it is not the usual one. */
  readonly rank?: ClaimRank;
  readonly rankReason?: string;
}

/** The figures of a batch in its order, how many of them were there already, and the place in the log behind the new ones. */
export interface RecordedFigures {
  readonly figures: readonly Figure[];
  readonly deduplicated: number;
  /** Null when nothing was new. */
  readonly cursor: string | null;
}

/** Records one claim; BadInput names everything wrong at once. */
export function recordFigure(db: PrismaClient, input: FigureInput): Promise<RecordedFigures> {
  return record(db, [{ input, problems: collectProblems('input') }]);
}

/** Records 1 to 1,000 claims, all or none; BadInput names everything wrong in all of them. */
export async function recordFigures(db: PrismaClient, inputs: readonly FigureInput[]): Promise<RecordedFigures> {
  const problems = collectProblems('inputs');
  if (inputs.length === 0) problems.add('INVALID_INPUT', [], 'There is nothing to record: send 1 to 1,000 figures.');
  if (inputs.length > MAX_BATCH) {
    problems.add('TOO_MANY', [], `${inputs.length} figures were sent; at most 1,000 are recorded at once.`);
  }
  problems.throwIfAny();
  return record(
    db,
    inputs.map((input, index) => ({ input, problems: problems.at(String(index)) })),
  );
}

interface Sent {
  readonly input: FigureInput;
  readonly problems: Problems;
}

/** A claim that was understood, ready to be written. */
interface Draft {
  readonly data: Prisma.FigureCreateManyInput & { readonly claimKey: string };
  readonly problems: Problems;
}

async function record(db: PrismaClient, sent: readonly Sent[]): Promise<RecordedFigures> {
  const drafts = await understand(db, sent);
  const all = sent[0]?.problems as Problems;
  // What is there already is told together with everything else that is wrong; otherwise it is asked once, under the lock.
  if (all.count > 0) await findRecorded(db, drafts);
  all.throwIfAny();
  return write(db, async (open) => {
    await lockSubjects(
      open.tx,
      drafts.map(({ data }) => data.subjectId),
    );
    const recorded = await findRecorded(open.tx, drafts);
    all.throwIfAny();
    return insert(open, drafts, recorded);
  });
}

async function insert(
  { tx, append }: Write,
  drafts: readonly Draft[],
  recorded: Map<string, Figure>,
): Promise<RecordedFigures> {
  const fresh = new Map(drafts.map(({ data }) => [data.claimKey, data]));
  for (const key of recorded.keys()) fresh.delete(key);
  const created = await tx.figure.createManyAndReturn({ data: [...fresh.values()] });
  // The log follows the order of the input, whatever order the rows come back in.
  const byKey = new Map([...recorded, ...created.map((figure) => [figure.claimKey as string, figure] as const)]);
  const inOrder = [...fresh.keys()].map((key) => byKey.get(key) as Figure);
  const changes = inOrder.map((figure) => ({
    kind: 'FIGURE' as const,
    subjectId: figure.subjectId,
    figureId: figure.id,
    action: 'RECORDED' as const,
  }));
  return {
    figures: drafts.map(({ data }) => byKey.get(data.claimKey) as Figure),
    deduplicated: drafts.length - fresh.size,
    cursor: changes.length > 0 ? await append(changes) : null,
  };
}

async function understand(db: Db, sent: readonly Sent[]): Promise<readonly Draft[]> {
  const subjects = await resolveSubjects(
    db,
    sent.flatMap(({ input, problems }) => [
      { slug: input.subject, problems, path: 'subject' },
      ...(input.within == null ? [] : [{ slug: input.within, problems, path: 'within' }]),
    ]),
  );
  const sources = await findSources(
    db,
    sent.flatMap(({ input }) => input.sourceId ?? []),
  );
  const now = new Date();
  return sent.flatMap(({ input, problems }) => {
    const before = problems.count;
    const period = checkPeriod(problems, input.period, now);
    const source = input.sourceId === null ? undefined : sources.get(input.sourceId);
    if (source === undefined)
      problems.add('UNKNOWN_SOURCE', 'sourceId', 'There is no source with this id; register it first.');
    checkWithin(problems, input, subjects);
    checkValue(problems, input);
    checkText(problems, 'note', input.note, MAX_NOTE);
    checkText(problems, 'attributedTo', input.attributedTo, MAX_NOTE);
    const subject = subjects.get(input.subject);
    if (problems.count > before || period === null || source === undefined || subject === undefined) return [];
    const within = input.within == null ? null : (subjects.get(input.within) as Subject);
    return [{ problems, data: draftOf(input, subject, within, period, source, now) }];
  });
}

function draftOf(
  input: FigureInput,
  subject: Subject,
  within: Subject | null,
  period: Period,
  source: { readonly id: number; readonly publishedOn: Date | null },
  now: Date,
): Draft['data'] {
  const value = input.value ?? null;
  const { lower, upper } = boundsOf(input.qualifier, value, { lower: input.lower ?? null, upper: input.upper ?? null });
  return {
    subjectId: subject.id,
    metric: input.metric,
    period: period.text,
    periodStart: period.start === null ? null : new Date(period.start),
    periodEnd: new Date(period.end),
    withinId: within?.id ?? null,
    value,
    lower,
    upper,
    qualifier: input.qualifier,
    statedChangePercent: input.statedChangePercent ?? null,
    sourceId: source.id,
    attributedTo: input.attributedTo ?? null,
    note: input.note ?? null,
    rank: input.rank ?? 'NORMAL',
    rankReason: input.rankReason ?? null,
    recordedAt: now,
    knownFrom: knownFrom(source.publishedOn, now),
    claimKey: [source.id, subject.id, input.metric, period.text, within?.id ?? ''].join('|'),
  };
}

/** From the start of its publication day in Shanghai; from the recording, if that is earlier or no day is known. */
function knownFrom(publishedOn: Date | null, recordedAt: Date): Date {
  if (publishedOn === null) return recordedAt;
  const published = startOfDay(publishedOn.toISOString().slice(0, 10));
  return published < recordedAt ? published : recordedAt;
}

/** What the drafts' sources said about their slots before, by claim key; ALREADY_RECORDED for each other value, there or within the batch. */
async function findRecorded(db: Db, drafts: readonly Draft[]): Promise<Map<string, Figure>> {
  const keys = drafts.map(({ data }) => data.claimKey);
  const figures = await db.figure.findMany({ where: { claimKey: { in: keys } } });
  const recorded = new Map(figures.map((figure) => [figure.claimKey as string, figure]));
  const inBatch = new Map<string, Draft['data']>();
  for (const { data, problems } of drafts) {
    const there = recorded.get(data.claimKey);
    const earlier = inBatch.get(data.claimKey);
    if (there !== undefined && !sameStatement(there, data)) {
      problems.add(
        'ALREADY_RECORDED',
        'value',
        `This source has already said ${said(there)} about it, in figure ${there.id}; revise that one.`,
      );
    } else if (earlier !== undefined && !sameStatement(earlier, data)) {
      problems.add('ALREADY_RECORDED', 'value', `The same source says ${said(earlier)} about it earlier in this list.`);
    }
    inBatch.set(data.claimKey, earlier ?? data);
  }
  return recorded;
}

type Statement = Pick<Prisma.FigureCreateManyInput, 'value' | 'lower' | 'upper' | 'qualifier' | 'statedChangePercent'>;

function sameStatement(a: Statement, b: Statement): boolean {
  return (
    a.value === b.value &&
    a.lower === b.lower &&
    a.upper === b.upper &&
    a.qualifier === b.qualifier &&
    a.statedChangePercent === b.statedChangePercent
  );
}

function said({ value, lower, upper, qualifier, statedChangePercent }: Statement): string {
  if (qualifier === 'BETWEEN') return `between ${lower} and ${upper}`;
  if (value == null) return `a change of ${statedChangePercent} percent`;
  return qualifier === 'EXACT' ? String(value) : `${qualifier.toLowerCase()} ${value}`;
}

function checkPeriod(problems: Problems, text: string, now: Date): Period | null {
  const period = parsePeriod(text);
  const today = dayOf(now);
  if (period === null) {
    problems.add('INVALID_PERIOD', 'period', `"${text}" is not a period; write ${PERIOD_FORMATS}.`);
  } else if (period.kind === 'DAY' || period.kind === 'TO_DATE' ? period.end > today : period.end >= today) {
    problems.add('FUTURE_PERIOD', 'period', `${period.text} has not ended yet.`);
  }
  return period;
}

function checkWithin(problems: Problems, input: FigureInput, subjects: ReadonlyMap<string, Subject>): void {
  if (input.within == null) {
    if (input.metric === 'MARKET_SHARE')
      problems.add('INVALID_INPUT', 'within', 'A market share needs the market it is a share of.');
    return;
  }
  const market = subjects.get(input.within);
  if (market !== undefined && market.kind !== 'MARKET') {
    problems.add('INVALID_INPUT', 'within', `"${input.within}" is a ${market.kind}, not a market.`);
  }
}

function checkValue(problems: Problems, input: FigureInput): void {
  const { metric, qualifier, value, lower, upper, statedChangePercent } = input;
  checkNumber(problems, 'value', metric, value);
  checkNumber(problems, 'lower', metric, lower);
  checkNumber(problems, 'upper', metric, upper);
  if (statedChangePercent != null && (!Number.isFinite(statedChangePercent) || statedChangePercent < -100)) {
    problems.add(
      'INVALID_VALUE',
      'statedChangePercent',
      `${statedChangePercent} percent is not a change of something that cannot fall below 0.`,
    );
  }
  if (input.unit != null && input.unit !== unitOf(metric)) {
    problems.add('INVALID_UNIT', 'unit', `${metric} is counted in ${unitOf(metric)}, not in ${input.unit}.`);
  }
  if (qualifier === 'BETWEEN') checkRange(problems, value, lower, upper);
  else {
    if (lower != null) problems.add('INVALID_VALUE', 'lower', 'lower goes with the qualifier BETWEEN only.');
    if (upper != null) problems.add('INVALID_VALUE', 'upper', 'upper goes with the qualifier BETWEEN only.');
    if (value == null && statedChangePercent == null) {
      problems.add('INVALID_VALUE', 'value', 'A claim has a value, or at least a statedChangePercent.');
    }
  }
}

function checkRange(
  problems: Problems,
  value: number | null | undefined,
  lower: number | null | undefined,
  upper: number | null | undefined,
): void {
  if (lower == null) problems.add('INVALID_VALUE', 'lower', 'BETWEEN needs lower.');
  if (upper == null) problems.add('INVALID_VALUE', 'upper', 'BETWEEN needs upper.');
  if (lower == null || upper == null) return;
  if (lower > upper) problems.add('INVALID_VALUE', 'lower', `lower ${lower} is above upper ${upper}.`);
  else if (value != null && (value < lower || value > upper)) {
    problems.add('INVALID_VALUE', 'value', `${value} is not between ${lower} and ${upper}.`);
  }
}

/** A number that the metric can have; shared by everything that carries one. */
export function checkNumber(problems: Problems, path: string, metric: Metric, value: number | null | undefined): void {
  if (value == null) return;
  if (!Number.isFinite(value)) problems.add('INVALID_VALUE', path, `${value} is not a number.`);
  else if (value < 0) problems.add('NEGATIVE_VALUE', path, `${value} is below 0.`);
  else if (value > MAX_SAFE_VALUE)
    problems.add('INVALID_VALUE', path, `${value} is above ${MAX_SAFE_VALUE}, the largest number kept exactly.`);
  else if (isWhole(metric) && !Number.isInteger(value))
    problems.add('INVALID_VALUE', path, `${value} is not a whole number of ${unitOf(metric)}.`);
  else if (unitOf(metric) === 'PERCENT' && value > 100)
    problems.add('INVALID_VALUE', path, `A share of ${value} percent is above 100.`);
}
