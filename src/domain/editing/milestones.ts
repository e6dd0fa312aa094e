import { createHash } from 'node:crypto';
import type {
  ClaimRank,
  Metric,
  Milestone,
  MilestoneKind,
  Prisma,
  PrismaClient,
  Qualifier,
  Subject,
} from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { familiesOf } from '../catalog/families.ts';
import { addUnknownSource, findSources } from '../catalog/sources.ts';
import { resolveSubjects } from '../catalog/subjects.ts';
import { checkNumber } from '../claims/figure-value.ts';
import { NO_DAY, RANKED, rankedClaims } from '../claims/milestone-claims.ts';
import { ELAPSED_UNITS, MAX_ELAPSED } from '../milestones/elapsed.ts';
import { milestoneKey, rowOf } from '../milestones/state.ts';
import { dayOf } from '../values/calendar.ts';
import { checkDate } from '../values/date-input.ts';
import { isAdditive } from '../values/metric.ts';
import { collectProblems, type Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';
import { edit } from './edit.ts';
import { settleMetric } from './effects.ts';
import { followFirstDelivery, scopeOfFirstDelivery } from './first-delivery.ts';

const MAX_TITLE = 300;
const MAX_NOTE = 2_000;

/** How long it took according to a source, and since when. */
export interface StatedElapsedInput {
  readonly value: number;
  readonly unit: string;
  readonly from: string;
  readonly qualifier: Qualifier;
}

/** A source's claim about a milestone. */
export interface MilestoneInput {
  readonly subject: string;
  readonly kind: MilestoneKind;
  readonly metric?: Metric | null | undefined;
  readonly threshold?: number | null | undefined;
  readonly title: string;
  readonly reachedOn?: string | null | undefined;
  readonly plant?: string | null | undefined;
  readonly model?: string | null | undefined;
  readonly statedElapsed?: StatedElapsedInput | null | undefined;
  readonly expected?: boolean | null | undefined;
  /** The source's row; null for an unknown id. */
  readonly sourceId: number | null;
  readonly note?: string | null | undefined;
  /** The editors' weight, if it is not the default. */
  readonly rank?: ClaimRank;
  readonly rankReason?: string;
}

/** The milestone of the claim, and the place in the log after it; null if the claim was there already. */
export interface AnnouncedMilestone {
  readonly milestone: Milestone;
  readonly cursor: string | null;
}

/**
 * Adds a source's claim to the milestone of the same subject, kind, metric and threshold, and for kinds other than UNITS also of the same
 * title. The milestone is created if it is missing.
 * Throws BadInput with all problems. The same claim again writes nothing.
 */
export async function announceMilestone(db: PrismaClient, input: MilestoneInput): Promise<AnnouncedMilestone> {
  const { subject, plant, model } = await parse(db, input);
  const key = milestoneKey(subject.id, input);
  const claim = claimOf(input);
  const scope = input.kind === 'FIRST_DELIVERY' ? scopeOfFirstDelivery(subject.id) : familiesOf([subject.id]);
  return edit(db, scope, async ({ tx, relatives, append }) => {
    const before = await tx.milestone.findUnique({ where: { key }, include: { claims: true } });
    if (before?.claims.some(({ identity }) => identity === `${before.id}|${claim.identity}`)) {
      return { milestone: before, cursor: null };
    }
    const places = { plantId: plant?.id ?? null, modelId: model?.id ?? null };
    const { id } = before ?? (await tx.milestone.create({ data: { ...newMilestone(subject, input, key), ...places } }));
    await tx.milestoneClaim.create({ data: { ...claim, milestoneId: id, identity: `${id}|${claim.identity}` } });
    const announced = await refreshMilestone(tx, id, {
      plantId: before?.plantId ?? places.plantId,
      modelId: before?.modelId ?? places.modelId,
    });
    // A number that was announced bounds the figures around it, and they say whether it was reached.
    const { kind, metric } = announced;
    const isBound = kind === 'UNITS' && metric !== null && isAdditive(metric);
    const settled = isBound ? await settleMetric(tx, relatives, metric, announced) : null;
    const followed = await followFirstDelivery(tx, { milestone: announced, before: before?.reachedOn ?? null });
    const milestone = settled?.milestone ?? announced;
    const change = { status: milestone.status, statusBefore: before?.status ?? null };
    const carried = settled === null ? {} : { observation: settled.observation };
    const cursor = await append([
      { kind: 'MILESTONE', aboutId: id, subjectId: subject.id, ...change, ...carried },
      ...(settled?.changes ?? []),
      ...followed,
    ]);
    return { milestone, cursor };
  });
}

/** Recomputes a milestone from its claims alone. */
async function refreshMilestone(tx: Tx, id: number, places: Prisma.MilestoneUncheckedUpdateInput): Promise<Milestone> {
  const { claims, subject } = await tx.milestone.findUniqueOrThrow({
    where: { id },
    include: { claims: { include: RANKED }, subject: true },
  });
  const row = rowOf(subject, rankedClaims(claims), () => ({ kind: 'UNKNOWN' }));
  return tx.milestone.update({ where: { id }, data: { ...places, ...row } });
}

async function parse(db: PrismaClient, input: MilestoneInput) {
  const problems = collectProblems('input');
  const wanted = (['subject', 'plant', 'model'] as const).flatMap((path) => {
    const slug = input[path];
    return slug == null ? [] : [{ slug, problems, path }];
  });
  const subjects = await resolveSubjects(db, wanted);
  const subject = subjects.get(input.subject);
  const plant = checkKind(problems, subjects, 'plant', input.plant, 'PLANT');
  const model = checkKind(problems, subjects, 'model', input.model, 'MODEL');
  checkText(problems, 'title', input.title, MAX_TITLE);
  checkText(problems, 'note', input.note, MAX_NOTE);
  checkThreshold(problems, input);
  checkReachedOn(problems, input);
  checkElapsed(problems.at('statedElapsed'), input.statedElapsed);
  const sources = await findSources(db, input.sourceId === null ? [] : [input.sourceId]);
  if (sources.size === 0) addUnknownSource(problems);
  problems.throwIfAny();
  return { subject: present(subject), plant, model };
}

function checkKind(
  problems: Problems,
  subjects: ReadonlyMap<string, Subject>,
  path: string,
  slug: string | null | undefined,
  kind: Subject['kind'],
): Subject | undefined {
  const found = slug == null ? undefined : subjects.get(slug);
  if (found !== undefined && found.kind !== kind) {
    problems.add('INVALID_INPUT', path, `"${slug}" is a ${found.kind}, not a ${kind}.`);
  }
  return found;
}

function checkThreshold(problems: Problems, { kind, metric, threshold }: MilestoneInput): void {
  if (kind === 'UNITS') {
    if (metric == null)
      problems.add('INVALID_INPUT', 'metric', 'A milestone of the kind UNITS names what was counted.');
    if (threshold == null)
      problems.add('INVALID_INPUT', 'threshold', 'A milestone of the kind UNITS names the number reached.');
  }
  if (threshold == null) return;
  if (metric != null) checkNumber(problems, 'threshold', metric, threshold);
  else if (kind !== 'UNITS') problems.add('INVALID_INPUT', 'metric', 'A threshold needs the metric it is a number of.');
  if (threshold === 0) problems.add('INVALID_VALUE', 'threshold', 'A threshold is above 0.');
}

function checkReachedOn(problems: Problems, { reachedOn, expected }: MilestoneInput): void {
  const date = checkDate(problems, 'reachedOn', reachedOn);
  if (date !== null && expected !== true && date.first > dayOf(new Date())) {
    problems.add(
      'INVALID_INPUT',
      'reachedOn',
      `${reachedOn} has not come yet; a milestone ahead is announced with expected: true.`,
    );
  }
}

function checkElapsed(problems: Problems, elapsed: StatedElapsedInput | null | undefined): void {
  if (elapsed == null) return;
  const units: readonly string[] = ELAPSED_UNITS;
  if (!(elapsed.value > 0 && elapsed.value <= MAX_ELAPSED)) {
    problems.add(
      'INVALID_VALUE',
      'value',
      `${elapsed.value} is not a length of time, above 0 and at most ${MAX_ELAPSED}.`,
    );
  }
  if (!units.includes(elapsed.unit)) {
    problems.add('INVALID_UNIT', 'unit', `"${elapsed.unit}" is not a unit of time; write ${ELAPSED_UNITS.join(', ')}.`);
  }
  checkText(problems, 'from', elapsed.from, 100);
}

function newMilestone(subject: Subject, input: MilestoneInput, key: string) {
  return {
    subjectId: subject.id,
    kind: input.kind,
    metric: input.metric ?? null,
    threshold: input.threshold ?? null,
    title: input.title.trim(),
    sortOn: new Date(NO_DAY),
    status: 'ANNOUNCED' as const,
    key,
  };
}

function claimOf(input: MilestoneInput) {
  const claim = {
    sourceId: present(input.sourceId),
    on: input.reachedOn ?? null,
    statedElapsedValue: input.statedElapsed?.value ?? null,
    statedElapsedUnit: input.statedElapsed?.unit ?? null,
    statedElapsedFrom: input.statedElapsed?.from ?? null,
    statedElapsedQualifier: input.statedElapsed?.qualifier ?? null,
    expected: input.expected ?? false,
    note: input.note ?? null,
    rank: input.rank ?? ('NORMAL' as const),
    rankReason: input.rankReason ?? null,
  };
  const { note: _note, rankReason: _reason, ...statement } = claim;
  return { ...claim, identity: createHash('sha256').update(JSON.stringify(statement)).digest('hex') };
}
