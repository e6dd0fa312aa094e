import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';
import { OBSERVED } from '../api/observation.ts';

const MONTHS = graphql(
  `
  fragment Months on Subject @_unmask {
    series(metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL], asOf: $asOf) {
      observations { ...Observed metric periodStart periodEnd }
    }
  }
`,
  [OBSERVED],
);

/** The members of an alliance, and the months of the whole and of each. */
export const ALLIANCE = graphql(
  `
  query AllianceMembers($slug: String!, $asOf: DateTime) {
    alliance(slug: $slug) {
      id
      ...Months
      members(asOf: $asOf) {
        id
        joinedOn
        leftOn
        source { id title url publisher { id name } }
        company { id slug kind name nameZh }
        brand {
          id
          slug
          kind
          name
          nameZh
          latest(asOf: $asOf) { ...Observed metric }
          ...Months
        }
      }
    }
  }
`,
  [OBSERVED, MONTHS],
);

const TOTAL = graphql(
  `
  fragment Total on AllianceTotal @_unmask {
    basis
    membersWithData
    memberCount
    missing
    parts { ...Observed metric subject { id slug kind name nameZh } }
  }
`,
  [OBSERVED],
);

/** What an alliance announced for a period, and what its members add up to, on both bases. */
export const TOTALS = graphql(
  `
  query AllianceTotals($slug: String!, $metric: Metric!, $period: Period!, $asOf: DateTime) {
    alliance(slug: $slug) {
      id
      observation(metric: $metric, period: $period, asOf: $asOf) { ...Observed metric }
      asMembers: total(metric: $metric, period: $period, basis: AS_MEMBERS, asOf: $asOf) { ...Total }
      fullHistory: total(metric: $metric, period: $period, basis: FULL_HISTORY, asOf: $asOf) { ...Total }
    }
  }
`,
  [OBSERVED, TOTAL],
);

export type Alliance = NonNullable<ResultOf<typeof ALLIANCE>['alliance']>;
export type Month = Alliance['series']['observations'][number];
export type Member = Alliance['members'][number];
export type Total = ResultOf<typeof TOTAL>;
