import type { ResultOf } from 'gql.tada';
import { graphql } from './graphql.ts';

/** What is known of a number. */
export const NUMBER = graphql(`
  fragment Number on Observation @_unmask {
    id
    period
    value
    lower
    upper
    qualifier
    method
  }
`);

/** What is shown of a number wherever it stands, with its marks. */
export const OBSERVED = graphql(
  `
  fragment Observed on Observation @_unmask {
    ...Number
    revised
    agreement
    contradictions { id }
  }
`,
  [NUMBER],
);

export type Observed = ResultOf<typeof OBSERVED>;
