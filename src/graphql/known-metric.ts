import DataLoader from 'dataloader';
import type { Metric as MetricName } from '../database/generated/client.ts';
import {
  type KnownMetric as Known,
  latestIn,
  readHeadlineMetrics,
  readKnownMetrics,
  readLatestPeriods,
} from '../domain/boards/known-metrics.ts';
import { requirePeriod } from '../domain/boards/series.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import { groupBy } from '../domain/values/group.ts';
import type { SeriesGranularity } from '../domain/values/period.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { Granularity, Metric } from './enums.ts';
import { loadHistory, loadObservation } from './histories.ts';
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
  readonly periods: DataLoader<Latest, string | null, string>;
}

const KnownMetric = builder.objectRef<Known>('KnownMetric').implement({
  description:
    'What is known of a subject in one metric, now. An observation counts here if it has a value, or if there are claims about it.',
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
    description: 'The metrics in which anything is known of the subject now, in the order of their definition.',
    complexity: { field: 5, multiplier: 5 },
    resolve: async ({ id }, _args, context) => [...(await loadersOf(context).known.load(id))],
  }),
  headlineMetric: t.field({
    type: Metric,
    nullable: true,
    description:
      'The metric in which the subject is reported monthly: that with claims about the most of the 24 months to the newest known one, or with the most values if these are as many; then the first of DELIVERIES, SALES, WHOLESALE and RETAIL. Null if no month is known.',
    complexity: 5,
    resolve: ({ id }, _args, context) => loadersOf(context).headlines.load(id),
  }),
  latest: t.field({
    type: Observation,
    nullable: true,
    description:
      'The observation of the newest period of this length that has a value, or about which there are claims. Null if there is none.',
    args: {
      metric: t.arg({
        type: Metric,
        description: 'What is counted. Null: the present `headlineMetric` of the subject.',
      }),
      granularity: t.arg({
        type: Granularity,
        required: true,
        defaultValue: 'MONTH',
        description: 'The length of the period.',
      }),
      asOf: t.arg(AS_OF),
    },
    complexity: 5,
    resolve: async ({ id }, { metric, granularity, asOf }, context) => {
      const asked = metric ?? (await loadersOf(context).headlines.load(id));
      return asked === null ? null : loadLatest(context, { subjectId: id, metric: asked, granularity }, asOf ?? null);
    },
  }),
}));

async function loadLatest(context: Context, latest: Latest, asOf: Date | null): Promise<Observed | null> {
  const { subjectId, metric, granularity } = latest;
  const place = { subjectId, metric, withinId: null, asOf };
  // Weeks are kept only where there are claims about them, and years to date not at all.
  if (asOf !== null || granularity === 'WEEK' || granularity === 'YEAR_TO_DATE') {
    const history = await loadHistory(context, place);
    return history === null ? null : latestIn(history, granularity);
  }
  const period = await loadersOf(context).periods.load(latest);
  return period === null ? null : loadObservation(context, place, requirePeriod(period));
}

const loaders = new WeakMap<Context, Loaders>();

function loadersOf(context: Context): Loaders {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  const { db } = context;
  const fresh: Loaders = {
    known: new DataLoader(async (ids: readonly number[]) => {
      const bySubject = groupBy(await readKnownMetrics(db, ids), ({ subjectId }) => subjectId);
      return ids.map((id) => bySubject.get(id) ?? []);
    }),
    headlines: new DataLoader(async (ids: readonly number[]) => {
      const found = await readHeadlineMetrics(db, ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    periods: new DataLoader<Latest, string | null, string>(
      async (wanted) => {
        const found = new Map<string, string>();
        for (const [granularity, ofLength] of groupBy(wanted, (one) => one.granularity))
          for (const { period, ...one } of await readLatestPeriods(db, ofLength, granularity))
            found.set(keyOf({ ...one, granularity }), period);
        return wanted.map((one) => found.get(keyOf(one)) ?? null);
      },
      { cacheKeyFn: keyOf },
    ),
  };
  loaders.set(context, fresh);
  return fresh;
}

function keyOf({ subjectId, metric, granularity }: Latest): string {
  return [subjectId, metric, granularity].join('|');
}
