import { type NextMilestone, nextMilestoneOf } from '../domain/milestones/next.ts';
import { AS_OF, METRIC } from './arguments.ts';
import { builder } from './builder.ts';
import { type AskedValue, COST_OF_LOOKUP, workedOut } from './costs.ts';
import { loadSeries } from './first-known.ts';
import { loadLatestTotal } from './histories.ts';
import { Subject } from './node.ts';

const Crossing = builder.objectRef<NextMilestone>('Crossing').implement({
  description:
    'When a number will be passed, if the months to come are like the last ones. It is worked out when it is asked for, and never stored.',
  fields: (t) => ({
    threshold: t.exposeFloat('threshold', { description: 'The number, in the unit of the metric.' }),
    earliest: t.expose('earliest', {
      type: 'Date',
      nullable: true,
      description:
        'The first day: from the highest possible total, at the pace of the fastest month. Null if the number can have been passed already.',
    }),
    latest: t.expose('latest', {
      type: 'Date',
      nullable: true,
      description:
        'The last day: from the lowest possible total, at the pace of the slowest month. Null if nothing was counted in that month, or the day is after the year 2999.',
    }),
    method: t.exposeString('method', { description: 'From which total and which months it follows, in one sentence.' }),
  }),
});

builder.prismaInterfaceFields(Subject, (t) => ({
  nextMilestone: t.field({
    type: Crossing,
    nullable: true,
    description:
      'The next number that will be passed, of those at which milestones are detected: 10,000, 50,000, 100,000, 500,000, each million to ten, each ten million after. The bounds follow from the last twelve months before the newest total, as far as they are known. Null if fewer than three of them are, or no total.',
    args: { metric: t.arg(METRIC), asOf: t.arg(AS_OF) },
    complexity: 2 * COST_OF_LOOKUP,
    extensions: { worksOut: ({ metric, asOf }: AskedValue) => workedOut(1, [metric], asOf) },
    resolve: async ({ id }, { metric, asOf }, context) => {
      const place = { subjectId: id, metric, withinId: null, asOf: asOf ?? null };
      const months = { granularity: 'MONTH', from: null, to: null } as const;
      const [total, { observations }] = await Promise.all([
        loadLatestTotal(context, place),
        loadSeries(context, { ...place, metrics: [metric] }, months),
      ]);
      return nextMilestoneOf(total, observations);
    },
  }),
}));
