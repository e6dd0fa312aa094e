import type { ResultOf, VariablesOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';
import { NUMBER } from '../api/observation.ts';

const CLAIM = graphql(`
  fragment Claim on Figure @_unmask {
    id
    period
    metric
    value
    lower
    upper
    qualifier
    rank
    action
    reason
    attributedTo
    note
    knownFrom
    knownUntil
    source { id title url publishedOn publisher { id name tier } }
  }
`);

/** Where a number comes from, and how sure it is. */
export const SOURCE = graphql(
  `
  query Source($subject: String!, $metric: Metric!, $period: Period!, $asOf: DateTime) {
    observation(subject: $subject, metric: $metric, period: $period, asOf: $asOf) {
      ...Number
      subject { id slug name nameZh }
      metric
      revised
      agreement
      decidedBy
      explanation
      origins
      citation
      notes
      best { id }
      contradictions {
        id
        kind
        gap
        setAside { id }
        figures { id period value lower upper qualifier subject { id name nameZh } source { id publisher { id name } } }
      }
      claims(includeDeprecated: true) { ...Claim }
      history { ...Claim }
    }
  }
`,
  [CLAIM, NUMBER],
);

export type Sourced = NonNullable<ResultOf<typeof SOURCE>['observation']>;
export type Claim = ResultOf<typeof CLAIM>;
/** Which number: of whom, what, and when. */
export type Place = Omit<VariablesOf<typeof SOURCE>, 'asOf'>;
