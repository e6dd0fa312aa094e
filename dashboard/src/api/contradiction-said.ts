import type { ResultOf } from 'gql.tada';
import { graphql } from './graphql.ts';

/** What is needed of a contradiction to say it in words. */
export const CONTRADICTION_SAID = graphql(`
  fragment ContradictionSaid on Contradiction @_unmask {
    id
    gap
    setAside { id }
    figures { id period value lower upper qualifier source { id publisher { id name } } }
  }
`);

export type ContradictionSaid = ResultOf<typeof CONTRADICTION_SAID>;
