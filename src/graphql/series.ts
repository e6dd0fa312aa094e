import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Subject as SubjectRow } from '../database/generated/client.ts';
import { askedMetrics } from '../domain/boards/metric-choice.ts';
import { rangeOf, requireDay, requirePeriod, type SubjectSeries } from '../domain/boards/series.ts';
import { findSubjectId, resolveSubjectsInOrder } from '../domain/catalog/subjects.ts';
import { unitOf } from '../domain/values/metric.ts';
import { type SeriesGranularity, toDate } from '../domain/values/period.ts';
import { AS_OF, METRIC, METRICS, PERIOD } from './arguments.ts';
import { askedDetails } from './asked-details.ts';
import { askedChanges } from './asked-fields.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { type AskedValue, COST_OF_LOOKUP, periodsIn, workedOut } from './costs.ts';
import { Granularity, Metric, Unit } from './enums.ts';
import { loadFirstKnown, loadSeries } from './first-known.ts';
import { hinted } from './hints.ts';
import { loadLatestTotal, loadObservation } from './histories.ts';
import type { AskedOfSeries } from './kept-series.ts';
import { Subject } from './node.ts';
import { Observation } from './observation.ts';

/** A series with the row of its subject. */
interface ShownSeries extends SubjectSeries {
  readonly subject: SubjectRow;
}

const Series = builder.objectRef<ShownSeries>('Series').implement({
  description: 'The observations of one subject, period by period.',
  fields: (t) => ({
    subject: t.expose('subject', { type: Subject, description: 'The subject of the values.' }),
    metric: t.expose('metric', {
      type: Metric,
      description: 'What is counted. Of several metrics the first one; each observation names its own.',
    }),
    unit: t.field({
      type: Unit,
      description: 'The unit of the values.',
      resolve: ({ metric }) => unitOf(metric),
    }),
    granularity: t.expose('granularity', { type: Granularity, description: 'The length of the periods.' }),
    observations: t.field({
      type: [Observation],
      description: 'The observations of the periods of which a value or at least a part is known, oldest period first.',
      resolve: ({ observations }) => [...observations],
    }),
    missing: t.field({
      type: ['Period'],
      description: 'The periods between the two dates whose values are not known.',
      resolve: ({ missing }) => missing.map(({ text }) => text),
    }),
  }),
});

const within = {
  description:
    'The slug of the market that a market share refers to. Null: values without a market. The field is null for an unknown slug.',
} as const;
const granularity = {
  type: Granularity,
  required: true,
  defaultValue: 'MONTH',
  description: 'The length of the periods.',
} as const;
const from = {
  type: 'PartialDate',
  description:
    'The first date. Null: from the first period for which something is known. Error BAD_USER_INPUT if the text is not a date.',
} as const;
const to = {
  type: 'PartialDate',
  description:
    'The last date. Null: to the last period for which something is known. Error BAD_USER_INPUT if the text is not a date.',
} as const;

interface AskedValues extends AskedValue {
  readonly subjects?: readonly string[];
  readonly granularity: SeriesGranularity;
  readonly from?: string | null;
  readonly to?: string | null;
}

/** What a value of a period costs, and the values of a series, whose number follows from its own arguments. */
const VALUE = {
  worksOut: ({ metric, metrics, period, asOf }: AskedValue) => workedOut(1, metrics ?? [metric], asOf, period),
};
const VALUES = {
  itemsBelow: ({ granularity, from, to }: AskedValues) => ({ observations: periodsIn(granularity, from, to) }),
  worksOut: ({ subjects, metric, metrics, granularity, asOf }: AskedValues) =>
    workedOut(subjects?.length ?? 1, metrics ?? [metric], asOf, granularity),
};

builder.prismaInterfaceFields(Subject, (t) => ({
  observation: t.field({
    type: Observation,
    nullable: true,
    description: 'The observation of a period. Null if nothing is known about it.',
    args: {
      metric: t.arg(METRIC),
      metrics: t.arg(METRICS),
      period: t.arg(PERIOD),
      within: t.arg.string(within),
      asOf: t.arg(AS_OF),
    },
    complexity: ({ metrics }) => COST_OF_LOOKUP * (metrics?.length ?? 1),
    extensions: VALUE,
    resolve: async ({ id }, args, context, info) => {
      const metrics = askedMetrics(args.metric, args.metrics);
      const asked = requirePeriod(args.period);
      const withinId = await findWithin(args.within, context, info);
      if (withinId === undefined) return null;
      return loadFirstKnown(context, { subjectId: id, metrics, withinId, asOf: args.asOf ?? null }, asked);
    },
  }),
  cumulative: t.field({
    type: Observation,
    nullable: true,
    description: 'The total from the start of counting to a day. Null if nothing is known about it.',
    args: {
      metric: t.arg(METRIC),
      on: t.arg({
        type: 'Date',
        description:
          'The day. Null: the last day for which a total is known. Error BAD_USER_INPUT if the text is not a day.',
      }),
      asOf: t.arg(AS_OF),
    },
    complexity: COST_OF_LOOKUP,
    extensions: VALUE,
    resolve: async ({ id }, args, context) => {
      const place = { subjectId: id, metric: args.metric, withinId: null, asOf: args.asOf ?? null };
      if (args.on == null) return loadLatestTotal(context, place);
      return loadObservation(context, place, toDate(requireDay(args.on, 'on')));
    },
  }),
  series: t.field({
    type: Series,
    description: 'The observations, period by period. Error BAD_USER_INPUT for more than 1,200 periods.',
    args: {
      metric: t.arg(METRIC),
      metrics: t.arg(METRICS),
      granularity: t.arg(granularity),
      from: t.arg(from),
      to: t.arg(to),
      asOf: t.arg(AS_OF),
    },
    complexity: ({ metrics }) => COST_OF_LOOKUP * (metrics?.length ?? 1),
    extensions: VALUES,
    resolve: async (subject, args, context, info) => {
      const metrics = askedMetrics(args.metric, args.metrics);
      const place = { subjectId: subject.id, metrics, withinId: null, asOf: args.asOf ?? null };
      const range = rangeOf(args.granularity, args.from, args.to);
      return { ...(await loadSeries(context, place, range, askedOfSeries(info))), subject };
    },
  }),
}));

builder.queryFields((t) => ({
  observation: t.field({
    type: Observation,
    nullable: true,
    description:
      "The observation of a subject, a metric and a period. Null if nothing is known about it, or for an unknown slug; for that the answer's extensions.didYouMean has slugs that may have been meant.",
    args: {
      subject: t.arg.string({ required: true, description: 'The slug of the subject, in any case.' }),
      metric: t.arg(METRIC),
      metrics: t.arg(METRICS),
      period: t.arg(PERIOD),
      within: t.arg.string(within),
      asOf: t.arg(AS_OF),
    },
    complexity: ({ metrics }) => COST_OF_LOOKUP * (metrics?.length ?? 1),
    extensions: VALUE,
    resolve: async (_root, args, context, info) => {
      const metrics = askedMetrics(args.metric, args.metrics);
      const asked = requirePeriod(args.period);
      const named = { slug: args.subject, kind: null };
      const subject = await hinted(findSubjectId(context.db, args.subject), 'subject', named, context, info);
      const withinId = await findWithin(args.within, context, info);
      if (subject === null || withinId === undefined) return null;
      return loadFirstKnown(context, { subjectId: subject, metrics, withinId, asOf: args.asOf ?? null }, asked);
    },
  }),
  series: t.field({
    type: [Series],
    description:
      'The observations of several subjects, period by period, in the order of the slugs. Error BAD_USER_INPUT for more than 1,200 periods.',
    args: {
      subjects: t.arg.stringList({
        required: true,
        description: 'The slugs of the subjects, at most 100. Error BAD_USER_INPUT for more, and for an unknown slug.',
      }),
      metric: t.arg(METRIC),
      metrics: t.arg(METRICS),
      granularity: t.arg(granularity),
      from: t.arg(from),
      to: t.arg(to),
      asOf: t.arg(AS_OF),
    },
    complexity: ({ subjects, metrics }) => ({
      field: COST_OF_LOOKUP * subjects.length * (metrics?.length ?? 1),
      multiplier: subjects.length,
    }),
    extensions: VALUES,
    resolve: async (_root, args, context, info) => {
      const query = await queryFromInfo({ context, info, path: ['subject'], awaitSelections: true });
      const subjects = await resolveSubjectsInOrder(context.db, args.subjects, query);
      const scope = { metrics: askedMetrics(args.metric, args.metrics), withinId: null, asOf: args.asOf ?? null };
      const range = rangeOf(args.granularity, args.from, args.to);
      const asked = askedOfSeries(info);
      return Promise.all(
        subjects.map(async (subject) => ({
          ...(await loadSeries(context, { subjectId: subject.id, ...scope }, range, asked)),
          subject,
        })),
      );
    },
  }),
}));

function askedOfSeries(info: GraphQLResolveInfo): AskedOfSeries {
  return { overs: askedChanges(info), details: askedDetails(info) };
}

/** The id of the market that a value is within; null without one, undefined for an unknown slug. */
async function findWithin(
  slug: string | null | undefined,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<number | null | undefined> {
  if (slug == null) return null;
  return (
    (await hinted(findSubjectId(context.db, slug), 'within', { slug, kind: 'MARKET' }, context, info)) ?? undefined
  );
}
