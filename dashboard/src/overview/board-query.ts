import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';
import { OBSERVED } from '../api/observation.ts';

/** A month's board: of each maker the first metric that it has, and each vehicle once. */
export const BOARD = graphql(
  `
  query Board($period: Period, $asOf: DateTime) {
    leaderboard(
      metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL]
      kinds: [BRAND, COMPANY, ALLIANCE]
      withoutParts: true
      period: $period
      first: 50
      asOf: $asOf
    ) {
      period
      latestPeriod
      total
      ofPopulation
      missing { id slug kind name nameZh }
      entries {
        rank
        previousRank
        share
        metric
        subject { id slug kind name nameZh }
        observation {
          ...Observed
          monthBefore: change(over: PREVIOUS) { percent }
          yearBefore: change(over: YEAR_AGO) { percent acrossBreak }
        }
      }
    }
  }
`,
  [OBSERVED],
);

export type Board = ResultOf<typeof BOARD>['leaderboard'];
export type Entry = Board['entries'][number];
