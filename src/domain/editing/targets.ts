import { createHash } from 'node:crypto';
import type { Metric, PrismaClient, Target } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { addUnknownSource, findSources } from '../catalog/sources.ts';
import { resolveSubjects } from '../catalog/subjects.ts';
import { checkNumber } from '../claims/figure-value.ts';
import { parseDay } from '../values/calendar.ts';
import { checkDate } from '../values/date-input.ts';
import { type Unit, unitOf } from '../values/metric.ts';
import { PERIOD_FORMATS, type Period, parsePeriod } from '../values/period.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';
import { edit, only } from './edit.ts';
import { latestRevisions } from './latest-revision.ts';

const MAX_NOTE = 2_000;

/** A maker's target: a number or a growth, in a period or by a day. */
export interface TargetInput {
  readonly subject: string;
  readonly metric: Metric;
  readonly period?: string | null | undefined;
  readonly deadline?: string | null | undefined;
  readonly value?: number | null | undefined;
  readonly growthMinPercent?: number | null | undefined;
  readonly growthMaxPercent?: number | null | undefined;
  readonly setOn?: string | null | undefined;
  /** The source's row; null for an unknown id. */
  readonly sourceId: number | null;
  /** The target that this one replaces; null for an unknown id. */
  readonly revisesId?: number | null | undefined;
  readonly unit?: Unit | null | undefined;
  readonly note?: string | null | undefined;
}

/** The target, and the place in the log after it; null if the target was there already. */
export interface SetTarget {
  readonly target: Target;
  readonly cursor: string | null;
}

/**
 * Sets a target, or records it as the revision of an earlier one; throws BadInput with all problems. The same target again writes
 * nothing.
 */
export async function setTarget(db: PrismaClient, input: TargetInput): Promise<SetTarget> {
  const problems = collectProblems('input');
  const subjects = await resolveSubjects(db, [{ slug: input.subject, problems, path: 'subject' }]);
  const sources = await findSources(db, input.sourceId === null ? [] : [input.sourceId]);
  if (sources.size === 0) addUnknownSource(problems);
  checkGoal(problems, input);
  const period = checkWhen(problems, input);
  checkText(problems, 'note', input.note, MAX_NOTE);
  const subjectId = subjects.get(input.subject)?.id;
  const row =
    subjectId === undefined || input.sourceId === null ? null : rowOf(subjectId, input.sourceId, period, input);
  const revision = { ...input, subjectId, identity: row?.identity };
  await checkRevised(db, problems, revision);
  problems.throwIfAny();
  const data = present(row);
  return edit(db, only([data.subjectId]), async ({ tx, append }) => {
    const existing = await tx.target.findUnique({ where: { identity: data.identity } });
    if (existing !== null) return { target: existing, cursor: null };
    // Again: of two concurrent revisions the second one is reported here.
    await checkRevised(tx, problems, revision);
    problems.throwIfAny();
    const target = await tx.target.create({ data: { ...data, note: input.note ?? null } });
    return { target, cursor: await append([{ kind: 'TARGET', aboutId: target.id, subjectId: target.subjectId }]) };
  });
}

/** The columns of a target and the hash over them. Stored hashes depend on the order of these columns. */
function rowOf(subjectId: number, sourceId: number, period: Period | null, input: TargetInput) {
  const data = {
    subjectId,
    metric: input.metric,
    period: period?.text ?? null,
    periodStart: period?.start == null ? null : new Date(period.start),
    periodEnd: period == null ? null : new Date(period.end),
    deadline: input.deadline == null ? null : new Date(input.deadline),
    value: input.value ?? null,
    growthMinPercent: input.growthMinPercent ?? null,
    growthMaxPercent: input.growthMaxPercent ?? null,
    setOn: input.setOn ?? null,
    sourceId,
    revisesId: input.revisesId ?? null,
  };
  // Stored hashes are also from before halves had a name: they have the range of months in it.
  const hashed = { ...data, period: period?.kind === 'HALF' ? rangeOfMonths(period) : data.period };
  return { ...data, identity: createHash('sha256').update(JSON.stringify(hashed)).digest('hex') };
}

function rangeOfMonths({ start, end }: Period): string {
  return `${start?.slice(0, 7)}/${end.slice(0, 7)}`;
}

function checkGoal(problems: Problems, { metric, unit, value, growthMinPercent, growthMaxPercent }: TargetInput): void {
  checkNumber(problems, 'value', metric, value);
  if (value === 0) problems.add('INVALID_VALUE', 'value', 'A target is above 0.');
  for (const [path, percent] of Object.entries({ growthMinPercent, growthMaxPercent })) {
    if (percent != null && (!Number.isFinite(percent) || percent < -100)) {
      problems.add('INVALID_VALUE', path, `${percent} percent is not a growth.`);
    }
  }
  if (growthMinPercent != null && growthMaxPercent != null && growthMinPercent > growthMaxPercent) {
    problems.add(
      'INVALID_VALUE',
      'growthMinPercent',
      `${growthMinPercent} is above growthMaxPercent ${growthMaxPercent}.`,
    );
  }
  if (value == null && growthMinPercent == null && growthMaxPercent == null) {
    problems.add('INVALID_VALUE', 'value', 'A target has a value, or a growth to reach.');
  }
  if (unit != null && unit !== unitOf(metric)) {
    problems.add('INVALID_UNIT', 'unit', `${metric} is counted in ${unitOf(metric)}, not in ${unit}.`);
  }
}

function checkWhen(problems: Problems, { period: text, deadline, setOn }: TargetInput) {
  const period = text == null ? null : parsePeriod(text);
  if (text != null && period === null)
    problems.add('INVALID_PERIOD', 'period', `"${text}" is not a period; write ${PERIOD_FORMATS}.`);
  if (deadline != null && parseDay(deadline) === null) {
    problems.add('INVALID_INPUT', 'deadline', `"${deadline}" is not a day; write 2030-12-31.`);
  }
  checkDate(problems, 'setOn', setOn);
  return period;
}

/**
 * Notes a revision of an unknown target, of another subject's or metric's target, or of one that has another revision. The same revision
 * again is allowed.
 */
async function checkRevised(
  db: Db,
  problems: Problems,
  revision: Pick<TargetInput, 'revisesId' | 'metric'> & {
    /** Undefined for an unknown subject. */
    readonly subjectId: number | undefined;
    /** Undefined for an unknown subject or source, with which no target is stored. */
    readonly identity: string | undefined;
  },
): Promise<void> {
  if (revision.revisesId === undefined) return;
  const revised =
    revision.revisesId === null
      ? null
      : await db.target.findUnique({ where: { id: revision.revisesId }, include: { revisedBy: true } });
  if (revised === null) problems.add('INVALID_INPUT', 'revises', 'There is no target with this id.');
  else if (revised.subjectId !== revision.subjectId || revised.metric !== revision.metric) {
    problems.add('INVALID_INPUT', 'revises', 'The target with this id is about another subject or metric.');
  } else if (revised.revisedBy !== null && revised.revisedBy.identity !== revision.identity) {
    const latest = await latestRevisions(db, 'Target', [revised.id]);
    problems.add('STALE_REVISION', 'revises', {
      about: { type: 'Target', row: required(latest, revised.id) },
      write: (name) => `This target was revised already; the current one is ${name}.`,
    });
  }
}
