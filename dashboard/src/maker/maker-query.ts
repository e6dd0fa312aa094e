import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';
import { OBSERVED } from '../api/observation.ts';
import { AIMED } from '../parts/target-query.ts';

const LINKED = graphql(`
  fragment Linked on Subject @_unmask {
    id
    slug
    kind
    name
    nameZh
  }
`);

const REACHED = graphql(
  `
  fragment Reached on Milestone @_unmask {
    id
    kind
    metric
    threshold
    status
    reachedOn
    window
    title
    elapsed { since sinceWhat months days totalDays totalDaysMin totalDaysMax stated }
    model { ...Linked }
    plant { ...Linked }
    claims { source { id title url publisher { id name } } }
  }
`,
  [LINKED],
);

const ITS_TARGETS = graphql(
  `
  fragment ItsTargets on Subject @_unmask {
    targets(currentOnly: true, first: 20, asOf: $asOf) { nodes { ...Aimed } }
  }
`,
  [AIMED],
);

/** What is known of a maker, an alliance, or anything else with numbers, besides its numbers. */
export const MAKER = graphql(
  `
  query Maker($slug: String!, $asOf: DateTime) {
    subject(slug: $slug) {
      __typename
      ...Linked
      aliases
      headlineMetric(asOf: $asOf)
      metrics(asOf: $asOf) { metric claims }
      milestones(first: 100, asOf: $asOf) { nodes { ...Reached } }
      figures(first: 100, orderBy: PUBLISHED_DESC, asOf: $asOf) {
        totalCount
        nodes { id source { id title url publishedOn publisher { id name tier } } }
      }
      ... on Brand {
        launchedOn
        firstDeliveryOn
        parent { ...Linked }
        memberships(asOf: $asOf) { id joinedOn leftOn alliance { ...Linked } }
        models(first: 50) { nodes { ...Linked } }
      }
      ... on Company {
        parent { ...Linked }
        brands { ...Linked }
        plants { ...Linked }
      }
      ... on Alliance { leader { ...Linked } }
      ... on Model { brand { ...Linked } launchedOn }
      ... on Plant { operator { ...Linked } city }
    }
  }
`,
  [LINKED, REACHED],
);

/** What a maker aims at, and its company and its brands. */
export const AIMS = graphql(
  `
  query MakerTargets($slug: String!, $asOf: DateTime) {
    subject(slug: $slug) {
      __typename
      ...Linked
      ...ItsTargets
      ... on Brand { parent { ...Linked ...ItsTargets } }
      ... on Company {
        parent { ...Linked ...ItsTargets }
        brands { ...Linked ...ItsTargets }
      }
    }
  }
`,
  [LINKED, ITS_TARGETS],
);

/** The newest numbers of a maker in one metric. */
export const NUMBERS = graphql(
  `
  query MakerNumbers($slug: String!, $metric: Metric!, $asOf: DateTime) {
    subject(slug: $slug) {
      id
      latest(metric: $metric, asOf: $asOf) {
        ...Observed
        monthBefore: change(over: PREVIOUS) { percent }
        yearBefore: change(over: YEAR_AGO) { percent acrossBreak }
      }
      yearToDate: latest(metric: $metric, granularity: YEAR_TO_DATE, asOf: $asOf) {
        ...Observed
        periodEnd
        yearBefore: change(over: YEAR_AGO) { percent acrossBreak }
      }
      cumulative(metric: $metric, asOf: $asOf) { ...Observed periodEnd }
      nextMilestone(metric: $metric, asOf: $asOf) { threshold earliest latest method }
      curve(metric: $metric, asOf: $asOf) { points { on value lower upper } }
    }
  }
`,
  [OBSERVED],
);

const PLACES = graphql(`
  fragment Places on Leaderboard @_unmask {
    period
    entries { rank previousRank metric subject { id } }
  }
`);

/** Who stands where in the newest month: among all makers, and among the brands. A query of its own, because as of a day it takes longest. */
export const RANKS = graphql(
  `
  query MakerRanks($asOf: DateTime) {
    all: leaderboard(
      metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL]
      kinds: [BRAND, COMPANY, ALLIANCE]
      withoutParts: true
      first: 100
      asOf: $asOf
    ) { ...Places }
    brands: leaderboard(metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL], kinds: [BRAND], first: 100, asOf: $asOf) { ...Places }
  }
`,
  [PLACES],
);

/** The numbers of a maker period by period. */
export const SERIES = graphql(
  `
  query MakerSeries($slug: String!, $metric: Metric!, $granularity: Granularity!, $asOf: DateTime) {
    subject(slug: $slug) {
      id
      series(metric: $metric, granularity: $granularity, asOf: $asOf) {
        missing
        observations {
          ...Observed
          periodStart
          periodEnd
          before: change(over: PREVIOUS) { percent }
          yearBefore: change(over: YEAR_AGO) { percent acrossBreak }
        }
      }
    }
  }
`,
  [OBSERVED],
);

/** The newest subjects whose names are near to a text. */
export const NEAREST = graphql(`query Nearest($text: String!) { search(query: $text, first: 5) { ...Linked } }`, [
  LINKED,
]);

export type Maker = NonNullable<ResultOf<typeof MAKER>['subject']>;
export type Aims = NonNullable<ResultOf<typeof AIMS>['subject']>;
export type Numbers = ResultOf<typeof NUMBERS>;
export type Ranks = ResultOf<typeof RANKS>;
export type Reached = ResultOf<typeof REACHED>;
export type Linked = ResultOf<typeof LINKED>;
export type SeriesPoint = NonNullable<ResultOf<typeof SERIES>['subject']>['series']['observations'][number];
