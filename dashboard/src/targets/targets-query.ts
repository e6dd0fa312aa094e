import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';
import { AIMED } from '../parts/target-query.ts';

/** The targets of all, the revised ones within those that revise them. */
export const TARGETS = graphql(
  `
  query AllTargets($asOf: DateTime) {
    targets(first: 100, currentOnly: true, asOf: $asOf) {
      totalCount
      nodes { ...Aimed subject { id slug kind name nameZh } }
    }
  }
`,
  [AIMED],
);

export type TargetList = ResultOf<typeof TARGETS>['targets'];
export type ListedTarget = TargetList['nodes'][number];
