import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';

/** What is shown of a target and of the progress towards it. The operation has a variable $asOf. */
export const AIMED = graphql(`
  fragment Aimed on Target @_unmask {
    id
    kind
    metric
    period
    deadline
    value
    lower
    upper
    growthMinPercent
    growthMaxPercent
    setOn
    note
    revises { id value lower upper growthMinPercent growthMaxPercent }
    source { id title url publishedOn publisher { id name } }
    progress(asOf: $asOf) {
      achieved
      lower
      upper
      dataUntil
      metric
      ratio
      paceIndex
      projected { value lower upper method }
      projectedOn
      remaining
      requiredPerMonth
      verdict
    }
  }
`);

export type Aimed = ResultOf<typeof AIMED>;
