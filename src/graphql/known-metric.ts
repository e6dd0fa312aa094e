import DataLoader from 'dataloader';
import type { Metric as MetricName } from '../database/generated/client.ts';
import {
  type KnownMetric as Known,
  latestIn,
  readHeadlineMetrics,
  readKnownMetrics,
  readLatest,
} from '../domain/boards/known-metrics.ts';
import { readMetricsThen } from '../domain/boards/known-metrics-then.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import { groupBy } from '../domain/values/group.ts';
import type { SeriesGranularity } from '../domain/values/period.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { type AskedValue, COST_OF_LOOKUP, workedOut, workedOutAtAll } from './costs.ts';
import { Granularity, Metric } from './enums.ts';
import { loadHistory } from './histories.ts';
import { Subject } from './node.ts';
import { Observation } from './observation.ts';

interface Latest {
  readonly subjectId: number;
  readonly metric: MetricName;
  readonly granularity: SeriesGranularity;
}

/** What one operation asks of all its subjects is read together. */
interface Loaders {
  readonly known: DataLoader<number, readonly Known[]>;
  readonly headlines: DataLoader<number, MetricName | null>;
  readonly latest: DataLoader<Latest, Observed | null, string>;
  /** The first two as known at an instant. */
  readonly knownThen: (asOf: Date) => DataLoader<number, KnownThen>;
}

interface KnownThen {
  readonly metrics: readonly Known[];
  readonly headline: MetricName | null;
}

const AT_ALL = { worksOut: ({ asOf }: AskedValue) => workedOutAtAll(1, asOf) };

const KnownMetric = builder.objectRef<Known>('KnownMetric').implement({
  description:
    'What is known of a subject in one metric. An observation counts here if it has a value, or if there are claims about it.',
  fields: (t) => ({
    metric: t.expose('metric', { type: Metric, description: 'What is counted.' }),
    from: t.expose('from', {
      type: 'Period',
      description:
        'The known period that begins first, the shortest of several. A total to date only if there is no other.',
    }),
    to: t.expose('to', {
      type: 'Period',
      description: 'The known period that ends last, the shortest of several. A total to date only if it ends alone.',
    }),
    observations: t.exposeInt('observations', {
      description:
        'The number of observations that are kept: months, quarters, halves, years, totals to date, and every period with claims.',
    }),
    claims: t.exposeInt('claims', { description: 'The number of claims that are current, deprecated ones included.' }),
  }),
});

builder.prismaInterfaceFields(Subject, (t) => ({
  metrics: t.field({
    type: [KnownMetric],
    description: 'The metrics in which anything is known of the subject, in the order of their definition.',
    args: { asOf: t.arg(AS_OF) },
    complexity: { field: COST_OF_LOOKUP, multiplier: 5 },
    extensions: AT_ALL,
    resolve: async ({ id }, { asOf }, context) => {
      const { known, knownThen } = loadersOf(context);
      return [...(asOf == null ? await known.load(id) : (await knownThen(asOf).load(id)).metrics)];
    },
  }),
  headlineMetric: t.field({
    type: Metric,
    nullable: true,
    description:
      'The metric in which the subject is reported monthly: that with claims about the most of the 24 months to the newest known one, or with the most values if these are as many; then the first of DELIVERIES, SALES, WHOLESALE and RETAIL. Null if no month is known.',
    args: { asOf: t.arg(AS_OF) },
    complexity: COST_OF_LOOKUP,
    extensions: AT_ALL,
    resolve: ({ id }, { asOf }, context) => loadHeadline(context, id, asOf ?? null),
  }),
  latest: t.field({
    type: Observation,
    nullable: true,
    description:
      'The observation of the newest period of this length that has a value, or about which there are claims. Null if there is none.',
    args: {
      metric: t.arg({
        type: Metric,
        description: 'What is counted. Null: the `headlineMetric` of the subject, with `asOf` that of then.',
      }),
      granularity: t.arg({
        type: Granularity,
        required: true,
        defaultValue: 'MONTH',
        description: 'The length of the period.',
      }),
      asOf: t.arg(AS_OF),
    },
    complexity: COST_OF_LOOKUP,
    extensions: {
      worksOut: ({ metric, granularity, asOf }: AskedValue & { readonly granularity: SeriesGranularity }) =>
        metric == null ? workedOutAtAll(1, asOf) : workedOut(1, [metric], asOf, granularity),
    },
    resolve: async ({ id }, { metric, granularity, asOf }, context) => {
      const asked = metric ?? (await loadHeadline(context, id, asOf ?? null));
      return asked === null ? null : loadLatest(context, { subjectId: id, metric: asked, granularity }, asOf ?? null);
    },
  }),
}));

async function loadHeadline(context: Context, subjectId: number, asOf: Date | null): Promise<MetricName | null> {
  const { headlines, knownThen } = loadersOf(context);
  return asOf === null ? headlines.load(subjectId) : (await knownThen(asOf).load(subjectId)).headline;
}

async function loadLatest(context: Context, latest: Latest, asOf: Date | null): Promise<Observed | null> {
  const { subjectId, metric, granularity } = latest;
  const place = { subjectId, metric, withinId: null, asOf };
  // Weeks are kept only where there are claims about them, and years to date not at all.
  if (asOf !== null || granularity === 'WEEK' || granularity === 'YEAR_TO_DATE') {
    const history = await loadHistory(context, place);
    return history === null ? null : latestIn(history, granularity);
  }
  return loadersOf(context).latest.load(latest);
}

const loaders = new WeakMap<Context, Loaders>();

function loadersOf(context: Context): Loaders {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  const { db } = context;
  const byInstant = new Map<number, DataLoader<number, KnownThen>>();
  const fresh: Loaders = {
    knownThen: (asOf) => {
      const loader =
        byInstant.get(asOf.getTime()) ?? new DataLoader((ids: readonly number[]) => readThen(db, ids, asOf));
      byInstant.set(asOf.getTime(), loader);
      return loader;
    },
    known: new DataLoader(async (ids: readonly number[]) => {
      const bySubject = groupBy(await readKnownMetrics(db, ids), ({ subjectId }) => subjectId);
      return ids.map((id) => bySubject.get(id) ?? []);
    }),
    headlines: new DataLoader(async (ids: readonly number[]) => {
      const found = await readHeadlineMetrics(db, ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    latest: new DataLoader<Latest, Observed | null, string>(
      async (wanted) => {
        const found = await readLatest(db, wanted);
        const byKey = new Map(
          found.map((one) => [[one.place.subjectId, one.place.metric, one.period.kind].join('|'), one]),
        );
        return wanted.map((one) => byKey.get(keyOf(one)) ?? null);
      },
      { cacheKeyFn: keyOf },
    ),
  };
  loaders.set(context, fresh);
  return fresh;
}

async function readThen(db: Context['db'], ids: readonly number[], asOf: Date): Promise<readonly KnownThen[]> {
  const { metrics, headlines } = await readMetricsThen(db, ids, asOf);
  const bySubject = groupBy(metrics, ({ subjectId }) => subjectId);
  return ids.map((id) => ({ metrics: bySubject.get(id) ?? [], headline: headlines.get(id) ?? null }));
}

function keyOf({ subjectId, metric, granularity }: Latest): string {
  return [subjectId, metric, granularity].join('|');
}
