import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';

const CONTRADICTED = graphql(`
  fragment Contradicted on Contradiction @_unmask {
    id
    kind
    metric
    gap
    subject { id slug kind name nameZh }
    setAside { id }
    figures {
      id
      metric
      period
      value
      lower
      upper
      qualifier
      subject { id slug kind name nameZh }
      source { id publisher { id name tier } }
    }
  }
`);

/** What contradicts each other now, or did at an instant. */
export const CONTRADICTIONS = graphql(
  `
  query Contradictions($asOf: DateTime) {
    contradictions(first: 100, asOf: $asOf) { totalCount nodes { ...Contradicted } }
  }
`,
  [CONTRADICTED],
);

/** A page of the log, the newest changes first, with those that resolved a contradiction. */
export const RESOLVED = graphql(
  `
  query Resolved($before: Cursor) {
    changes(last: 100, before: $before) {
      pageInfo { startCursor hasPreviousPage }
      nodes {
        __typename
        at
        cursor
        ... on ContradictionChange { resolved contradiction { ...Contradicted } }
      }
    }
  }
`,
  [CONTRADICTED],
);

export type Contradiction = ResultOf<typeof CONTRADICTED>;
export type ContradictionList = ResultOf<typeof CONTRADICTIONS>['contradictions'];
export type Claimed = Contradiction['figures'][number];
export type LogPage = ResultOf<typeof RESOLVED>['changes'];
