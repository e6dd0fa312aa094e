import type { ResultOf } from 'gql.tada';
import { graphql } from './graphql.ts';

/** What is shown of a number wherever it stands, with its marks. */
export const OBSERVED = graphql(`
  fragment Observed on Observation @_unmask {
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
  }
`);

export type Observed = ResultOf<typeof OBSERVED>;
