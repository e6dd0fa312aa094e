import type { Subject as SubjectRow } from '../database/generated/client.ts';
import type { OverlapData, RankedEntry } from '../domain/boards/leaderboard.ts';
import { breaksWithin } from '../domain/claims/breaks.ts';
import { present } from '../required.ts';
import { builder } from './builder.ts';
import { Metric } from './enums.ts';
import { loadBreaks } from './histories.ts';
import { Subject } from './node.ts';
import { Observation } from './observation.ts';

/** An entry with the row of its subject, if that is asked for. */
interface ShownEntry extends RankedEntry {
  readonly subject: SubjectRow | undefined;
}

export const LeaderboardEntry = builder.objectRef<ShownEntry>('LeaderboardEntry').implement({
  description: 'A subject on a leaderboard, with its rank.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      description: 'The rank: 1 for the highest value. Equal values share a rank, as in 1, 2, 2, 4.',
    }),
    subject: t.field({
      type: Subject,
      description: 'The subject with this rank.',
      resolve: ({ subject }) => present(subject),
    }),
    metric: t.field({
      type: Metric,
      description: 'What is counted of this subject: of the metrics that were asked for the first that it has.',
      resolve: ({ observation }) => observation.place.metric,
    }),
    comparable: t.boolean({
      description:
        'Whether the value counts the same as the board is about: it is in the metric of the board, its bounds are within a tenth of it, and no redefined series begins within the period (see `Figure.breaks`).',
      resolve: async ({ isComparable, observation }, _args, context) =>
        isComparable && breaksWithin(await loadBreaks(context, observation), observation.period).length === 0,
    }),
    rankLower: t.exposeInt('rankLower', {
      description:
        'The best rank that the bounds allow: only those count as higher whose lower bound is above the upper bound of this one. At most `rank`.',
    }),
    rankUpper: t.exposeInt('rankUpper', {
      description:
        'The worst rank that the bounds allow: all others count as higher whose upper bound is above the lower bound of this one. At least `rank`, and the same as `rankLower` if the rank is certain.',
    }),
    observation: t.expose('observation', {
      type: Observation,
      description: 'The observation by which the subject is ranked. If it has no value, its lower bound is used.',
    }),
    share: t.exposeFloat('share', {
      nullable: true,
      description: 'The share of the `total` of the board, 0 to 1. Null if the total is 0 or null.',
    }),
    previousRank: t.exposeInt('previousRank', {
      nullable: true,
      description:
        'The rank in the period before, among those of this board of whom in both periods there is a value, or a claim with a lower bound. Null if the subject is none of them: a bound that only follows from other periods or parts, as of a year with missing months, is not compared.',
    }),
    yearAgoRank: t.exposeInt('yearAgoRank', {
      nullable: true,
      description:
        'The rank in the same period a year before, among those of this board of whom in both periods there is a value, or a claim with a lower bound. Null if the subject is none of them: a bound that only follows from other periods or parts, as of a year with missing months, is not compared.',
    }),
  }),
});

export const Overlap = builder.objectRef<OverlapData>('Overlap').implement({
  description:
    'A part, and a whole on the same leaderboard that already includes it, so that their values must not be added.',
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
