import { askedMetrics } from '../domain/boards/metric-choice.ts';
import { isCurrent } from '../domain/claims/figure-input.ts';
import { unitOf } from '../domain/values/metric.ts';
import { builder } from './builder.ts';
import { COST_OF_LOOKUP } from './costs.ts';
import { Agreement, Comparison, Evidence, Method, Metric, Qualifier, Unit } from './enums.ts';
import { Growth, loadGrowth } from './growth.ts';
import { loadFigures, loadGrounds, withRanksAt } from './histories.ts';
import { Figure, Market, Subject } from './node.ts';
import { formatObservationKey } from './observation-id.ts';
import { loadByKey, loadObservationKey, type ShownObservation } from './shown-observation.ts';

export const Observation = builder.node(builder.objectRef<ShownObservation>('Observation'), {
  description:
    'What all claims together allow about one subject, metric and period: the best claim, or what follows from others.',
  id: {
    resolve: (shown, _args, context) => loadObservationKey(context, shown),
    description:
      'The id of this object, unique in the whole API. It is the same wherever subject, metric, period, market and `asOf` are the same, also in what is pushed.',
    extensions: {
      keyAtOnce: ({ place, period, entry }: ShownObservation) =>
        entry === undefined ? formatObservationKey({ place, period, position: null }) : null,
    },
  },
  loadManyWithoutCache: (keys, context) => Promise.all(keys.map((key) => loadByKey(context, key))),
  fields: (t) => ({
    subject: t.prismaField({
      type: Subject,
      description: 'The subject of the values.',
      resolve: (query, { place }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: place.subjectId } }),
    }),
    metric: t.field({ type: Metric, description: 'What is counted.', resolve: ({ place }) => place.metric }),
    unit: t.field({
      type: Unit,
      description: 'The unit of the values.',
      resolve: ({ place }) => unitOf(place.metric),
    }),
    period: t.field({ type: 'Period', description: 'The span of days.', resolve: ({ period }) => period.text }),
    periodStart: t.field({
      type: 'Date',
      nullable: true,
      description: 'The first day. Null for a value since the start of counting.',
      resolve: ({ period }) => period.start,
    }),
    periodEnd: t.field({ type: 'Date', description: 'The last day.', resolve: ({ period }) => period.end }),
    within: t.prismaField({
      type: Market,
      nullable: true,
      description: 'The market that a market share refers to. Null for a value without a market.',
      resolve: (query, { place }, _args, { db }) =>
        db.subject.findUnique({ ...query, where: { id: place.withinId ?? 0 } }),
    }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'The value, in the unit of the metric. Null if only bounds are known.',
    }),
    lower: t.exposeFloat('lower', {
      nullable: true,
      description: 'The lowest possible value, in the unit of the metric. Null: not known.',
    }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description: 'The highest possible value, in the unit of the metric. Null: not bounded, or not known.',
    }),
    qualifier: t.expose('qualifier', {
      type: Qualifier,
      nullable: true,
      description: 'How exactly the value is known. Null if nothing is known.',
    }),
    method: t.expose('method', {
      type: Method,
      description: 'Whether a source states the value, or it follows from other claims.',
    }),
    best: t.prismaField({
      type: Figure,
      nullable: true,
      description: 'The best claim. Null for a derived value.',
      resolve: async (query, { bestId, place }, _args, context) => {
        const found = await context.db.figure.findMany({ ...query, where: { id: bestId ?? 0 } });
        return (await withRanksAt(context, found, place.asOf))[0];
      },
    }),
    inputs: t.prismaField({
      type: [Figure],
      description:
        'The figures from which the value or its bounds follow: the best claim, or the claims about other periods, parts and wholes.',
      // Most follow from the best claim alone.
      complexity: { field: COST_OF_LOOKUP, multiplier: 2 },
      resolve: async (query, observed, _args, context) => {
        const { figureIds } = await loadGrounds(context, observed);
        const found = await context.db.figure.findMany({
          ...query,
          where: { id: { in: [...figureIds] } },
          orderBy: [{ periodEnd: 'asc' }, { id: 'asc' }],
        });
        return withRanksAt(context, found, observed.place.asOf);
      },
    }),
    claims: t.field({
      type: [Figure],
      description:
        'The claims about exactly this period that are current. With `asOf`, those that were current at that instant.',
      args: {
        includeDeprecated: t.arg.boolean({
          defaultValue: false,
          description: 'Also claims of rank DEPRECATED.',
        }),
      },
      resolve: async (observed, { includeDeprecated }, context) => {
        const { asOf } = observed.place;
        const current = (await loadFigures(context, slotOf(observed))).filter((figure) => isCurrent(figure, asOf));
        const ranked = await withRanksAt(context, current, asOf);
        return ranked.filter(({ rank }) => includeDeprecated === true || rank !== 'DEPRECATED');
      },
    }),
    agreement: t.expose('agreement', {
      type: Agreement,
      description: 'Whether the claims about exactly this period agree. CONFLICTS also if one of them was set aside.',
    }),
    decidedBy: t.expose('decidedBy', {
      type: Evidence,
      nullable: true,
      description: 'What decided between the claims about exactly this period. Null if there are none.',
    }),
    origins: t.exposeInt('origins', {
      description: 'How many independent origins state the value. 0 if it follows from other claims.',
    }),
    explanation: t.field({
      type: 'String',
      description: 'In short, why this value, and whether evidence decides.',
      resolve: async (observed, _args, context) => (await loadGrounds(context, observed)).explanation,
    }),
    resolution: t.field({
      type: 'String',
      description: 'The older name of `explanation`.',
      deprecationReason: 'Use `explanation`, which says the same.',
      resolve: async (observed, _args, context) => (await loadGrounds(context, observed)).explanation,
    }),
    change: t.field({
      type: Growth,
      nullable: true,
      description:
        'The change against an earlier period. Null if one of the two values is not known, or the earlier one is 0.',
      args: {
        over: t.arg({ type: Comparison, required: true, description: 'The period to compare with.' }),
        metrics: t.arg({
          type: [Metric],
          description:
            'If there is no change in the metric of the observation, the earlier value is that in the first of these metrics in which there is one; then `acrossBreak` is true. Null: only the same metric. Error BAD_USER_INPUT for an empty list, for more metrics than there are, and for metrics in another unit.',
        }),
      },
      resolve: (observed, { over, metrics }, context) =>
        loadGrowth(context, observed, over, askedMetrics(observed.place.metric, metrics, observed.place.metric)),
    }),
    history: t.field({
      type: [Figure],
      description:
        'All claims ever made about exactly this period, including revised and withdrawn ones, in the order in which they became known. With `asOf`, those known at that instant.',
      resolve: async (observed, _args, context) => {
        const { asOf } = observed.place;
        const all = await loadFigures(context, slotOf(observed));
        const known = all.filter(({ knownFrom }) => asOf === null || knownFrom <= asOf);
        return withRanksAt(context, known, asOf);
      },
    }),
    revised: t.exposeBoolean('revised', { description: 'Whether a claim about it was ever revised or withdrawn.' }),
    missing: t.field({
      type: ['Period'],
      description:
        'The periods without which nothing more can be said of the value. All years before the first known one are one period, and all after the last.',
      resolve: ({ missing }) => [...missing],
    }),
  }),
});

function slotOf({ place: { subjectId, metric, withinId }, period: { text } }: ShownObservation) {
  return { subjectId, metric, period: text, withinId };
}
