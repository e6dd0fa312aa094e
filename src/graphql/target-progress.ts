import { type Progress, progressOf, type VerdictName } from '../domain/targets/progress.ts';
import { present } from '../required.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { loadHistory } from './histories.ts';
import { Target } from './node.ts';

const TargetVerdict = builder.enumType('TargetVerdict', {
  description: 'Whether a target is reached, or likely to be reached.',
  values: {
    MET: { description: 'The target is certainly reached.' },
    MISSED: { description: 'The target is certainly not reached in its period or by its deadline.' },
    AHEAD: { description: 'The period is not over, and `paceIndex` is at least 1.05.' },
    ON_TRACK: { description: 'The period is not over, and `paceIndex` is at least 0.95 and below 1.05.' },
    BEHIND: { description: 'The period is not over, and `paceIndex` is below 0.95.' },
    UNDETERMINED: {
      description:
        'The data does not decide it: the bounds lie on both sides of the target, or there is no period from which to compute a pace.',
    },
    NO_DATA: { description: 'Nothing is reported yet, or the base of a growth target is not known.' },
  } satisfies Record<VerdictName, { description: string }>,
});

const TargetProgress = builder.objectRef<Progress>('TargetProgress').implement({
  description:
    'The progress towards a target, from the data that is reported without a gap; from all that is known, if that decides in spite of a gap.',
  fields: (t) => ({
    achieved: t.exposeFloat('achieved', {
      nullable: true,
      description: 'The value reached, in the unit of the metric. Null if nothing is reported.',
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
        '`achieved` divided by the target: 1 means the target is reached. Null if one of the two is not known.',
    }),
    remaining: t.exposeFloat('remaining', {
      nullable: true,
      description:
        'The amount still to reach, in the unit of the metric, at least 0. Null if the base of a growth target is not known.',
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
        '`remaining` divided by the months of the period after `dataUntil`. Null if none are left, or the target has no period.',
    }),
    requiredPerDay: t.exposeFloat('requiredPerDay', {
      nullable: true,
      description:
        '`remaining` divided by the days of the period after `dataUntil`. Null if none are left, or the target has no period.',
    }),
    paceIndex: t.exposeFloat('paceIndex', {
      nullable: true,
      description:
        '`ratio` divided by the share of the period up to `dataUntil`: 1 is exactly on pace. Null if `ratio` is null or the target has no period.',
    }),
    verdict: t.expose('verdict', {
      type: TargetVerdict,
      description: 'Whether the target is reached, or likely to be reached.',
    }),
    projectedOn: t.expose('projectedOn', {
      type: 'Date',
      nullable: true,
      description:
        'The day on which the target will be reached at the mean pace of the last three reported months. Null if it is already reached or these months are not known.',
    }),
  }),
});

builder.prismaObjectField(Target, 'progress', (t) =>
  t.field({
    type: TargetProgress,
    description: 'The progress towards the target.',
    args: { asOf: t.arg(AS_OF) },
    complexity: 10,
    resolve: async (target, { asOf }, context) => {
      const history = await loadHistory(context, {
        subjectId: target.subjectId,
        metric: target.metric,
        withinId: null,
        asOf: asOf ?? null,
      });
      return progressOf(target, present(history));
    },
  }),
);
