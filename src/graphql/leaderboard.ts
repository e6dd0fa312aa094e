import {
  type LeaderboardData,
  type OverlapData,
  type RankedEntry,
  readLeaderboard,
} from '../domain/boards/leaderboard.ts';
import { type Population, readPopulation } from '../domain/boards/population.ts';
import { requirePeriod } from '../domain/boards/series.ts';
import { AS_OF, METRIC, PERIOD } from './arguments.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { Metric, SubjectKind } from './enums.ts';
import { Subject } from './node.ts';
import { Observation } from './observation.ts';

const LeaderboardEntry = builder.objectRef<RankedEntry>('LeaderboardEntry').implement({
  description: 'A subject on a leaderboard, with its rank.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      description: 'The rank: 1 for the highest value. Equal values share a rank, as in 1, 2, 2, 4.',
    }),
    subject: t.prismaField({
      type: Subject,
      description: 'The subject with this rank.',
      resolve: (query, { subjectId }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: subjectId } }),
    }),
    observation: t.expose('observation', {
      type: Observation,
      description: 'The observation by which the subject is ranked. If it has no value, its lower bound is used.',
    }),
    share: t.exposeFloat('share', {
      nullable: true,
      description:
        'The share of the sum of all ranked subjects, 0 to 1. A subject that is part of another ranked one is not added to the sum again. A whole smaller than its largest part counts by that part. Null if the sum is 0.',
    }),
    previousRank: t.exposeInt('previousRank', {
      nullable: true,
      description: 'The rank in the period before. Null if the subject was not ranked then.',
    }),
  }),
});

const Overlap = builder.objectRef<OverlapData>('Overlap').implement({
  description:
    'A part and a whole on the same leaderboard. The whole already includes the part, so their values must not be added.',
  fields: (t) => ({
    part: t.prismaField({
      type: Subject,
      description: 'The part, such as a brand.',
      resolve: (query, { partId }, _args, { db }) => db.subject.findUniqueOrThrow({ ...query, where: { id: partId } }),
    }),
    whole: t.prismaField({
      type: Subject,
      description: 'The whole that includes the part, such as its alliance or company.',
      resolve: (query, { wholeId }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: wholeId } }),
    }),
  }),
});

const Leaderboard = builder.objectRef<LeaderboardData>('Leaderboard').implement({
  description: 'Subjects ranked by a metric in a period, highest value first.',
  fields: (t) => ({
    metric: t.expose('metric', { type: Metric, description: 'What is counted.' }),
    period: t.field({ type: 'Period', description: 'The span of days.', resolve: ({ period }) => period.text }),
    entries: t.field({
      type: [LeaderboardEntry],
      description: 'The ranked subjects, rank 1 first.',
      resolve: ({ entries }) => [...entries],
    }),
    overlaps: t.field({
      type: [Overlap],
      description: 'The listed subjects that are part of another listed subject.',
      resolve: ({ overlaps }) => [...overlaps],
    }),
    total: t.exposeFloat('total', {
      nullable: true,
      description:
        'The sum over all ranked subjects, also beyond the first, in the unit of the metric. A subject that is part of another ranked one is not added again. A whole smaller than its largest part counts by that part.',
    }),
    ofPopulation: t.int({
      description:
        'The number of subjects of these kinds that have ever had a value in the metric, in this period or not.',
      resolve: async (board, _args, context) => (await loadPopulation(context, board)).size,
    }),
    missing: t.prismaField({
      type: [Subject],
      description:
        'Those of them of whom nothing is known in this period, at most 100: they have not reported, or, with `asOf`, nothing was known of it then.',
      resolve: async (query, board, _args, context) => {
        const { missingIds } = await loadPopulation(context, board);
        return context.db.subject.findMany({
          ...query,
          where: { id: { in: [...missingIds] } },
          orderBy: { id: 'asc' },
        });
      },
    }),
  }),
});

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
      'Ranks all subjects of these kinds that have a value in the period. If kinds are mixed, one subject can be part of another: see `overlaps`.',
    args: {
      metric: t.arg(METRIC),
      period: t.arg(PERIOD),
      kinds: t.arg({
        type: [SubjectKind],
        required: true,
        defaultValue: ['BRAND'],
        description: 'The kinds of subjects to rank.',
      }),
      first: t.arg.int({
        defaultValue: 20,
        description: 'The largest number of subjects to list, 1 to 100. Error BAD_USER_INPUT outside this range.',
      }),
      asOf: t.arg(AS_OF),
    },
    complexity: ({ first }) => ({ field: 50, multiplier: first ?? 20 }),
    resolve: (_root, { metric, period, kinds, first, asOf }, { db }) =>
      readLeaderboard(db, { metric, period: requirePeriod(period), kinds, first: first ?? 20, asOf: asOf ?? null }),
  }),
);
