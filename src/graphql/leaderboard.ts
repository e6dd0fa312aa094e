import { type LeaderboardOf, type OverlapOf, type RankedEntry, readLeaderboard } from '../domain/leaderboard.ts';
import { requirePeriod } from '../domain/observation-query.ts';
import { builder } from './builder.ts';
import { Metric, SubjectKind } from './enums.ts';
import { Subject } from './node.ts';
import { Observation } from './observation.ts';

const LeaderboardEntry = builder.objectRef<RankedEntry>('LeaderboardEntry').implement({
  description: 'A place on a leaderboard.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      description: '1 for the most; equal values share a rank, and the next rank is skipped.',
    }),
    subject: t.prismaField({
      type: Subject,
      description: 'Who stands there.',
      resolve: (query, { subjectId }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: subjectId } }),
    }),
    observation: t.expose('observation', { type: Observation, description: 'The value, and why.' }),
    share: t.exposeFloat('share', {
      nullable: true,
      description:
        'The part of the sum of all that have a value, 0 to 1; of what stands inside another only the other is in the sum.',
    }),
    previousRank: t.exposeInt('previousRank', {
      nullable: true,
      description: 'The rank in the period before; null where there was no value.',
    }),
  }),
});

const Overlap = builder.objectRef<OverlapOf>('Overlap').implement({
  description: 'A subject whose vehicles another one on the board counts as well: never add both.',
  fields: (t) => ({
    part: t.prismaField({
      type: Subject,
      description: 'The part, such as a brand.',
      resolve: (query, { partId }, _args, { db }) => db.subject.findUniqueOrThrow({ ...query, where: { id: partId } }),
    }),
    whole: t.prismaField({
      type: Subject,
      description: 'What it is a part of, such as its alliance or company.',
      resolve: (query, { wholeId }, _args, { db }) =>
        db.subject.findUniqueOrThrow({ ...query, where: { id: wholeId } }),
    }),
  }),
});

const Leaderboard = builder.objectRef<LeaderboardOf>('Leaderboard').implement({
  description: 'Who did how much in a period, the most first.',
  fields: (t) => ({
    metric: t.expose('metric', { type: Metric, description: 'What is counted.' }),
    period: t.field({ type: 'Period', description: 'The span of days.', resolve: ({ period }) => period.text }),
    entries: t.field({
      type: [LeaderboardEntry],
      description: 'The places, the first first.',
      resolve: ({ entries }) => [...entries],
    }),
    overlaps: t.field({
      type: [Overlap],
      description: 'Who on the board stands inside whom.',
      resolve: ({ overlaps }) => [...overlaps],
    }),
  }),
});

builder.queryField('leaderboard', (t) =>
  t.field({
    type: Leaderboard,
    description: 'Ranks all subjects of the kinds that have a value. Kinds can be mixed; overlaps are named.',
    args: {
      metric: t.arg({ type: Metric, required: true, defaultValue: 'DELIVERIES', description: 'What is counted.' }),
      period: t.arg({ type: 'Period', required: true, description: 'The span of days.' }),
      kinds: t.arg({
        type: [SubjectKind],
        required: true,
        defaultValue: ['BRAND'],
        description: 'Which kinds of subjects.',
      }),
      first: t.arg.int({ defaultValue: 20, description: 'How many places at most, 1 to 100.' }),
      asOf: t.arg({ type: 'DateTime', description: 'What was known at that instant; what is known now if not given.' }),
    },
    complexity: ({ first }) => ({ field: 50, multiplier: first ?? 20 }),
    resolve: (_root, { metric, period, kinds, first, asOf }, { db }) =>
      readLeaderboard(db, { metric, period: requirePeriod(period), kinds, first: first ?? 20, asOf: asOf ?? null }),
  }),
);
