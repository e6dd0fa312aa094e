import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Subject as SubjectRow } from '../database/generated/client.ts';
import { readRows } from '../database/read-rows.ts';
import { requireBegun, requireMarket } from '../domain/boards/board-input.ts';
import { findLatestPeriod } from '../domain/boards/latest-period.ts';
import { type LeaderboardData, readLeaderboard } from '../domain/boards/leaderboard.ts';
import { askedMetrics } from '../domain/boards/metric-choice.ts';
import { type Population, readPopulation } from '../domain/boards/population.ts';
import { AS_OF, METRIC, METRICS } from './arguments.ts';
import { askedDetails } from './asked-details.ts';
import { askedFields } from './asked-fields.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { COST_OF_RANKING, costOfBoard } from './costs.ts';
import { Metric, SubjectKind } from './enums.ts';
import { LeaderboardEntry, Overlap } from './leaderboard-entry.ts';
import { Subject } from './node.ts';

/** The fields that depend on who is part of whom. */
const PARTS = ['total', 'share', 'overlaps'] as const;

/** A board with the rows of its subjects, if they are asked for. */
interface ShownBoard extends LeaderboardData {
  readonly subjects?: ReadonlyMap<number, SubjectRow>;
}

const Leaderboard = builder.objectRef<ShownBoard>('Leaderboard').implement({
  description: 'Subjects ranked by a metric in a period, highest value first.',
  fields: (t) => ({
    metric: t.field({
      type: Metric,
      description: 'What is counted. Of several metrics the first one; each entry names its own.',
      resolve: ({ metrics }) => metrics[0],
    }),
    period: t.field({ type: 'Period', description: 'The span of days.', resolve: ({ period }) => period.text }),
    latestPeriod: t.field({
      type: 'Period',
      nullable: true,
      description:
        'The newest month that at least half of the subjects have reported of whom there is a value, or a claim with a lower bound, of any of the 24 months to the newest one. The newest one itself if no month is that complete. Where nobody has reported a month, as of yearly shares, it is the newest such period of another length. Periods that have not begun do not count. Null if nobody has reported anything.',
      complexity: COST_OF_RANKING,
      resolve: async (board, _args, { db }) => {
        const { found = await findLatestPeriod(db, board, board.histories) } = board;
        return found?.text ?? null;
      },
    }),
    entries: t.field({
      type: [LeaderboardEntry],
      description: 'The ranked subjects, rank 1 first.',
      resolve: ({ entries, subjects }) =>
        entries.map((entry) => ({ ...entry, subject: subjects?.get(entry.subjectId) })),
    }),
    overlaps: t.field({
      type: [Overlap],
      description:
        'The listed subjects that are part of another listed subject. With `withoutParts`: the brands that are members of a listed alliance and belong to a listed company as well, once with each of them.',
      resolve: ({ overlaps }) => [...overlaps],
    }),
    total: t.exposeFloat('total', {
      nullable: true,
      description:
        'The sum over all ranked subjects, also beyond the first, in the unit of the metric, with each vehicle once: a subject that is part of another ranked one is not added again, and the vehicles of a brand that a company and an alliance both count are taken out of the smaller one, as far as their number is known. A company whose known brands are all members of a ranked alliance that is at least as large adds nothing. A whole smaller than its largest part counts by that part. Null for what does not add up: percentages, and everything within a market.',
    }),
    ofPopulation: t.int({
      description:
        'The number of subjects of these kinds that have ever had a value in one of the metrics, in this period or not. With `withoutParts`: those that are ranked and those in `missing`.',
      resolve: async (board, _args, context) => (await loadPopulation(context, board)).size,
    }),
    missing: t.prismaField({
      type: [Subject],
      description:
        'Those of them of whom nothing is known in this period, at most 100: they have not reported, or, with `asOf`, nothing was known of it then. With `withoutParts`, parts of a ranked or missing one are left out here as well.',
      resolve: async (query, board, _args, context) => {
        const { missingIds } = await loadPopulation(context, board);
        const where = { id: { in: [...missingIds] } };
        return [...(await readRows(context.db, 'Subject', { ...query, where, orderBy: { id: 'asc' } }))];
      },
    }),
  }),
});

async function readSubjectsOf(
  db: Context['db'],
  { entries }: LeaderboardData,
  query: object,
): Promise<ReadonlyMap<number, SubjectRow>> {
  const ids = entries.map(({ subjectId }) => subjectId);
  const found = await readRows(db, 'Subject', { ...query, where: { id: { in: ids } } });
  return new Map(found.map((subject) => [subject.id, subject]));
}

const populations = new WeakMap<LeaderboardData, Promise<Population>>();

/** Read once, for all fields of a board that need it. */
function loadPopulation({ db }: Context, board: LeaderboardData): Promise<Population> {
  const known = populations.get(board) ?? readPopulation(db, board);
  populations.set(board, known);
  return known;
}

builder.queryField('leaderboard', (t) =>
  t.field({
    type: Leaderboard,
    description:
      'Ranks all subjects of these kinds that have a value in the period. If kinds are mixed, one subject can be part of another: see `overlaps`, or ask `withoutParts`.',
    args: {
      metric: t.arg(METRIC),
      metrics: t.arg(METRICS),
      period: t.arg({
        type: 'Period',
        description:
          'The span of days. Null: the newest one that at least half of the subjects have reported, see `Leaderboard.latestPeriod`; where nobody has reported anything, the last month that has ended, with an empty board. A period that has begun and not ended is ranked by what is known so far. Error BAD_USER_INPUT if the text is not a period, and for one that has not begun.',
      }),
      kinds: t.arg({
        type: [SubjectKind],
        required: true,
        defaultValue: ['BRAND'],
        description: 'The kinds of subjects to rank.',
      }),
      withoutParts: t.arg.boolean({
        defaultValue: false,
        description:
          'Whether to count each vehicle once. Then a subject that is part of another ranked one is left out, over any number of steps. So is a company whose known brands are all members of a ranked alliance that is at least as large; a larger one is ranked beside it, and `overlaps` names the brands. A whole of which nothing more is known than of its parts is left out instead of them.',
      }),
      within: t.arg.string({
        description:
          'The slug of the market that market shares refer to, and without which MARKET_SHARE is refused. Of other metrics only what was said of this market is ranked, such as the charging stations in a country, so that most boards are empty. Null: values without a market. Error BAD_USER_INPUT for an unknown slug, and for that of another kind of subject.',
      }),
      first: t.arg.int({
        defaultValue: 20,
        description: 'The largest number of subjects to list, 1 to 100. Error BAD_USER_INPUT outside this range.',
      }),
      asOf: t.arg(AS_OF),
    },
    // Who is part of whom, and which month is the newest, are further rankings.
    complexity: ({ metric, metrics, period, kinds, withoutParts, asOf }) =>
      costOfBoard({ metric, metrics, period, asOf }) +
      COST_OF_RANKING * ((kinds.length > 1 || withoutParts === true ? 4 : 0) + (period == null ? 1 : 0)),
    extensions: { itemsBelow: ({ first }: { readonly first?: number | null }) => ({ entries: first ?? 20 }) },
    resolve: async (_root, sent, context, info) => {
      const { metric, metrics: several, period, within, withoutParts, first, ...args } = sent;
      const { db } = context;
      const metrics = askedMetrics(metric, several);
      const asked = askedFields(info);
      const board = await readLeaderboard(db, {
        metrics,
        period: period == null ? null : requireBegun(period),
        kinds: args.kinds,
        withinId: await requireMarket(db, within, metrics),
        withoutParts: withoutParts ?? false,
        first: first ?? 20,
        asOf: args.asOf ?? null,
        asked: {
          parts: PARTS.some((name) => asked.has(name)),
          bounds: asked.has('rankLower') || asked.has('rankUpper'),
          previousRank: asked.has('previousRank'),
          yearAgoRank: asked.has('yearAgoRank'),
          missing: asked.has('missing') || asked.has('ofPopulation'),
          details: askedDetails(info),
        },
      });
      if (!asked.has('subject')) return board;
      const query = await queryFromInfo({ context, info, path: ['entries', 'subject'], awaitSelections: true });
      return { ...board, subjects: await readSubjectsOf(db, board, query) };
    },
  }),
);
