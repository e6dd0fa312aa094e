import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';
import { NUMBER, OBSERVED } from '../api/observation.ts';

const PICKED = graphql(`fragment Picked on Subject @_unmask { id slug name nameZh kind }`);

/** What is drawn of each maker, period by period. */
export const SERIES = graphql(
  `
  query Compare(
    $makers: [String!]!
    $metrics: [Metric!]!
    $by: Granularity!
    $from: PartialDate
    $to: PartialDate
    $asOf: DateTime
  ) {
    series(subjects: $makers, metrics: $metrics, granularity: $by, from: $from, to: $to, asOf: $asOf) {
      metric
      subject { ...Picked }
      observations {
        ...Number
        metric
        periodStart
        periodEnd
      }
    }
  }
`,
  [NUMBER, PICKED],
);

/** From whom the numbers are, also those that follow from others. It takes much longer than the numbers. */
export const SOURCES = graphql(`
  query Sources(
    $makers: [String!]!
    $metrics: [Metric!]!
    $by: Granularity!
    $from: PartialDate
    $to: PartialDate
    $asOf: DateTime
  ) {
    series(subjects: $makers, metrics: $metrics, granularity: $by, from: $from, to: $to, asOf: $asOf) {
      subject { id }
      observations { id inputs { id source { id publisher { id name } } } }
    }
  }
`);

/** A few numbers with all their marks. */
export const MARKED = graphql(`query Marked($ids: [ID!]!) { nodes(ids: $ids) { __typename id ...Observed } }`, [
  OBSERVED,
]);

/** The makers of at most eight slugs, null for a slug that nobody has. A list of series is refused if one of its slugs is unknown. */
export const MAKERS = graphql(
  `
  query Makers(
    $a: String!
    $b: String!
    $c: String!
    $d: String!
    $e: String!
    $f: String!
    $g: String!
    $h: String!
  ) {
    a: subject(slug: $a) { ...Picked }
    b: subject(slug: $b) { ...Picked }
    c: subject(slug: $c) { ...Picked }
    d: subject(slug: $d) { ...Picked }
    e: subject(slug: $e) { ...Picked }
    f: subject(slug: $f) { ...Picked }
    g: subject(slug: $g) { ...Picked }
    h: subject(slug: $h) { ...Picked }
  }
`,
  [PICKED],
);

/** Who is first in the newest month. */
export const FIRST = graphql(`
  query First($asOf: DateTime) {
    leaderboard(
      metrics: [DELIVERIES, SALES, WHOLESALE, RETAIL]
      kinds: [BRAND, COMPANY, ALLIANCE]
      withoutParts: true
      first: 5
      asOf: $asOf
    ) {
      entries { subject { id slug } }
    }
  }
`);

/** Makers by a name, also Chinese, misspelt or in pinyin. */
export const FIND = graphql(
  `
  query Find($text: String!) {
    search(query: $text, kinds: [BRAND, COMPANY, ALLIANCE], first: 10) { ...Picked }
  }
`,
  [PICKED],
);

export type Maker = ResultOf<typeof PICKED>;
export type Sourced = ResultOf<typeof SOURCES>['series'];
export type Series = ResultOf<typeof SERIES>['series'][number];
