import type { Target as Row } from '../database/generated/client.ts';
import { measuresOf } from '../domain/targets/measures.ts';
import { periodOf } from '../domain/targets/place.ts';
import { furthestOf, type Progress, progressOf, type VerdictName } from '../domain/targets/progress.ts';
import type { Projection as Projected } from '../domain/targets/projection.ts';
import { dayOf } from '../domain/values/calendar.ts';
import { present } from '../required.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { type AskedValue, COST_OF_LOOKUP, workedOutAtAll } from './costs.ts';
import { Metric } from './enums.ts';
import { Growth, loadGrowth } from './growth.ts';
import { loadHistory } from './histories.ts';
import { Target } from './node.ts';
import { loadTargetClaims, targetsAt } from './target-claims.ts';

const TargetVerdict = builder.enumType('TargetVerdict', {
  description: 'Whether a target is reached, or likely to be reached.',
  values: {
    MET: { description: 'The target, or the lower end of its range, is certainly reached.' },
    MISSED: { description: 'The target is certainly not reached in its period or by its deadline.' },
    AHEAD: { description: 'The period is not over, and `paceIndex` is at least 1.05.' },
    ON_TRACK: { description: 'The period is not over, and `paceIndex` is at least 0.95 and below 1.05.' },
    BEHIND: { description: 'The period is not over, and `paceIndex` is below 0.95.' },
    UNDETERMINED: {
      description:
        'The data does not decide it: the bounds lie on both sides of the target, the period is over and not all of it is known, or there is no period from which to compute a pace.',
    },
    NO_DATA: { description: 'Nothing is reported yet, or the base of a growth target is not known.' },
  } satisfies Record<VerdictName, { description: string }>,
});

const Projection = builder.objectRef<Projected>('Projection').implement({
  description:
    'The total that a period comes to if it goes on as before. Worked out when it is asked for, and never stored.',
  fields: (t) => ({
    value: t.exposeFloat('value', { description: 'The total of the period, in the unit of the metric.' }),
    lower: t.exposeFloat('lower', {
      nullable: true,
      description: 'The lowest total that follows, in the unit of the metric. Null: not known.',
    }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description: 'The highest total that follows, in the unit of the metric. Null: not bounded, or not known.',
    }),
    method: t.exposeString('method', { description: 'From which years or months it follows, in one sentence.' }),
  }),
});

const TargetProgress = builder.objectRef<Progress>('TargetProgress').implement({
  description:
    'The progress towards a target, from the data that is reported without a gap; from all that is known, if that decides in spite of a gap.',
  fields: (t) => ({
    metric: t.expose('metric', {
      type: Metric,
      description:
        'What was counted: of the metric of the target and, if it counts all vehicles, DELIVERIES, SALES, WHOLESALE and RETAIL the first whose data decides, or reaches as far as that of any other. Without any data it is the metric of the target.',
    }),
    achieved: t.exposeFloat('achieved', {
      nullable: true,
      description: 'The value reached, in the unit of `metric`. Null if nothing is reported.',
    }),
    lower: t.exposeFloat('lower', {
      nullable: true,
      description: 'The lowest possible value reached, in the unit of the metric. Null: not known.',
    }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description: 'The highest possible value reached, in the unit of the metric. Null: not bounded, or not known.',
    }),
    ratio: t.exposeFloat('ratio', {
      nullable: true,
      description:
        '`achieved` divided by the target, or by the lower end of its range: 1 means the target is reached. Null if one of the two is not known.',
    }),
    remaining: t.exposeFloat('remaining', {
      nullable: true,
      description:
        'The amount still to reach, in the unit of the metric, at least 0: up to the lower end of a range. Null if the base of a growth target is not known.',
    }),
    dataUntil: t.expose('dataUntil', {
      type: 'Date',
      nullable: true,
      description:
        'The last day up to which the data is reported, without a gap unless the verdict is certain in spite of one. Null if nothing is reported.',
    }),
    requiredPerMonth: t.exposeFloat('requiredPerMonth', {
      nullable: true,
      description:
        '`remaining` divided by the months of the period after `dataUntil`. Null if none are left, if the period is over, or if the target has no period.',
    }),
    requiredPerDay: t.exposeFloat('requiredPerDay', {
      nullable: true,
      description:
        '`remaining` divided by the days of the period after `dataUntil`. Null if none are left, if the period is over, or if the target has no period.',
    }),
    paceIndex: t.exposeFloat('paceIndex', {
      nullable: true,
      description:
        '`ratio` divided by the share of the period up to `dataUntil`: 1 is exactly on pace. Of a growth target: `achieved` divided by what the same days of the year before come to with the least growth. Null if `ratio` is null or the target has no period.',
    }),
    verdict: t.expose('verdict', {
      type: TargetVerdict,
      description: 'Whether the target is reached, or likely to be reached.',
    }),
    projectedOn: t.expose('projectedOn', {
      type: 'Date',
      nullable: true,
      description:
        'The day on which the target will be reached if it goes on as `projected` does: as in the year before, or if that is not known, or without a period, at the mean pace of the last three reported months. Null if it is already reached, if neither is known, or if that is after the period or the deadline, or these are over.',
    }),
    projected: t.expose('projected', {
      type: Projection,
      nullable: true,
      description:
        'The total of the whole period if the months so far are the same share of it as in the year before, with the bounds of the shares of three years. Where fewer are known, the bounds cover that total and the slowest and the fastest pace of the last three months. Without the year before it is that of their mean pace, with the bounds of the slowest and the fastest. Null if all of it is reported, if the period is over, if neither is known, or for a target without a period.',
    }),
    growth: t.field({
      type: Growth,
      nullable: true,
      description:
        'The growth so far: of what is reached on the same days of the year before. Null if that is not known, or for a target without a period.',
      resolve: ({ observed }, _args, context) =>
        observed === null || observed.period.start === null ? null : loadGrowth(context, observed, 'YEAR_AGO', []),
    }),
  }),
});

builder.prismaObjectField(Target, 'progress', (t) =>
  t.field({
    type: TargetProgress,
    description:
      'The progress towards the target. A growth target without a year is about the year after the one in which it was set.',
    args: { asOf: t.arg(AS_OF) },
    complexity: 2 * COST_OF_LOOKUP,
    extensions: { worksOut: ({ asOf }: AskedValue) => workedOutAtAll(1, asOf) },
    resolve: (target, { asOf }, context) => loadProgress(context, target, asOf ?? null),
  }),
);

/** The progress by the metric that knows most. As known at an instant, also the target is what it was then. */
async function loadProgress(context: Context, now: Row, asOf: Date | null): Promise<Progress> {
  const [target = now] = asOf === null ? [] : await targetsAt(context, [now], asOf);
  const aimed = { ...target, period: await loadPeriod(context, target) };
  const { subjectId } = target;
  const histories = await Promise.all(
    measuresOf(target.metric).map((metric) => loadHistory(context, { subjectId, metric, withinId: null, asOf })),
  );
  const today = dayOf(asOf ?? new Date());
  return present(furthestOf(histories.map((history) => progressOf(aimed, present(history), today))));
}

/** The period of a target in text. Of a growth without a year it depends on when it was set, or else first said. */
async function loadPeriod(context: Context, target: Row): Promise<string | null> {
  if (target.period !== null || target.deadline !== null) return target.period;
  const claims = target.setOn === null ? await loadTargetClaims(context, target.id) : [];
  const [first = null] = claims.map(({ knownFrom }) => knownFrom).sort((a, b) => a.getTime() - b.getTime());
  return periodOf(target, first)?.text ?? null;
}
