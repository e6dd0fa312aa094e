import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';

/** A month's board: of each maker the first metric that it has, and each vehicle once. */
export const BOARD = graphql(`
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
      total
      ofPopulation
      missing { id slug name nameZh }
      entries {
        rank
        previousRank
        share
        metric
        subject { id slug name nameZh }
        observation {
          id
          period
          value
          lower
          upper
          qualifier
          method
          revised
          agreement
          contradictions { id }
          monthBefore: change(over: PREVIOUS) { percent }
          yearBefore: change(over: YEAR_AGO) { percent acrossBreak }
        }
      }
    }
  }
`);

export type Board = ResultOf<typeof BOARD>['leaderboard'];
export type Entry = Board['entries'][number];
