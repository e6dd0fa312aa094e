import { type ProgressOf, progressOf, type VerdictName } from '../domain/target-progress.ts';
import { builder } from './builder.ts';
import { loadLedger } from './ledgers.ts';
import { Target } from './node.ts';

const TargetVerdict = builder.enumType('TargetVerdict', {
  description: 'How a target stands.',
  values: {
    MET: { description: 'It was certainly reached.' },
    MISSED: { description: 'Its time is over, and it was certainly not reached.' },
    AHEAD: { description: 'Its time runs, and the pace is at least 1.05 of what is needed.' },
    ON_TRACK: { description: 'Its time runs, and the pace is 0.95 to 1.05 of what is needed.' },
    BEHIND: { description: 'Its time runs, and the pace is under 0.95 of what is needed.' },
    UNDETERMINED: { description: 'The bounds of what is known straddle the target.' },
    NO_DATA: { description: 'Nothing is reported yet, or the base of a growth target is not known.' },
  } satisfies Record<VerdictName, { description: string }>,
});

const TargetProgress = builder.objectRef<ProgressOf>('TargetProgress').implement({
  description: 'How far a target has come, on what is reported without a gap.',
  fields: (t) => ({
    achieved: t.exposeFloat('achieved', { nullable: true, description: "What was reached, in the metric's unit." }),
    lower: t.exposeFloat('lower', { nullable: true, description: 'The least that was reached.' }),
    upper: t.exposeFloat('upper', { nullable: true, description: 'The most that was reached; null: not bounded.' }),
    ratio: t.exposeFloat('ratio', { nullable: true, description: 'Achieved over target: 1 is all of it.' }),
    remaining: t.exposeFloat('remaining', {
      nullable: true,
      description: "What is left, in the metric's unit; not below 0.",
    }),
    dataUntil: t.expose('dataUntil', {
      type: 'Date',
      nullable: true,
      description: 'The last day that is reported without a gap.',
    }),
    requiredPerMonth: t.exposeFloat('requiredPerMonth', {
      nullable: true,
      description: 'What is left over the months after the last report.',
    }),
    requiredPerDay: t.exposeFloat('requiredPerDay', {
      nullable: true,
      description: 'What is left over the days after the last report.',
    }),
    paceIndex: t.exposeFloat('paceIndex', {
      nullable: true,
      description: 'Ratio over the part of the time that is reported: 1 is exactly on pace.',
    }),
    verdict: t.expose('verdict', { type: TargetVerdict, description: 'How it stands.' }),
    projectedOn: t.expose('projectedOn', {
      type: 'Date',
      nullable: true,
      description:
        'When it is reached at the mean pace of the last three reported months; null when it is reached, or these are not known.',
    }),
  }),
});

builder.prismaObjectField(Target, 'progress', (t) =>
  t.field({
    type: TargetProgress,
    description: 'How far it has come.',
    args: {
      asOf: t.arg({ type: 'DateTime', description: 'What was known at that instant; what is known now if not given.' }),
    },
    complexity: 10,
    resolve: async (target, { asOf }, context) => {
      const ledger = await loadLedger(context, target.subjectId, {
        metric: target.metric,
        withinId: null,
        asOf: asOf ?? null,
      });
      return progressOf(target, ledger as NonNullable<typeof ledger>);
    },
  }),
);
