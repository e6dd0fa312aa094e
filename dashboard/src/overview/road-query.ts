import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';

const ROAD = graphql(`
  fragment Road on Subject @_unmask {
    id
    slug
    name
    nameZh
    curve(metric: DELIVERIES, alignedTo: FIRST_DELIVERY, asOf: $asOf) {
      points { on monthsSinceStart value lower upper }
    }
    milestones(
      filter: { kinds: [UNITS], metrics: [DELIVERIES], statuses: [ANNOUNCED, CONFIRMED, DETECTED] }
      last: 4
      asOf: $asOf
    ) {
      nodes { id kind metric threshold status reachedOn title }
    }
  }
`);

/** The curves of makers, by their ids. */
export const ROADS = graphql(
  `query Roads($ids: [ID!]!, $asOf: DateTime) { nodes(ids: $ids) { __typename id ...Road } }`,
  [ROAD],
);

/** From whom the newest numbers of makers are. */
export const ROAD_SOURCES = graphql(`
  query RoadSources($makers: [String!]!, $asOf: DateTime) {
    figures(filter: { subjects: $makers, metrics: [DELIVERIES] }, first: 100, asOf: $asOf) {
      nodes { id source { id publisher { id name } } }
    }
  }
`);

export type Road = ResultOf<typeof ROAD>;
