import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';
import { OBSERVED } from '../api/observation.ts';

const MAKER = graphql(`
  fragment Maker on Subject @_unmask {
    id
    slug
    name
    nameZh
    kind
    ... on Brand { parent { id } }
    ... on Company { group: parent { id } }
  }
`);

/** Who has numbers of a year, largest first, and who has none; the newest month that most have reported, and the first of all. */
export const MAKERS = graphql(
  `
  query TableMakers($year: Period!, $asOf: DateTime) {
    leaderboard(
      metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL]
      kinds: [BRAND, COMPANY, ALLIANCE]
      period: $year
      first: 100
      asOf: $asOf
    ) {
      entries { metric subject { ...Maker } observation { id value lower } }
      missing { ...Maker }
    }
    newest: leaderboard(
      metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL]
      kinds: [BRAND, COMPANY, ALLIANCE]
      withoutParts: true
      first: 1
      asOf: $asOf
    ) {
      period
    }
    figures(
      filter: { metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL], kinds: [BRAND, COMPANY, ALLIANCE] }
      orderBy: PERIOD_ASC
      first: 1
      asOf: $asOf
    ) {
      nodes { id period }
    }
  }
`,
  [MAKER],
);

/** The months of makers, of each the first metric that it has, and what they add up to. */
export const MONTHS = graphql(
  `
  query MonthlyTable($subjects: [String!]!, $from: PartialDate!, $to: PartialDate!, $toDate: Period!, $asOf: DateTime) {
    series(subjects: $subjects, metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL], from: $from, to: $to, asOf: $asOf) {
      subject {
        id
        slug
        total: observation(period: $toDate, metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL], asOf: $asOf) {
          ...Observed
          metric
          change(over: YEAR_AGO, metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL]) { percent acrossBreak }
        }
      }
      observations { ...Observed metric }
    }
  }
`,
  [OBSERVED],
);

export type Makers = ResultOf<typeof MAKERS>;
export type Board = Makers['leaderboard'];
export type Maker = Board['missing'][number];
export type MonthsOfMaker = ResultOf<typeof MONTHS>['series'][number];
export type Month = MonthsOfMaker['observations'][number];
export type Total = NonNullable<MonthsOfMaker['subject']['total']>;
