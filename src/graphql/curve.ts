import { type CurveData, type CurvePointData, type CurveStartName, curveOf } from '../domain/boards/curve.ts';
import { AS_OF, METRIC } from './arguments.ts';
import { builder } from './builder.ts';
import { type AskedValue, COST_OF_LOOKUP, workedOut } from './costs.ts';
import { Metric, Qualifier } from './enums.ts';
import { loadTotals } from './histories.ts';
import { Subject } from './node.ts';

const CurveStart = builder.enumType('CurveStart', {
  description: 'What the months of a curve are counted from.',
  values: {
    FIRST_DELIVERY: { description: 'The first delivery to a customer.' },
    FOUNDED: { description: 'The founding.' },
    FIRST_KNOWN: { description: 'The first month of which more than nothing is known in the metric.' },
  } satisfies Record<CurveStartName, { readonly description: string }>,
});

const CurvePoint = builder.objectRef<CurvePointData>('CurvePoint').implement({
  description: 'How much was counted to the end of a month.',
  fields: (t) => ({
    on: t.expose('on', { type: 'Date', description: 'The last day of the month.' }),
    monthsSinceStart: t.exposeInt('monthsSinceStart', {
      nullable: true,
      description:
        'The calendar months from the month of the start to this one: 0 in the month of the start. Null if the curve is not aligned, or the month of the start is not known.',
    }),
    value: t.float({
      nullable: true,
      description: 'The total, in the unit of the metric. Null if only bounds are known.',
      resolve: ({ total }) => total.value,
    }),
    lower: t.float({
      nullable: true,
      description: 'The lowest possible total, in the unit of the metric. Null: not bounded.',
      resolve: ({ total }) => total.lower,
    }),
    upper: t.float({
      nullable: true,
      description: 'The highest possible total, in the unit of the metric. Null: not bounded.',
      resolve: ({ total }) => total.upper,
    }),
    qualifier: t.field({
      type: Qualifier,
      nullable: true,
      description: 'How exactly the total is known.',
      resolve: ({ total }) => total.qualifier,
    }),
  }),
});

const Curve = builder.objectRef<CurveData>('Curve').implement({
  description: 'The totals to date of a subject, one for each end of a month.',
  fields: (t) => ({
    subject: t.prismaField({
      type: Subject,
      description: 'The subject of the totals.',
      resolve: (query, { subjectId }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: subjectId } }),
    }),
    metric: t.expose('metric', { type: Metric, description: 'What is counted.' }),
    alignedTo: t.expose('alignedTo', {
      type: CurveStart,
      nullable: true,
      description: 'What the months are counted from. Null: they are not counted.',
    }),
    start: t.expose('start', {
      type: 'PartialDate',
      nullable: true,
      description:
        'The date of the start, as precisely as it is known. Null if it is not known, or none was asked for.',
    }),
    points: t.field({
      type: [CurvePoint],
      description:
        'The ends of months of which a total or at least a lower bound is known, the earliest first. Those before the start are left out.',
      complexity: { field: 1, multiplier: 60 },
      resolve: ({ points }) => [...points],
    }),
  }),
});

builder.prismaInterfaceFields(Subject, (t) => ({
  curve: t.field({
    type: Curve,
    description: 'How the total to date grew, month by month.',
    args: {
      metric: t.arg(METRIC),
      alignedTo: t.arg({
        type: CurveStart,
        description:
          'What months are counted from, so that curves of several subjects can be laid over each other. Null: nothing.',
      }),
      asOf: t.arg(AS_OF),
    },
    complexity: COST_OF_LOOKUP,
    extensions: { worksOut: ({ metric, asOf }: AskedValue) => workedOut(1, [metric], asOf) },
    resolve: async (subject, { metric, alignedTo, asOf }, context) => {
      const place = { subjectId: subject.id, metric, withinId: null, asOf: asOf ?? null };
      return curveOf(subject, metric, alignedTo ?? null, await loadTotals(context, place));
    },
  }),
}));
