import { deriveObservation, type Observed } from '../domain/derivation.ts';
import { unitOf } from '../domain/metric.ts';
import { wasKnownAt } from '../domain/observation.ts';
import {
  cumulativeOf,
  findMarketId,
  type GrowthOver,
  growthSince,
  requirePeriod,
  type SeriesOfOne,
  seriesOf,
} from '../domain/observation-query.ts';
import { resolveSubjectsInOrder } from '../domain/subject-lookup.ts';
import { builder } from './builder.ts';
import { Agreement, Comparison, Granularity, Method, Metric, Qualifier, Unit } from './enums.ts';
import { loadFigures, loadLedger } from './ledgers.ts';
import { Figure, Market, Subject } from './node.ts';

const Growth = builder.objectRef<GrowthOver>('Growth').implement({
  description: 'A change in percent with its bounds, computed from observations.',
  fields: (t) => ({
    percent: t.exposeFloat('percent', {
      nullable: true,
      description: 'The change in percent; null where only bounds are known.',
    }),
    lower: t.exposeFloat('lower', {
      nullable: true,
      description: 'The lowest change that the bounds allow, in percent.',
    }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description: 'The highest change that the bounds allow, in percent; null: not bounded.',
    }),
    base: t.exposeFloat('base', { nullable: true, description: 'The value it is measured from.' }),
  }),
});

export const Observation = builder.objectRef<Observed>('Observation').implement({
  description: 'What the claims about one subject, metric and period amount to.',
  fields: (t) => ({
    subject: t.prismaField({
      type: Subject,
      description: 'What it is about.',
      resolve: (query, { ledger }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: ledger.subjectId } }),
    }),
    metric: t.field({ type: Metric, description: 'What is counted.', resolve: ({ ledger }) => ledger.metric }),
    unit: t.field({
      type: Unit,
      description: 'The unit of the values.',
      resolve: ({ ledger }) => unitOf(ledger.metric),
    }),
    period: t.field({ type: 'Period', description: 'The span of days.', resolve: ({ period }) => period.text }),
    periodStart: t.field({
      type: 'Date',
      nullable: true,
      description: 'The first day; null for a value since the start.',
      resolve: ({ period }) => period.start,
    }),
    periodEnd: t.field({ type: 'Date', description: 'The last day.', resolve: ({ period }) => period.end }),
    within: t.prismaField({
      type: Market,
      nullable: true,
      description: 'The market that a share is of.',
      resolve: (query, { ledger }, _args, { db }) =>
        db.subject.findUnique({ ...query, where: { id: ledger.withinId ?? 0 } }),
    }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: "The value in the metric's unit; null where a part is missing or only bounds are known.",
    }),
    lower: t.exposeFloat('lower', { nullable: true, description: 'The lowest value possible; null: not known.' }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description: 'The highest value possible; null: not bounded, or not known.',
    }),
    qualifier: t.expose('qualifier', {
      type: Qualifier,
      nullable: true,
      description: 'How exactly it is known; null where no value is.',
    }),
    method: t.expose('method', { type: Method, description: 'Whether a source says so, or it is summed from parts.' }),
    best: t.prismaField({
      type: Figure,
      nullable: true,
      description: 'The best claim; null for a derived value.',
      resolve: (query, { bestId }, _args, { db }) => db.figure.findUnique({ ...query, where: { id: bestId ?? 0 } }),
    }),
    inputs: t.prismaField({
      type: [Figure],
      description: 'The figures that the value rests on: the best claim, or those of all parts.',
      resolve: (query, { inputIds }, _args, { db }) =>
        db.figure.findMany({
          ...query,
          where: { id: { in: [...inputIds] } },
          orderBy: [{ periodEnd: 'asc' }, { id: 'asc' }],
        }),
    }),
    claims: t.field({
      type: [Figure],
      description: 'The claims about exactly this period, those known at the instant asked about.',
      args: {
        includeDeprecated: t.arg.boolean({
          defaultValue: false,
          description: 'Also those that the editors do not count.',
        }),
      },
      resolve: async (observed, { includeDeprecated }, context) => {
        const { asOf } = observed.ledger;
        return (await loadFigures(context, slotOf(observed))).filter(
          (figure) =>
            (asOf === null ? figure.claimKey !== null : wasKnownAt(figure, asOf)) &&
            (includeDeprecated === true || figure.rank !== 'DEPRECATED'),
        );
      },
    }),
    agreement: t.expose('agreement', { type: Agreement, description: 'Whether the claims agree.' }),
    resolution: t.exposeString('resolution', { description: 'Why this value, in one sentence.' }),
    change: t.field({
      type: Growth,
      nullable: true,
      description: 'The change against another period; null where that is not known.',
      args: { over: t.arg({ type: Comparison, required: true, description: 'Against which period.' }) },
      resolve: async (observed, { over }, context) => {
        const ledger = await loadLedger(context, observed.ledger.subjectId, observed.ledger);
        return ledger === null ? null : growthSince({ ...observed, ledger }, over);
      },
    }),
    history: t.field({
      type: [Figure],
      description:
        'Every claim ever made about exactly this period, in the order in which they became known, with those restated or withdrawn.',
      resolve: async (observed, _args, context) => {
        const { asOf } = observed.ledger;
        return (await loadFigures(context, slotOf(observed))).filter(
          ({ knownFrom }) => asOf === null || knownFrom <= asOf,
        );
      },
    }),
    revised: t.exposeBoolean('revised', { description: 'Whether any claim about it was restated or withdrawn.' }),
    missing: t.field({
      type: ['Period'],
      description: 'The periods that would be needed for a value and are not known.',
      resolve: ({ missing }) => missing.map(({ text }) => text),
    }),
  }),
});

const Series = builder.objectRef<SeriesOfOne>('Series').implement({
  description: 'The observations of one subject and metric, period by period.',
  fields: (t) => ({
    subject: t.prismaField({
      type: Subject,
      description: 'What it is about.',
      resolve: (query, { ledger }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: ledger.subjectId } }),
    }),
    metric: t.field({ type: Metric, description: 'What is counted.', resolve: ({ ledger }) => ledger.metric }),
    unit: t.field({
      type: Unit,
      description: 'The unit of the values.',
      resolve: ({ ledger }) => unitOf(ledger.metric),
    }),
    granularity: t.expose('granularity', { type: Granularity, description: 'The length of the periods.' }),
    observations: t.field({
      type: [Observation],
      description: 'What is known, in order.',
      complexity: { field: 1, multiplier: 24 },
      resolve: ({ observations }) => [...observations],
    }),
    missing: t.field({
      type: ['Period'],
      description: 'The periods between the dates of which no value is known.',
      resolve: ({ missing }) => missing.map(({ text }) => text),
    }),
  }),
});

const metric = { type: Metric, required: true, defaultValue: 'DELIVERIES', description: 'What is counted.' } as const;
const period = { type: 'Period', required: true, description: 'The span of days.' } as const;
const within = { description: 'The slug of the market that a share is of.' } as const;
const asOf = {
  type: 'DateTime',
  description: 'What was known at that instant; what is known now if not given.',
} as const;
const granularity = {
  type: Granularity,
  required: true,
  defaultValue: 'MONTH',
  description: 'The length of the periods.',
} as const;
const from = {
  type: 'PartialDate',
  description: 'The first date; from the first that anything is known of if not given.',
} as const;
const to = {
  type: 'PartialDate',
  description: 'The last date; to the last that anything is known of if not given.',
} as const;

builder.prismaInterfaceFields(Subject, (t) => ({
  observation: t.field({
    type: Observation,
    nullable: true,
    description: 'What is known of a period; null where nothing is.',
    args: { metric: t.arg(metric), period: t.arg(period), within: t.arg.string(within), asOf: t.arg(asOf) },
    complexity: 5,
    resolve: async ({ id }, args, context) => {
      const withinId = await findMarketId(context.db, args.within);
      const asked = requirePeriod(args.period);
      if (withinId === undefined) return null;
      const ledger = await loadLedger(context, id, { metric: args.metric, withinId, asOf: args.asOf ?? null });
      return ledger === null ? null : deriveObservation(ledger, asked);
    },
  }),
  cumulative: t.field({
    type: Observation,
    nullable: true,
    description: 'The value from the start to a day; null where nothing is known.',
    args: {
      metric: t.arg(metric),
      on: t.arg({ type: 'Date', description: 'The day; the newest that is known of if not given.' }),
      asOf: t.arg(asOf),
    },
    complexity: 5,
    resolve: async ({ id }, args, context) => {
      const ledger = await loadLedger(context, id, { metric: args.metric, withinId: null, asOf: args.asOf ?? null });
      return ledger === null ? null : cumulativeOf(ledger, args.on);
    },
  }),
  series: t.field({
    type: Series,
    description: 'What is known, period by period.',
    args: {
      metric: t.arg(metric),
      granularity: t.arg(granularity),
      from: t.arg(from),
      to: t.arg(to),
      asOf: t.arg(asOf),
    },
    complexity: 5,
    resolve: async ({ id }, args, context) => {
      const ledger = await loadLedger(context, id, { metric: args.metric, withinId: null, asOf: args.asOf ?? null });
      return seriesOf(ledger as NonNullable<typeof ledger>, args.granularity, args.from, args.to);
    },
  }),
}));

builder.queryFields((t) => ({
  observation: t.field({
    type: Observation,
    nullable: true,
    description:
      'What is known of a subject, a metric and a period; null where nothing is, or for a slug that is not there.',
    args: {
      subject: t.arg.string({ required: true, description: 'The slug of the subject.' }),
      metric: t.arg(metric),
      period: t.arg(period),
      within: t.arg.string(within),
      asOf: t.arg(asOf),
    },
    complexity: 5,
    resolve: async (_root, args, context) => {
      const asked = requirePeriod(args.period);
      const subject = await context.db.subject.findUnique({ where: { slug: args.subject }, select: { id: true } });
      const withinId = await findMarketId(context.db, args.within);
      if (subject === null || withinId === undefined) return null;
      const ledger = await loadLedger(context, subject.id, { metric: args.metric, withinId, asOf: args.asOf ?? null });
      return ledger === null ? null : deriveObservation(ledger, asked);
    },
  }),
  series: t.field({
    type: [Series],
    description: 'What is known of subjects, period by period, in the order of the slugs.',
    args: {
      subjects: t.arg.stringList({ required: true, description: 'The slugs of the subjects, at most 100.' }),
      metric: t.arg(metric),
      granularity: t.arg(granularity),
      from: t.arg(from),
      to: t.arg(to),
      asOf: t.arg(asOf),
    },
    complexity: ({ subjects }) => ({ field: 5, multiplier: subjects.length }),
    resolve: async (_root, args, context) => {
      const subjects = await resolveSubjectsInOrder(context.db, args.subjects);
      const scope = { metric: args.metric, withinId: null, asOf: args.asOf ?? null };
      const ledgers = await Promise.all(subjects.map(({ id }) => loadLedger(context, id, scope)));
      return ledgers.map((ledger) =>
        seriesOf(ledger as NonNullable<typeof ledger>, args.granularity, args.from, args.to),
      );
    },
  }),
}));

function slotOf({ ledger, period: { text } }: Observed) {
  return { subjectId: ledger.subjectId, metric: ledger.metric, period: text, withinId: ledger.withinId };
}
