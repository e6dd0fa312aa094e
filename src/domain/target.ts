import { createHash } from 'node:crypto';
import type { Metric, PrismaClient, Target } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { encodeId } from './api-id.ts';
import { parseDay, parsePartialDate } from './calendar.ts';
import { edit, only } from './edit.ts';
import { checkNumber } from './figure-value.ts';
import { type Unit, unitOf } from './metric.ts';
import { PERIOD_FORMATS, parsePeriod } from './period.ts';
import { collectProblems, type Problems } from './problems.ts';
import { findSources } from './source.ts';
import { resolveSubjects } from './subject-lookup.ts';
import { checkText } from './text.ts';

const MAX_NOTE = 2_000;

/** What a maker sets out to reach: a number or a growth, in a period or by a day. */
export interface TargetInput {
  readonly subject: string;
  readonly metric: Metric;
  readonly period?: string | null | undefined;
  readonly deadline?: string | null | undefined;
  readonly value?: number | null | undefined;
  readonly growthMinPercent?: number | null | undefined;
  readonly growthMaxPercent?: number | null | undefined;
  readonly setOn?: string | null | undefined;
  /** The source's row; null when what was sent is the id of none. */
  readonly sourceId: number | null;
  /** The target that this one takes the place of; null when what was sent is the id of none. */
  readonly revisesId?: number | null | undefined;
  readonly unit?: Unit | null | undefined;
  readonly note?: string | null | undefined;
}

/** The target, and the place in the log behind it; no place when it was there already. */
export interface SetTarget {
  readonly target: Target;
  readonly cursor: string | null;
}

/** Sets a target, or keeps it as the revision of an earlier one; BadInput names everything wrong at once. The same target again writes nothing. */
export async function setTarget(db: PrismaClient, input: TargetInput): Promise<SetTarget> {
  const problems = collectProblems('input');
  const subjects = await resolveSubjects(db, [{ slug: input.subject, problems, path: 'subject' }]);
  const sources = await findSources(db, input.sourceId === null ? [] : [input.sourceId]);
  if (sources.size === 0)
    problems.add('UNKNOWN_SOURCE', 'sourceId', 'There is no source with this id; register it first.');
  checkGoal(problems, input);
  const period = checkWhen(problems, input);
  checkText(problems, 'note', input.note, MAX_NOTE);
  const data = {
    subjectId: subjects.get(input.subject)?.id as number,
    metric: input.metric,
    period: period?.text ?? null,
    periodStart: period?.start == null ? null : new Date(period.start),
    periodEnd: period == null ? null : new Date(period.end),
    deadline: input.deadline == null ? null : new Date(input.deadline),
    value: input.value ?? null,
    growthMinPercent: input.growthMinPercent ?? null,
    growthMaxPercent: input.growthMaxPercent ?? null,
    setOn: input.setOn ?? null,
    sourceId: input.sourceId as number,
    revisesId: input.revisesId ?? null,
  };
  const identity = createHash('sha256').update(JSON.stringify(data)).digest('hex');
  const revision = { ...data, identity };
  if (input.revisesId !== undefined) await checkRevised(db, problems, revision);
  problems.throwIfAny();
  return edit(db, only([data.subjectId]), async ({ tx, append }) => {
    const existing = await tx.target.findUnique({ where: { identity } });
    if (existing !== null) return { target: existing, cursor: null };
    // Once more: of two revisions at once the second comes here after the first, and is told so.
    if (input.revisesId !== undefined) await checkRevised(tx, problems, revision);
    problems.throwIfAny();
    const target = await tx.target.create({ data: { ...data, identity, note: input.note ?? null } });
    return { target, cursor: await append([{ kind: 'TARGET', subjectId: target.subjectId, targetId: target.id }]) };
  });
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
  if (setOn != null && parsePartialDate(setOn) === null) {
    problems.add('INVALID_INPUT', 'setOn', `"${setOn}" is not a date; write 2024, 2024-10 or 2024-10-15.`);
  }
  return period;
}

/** Notes a revision of nothing, of something else, and of what was revised otherwise; sending a revision twice is not a second one. */
async function checkRevised(
  db: Db,
  problems: Problems,
  revision: Pick<Target, 'revisesId' | 'subjectId' | 'metric' | 'identity'>,
): Promise<void> {
  const revised =
    revision.revisesId === null
      ? null
      : await db.target.findUnique({ where: { id: revision.revisesId }, include: { revisedBy: true } });
  if (revised === null) problems.add('INVALID_INPUT', 'revises', 'There is no target with this id.');
  else if (revised.subjectId !== revision.subjectId || revised.metric !== revision.metric) {
    problems.add('INVALID_INPUT', 'revises', 'The target with this id is about another subject or metric.');
  } else if (revised.revisedBy !== null && revised.revisedBy.identity !== revision.identity) {
    const current = encodeId('Target', await latestRevision(db, revised.revisedBy.id));
    problems.add('STALE_REVISION', 'revises', `This target was revised already; the current one is ${current}.`, [
      current,
    ]);
  }
}

/** The row at the end of a chain of revisions. */
async function latestRevision(db: Db, id: number): Promise<number> {
  const [latest] = await db.$queryRaw<{ id: number }[]>`
    /* latestTarget */
    with recursive chain(id, step) as (
      select ${id}::int, 0
      union all
      select next.id, chain.step + 1 from chain join "Target" next on next."revisesId" = chain.id
    )
    select id from chain order by step desc limit 1`;
  return latest?.id ?? id;
}
